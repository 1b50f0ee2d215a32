#!/bin/bash
# Apache Kafka (KRaft) on loopback, from the jars of scripts/kafka/pom.xml.
#
#   scripts/kafka.sh start [NODES]   1 by default; prints the bootstrap list
#   scripts/kafka.sh stop
#   scripts/kafka.sh status
#   scripts/kafka.sh run CLASS ARGUMENT...    a command-line tool of Kafka
#
# Everything is under build/kafka. Ports begin at KAFKA_PORT, or at a place that is free: 10 a node,
# the controller one above the broker.
#
# With KAFKA_SECURITY, a folder with the files that scripts/test-kafka-security.sh makes, there is a
# listener for each way to secure it, two above the broker and on, and everything but the jars is in
# that folder.
. "$(dirname "$0")/lib.sh"
jars=$BUILD/kafka
home=${KAFKA_SECURITY:-$jars}
port=${KAFKA_PORT:-}
java_options="-Xms128m -Xmx${KAFKA_HEAP:-640m} -XX:+UseSerialGC -XX:MaxDirectMemorySize=256m
    -Djava.net.preferIPv4Stack=true -Djava.io.tmpdir=$home/tmp
    -Dorg.slf4j.simpleLogger.defaultLogLevel=info"

# shellcheck disable=SC2086
run_java() { java $java_options -cp "$jars/lib/*" "$@"; }

fetch_jars() {
    local stamp=$jars/lib/.complete
    mkdir -p "$jars" "$home/tmp"
    [ "$stamp" -nt "$ROOT/scripts/kafka/pom.xml" ] && return
    command -v java >/dev/null || die "java 17 is missing: scripts/setup.sh kafka"
    command -v mvn >/dev/null || die "mvn is missing: scripts/setup.sh kafka"
    say "fetching the jars of Apache Kafka" >&2
    rm -rf "$jars/lib"
    mvn -B -q -f "$ROOT/scripts/kafka/pom.xml" dependency:copy-dependencies \
        -DoutputDirectory="$jars/lib" >"$jars/mvn.log" 2>&1 || { cat "$jars/mvn.log"; exit 1; }
    touch "$stamp"
}

in_use() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Below the range that the system gives to clients.
choose_ports() { # NODES
    local try i
    [ -z "$port" ] || return 0
    for try in $(seq 20); do
        port=$((20000 + (RANDOM + try) % 1000 * 10))
        for ((i = 0; i < 10 * $1; i++)); do
            ! in_use $((port + i)) || continue 2
        done
        return
    done
    die "no free ports"
}

addresses() { # of NODES nodes, from PORT on
    local i
    for ((i = 0; i < $1; i++)); do
        printf '%s127.0.0.1:%d' "$([ $i = 0 ] || echo ,)" $(($2 + 10 * i))
    done
}

voters() {
    local i
    for ((i = 0; i < $1; i++)); do
        printf '%s%d@127.0.0.1:%d' "$([ $i = 0 ] || echo ,)" $((i + 1)) $((port + 1 + 10 * i))
    done
}

write_properties() { # NODE NODES
    local replicas=$2 in_sync=1
    [ "$replicas" -le 3 ] || replicas=3
    [ "$replicas" -lt 3 ] || in_sync=2
    cat <<PROPERTIES
process.roles=broker,controller
node.id=$1
controller.quorum.voters=$(voters "$2")
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:$((port + 10 * ($1 - 1))),CONTROLLER://127.0.0.1:$((port + 1 + 10 * ($1 - 1)))$(secure_listeners 127.0.0.1)
advertised.listeners=PLAINTEXT://127.0.0.1:$((port + 10 * ($1 - 1)))$(secure_listeners localhost)
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT$secure_protocols
inter.broker.listener.name=PLAINTEXT
log.dirs=$home/node$1/data
num.partitions=12
auto.create.topics.enable=true
default.replication.factor=$replicas
min.insync.replicas=$in_sync
offsets.topic.replication.factor=$replicas
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=$replicas
transaction.state.log.min.isr=$in_sync
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=$replicas
share.coordinator.state.topic.min.isr=$in_sync
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=2
background.threads=2
log.cleaner.dedupe.buffer.size=2097152
log.segment.bytes=67108864
PROPERTIES
    [ -z "${KAFKA_SECURITY:-}" ] || write_security
}

# Name, protocol. Certificates: TLS and SASLTLS have a good one, MTLS wants one of the client,
# EXPIRED and ELSEWHERE have such ones. OIDC takes signed tokens.
secure="TLS:SSL SASL:SASL_PLAINTEXT SASLTLS:SASL_SSL MTLS:SSL EXPIRED:SSL ELSEWHERE:SSL
    OIDC:SASL_PLAINTEXT"
