#!/bin/bash
# Unmodified programs on the library under test (LIB), against a mock cluster in its own process.
# What they produce is read back by the system's kcat with the system's librdkafka and compared;
# those that consume and administer as well do it through the peer.
#
#   scripts/test-clients.sh [NAME...]    kcat python wheel jemalloc rsyslog syslog_ng collectd
#                                        rdkafka_performance
. "$(dirname "$0")/lib.sh"
work=$BUILD/test-clients
mkdir -p "$work"
trap stop_started EXIT
for file in "$ROOT"/scripts/clients/*.sh; do . "$file"; done

listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() {
    local port
    for port in $(shuf -i 15000-29999 -n 50); do
        listening "$port" || { say "$port"; return; }
    done
}

start_mock "$work"
say "mock cluster at $BS, library: $LIB"
[ $# -gt 0 ] || set -- kcat python wheel jemalloc rsyslog syslog_ng collectd rdkafka_performance
for name in "$@"; do "client_$name"; done
summary clients
