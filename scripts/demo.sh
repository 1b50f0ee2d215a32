#!/bin/bash
# The demonstration: an ordinary C producer, compiled against our header and linked with our
# library, writes every line of this repository's sources to an embedded mock cluster; an
# independent reader reads all partitions back; both are compared. No broker, no network.
. "$(dirname "$0")/lib.sh"
work=$BUILD/demo
rm -rf "$work" && mkdir -p "$work"
trap stop_started EXIT

compile "$work/producer" "$ROOT/examples/producer.c"
reader=${READBACK:-}
if [ -z "$reader" ]; then
    (cd "$ROOT" && cargo build --release --quiet --example readback)
    reader=${CARGO_TARGET_DIR:-$ROOT/target}/release/examples/readback
fi

cd "$ROOT"
mapfile -t files < <(find src -name '*.rs' | LC_ALL=C sort)
say "producing the lines of ${#files[@]} files, keys FILE:LINE, headers file and line"
mkfifo "$work/hold"
"$work/producer" -t source -p 6 -w "${files[@]}" <"$work/hold" >"$work/address" 2>"$work/log" &
producer=$!
started $producer
exec 3>"$work/hold"

ready() { [ -s "$work/address" ] || ! kill -0 $producer 2>/dev/null; }
wait_for 120 ready
[ -s "$work/address" ] || die "$(cat "$work/log")"
grep -v '^%' "$work/log"
"$reader" "$(cat "$work/address")" source >"$work/read"
exec 3>&-
wait $producer || die "the producer failed"
PIDS=""

LC_ALL=C awk '{ name = FILENAME; sub(/.*\//, "", name)
    printf "%s:%d\t%s\tfile=%s,line=%d\n", FILENAME, FNR, $0, name, FNR }' "${files[@]}" \
    >"$work/expected"
cut -f3- "$work/read" >"$work/got"
say "read back: $(wc -l <"$work/got") records from $(cut -f1 "$work/read" | sort -u | wc -l) partitions"
check "read back equals what was produced: keys, values, headers" same "$work/expected" "$work/got"
check "offsets of each partition rise without a gap" awk -F'\t' '
    $2 != next_offset[$1] + 0 { bad = 1 } { next_offset[$1] = $2 + 1 } END { exit bad }' "$work/read"
summary demo
