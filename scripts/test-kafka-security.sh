#!/bin/bash
# TLS and SASL on Apache Kafka: what goes in through the library under test (LIB), by each way to
# secure a connection, is read back by the system's kcat over a plain listener.
#
#   scripts/test-kafka-security.sh [tls] [sasl] [tokens] [refusals] [reload]    all by default
#   scripts/test-kafka-security.sh cpu    CPU time of a message of 1 KB over TLS, beside the system's
#                                         librdkafka; COUNT messages (200,000), ROUNDS times (3)
#
# Starts a broker of its own, whose certificates are made anew.
. "$(dirname "$0")/lib.sh"
work=$BUILD/test-kafka-security
run=$(date +%s)
command -v kcat >/dev/null || die "kcat is missing: scripts/setup.sh kafka"
command -v openssl >/dev/null || die "openssl is missing: scripts/setup.sh kafka"
kafka() { KAFKA_SECURITY=$work "$ROOT/scripts/kafka.sh" "$@"; }

# ---- certificates ----

# authority NAME: its key and its certificate.
authority() {
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/$1.key" -out "$work/$1.pem" -days 30 \
        -subj "/CN=$1" 2>/dev/null
}

# issue AUTHORITY NAME DAYS SAN: key and certificate, and both in one file as brokers want it.
issue() {
    openssl req -newkey rsa:2048 -nodes -keyout "$work/$2.key" -out "$work/$2.csr" \
        -subj "/CN=$2" 2>/dev/null
    openssl x509 -req -in "$work/$2.csr" -CA "$work/$1.pem" -CAkey "$work/$1.key" -CAcreateserial \
        -days "$3" -extfile <(printf 'subjectAltName=%s\n' "$4") -out "$work/$2.crt" 2>/dev/null
    cat "$work/$2.key" "$work/$2.crt" >"$work/$2.pem"
}

make_certificates() {
    authority ca
    authority other
    issue ca server 30 DNS:localhost,IP:127.0.0.1
    issue ca expired -1 DNS:localhost
    issue ca elsewhere 30 DNS:elsewhere.test
    issue ca client 30 DNS:client
    issue other stranger 30 DNS:stranger
    openssl pkcs12 -export -in "$work/client.pem" -out "$work/client.p12" -passout pass:p12-secret
    openssl pkcs8 -topk8 -in "$work/client.key" -out "$work/client.locked" -passout pass:key-secret
    openssl genrsa -out "$work/issuer.key" 2048 2>/dev/null
}

# ---- what is checked ----

