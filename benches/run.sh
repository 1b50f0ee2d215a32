#!/bin/bash
# Our library beside the system's librdkafka on the same sink, in turns: what a message costs.
#
#   benches/run.sh [quick] [ROW...]    LIB: folder of our library; REPETITIONS (5)
#                                      MESSAGES (1,000,000); SECONDS_PACED (4)
#
# CPU time of the process per delivered message (the least of the repetitions, since noise only
# adds; the median at a given rate), memory of a queued message, and, with valgrind, instructions
# per message, which other work on the machine does not change. Each line ends with the target and
# what is missing to it; `quick` is for a first look. With LIMIT set (1.20, say) a row fails that
# is more than so many times its target. A ROW is a part of the name of the rows to run.
. "$(dirname "$0")/../scripts/lib.sh"
work=$BUILD/bench
mkdir -p "$work"
repetitions=${REPETITIONS:-5} messages=${MESSAGES:-1000000} seconds=${SECONDS_PACED:-4}
if [ "${1:-}" = quick ]; then
    repetitions=1 messages=100000 seconds=1
    shift
fi
rows=("$@")

(cd "$ROOT/benches/sink" && CARGO_TARGET_DIR="$work/target" cargo build --release --quiet)
[ "$LIB" != stock ] || die "LIB must be a folder: stock is the other side"
${CC:-cc} -std=gnu11 -O2 -Wall -Wextra -I"${HEADERS:-$ROOT/include}" -o "$work/produce" \
    "$ROOT/benches/produce.c" -L"$LIB" -lrdkafka -lpthread

rm -f "$work/address" "$work/hold"
mkfifo "$work/hold"
"$work/target/release/sink" "$work/address" <"$work/hold" >"$work/sink.log" &
started $!
exec 3>"$work/hold"
trap 'exec 3>&-; stop_started' EXIT
wait_for 10 test -s "$work/address" || die "the sink does not start"
address=$(cat "$work/address")

# value NAME: its number in a line of NAME=NUMBER pairs.
value() { grep -o "\b$1=[0-9-]*" | cut -d= -f2; }

# run SIDE COMMAND...: with that side's library.
run() {
    local side=$1
    shift
    if [ "$side" = ours ]; then LD_LIBRARY_PATH=$LIB "$@"; else env -u LD_LIBRARY_PATH "$@"; fi
}

# once SIDE ARGUMENT...: one run; prints its line and what the sink saw of it.
once() {
    local side=$1 line before
    shift
    before=$(wc -l <"$work/sink.log")
    line=$(run "$side" "$work/produce" "$@") || die "$side failed: $line"
    case " $* " in
    *" -m "*) say "$line" ;;
    *)
        wait_for 10 test "$(wc -l <"$work/sink.log")" -gt "$before" || true
        say "$line $(tail -n +$((before + 1)) "$work/sink.log" | sort -t= -k2 -n | tail -n 1)"
        ;;
    esac
}

# pick least|median FIELD FILE: of the lines there.
pick() {
    value "$2" <"$3" | sort -n | awk -v how="$1" '{ a[NR] = $1 }
        END { print a[how == "least" ? 1 : int((NR + 1) / 2)] }'
}

