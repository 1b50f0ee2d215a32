# kcat: plain, keyed, headers, codecs, acks.
client_kcat() {
    local codec
    awk 'BEGIN { for (i = 1; i <= 2000; i++) printf "key-%d:value number %d\n", i % 37, i }' \
        >"$work/kcat.input"
    for codec in none gzip snappy lz4 zstd; do
        sed 's/^\([^:]*\):\(.*\)/\1\t\2\th=v,i=0/' "$work/kcat.input" >"$work/kcat.expected"
        with_lib kcat -P -q -b "$BS" -t "kcat-$codec" -K: -z "$codec" -H h=v -H i=0 \
            <"$work/kcat.input" 2>"$work/kcat.log" || cat "$work/kcat.log"
        consume "kcat-$codec" 2000 '%k\t%s\t%h\n' "$work/kcat.read" || true
        check "kcat: 2000 keyed messages with headers, $codec" \
            same "$work/kcat.expected" "$work/kcat.read"
    done
    awk '{ print "plain line " NR }' "$work/kcat.input" >"$work/kcat.expected"
    with_lib kcat -P -q -b "$BS" -t kcat-plain -p 1 -X acks=1 <"$work/kcat.expected"
    consume kcat-plain 2000 '%s\n' "$work/kcat.read" || true
    check "kcat: plain lines in order" cmp "$work/kcat.expected" "$work/kcat.read"
    with_lib kcat -L -b "$BS" >"$work/kcat.metadata" || true
    check "kcat: lists the cluster" grep -q ' 3 brokers:' "$work/kcat.metadata"
    with_lib kcat -X list >"$work/kcat.properties"
    check "kcat: lists the properties" test "$(wc -l <"$work/kcat.properties")" -gt 150
    # As a consumer it reads through the peer.
    with_lib kcat -C -q -e -b "$BS" -t kcat-zstd -o beginning -f '%k\t%s\t%h\n' \
        >"$work/kcat.read" 2>"$work/kcat.log" || cat "$work/kcat.log"
    sed 's/^\([^:]*\):\(.*\)/\1\t\2\th=v,i=0/' "$work/kcat.input" >"$work/kcat.expected"
    check "kcat: 2000 messages read through the peer" same "$work/kcat.expected" "$work/kcat.read"
    with_lib kcat -q -e -b "$BS" -X auto.offset.reset=earliest -f '%k\t%s\t%h\n' \
        -G "kcat-group-$$" kcat-lz4 >"$work/kcat.read" 2>"$work/kcat.log" || cat "$work/kcat.log"
    check "kcat: 2000 messages read by a group" same "$work/kcat.expected" "$work/kcat.read"
    with_lib kcat -Q -b "$BS" -t kcat-plain:1:-1 >"$work/kcat.offset" 2>/dev/null || true
    check "kcat: asks for an offset" grep -q 'kcat-plain \[1\] offset 2000' "$work/kcat.offset"
}