# port NAME: of a listener.
port() {
    local name at=2
    for name in TLS SASL SASLTLS MTLS EXPIRED ELSEWHERE OIDC; do
        [ "$name" = "$1" ] && echo $((${BS##*:} + at)) && return
        at=$((at + 1))
    done
    die "no listener $1"
}

produce() { # LISTENER TOPIC OPTION...
    local listener=$1 topic=$2
    shift 2
    with_lib timeout 60 kcat -P -q -b "localhost:$(port "$listener")" -t "$topic" \
        -X broker.address.family=v4 "$@"
}

# As produce, with our own C producer, which does not end when all brokers are down, and logs.
produce_on() { # LISTENER TOPIC OPTION...
    local listener=$1 topic=$2
    shift 2
    timeout 120 "$work/producer" -b "localhost:$(port "$listener")" -t "$topic" \
        -X broker.address.family=v4 -X linger.ms=0 -X reconnect.backoff.max.ms=1000 "$@" /dev/stdin
}

# arrives NAME LISTENER OPTION...: 5,000 messages, each engine.
arrives() {
    local name=$1 listener=$2 engine topic
    shift 2
    for engine in ${ENGINES:-legacy v2}; do
        topic=$name-$engine-$run
        create_topic "$topic"
        if RDKAFKA_PRODUCE_ENGINE=$engine produce "$listener" "$topic" "$@" <"$work/input" \
            2>"$work/log" && consume "$topic" 5000 '%s\n' "$work/read"; then
            check "$name, $engine: 5000 messages read back" same "$work/input" "$work/read"
        else
            tail -n 5 "$work/log"
            check "$name, $engine: kcat -P" false
        fi
    done
}

# refused NAME LISTENER TEXT OPTION...: the message does not arrive, and the log says why.
refused() {
    local name=$1 listener=$2 text=$3
    shift 3
    printf 'x\n' | produce_on "$listener" "refused-$run" -X message.timeout.ms=4000 "$@" \
        >"$work/log" 2>&1 && check "$name: refused" false && return
    if grep -q -e "$text" "$work/log"; then
        check "$name: refused with the reason" true
    else
        tail -n 5 "$work/log"
        check "$name: refused with the reason" false
    fi
}

# ---- parts ----

ssl=(-X security.protocol=ssl)
ca=(-X "ssl.ca.location=$work/ca.pem")
client=(-X "ssl.certificate.location=$work/client.crt")

tls() {
    say "# TLS"
    arrives tls TLS "${ssl[@]}" "${ca[@]}"
    mkdir -p "$work/cas"
    cp "$work/ca.pem" "$work/cas/"
    openssl rehash "$work/cas"
    arrives tls-directory TLS "${ssl[@]}" -X "ssl.ca.location=$work/cas"
    arrives tls-client MTLS "${ssl[@]}" "${ca[@]}" "${client[@]}" \
        -X "ssl.key.location=$work/client.key"
    arrives tls-locked-key MTLS "${ssl[@]}" "${ca[@]}" "${client[@]}" \
        -X "ssl.key.location=$work/client.locked" -X ssl.key.password=key-secret
    arrives tls-keystore MTLS "${ssl[@]}" "${ca[@]}" \
        -X "ssl.keystore.location=$work/client.p12" -X ssl.keystore.password=p12-secret
    arrives tls-idempotent TLS "${ssl[@]}" "${ca[@]}" -X enable.idempotence=true -z lz4
}

alice=(-X sasl.username=alice -X sasl.password=alice-secret)
bob=(-X sasl.username=bob -X sasl.password=bob-secret)

sasl() {
    local listener protocol
    say "# SASL"
    for listener in SASL SASLTLS; do
        protocol=sasl_plaintext
        [ $listener = SASL ] || protocol=sasl_ssl
        arrives "$listener-plain" $listener -X security.protocol=$protocol "${ca[@]}" \
            -X sasl.mechanism=PLAIN "${alice[@]}"
        arrives "$listener-scram-256" $listener -X security.protocol=$protocol "${ca[@]}" \
            -X sasl.mechanism=SCRAM-SHA-256 "${alice[@]}"
        arrives "$listener-scram-512" $listener -X security.protocol=$protocol "${ca[@]}" \
            -X sasl.mechanism=SCRAM-SHA-512 "${bob[@]}"
    done
    again
}

# The broker closes a connection that does not authenticate anew within three seconds.
again() {
    local topic=again-$run i
    create_topic "$topic"
    for i in $(seq 40); do
        echo "$i"
        sleep 0.25
    done | produce_on SASL "$topic" -X security.protocol=sasl_plaintext -X sasl.mechanism=PLAIN \
        "${alice[@]}" -X debug=security,broker 2>"$work/log" || tail -n 5 "$work/log"
    consume "$topic" 40 '%s\n' "$work/read" || true
    seq 40 >"$work/expected"
    check "re-authentication: 40 messages over ten seconds" same "$work/expected" "$work/read"
    check "re-authentication: more than once" test "$(grep -c Re-authenticating "$work/log")" -ge 2
    check "re-authentication: the connection stood" \
        test "$(grep -c '|FAIL|' "$work/log")" = 0
}

token=(-X sasl.mechanism=OAUTHBEARER)

tokens() {
    local url
    say "# tokens"
    arrives unsecured SASL -X security.protocol=sasl_plaintext "${token[@]}" \
        -X enable.sasl.oauthbearer.unsecure.jwt=true -X sasl.oauthbearer.config=principal=alice
    arrives unsecured-tls SASLTLS -X security.protocol=sasl_ssl "${ca[@]}" "${token[@]}" \
        -X enable.sasl.oauthbearer.unsecure.jwt=true -X sasl.oauthbearer.config=principal=alice
    url=https://localhost:$(cat "$work/endpoint.port")/token
    oidc=(-X security.protocol=sasl_plaintext "${token[@]}" -X sasl.oauthbearer.method=oidc
        -X "sasl.oauthbearer.token.endpoint.url=$url" -X "https.ca.location=$work/ca.pem")
    arrives oidc OIDC "${oidc[@]}" -X sasl.oauthbearer.client.id=me \
        -X sasl.oauthbearer.client.secret=client-secret
    arrives oidc-assertion OIDC "${oidc[@]}" \
        -X sasl.oauthbearer.grant.type=urn:ietf:params:oauth:grant-type:jwt-bearer \
        -X "sasl.oauthbearer.assertion.private.key.file=$work/issuer.key" \
        -X sasl.oauthbearer.assertion.claim.sub=me
    refused oidc-secret OIDC 'HTTP error 401: invalid_client' "${oidc[@]}" \
        -X sasl.oauthbearer.client.id=me -X sasl.oauthbearer.client.secret=wrong
    refused oidc-unsecured OIDC 'SASL authentication error' -X security.protocol=sasl_plaintext \
        "${token[@]}" -X enable.sasl.oauthbearer.unsecure.jwt=true \
        -X sasl.oauthbearer.config=principal=alice
}

refusals() {
    local plain=(-X security.protocol=sasl_plaintext -X sasl.username=alice -X sasl.password=wrong)
    local unknown='SSL handshake failed: .*certificate verify failed'
    say "# refusals"
    refused plain-password SASL 'SASL authentication error: Authentication failed' \
        "${plain[@]}" -X sasl.mechanism=PLAIN
    refused scram-password SASL 'SASL authentication error: Authentication failed' \
        "${plain[@]}" -X sasl.mechanism=SCRAM-SHA-256
    refused authority TLS "$unknown" "${ssl[@]}" -X "ssl.ca.location=$work/other.pem"
    refused expired EXPIRED "$unknown" "${ssl[@]}" "${ca[@]}"
    refused elsewhere ELSEWHERE "$unknown" "${ssl[@]}" "${ca[@]}"
    refused no-client MTLS 'certificate required\|bad certificate\|Disconnected' "${ssl[@]}" "${ca[@]}"
    refused stranger MTLS 'alert\|Disconnected' "${ssl[@]}" "${ca[@]}" \
        -X "ssl.certificate.location=$work/stranger.crt" -X "ssl.key.location=$work/stranger.key"
    refused tls-to-plain SASL 'SSL handshake failed' "${ssl[@]}" "${ca[@]}"
    refused plain-to-tls TLS 'Disconnected while requesting ApiVersion\|invalid frame size' \
        -X security.protocol=plaintext
    refused no-sasl SASL 'Disconnected' -X security.protocol=plaintext
    arrives elsewhere-unchecked ELSEWHERE "${ssl[@]}" "${ca[@]}" \
        -X ssl.endpoint.identification.algorithm=none
    arrives authority-unchecked TLS "${ssl[@]}" -X enable.ssl.certificate.verification=false
}

# A process that began with a stranger's certificate goes on with a good one that takes its place.
reload() {
    local topic=reload-$run
    say "# reload"
    create_topic "$topic"
    cp "$work/stranger.crt" "$work/current.crt"
    cp "$work/stranger.key" "$work/current.key"
    {
        echo one
        sleep 3
        cp "$work/client.key" "$work/current.key"
        cp "$work/client.crt" "$work/current.crt"
        sleep 3
        echo two
    } | produce_on MTLS "$topic" "${ssl[@]}" "${ca[@]}" \
        -X "ssl.certificate.location=$work/current.crt" \
        -X "ssl.key.location=$work/current.key" >"$work/log" 2>&1 || tail -n 5 "$work/log"
    consume "$topic" 2 '%s\n' "$work/read" || true
    printf 'one\ntwo\n' >"$work/expected"
    check "reload: messages go out with the new certificate" same "$work/expected" "$work/read"
    check "reload: the old one was refused before" grep -q '|FAIL|' "$work/log"
}

# The lowest of some rounds, in turn.
cpu() {
    local topic=cpu-$run round got ours=0 stock=0
    say "# CPU over TLS"
    create_topic "$topic"
    LIB=stock compile "$work/stock" "$ROOT/examples/producer.c"
    awk -v n="${COUNT:-200000}" 'BEGIN {
        for (i = 0; i < 1024; i++) text = text substr("abcdefghijklmnopqrstuvwxyz012345", i * 7919 % 32 + 1, 1)
        for (i = 0; i < n; i++) print substr(text, i % 24 + 1, 1000) }' >"$work/lines"
    for round in $(seq "${ROUNDS:-3}"); do
        for name in stock producer; do
            "$work/$name" -b "localhost:$(port TLS)" -t "$topic" -X broker.address.family=v4 \
                "${ssl[@]}" "${ca[@]}" -X linger.ms=20 "$work/lines" 2>"$work/log" ||
                tail -n 5 "$work/log"
            got=$(awk '/^cpu:/ { print $2 }' "$work/log")
            say "  $name: $got ns/message"
            if [ $name = stock ]; then
                [ $stock -gt 0 ] && [ $stock -le "$got" ] || stock=$got
            else
                [ $ours -gt 0 ] && [ $ours -le "$got" ] || ours=$got
            fi
        done
    done
    check "cpu: $ours ns a message, stock $stock" test "$ours" -le "$stock"
}

rm -rf "$work"
mkdir -p "$work"
make_certificates
trap 'stop_started; kafka stop' EXIT
python3 "$ROOT/scripts/kafka/token_endpoint.py" "$work" >"$work/endpoint.port" 2>"$work/endpoint.log" &
started $!
wait_for 30 test -s "$work/endpoint.port" || die "no token endpoint: $(cat "$work/endpoint.log")"
compile "$work/producer" "$ROOT/examples/producer.c"
kafka start >/dev/null
BS=$(cat "$work/bootstrap")
say "Apache Kafka at $BS, library: $LIB"
seq 5000 | awk '{ printf "%08d the quick brown fox %x\n", $1, $1 * 48271 % 2147483647 }' \
    >"$work/input"

[ $# -gt 0 ] || set -- tls sasl tokens refusals reload
for part in "$@"; do "$part"; done
summary kafka-security
