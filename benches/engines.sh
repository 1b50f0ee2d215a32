#!/bin/bash
# The engines beside each other: CPU time per message, requests, and latencies, by partitions.
#
#   benches/engines.sh [PARTITIONS...]    RATE: messages a second (20,000); SECONDS_EACH (5);
#                                         ENGINES ("legacy multibatch v2"); LIB: folder of our library
. "$(dirname "$0")/../scripts/lib.sh"
work=$BUILD/bench
mkdir -p "$work"
rate=${RATE:-20000} each=${SECONDS_EACH:-5}
[ $# -gt 0 ] || set -- 1 100 1000 10000

(cd "$ROOT/benches/sink" && CARGO_TARGET_DIR="$work/target" cargo build --release --quiet)
${CC:-cc} -std=gnu11 -O2 -Wall -Wextra -I"${HEADERS:-$ROOT/include}" -o "$work/produce" \
    "$ROOT/benches/produce.c" -L"$LIB" -lrdkafka

value() { grep -o "$1=[0-9-]*" <<<"$line" | cut -d= -f2; }

# run ENGINE PARTITIONS: its own sink, so that the sink's counts are this run's.
run() {
    local settings sink line requests
    case $1 in
    multibatch) settings="-X produce.engine=legacy -X multibatch=true" ;;
    *) settings="-X produce.engine=$1" ;;
    esac
    rm -f "$work/address" "$work/hold"
    mkfifo "$work/hold"
    "$work/target/release/sink" "$work/address" <"$work/hold" >"$work/sink.log" &
    sink=$!
    exec 3>"$work/hold"
    wait_for 10 test -s "$work/address" || die "the sink does not start"
    # shellcheck disable=SC2086
    line=$(LD_LIBRARY_PATH=$LIB "$work/produce" -b "$(cat "$work/address")" -p "$2" -r "$rate" \
        -n $((rate * each)) -s 100 $settings) || die "$1 failed: $line"
    exec 3>&-
    wait "$sink"
    requests=$(sed -n 's/.*requests=\([0-9]*\).*/\1/p' "$work/sink.log" | awk '{ s += $1 } END { print s + 0 }')
    printf '%-10s %6d partitions  %6d ns/message  %6d requests/s  p50 %5d us  p99 %6d us\n' \
        "$1" "$2" "$(value cpu_ns)" $((requests / each)) "$(value p50_us)" "$(value p99_us)"
}

for partitions in "$@"; do
    for engine in ${ENGINES:-legacy multibatch v2}; do
        run "$engine" "$partitions"
    done
done
