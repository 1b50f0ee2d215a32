#!/bin/bash
# The Rust tests once for each engine, which producers get from the environment, and a line for each.
#
#   scripts/rust-tests.sh ENGINE...
set -u
cd "$(dirname "$0")/.."
lines="" status=0
for engine in "$@"; do
    log=$(mktemp)
    RDKAFKA_PRODUCE_ENGINE=$engine SIM_ENGINE=$engine "${CARGO:-cargo}" test --no-fail-fast \
        --features testing 2>&1 | tee "$log" | grep -v '^test .* ok$'
    [ "${PIPESTATUS[0]}" -eq 0 ] || status=1
    # `test result: ok. 5 passed; 0 failed; ...`, for each test program.
    counts=$(sed -n 's/^test result: .*\. \([0-9]*\) passed; \([0-9]*\) failed.*/\1 \2/p' "$log" |
        awk '{ passed += $1; failed += $2 } END { print passed + 0 " passed, " failed + 0 " failed" }')
    lines="$lines
engine $engine (Rust): $counts"
    rm -f "$log"
done
echo "${lines#?}"
exit $status
