# Sourced by the other scripts: where things are, how a library is put in place, a mock cluster as
# a process of its own.
set -eu
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD=${BUILD:-$ROOT/build}
# The library under test: a folder with librdkafka.so.1, or the word `stock` for the system's.
LIB=${LIB:-$BUILD/lib}
PASSED=0 FAILED=0 PIDS=""

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# check NAME COMMAND...: runs it, prints one line.
check() {
    local name=$1
    shift
    if "$@"; then
        say "ok     $name"
        PASSED=$((PASSED + 1))
    else
        say "NOT OK $name"
        FAILED=$((FAILED + 1))
    fi
}

# The closing line, and the status of the script.
summary() {
    say "$1: $PASSED passed, $FAILED failed"
    [ "$FAILED" -eq 0 ]
}

# with_lib COMMAND...: runs it with the library under test in the place of the system's.
with_lib() {
    if [ "$LIB" = stock ]; then
        "$@"
    else
        LD_PRELOAD="$LIB/librdkafka.so.1" "$@"
    fi
}

# start_with_lib COMMAND...: in the background, to be ended with the script; its process id is in
# STARTED. The caller redirects the output.
start_with_lib() {
    if [ "$LIB" = stock ]; then
        "$@" &
    else
        LD_PRELOAD="$LIB/librdkafka.so.1" "$@" &
    fi
    STARTED=$!
    started $STARTED
}

# has_lib PID: the process maps the library under test and no other.
has_lib() {
    local mapped
    mapped=$(awk '/librdkafka\.so/{print $6}' "/proc/$1/maps" | sort -u)
    if [ "$LIB" = stock ]; then
        case $mapped in /usr/* | /lib/*) return 0 ;; esac
    else
        [ "$mapped" = "$(readlink -f "$LIB/librdkafka.so.1")" ] && return 0
    fi
    say "  process $1 has: $mapped"
    return 1
}

# compile OUT SOURCE...: a C program against the library under test.
compile() {
    local out=$1
    shift
    if [ "$LIB" = stock ]; then
        ${CC:-cc} -std=gnu11 -O2 -Wall -Wextra -o "$out" "$@" -lrdkafka
    else
        ${CC:-cc} -std=gnu11 -O2 -Wall -Wextra -I"$ROOT/include" -o "$out" "$@" \
            -L"$LIB" -Wl,-rpath,"$LIB" -lrdkafka
    fi
}

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
    local end=$((SECONDS + $1))
    shift
    while ! "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.1
    done
}

# started PID: to be ended with the script.
started() { PIDS="$PIDS $1"; }

stop_started() {
    local pid
    for pid in $PIDS; do
        kill "$pid" 2>/dev/null || true
    done
    for pid in $PIDS; do
        wait "$pid" 2>/dev/null || true
    done
    PIDS=""
}

# start_mock FOLDER: a mock cluster of three brokers in its own process; sets BS. MOCKD may name
# another program that takes BROKERS PARTITIONS SECONDS FILE.
start_mock() {
    local file=$1/bootstrap
    rm -f "$file"
    if [ -n "${MOCKD:-}" ]; then
        "$MOCKD" 3 4 900 "$file" >"$1/mock.log" 2>&1 &
    else
        (cd "$ROOT" && cargo build --release --quiet --example mock_server) || die "no mock server"
        "${CARGO_TARGET_DIR:-$ROOT/target}/release/examples/mock_server" --brokers 3 \
            --partitions 4 --seconds 900 --file "$file" >"$1/mock.log" 2>&1 &
    fi
    started $!
    wait_for 30 test -s "$file" || die "the mock cluster does not start: $(cat "$1/mock.log")"
    BS=$(cat "$file")
}

# consume TOPIC COUNT FORMAT FILE: all of a topic, with the system's kcat and the system's library,
# always. Tries again for a while if fewer than COUNT lines are there yet.
consume() {
    local end=$((SECONDS + ${CONSUME_SECONDS:-15})) status
    while :; do
        status=0
        timeout 300 env -u LD_PRELOAD -u LD_LIBRARY_PATH kcat -C -q -e -b "$BS" -t "$1" \
            -o beginning -f "$3" >"$4" 2>"$4.err" || status=$?
        [ $status != 0 ] || [ "$(wc -l <"$4")" -lt "$2" ] || return 0
        [ $SECONDS -lt $end ] || break
        sleep 0.3
    done
    cat "$4.err" >&2
    return $status
}

# create_topic TOPIC: asks for its metadata until each partition has a leader, and that leader for
# offsets until it answers. Metadata names a leader before it serves, and messages with acks=0 that
# come too early are gone.
create_topic() {
    led() {
        local seen partition queries=()
        seen=$(timeout 20 env -u LD_PRELOAD kcat -L -b "$BS" -t "$1" 2>/dev/null)
        grep -q 'partition 0, leader [0-9]' <<<"$seen" && ! grep -q 'leader -1' <<<"$seen" ||
            return 1
        for partition in $(grep -o 'partition [0-9]*, leader' <<<"$seen" | grep -o '[0-9]*'); do
            queries+=(-t "$1:$partition:-1")
        done
        seen=$(timeout 20 env -u LD_PRELOAD kcat -Q -b "$BS" "${queries[@]}" 2>/dev/null)
        [ "$(grep -c 'offset [0-9]' <<<"$seen")" -eq $((${#queries[@]} / 2)) ]
    }
    wait_for 20 led "$1"
}

# same EXPECTED GOT: byte for byte, in any order of lines; shows the first differences.
same() {
    LC_ALL=C sort "$1" >"$1.sorted"
    LC_ALL=C sort "$2" >"$2.sorted"
    cmp -s "$1.sorted" "$2.sorted" && return 0
    say "  $(wc -l <"$1") lines expected, $(wc -l <"$2") read"
    diff "$1.sorted" "$2.sorted" | head -n 6
    return 1
}

# ordered FILE: lines are PARTITION<TAB>NUMBER...; numbers of one partition must rise.
ordered() {
    awk -F'\t' '
        ($1 in last) && $2 + 0 <= last[$1] { print "  partition " $1 ": " $2 " after " last[$1]; bad = 1; exit }
        { last[$1] = $2 + 0 }
        END { exit bad }' "$1"
}
