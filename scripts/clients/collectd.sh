# collectd with write_kafka: an application partitioner, no poll, no flush.
client_collectd() {
    local dir=$work/collectd pid
    rm -rf "$dir" && mkdir -p "$dir"
    cat >"$dir/conf" <<CONF
BaseDir "$dir"
PIDFile "$dir/pid"
PluginDir "/usr/lib/collectd"
TypesDB "/usr/share/collectd/types.db"
Interval 1
LoadPlugin unixsock
LoadPlugin write_kafka
<Plugin unixsock>
  SocketFile "$dir/socket"
</Plugin>
<Plugin write_kafka>
  Property "metadata.broker.list" "$BS"
  Property "compression.codec" "gzip"
  <Topic "collectd-graphite">
    Format Graphite
    Key "Random"
    Property "request.required.acks" "-1"
  </Topic>
  <Topic "collectd-json">
    Format JSON
    Key "host"
  </Topic>
</Plugin>
CONF
    start_with_lib collectd -f -C "$dir/conf" >"$dir/log" 2>&1
    pid=$STARTED
    wait_for 20 test -S "$dir/socket" || { cat "$dir/log"; check "collectd: starts" false; return; }
    perl -MIO::Socket::UNIX -e '
        my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "connect: $!";
        for my $i (1 .. 500) {
            print $s "PUTVAL \"host/demo-$i/gauge-x\" interval=1 1700000000:$i\n";
            my $answer = <$s>;
            die $answer unless $answer =~ /^0/;
        }' "$dir/socket" || { cat "$dir/log"; check "collectd: takes values" false; return; }
    awk 'BEGIN { for (i = 1; i <= 500; i++)
        printf "host.demo-%d.gauge-x %d 1700000000\n", i, i }' >"$dir/expected"
    # Graphite lines end with a newline of their own.
    consume collectd-graphite 500 '%s' "$dir/collectd-graphite" || true
    consume collectd-json 500 '%s\n' "$dir/collectd-json" || true
    check "collectd: runs on the library under test" has_lib $pid
    kill $pid
    wait $pid || true
    tr -d '\r' <"$dir/collectd-graphite" | grep demo- |
        sed 's/ \([0-9]*\)\.0* / \1 /' >"$dir/read" || true
    check "collectd: 500 values read back (Graphite)" same "$dir/expected" "$dir/read"
    check "collectd: 500 values read back (JSON)" \
        test "$(grep -o '"plugin_instance":"[0-9]*"' "$dir/collectd-json" | sort -u | wc -l)" = 500
}
