#!/bin/bash
# A soak: Python producing and consuming in one process, and kcat producing, with the library under
# test preloaded, once per engine. After the first third memory, threads and descriptors must not
# grow.
#
#   scripts/soak.sh [SECONDS]    per engine; 300 by default
. "$(dirname "$0")/lib.sh"
seconds=${1:-300}
work=$BUILD/soak
mkdir -p "$work"
trap stop_started EXIT

# steady FILE: the last third has no more than the third before it, but for 4 MB of memory.
steady() {
    awk '/^[0-9]/ { n++; kb[n] = $1; threads[n] = $2; files[n] = $3 }
        function most(of, from, to,   i, m) {
            for (i = from; i <= to; i++) if (of[i] > m) m = of[i]
            return m
        }
        END {
            a = int(n / 3); b = int(2 * n / 3)
            if (n < 9) { print "  too few lines: " n; exit 1 }
            printf "  memory %d KB, then %d KB; threads %d, then %d; descriptors %d, then %d\n",
                most(kb, a + 1, b), most(kb, b + 1, n), most(threads, a + 1, b),
                most(threads, b + 1, n), most(files, a + 1, b), most(files, b + 1, n)
            exit most(kb, b + 1, n) > most(kb, a + 1, b) + 4096 ||
                most(threads, b + 1, n) > most(threads, a + 1, b) ||
                most(files, b + 1, n) > most(files, a + 1, b)
        }' "$1"
}

start_mock "$work"
for engine in legacy v2; do
    export RDKAFKA_PRODUCE_ENGINE=$engine
    python() {
        with_lib timeout $((seconds + 120)) /usr/bin/python3 "$ROOT/scripts/clients/soak.py" "$BS" \
            "soak-$engine-$$" "$seconds" >"$work/$engine.log" 2>"$work/$engine.err"
    }
    check "soak: $engine, everything delivered and consumed" python
    check "soak: $engine, nothing grows" steady "$work/$engine.log"

    # kcat, fed slowly; what it has is read from outside.
    mkfifo -m 600 "$work/feed.$$"
    exec 9<>"$work/feed.$$"
    # Not by a function: what that starts in the background has no standard input.
    LD_PRELOAD=$([ "$LIB" = stock ] || say "$LIB/librdkafka.so.1") \
        kcat -P -q -b "$BS" -t "soak-kcat-$engine-$$" -K: \
        <"$work/feed.$$" 2>"$work/kcat.err" 9>&- &
    STARTED=$!
    started $STARTED
    feeder() {
        local end=$((SECONDS + seconds / 3)) i=0
        : >"$work/kcat-$engine.log"
        while [ $SECONDS -lt $end ]; do
            for _ in 1 2 3 4 5 6 7 8 9 10; do
                i=$((i + 1))
                printf 'key-%d:value %d\n' $((i % 37)) $i >&9
            done
            if [ $((i % 100)) = 0 ] && [ -d "/proc/$STARTED" ]; then
                echo "$(awk '/VmRSS/{print $2}' "/proc/$STARTED/status")" \
                    "$(ls "/proc/$STARTED/task" | wc -l)" "$(ls "/proc/$STARTED/fd" | wc -l)" \
                    >>"$work/kcat-$engine.log"
            fi
            sleep 0.02
        done
    }
    feeder
    exec 9>&-
    rm "$work/feed.$$"
    check "soak: $engine, kcat ends" wait "$STARTED"
    check "soak: $engine, nothing grows in kcat" steady "$work/kcat-$engine.log"
done
summary soak