[ -n "${KAFKA_SECURITY:-}" ] || secure=""
secure_protocols=""
for entry in $secure; do secure_protocols="$secure_protocols,$entry"; done

secure_listeners() { # HOST
    local entry at=$((port + 2))
    for entry in $secure; do
        printf ',%s://%s:%d' "${entry%%:*}" "$1" $at
        at=$((at + 1))
    done
}

# What the listeners need; users are alice and bob.
write_security() {
    local name security=org.apache.kafka.common.security
    cat <<PROPERTIES
ssl.keystore.type=PEM
ssl.keystore.location=$home/server.pem
ssl.truststore.type=PEM
ssl.truststore.location=$home/ca.pem
listener.name.mtls.ssl.client.auth=required
listener.name.expired.ssl.keystore.location=$home/expired.pem
listener.name.elsewhere.ssl.keystore.location=$home/elsewhere.pem
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER
connections.max.reauth.ms=3000
listener.name.oidc.sasl.enabled.mechanisms=OAUTHBEARER
listener.name.oidc.oauthbearer.sasl.jaas.config=$security.oauthbearer.OAuthBearerLoginModule required;
listener.name.oidc.oauthbearer.sasl.server.callback.handler.class=$security.oauthbearer.OAuthBearerValidatorCallbackHandler
listener.name.oidc.sasl.oauthbearer.jwks.endpoint.url=file://$home/jwks.json
listener.name.oidc.sasl.oauthbearer.expected.audience=kafka
PROPERTIES
    for name in sasl sasltls; do
        cat <<PROPERTIES
listener.name.$name.plain.sasl.jaas.config=$security.plain.PlainLoginModule required user_alice="alice-secret";
listener.name.$name.scram-sha-256.sasl.jaas.config=$security.scram.ScramLoginModule required;
listener.name.$name.scram-sha-512.sasl.jaas.config=$security.scram.ScramLoginModule required;
listener.name.$name.oauthbearer.sasl.jaas.config=$security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="server";
PROPERTIES
    done
}

is_running() { [ -f "$home/node$1/pid" ] && kill -0 "$(cat "$home/node$1/pid")" 2>/dev/null; }

start() {
    local nodes=${1:-1} id i users=()
    if [ -n "${KAFKA_SECURITY:-}" ]; then
        users=(--add-scram 'SCRAM-SHA-256=[name=alice,password=alice-secret]'
            --add-scram 'SCRAM-SHA-512=[name=bob,password=bob-secret]')
        java_options="$java_options -Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=file://$home/jwks.json"
    fi
    fetch_jars
    if is_running 1; then
        cat "$home/bootstrap"
        return
    fi
    rm -rf "$home"/node*
    choose_ports "$nodes"
    id=$(run_java kafka.tools.StorageTool random-uuid 2>/dev/null | tail -n 1)
    for ((i = 1; i <= nodes; i++)); do
        mkdir -p "$home/node$i"
        write_properties $i "$nodes" >"$home/node$i/server.properties"
        run_java kafka.tools.StorageTool format -t "$id" -c "$home/node$i/server.properties" \
            "${users[@]}" \
            >"$home/node$i/format.log" 2>&1 || { cat "$home/node$i/format.log"; exit 1; }
        # shellcheck disable=SC2086
        nohup java $java_options -cp "$jars/lib/*" kafka.Kafka "$home/node$i/server.properties" \
            >"$home/node$i/log" 2>&1 </dev/null &
        echo $! >"$home/node$i/pid"
    done
    for ((i = 1; i <= nodes; i++)); do
        answered() { ! is_running $i || grep -q "Kafka Server started" "$home/node$i/log"; }
        wait_for 120 answered
        is_running $i || {
            tail -n 30 "$home/node$i/log"
            die "node $i does not start"
        }
    done
    addresses "$nodes" "$port" >"$home/bootstrap"
    cat "$home/bootstrap"
    echo
}

stop() {
    local file pid
    for file in "$home"/node*/pid; do
        [ -f "$file" ] || continue
        pid=$(cat "$file")
        kill "$pid" 2>/dev/null || true
        gone() { ! kill -0 "$pid" 2>/dev/null; }
        wait_for 30 gone || kill -9 "$pid" 2>/dev/null || true
        rm -f "$file"
    done
}

status() {
    local file any=1
    for file in "$home"/node*/pid; do
        [ -f "$file" ] && kill -0 "$(cat "$file")" 2>/dev/null || continue
        say "$(basename "$(dirname "$file")"): running, pid $(cat "$file")"
        any=0
    done
    [ $any = 0 ] || say "not running"
    return $any
}

case ${1:-} in
start) start "${2:-1}" ;;
stop) stop ;;
status) status ;;
run)
    shift
    run_java "$@"
    ;;
*) die "usage: kafka.sh start [NODES] | stop | status | run CLASS ..." ;;
esac
