#!/bin/bash
# Our library beside the system's librdkafka on the same sink, in turns: CPU time per delivered
# message (the least of REPETITIONS, since noise only adds), and peak memory of queued messages.
#
#   benches/run.sh [quick]    LIB: folder of our library; REPETITIONS (5); MESSAGES (1,000,000)
#
# Each line ends with the ratio ours / stock. With LIMIT set (1.00, say) a higher ratio fails.
. "$(dirname "$0")/../scripts/lib.sh"
work=$BUILD/bench
mkdir -p "$work"
repetitions=${REPETITIONS:-5} messages=${MESSAGES:-1000000}
[ "${1:-}" != quick ] || { repetitions=1 messages=100000; }

(cd "$ROOT/benches/sink" && CARGO_TARGET_DIR="$work/target" cargo build --release --quiet)
[ "$LIB" != stock ] || die "LIB must be a folder: stock is the other side"
${CC:-cc} -std=gnu11 -O2 -Wall -Wextra -I"${HEADERS:-$ROOT/include}" -o "$work/produce" \
    "$ROOT/benches/produce.c" -L"$LIB" -lrdkafka

rm -f "$work/address" "$work/hold"
mkfifo "$work/hold"
"$work/target/release/sink" "$work/address" <"$work/hold" >"$work/sink.log" &
started $!
exec 3>"$work/hold"
trap 'exec 3>&-; stop_started' EXIT
wait_for 10 test -s "$work/address" || die "the sink does not start"
address=$(cat "$work/address")

value() { grep -o "$1=[0-9-]*" | cut -d= -f2; }

# least SIDE FIELD ARGUMENT...: one run, kept if it is the least so far in BEST_$SIDE.
least() {
    local side=$1 field=$2 got line
    shift 2
    if [ "$side" = ours ]; then
        line=$(LD_LIBRARY_PATH=$LIB "$work/produce" "$@") || die "ours failed: $line"
    else
        line=$(env -u LD_LIBRARY_PATH "$work/produce" "$@") || die "stock failed: $line"
    fi
    got=$(value "$field" <<<"$line")
    eval "[ -n \"\$best_$side\" ] && [ \"\$best_$side\" -le $got ] || best_$side=$got"
}

# compare NAME UNIT FIELD ARGUMENT...
compare() {
    local name=$1 unit=$2 field=$3 i ratio
    shift 3
    best_stock="" best_ours=""
    for ((i = 0; i < repetitions; i++)); do
        least stock "$field" "$@"
        least ours "$field" "$@"
    done
    ratio=$(awk "BEGIN { printf \"%.2f\", $best_ours / $best_stock }")
    printf '%-34s stock %8d %s   ours %8d %s   ratio %s\n' "$name" "$best_stock" "$unit" \
        "$best_ours" "$unit" "$ratio"
    if [ -n "${LIMIT:-}" ]; then
        check "$name: ratio $ratio within $LIMIT" awk "BEGIN { exit !($ratio <= $LIMIT) }"
    fi
}

say "stock: $(env -u LD_LIBRARY_PATH ldd "$work/produce" | awk '/rdkafka/{print $3}')"
say "ours:  $LIB/librdkafka.so.1; $messages messages, $repetitions repetitions"
for size in 100 1000; do
    for partitions in 1 100; do
        compare "$size bytes, $partitions partition(s)" ns cpu_ns -b "$address" \
            -n $((size == 100 ? messages : messages / 2)) -s $size -p $partitions
    done
done
compare "memory: $messages queued of 100 bytes" KB peak_kb -m -n "$messages"
exec 3>&-
wait $PIDS || true
PIDS=""
cat "$work/sink.log"
[ -z "${LIMIT:-}" ] || summary bench
