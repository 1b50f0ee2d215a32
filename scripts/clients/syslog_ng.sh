# syslog-ng with kafka-c: rd_kafka_produce with F_FREE and F_BLOCK, the old report callback, the
# topic. prefix. Its package conflicts with rsyslog's, so it is unpacked beside the system.
client_syslog_ng() {
    local dir=$work/syslog-ng root=$BUILD/syslog-ng port pid
    rm -rf "$dir" && mkdir -p "$dir"
    if [ ! -x "$root/usr/sbin/syslog-ng" ]; then
        mkdir -p "$root/packages"
        (cd "$root/packages" && apt-get -q download syslog-ng-core syslog-ng-mod-rdkafka) \
            >"$dir/fetch.log" 2>&1 || { cat "$dir/fetch.log"; check "syslog-ng: fetched" false; return; }
        for package in "$root"/packages/*.deb; do dpkg -x "$package" "$root"; done
    fi
    port=$(free_port)
    cat >"$dir/conf" <<CONF
@version: 3.38
@module afsocket
@module syslogformat
@module kafka
source s { network(ip(127.0.0.1) port($port) transport(tcp)); };
destination k { kafka-c(bootstrap-servers("$BS") topic("syslog-ng") key("\$HOST")
  message("\$MSGHDR\$MSG") config(compression.codec("snappy") queue.buffering.max.ms("50"))
  workers(1) flush-timeout-on-shutdown(10000) sync-send(no)); };
log { source(s); destination(k); };
CONF
    start_with_lib env LD_LIBRARY_PATH="$root/usr/lib/syslog-ng" "$root/usr/sbin/syslog-ng" -F -f "$dir/conf" \
        --module-path="$root/usr/lib/syslog-ng/3.38" --persist-file="$dir/persist" \
        --pidfile="$dir/pid" --control="$dir/control" --no-caps -e >"$dir/log" 2>&1
    pid=$STARTED
    wait_for 20 listening "$port" || { cat "$dir/log"; check "syslog-ng: starts" false; return; }
    exec 4<>"/dev/tcp/127.0.0.1/$port"
    awk 'BEGIN { for (i = 1; i <= 1000; i++)
        printf "<13>Nov 24 10:00:00 somehost tag: message %d\n", i }' >&4
    exec 4>&-
    awk 'BEGIN { for (i = 1; i <= 1000; i++) printf "tag: message %d\n", i }' >"$dir/expected"
    consume syslog-ng 1000 '%s\n' "$dir/read" || true
    check "syslog-ng: runs on the library under test" has_lib $pid
    kill $pid
    wait $pid || true
    check "syslog-ng: 1000 messages read back" same "$dir/expected" "$dir/read"
}