is_wanted() {
    local row
    [ ${#rows[@]} -gt 0 ] || return 0
    for row in "${rows[@]}"; do [[ $1 != *"$row"* ]] || return 0; done
    return 1
}

# tell NAME UNIT STOCK OURS TARGET: one line. A target of more than 10 is no ratio but a number.
tell() {
    awk -v name="$1" -v unit="$2" -v stock="$3" -v ours="$4" -v target="$5" 'BEGIN {
        ratio = ours / stock
        far = target > 10 ? ours / target : ratio / target
        printf "%-36s %8d %8d %-5s %6.2f %7s %6.2f\n", name, stock, ours, unit, ratio, target, far
    }'
    [ -n "${LIMIT:-}" ] || return 0
    check "$1: within $LIMIT times its target" awk -v r="$4" -v s="$3" -v t="$5" -v l="$LIMIT" \
        'BEGIN { exit !((t > 10 ? r / t : r / s / t) <= l) }'
}

# compare NAME TARGET HOW FIELD UNIT ARGUMENT...: what the program itself costs is taken off.
compare() {
    local name=$1 target=$2 how=$3 field=$4 unit=$5 i side own=${OWN_COST:-0}
    shift 5
    is_wanted "$name" || return 0
    rm -f "$work/stock.out" "$work/ours.out"
    for ((i = 0; i < repetitions; i++)); do
        for side in stock ours; do once "$side" "$@" >>"$work/$side.out"; done
    done
    tell "$name" "$unit" $(($(pick "$how" "$field" "$work/stock.out") - own)) \
        $(($(pick "$how" "$field" "$work/ours.out") - own)) "$target"
    # What must not be worse beside it.
    for field in requests wire_bytes p50_us p99_us; do
        grep -q "$field=" "$work/ours.out" || continue
        printf '    %-12s %16s %12s\n' "$field" "$(pick median "$field" "$work/stock.out")" \
            "$(pick median "$field" "$work/ours.out")"
    done
}

# instructions SIDE MESSAGES: of the whole process.
instructions() {
    run "$1" valgrind --tool=callgrind --callgrind-out-file=/dev/null \
        "$work/produce" -b "$address" -n "$2" -w 2>&1 |
        awk '/Collected/ { print $4 }'
}

count_instructions() {
    local few=20000 many=120000 side
    is_wanted "instructions" || return 0
    command -v valgrind >/dev/null || return 0
    for side in stock ours; do
        eval "$side=$((($(instructions "$side" $many) - $(instructions "$side" $few)) \
            / (many - few)))"
    done
    # shellcheck disable=SC2154
    tell "instructions, 100 bytes" "" "$stock" "$ours" 1300
}

say "stock: $(env -u LD_LIBRARY_PATH ldd "$work/produce" | awk '/rdkafka/{print $3}')"
say "ours:  $LIB/librdkafka.so.1; $messages messages, $repetitions repetitions"
printf '%-36s %8s %8s %-5s %6s %7s %6s\n' load stock ours "" ratio target "/target"
flat() { compare "$1" "$2" least cpu_ns ns -b "$address" "${@:3}"; }
paced() {
    local name=$1 target=$2 rate=$3 i
    shift 3
    is_wanted "$name" || return 0
    for ((i = 0; i < repetitions; i++)); do
        run ours "$work/produce" -b "$address" -n $((seconds * rate)) -r "$rate" -0
    done >"$work/own.out"
    OWN_COST=$(pick median cpu_ns "$work/own.out") compare "$name" "$target" median cpu_ns ns \
        -b "$address" -n $((seconds * rate)) -r "$rate" "$@"
}
flat "100 bytes" 0.50 -n "$messages"
flat "100 bytes, keys" 0.50 -n "$messages" -k
flat "100 bytes, idempotent" 0.50 -n "$messages" -X enable.idempotence=true
flat "1 KB" 0.75 -n $((messages / 2)) -s 1000
flat "100 partitions" 0.50 -n "$messages" -p 100
flat "1000 partitions" 0.50 -n "$messages" -p 1000
paced "20000/s on 1000 partitions" 0.25 20000 -p 1000
flat "4 threads" 0.40 -n "$messages" -j 4 -p 4
flat "1 KB lz4" 0.80 -n $((messages / 4)) -s 1000 -X compression.type=lz4
flat "1 KB zstd" 0.92 -n $((messages / 4)) -s 1000 -X compression.type=zstd
flat "1 KB gzip" 0.95 -n $((messages / 10)) -s 1000 -X compression.type=gzip
paced "1000/s, linger 5 ms" 0.80 1000 -X linger.ms=5
compare "memory of a queued message" 240 least bytes bytes -m -n "$messages"
compare "memory, partition known" 240 least bytes bytes -m -b "$address" -n "$messages" \
    -X linger.ms=200000 -X batch.num.messages=1000000 -X batch.size=2147483647 \
    -X message.max.bytes=1000000000
count_instructions
exec 3>&-
wait $PIDS || true
PIDS=""
[ -z "${LIMIT:-}" ] || summary bench
