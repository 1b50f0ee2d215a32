#!/bin/bash
# End to end on Apache Kafka: what goes in through the library under test (LIB) is read back by the
# system's kcat with the system's librdkafka, and compared byte for byte: value, key, headers, and
# the order in each partition.
#
#   scripts/test-kafka.sh [acks] [odd] [kinds] [big]    all by default
#
# MESSAGES is the size of the big set (1,000,000 over 12 partitions). A broker that runs already is
# used and left running.
. "$(dirname "$0")/lib.sh"
work=$BUILD/test-kafka
mkdir -p "$work"
messages=${MESSAGES:-1000000}
run=$(date +%s)
command -v kcat >/dev/null || die "kcat is missing: scripts/setup.sh kafka"

if "$ROOT/scripts/kafka.sh" status >/dev/null; then
    trap stop_started EXIT
else
    trap 'stop_started; "$ROOT/scripts/kafka.sh" stop' EXIT
    "$ROOT/scripts/kafka.sh" start >/dev/null
fi
BS=$(cat "$BUILD/kafka/bootstrap")
say "Apache Kafka at $BS, library: $LIB"
compile "$work/producer" "$ROOT/examples/producer.c"

# KEY<TAB>NUMBER TEXT, with a text that compresses a little; 997 different keys.
input() { # COUNT
    awk -v n="$1" 'BEGIN {
        for (i = 1; i <= n; i++)
            printf "key-%d\t%08d the quick brown fox %d jumps over %x\n", i * 7919 % 997, i, i * i % 1013, i * 48271 % 2147483647
    }'
}

# verify NAME TOPIC COUNT: the topic against $work/NAME.expected (VALUE TAB KEY TAB HEADERS).
verify() {
    local name=$1 topic=$2 count=$3
    if ! consume "$topic" "$count" '%p\t%s\t%k\t%h\n' "$work/$name.read"; then
        check "$name: consumer" false
        return
    fi
    cut -f2- "$work/$name.read" >"$work/$name.got"
    check "$name: $count messages read back, byte for byte" \
        same "$work/$name.expected" "$work/$name.got"
    check "$name: in order in each partition" ordered "$work/$name.read"
    check "$name: over 12 partitions" test "$(cut -f1 "$work/$name.read" | sort -u | wc -l)" = 12
    rm -f "$work/$name".*
}

kcat_set() { # NAME COUNT OPTION...
    local name=$1 count=$2 topic=$1-$run
    shift 2
    create_topic "$topic"
    input "$count" >"$work/input"
    awk -F'\t' '{ print $2 "\t" $1 "\tsource=kcat,n=1" }' "$work/input" >"$work/$name.expected"
    if with_lib kcat -P -q -b "$BS" -t "$topic" -K '\t' -H source=kcat -H n=1 "$@" \
        <"$work/input" 2>"$work/$name.log"; then
        verify "$name" "$topic" "$count"
    else
        cat "$work/$name.log"
        check "$name: kcat -P" false
    fi
}

program_set() { # NAME COUNT OPTION...
    local name=$1 count=$2 topic=$1-$run
    shift 2
    create_topic "$topic"
    input "$count" >"$work/input"
    awk -F'\t' '{ print $2 "\t" $1 "\tfile=input,line=" NR }' "$work/input" >"$work/$name.expected"
    if "$work/producer" -k -b "$BS" -t "$topic" "$@" "$work/input" 2>"$work/$name.log"; then
        grep '^rate\|^cpu' "$work/$name.log" | sed 's/^/  /'
        verify "$name" "$topic" "$count"
    else
        cat "$work/$name.log"
        check "$name: our C producer" false
    fi
}

big() {
    say "# $messages messages over 12 partitions"
    kcat_set kcat-big "$messages" -X acks=all -X linger.ms=20
    program_set program-big "$messages" -X acks=all -X linger.ms=20
}

acks() {
    local acks codec
    say "# acks and codecs"
    for acks in 0 1 all; do
        for codec in none gzip snappy lz4 zstd; do
            program_set "program-$acks-$codec" 20000 -X acks=$acks -X compression.codec=$codec
        done
    done
    for codec in gzip snappy lz4 zstd; do
        kcat_set "kcat-$codec" 20000 -z $codec
    done
}

# kcat -Z makes null values of empty lines.
odd() {
    say "# null values"
    local topic=odd-$run
    create_topic "$topic"
    printf 'a\tfull\nb\t\nc\tlast\n' >"$work/input"
    with_lib kcat -P -q -b "$BS" -t "$topic" -p 0 -K '\t' -Z <"$work/input" 2>"$work/odd.log" ||
        cat "$work/odd.log"
    consume "$topic" 3 '%k %S %s\n' "$work/odd.read" || true
    printf 'a 4 full\nb -1 \nc 4 last\n' >"$work/odd.expected"
    check "odd: null value stays null" cmp "$work/odd.expected" "$work/odd.read"
}

# The idempotent producer, joint requests, and values that are sent from where they are.
kinds() {
    local codec topic=large-$run i
    say "# idempotence, multibatch, large values"
    for codec in none lz4; do
        kcat_set "idempotent-$codec" 100000 -z $codec -X enable.idempotence=true -X linger.ms=5
        kcat_set "multibatch-$codec" 100000 -z $codec -X multibatch=true -X linger.ms=20
    done
    program_set idempotent-program 100000 -X enable.idempotence=true -X linger.ms=5
    create_topic "$topic"
    for i in 1 2 3; do
        head -c $((200000 * i)) /dev/urandom | base64 -w0
        echo
    done >"$work/input"
    with_lib kcat -P -q -b "$BS" -t "$topic" -p 0 <"$work/input" \
        2>"$work/large.log" || cat "$work/large.log"
    consume "$topic" 3 '%s\n' "$work/large.read" || true
    check "large: values up to 800 KB arrive whole" cmp "$work/input" "$work/large.read"
}

[ $# -gt 0 ] || set -- acks odd kinds big
for part in "$@"; do "$part"; done
summary kafka
