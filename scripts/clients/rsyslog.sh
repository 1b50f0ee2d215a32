# rsyslog with omkafka: brokers by rd_kafka_brokers_add, statistics, flush at the end.
client_rsyslog() {
    local dir=$work/rsyslog port pid
    rm -rf "$dir" && mkdir -p "$dir"
    port=$(free_port)
    cat >"$dir/conf" <<CONF
global(workDirectory="$dir" processInternalMessages="on")
module(load="imtcp")
module(load="omkafka")
module(load="impstats" interval="1" log.file="$dir/stats.log" log.syslog="off" format="json")
input(type="imtcp" port="$port" address="127.0.0.1" ruleset="kafka")
template(name="json" type="list" option.jsonf="on") {
  property(outname="msg" name="msg" format="jsonf")
}
ruleset(name="kafka") {
  action(type="omkafka" broker=[$(sed 's/[^,]*/"&"/g' <<<"$BS")] topic="rsyslog"
    partitions.auto="on" key="h1" template="json"
    confParam=["compression.codec=lz4","queue.buffering.max.ms=50","statistics.interval.ms=500"]
    topicConfParam=["message.timeout.ms=10000"]
    resubmitOnFailure="on" keepFailedMessages="on" failedMsgFile="$dir/failed.json"
    errorFile="$dir/errors.log" closeTimeout="5000" statsName="mine")
}
# What rsyslog says itself.
action(type="omfile" file="$dir/self.log")
CONF
    start_with_lib rsyslogd -n -f "$dir/conf" -i "$dir/pid" >"$dir/log" 2>&1
    pid=$STARTED
    wait_for 20 listening "$port" || { cat "$dir/log"; check "rsyslog: starts" false; return; }
    awk 'BEGIN { for (i = 1; i <= 1000; i++)
        printf "<13>Nov 24 10:00:00 host tag: message %d\n", i }' >"$dir/input"
    exec 4<>"/dev/tcp/127.0.0.1/$port"
    head -n 999 "$dir/input" >&4
    # It polls, and so serves statistics, only when there is something to send.
    sleep 1.2
    tail -n 1 "$dir/input" >&4
    exec 4>&-
    awk 'BEGIN { for (i = 1; i <= 1000; i++)
        printf "h1\t{\"msg\":\" message %d\"}\n", i }' >"$dir/expected"
    # The template ends each value with a newline of its own: no newline in the format.
    consume rsyslog 1000 '%k\t%s' "$dir/read" || true
    check "rsyslog: runs on the library under test" has_lib $pid
    kill $pid
    wait $pid || true
    # It pads or not, by its version: compare with single blanks.
    sed -i 's/": *"/":"/; s/" *}$/"}/; s/:" /:"/' "$dir/read" "$dir/expected"
    check "rsyslog: 1000 messages read back" same "$dir/expected" "$dir/read"
    check "rsyslog: no message failed" test ! -s "$dir/failed.json"
    check "rsyslog: its statistics callback was served" grep -q statscb_window_stats "$dir/self.log"
}
