//! The global properties, one row each, in the historical order, and the struct `Conf` that they
//! make.
//!
//! A property is added here and nowhere else; `finalize.rs` has the rules between properties.
#![forbid(unsafe_code)]

use super::property::{
    App, Field, Flag, Importance, Kind, Modified, Properties, Property, Word, field_type,
    properties, row_kind, unsupported, word,
};
use super::topic::TopicConf;
use super::value::{Cert, Hook, Marked};
use super::{context, engine};
use crate::abi::callbacks::*;
use crate::abi::opaque::Opaque;

const MAX: i32 = i32::MAX;
const NO_KERBEROS: &str = "Kerberos is not part of this library";
const LATER: &str = "not available in this version";

const FEATURES: &[Word] = &[
    word("gzip", 0x1),
    word("snappy", 0x2),
    word("ssl", 0x4),
    word("sasl", 0x8),
    word("regex", 0x10),
    word("lz4", 0x20),
    unsupported("sasl_gssapi", 0x40, NO_KERBEROS),
    word("sasl_plain", 0x80),
    word("sasl_scram", 0x100),
    unsupported("plugins", 0x200, LATER),
    word("zstd", 0x400),
    word("sasl_oauthbearer", 0x800),
    word("http", 0x1000),
    word("oidc", 0x2000),
];
const RECOVERY: &[Word] = &[word("none", 0), word("rebootstrap", 1)];
const FAMILY: &[Word] = &[word("any", 0), word("v4", libc::AF_INET), word("v6", libc::AF_INET6)];
const PROTOCOL: &[Word] =
    &[word("plaintext", 0), word("ssl", 1), word("sasl_plaintext", 2), word("sasl_ssl", 3)];
const ENDPOINT: &[Word] = &[word("none", 0), word("https", 1)];
const OAUTH_METHOD: &[Word] = &[word("default", 0), word("oidc", 1)];
const GRANT: &[Word] =
    &[word("client_credentials", 0), word("urn:ietf:params:oauth:grant-type:jwt-bearer", 1)];
const ALGORITHM: &[Word] = &[word("RS256", 0), word("ES256", 1)];
const CLOUD: &[Word] = &[word("none", 0), word("azure_imds", 1), word("aws_iam", 2)];
const GROUP_PROTOCOL: &[Word] = &[word("classic", 0), word("consumer", 1)];
const STORE: &[Word] = &[word("none", 0), word("file", 1), word("broker", 2)];
const ISOLATION: &[Word] = &[word("read_uncommitted", 0), word("read_committed", 1)];
const CODEC: &[Word] =
    &[word("none", 0), word("gzip", 1), word("snappy", 2), word("lz4", 3), word("zstd", 4)];
const LOOKUP: &[Word] =
    &[word("use_all_dns_ips", 0), word("resolve_canonical_bootstrap_servers_only", 1)];
const KINIT: &str = "kinit -R -t \"%{sasl.kerberos.keytab}\" -k %{sasl.kerberos.principal} || \
                     kinit -t \"%{sasl.kerberos.keytab}\" -k %{sasl.kerberos.principal}";

/// Is it one item, without comma or blank?
fn is_single(value: &[u8]) -> bool {
    !value.iter().any(|byte| matches!(byte, b',' | b' '))
}

/// Is it a broker version that a client can speak to?
fn is_broker_version(value: &[u8]) -> bool {
    !value.starts_with(b"0.7.") && !value.starts_with(b"0.6.")
}

properties! {
    /// The configuration of an instance.
    struct Conf as GLOBAL;
    extra {
        /// A default topic configuration replaced another one on which properties had been set.
        default_topic_conf_overwritten: bool,
        /// `linger.ms` in microseconds; finalize computes it.
        buffering_max_us: i64,
        /// Effective `broker.linger.ms` in microseconds; finalize computes it.
        broker_linger_us: i64,
        /// Least time between two connections made only to have one; finalize computes it.
        sparse_connect_interval_ms: i32,
        /// The engine of a producer; finalize chooses it.
        engine: engine::Engine,
    }

    /// Features of this build. Reading it tells what is there; setting it checks that the named
    /// features are.
    builtin_features: "builtin.features" [Any Low] flags(0x3fff, FEATURES);
    /// Name under which the client shows up in broker logs and metrics.
    client_id: "client.id" [Any Low] text(Some("rdkafka"));
    /// Software name sent to brokers (KIP-511).
    sw_name: "client.software.name" [Any Low Hidden] text(Some("librdkafka"));
    /// Software version sent to brokers (KIP-511); the library's own if unset.
    sw_version: "client.software.version" [Any Low Hidden] text(None);
    /// First brokers to contact: comma-separated `host` or `host:port`.
    brokerlist: "metadata.broker.list" [Any High] text(None);
    /// Same as `metadata.broker.list`.
    "bootstrap.servers" [Any High] alias("metadata.broker.list");
    /// Largest Produce request, in bytes; also the limit of one message.
    max_msg_size: "message.max.bytes" [Any Medium] int(1_000, 1_000_000_000, 1_000_000);
    /// Payloads up to this many bytes are copied into the request, larger ones are referenced.
    msg_copy_max_size: "message.copy.max.bytes" [Any Low] int(0, 1_000_000_000, 65_535);
    /// Largest response accepted from a broker, in bytes; guards against broken peers.
    recv_max_msg_size: "receive.message.max.bytes" [Any Medium] int(1_000, MAX, 100_000_000);
    /// Requests that may wait for their response on one broker connection.
    max_inflight: "max.in.flight.requests.per.connection" [Any Low] int(1, 1_000_000, 1_000_000);
    /// Same as `max.in.flight.requests.per.connection`.
    "max.in.flight" [Any Low] alias("max.in.flight.requests.per.connection");
    /// What happens when no known broker answers: start over from the bootstrap servers, or
    /// nothing.
    metadata_recovery_strategy: "metadata.recovery.strategy" [Any Low] choice(1, RECOVERY);
    /// Time without a metadata answer, in milliseconds, after which the client starts over from
    /// the bootstrap servers.
    metadata_recovery_rebootstrap_trigger_ms: "metadata.recovery.rebootstrap.trigger.ms" [Any Low]
        int(0, MAX, 300_000);
    /// Not used.
    metadata_request_timeout_ms: "metadata.request.timeout.ms" [Any Low Deprecated Hidden]
        int(10, 900_000, 10);
    /// Time between two refreshes of the metadata of all known topics, in milliseconds; -1
    /// disables them.
    metadata_refresh_interval_ms: "topic.metadata.refresh.interval.ms" [Any Low]
        int(-1, 3_600_000, 300_000);
    /// Age at which cached metadata expires, in milliseconds; three refresh intervals if unset.
    metadata_max_age_ms: "metadata.max.age.ms" [Any Low] int(1, 86_400_000, 900_000);
    /// First interval of the fast refreshes after a topic lost its leader, in milliseconds; it
    /// grows up to `retry.backoff.max.ms`.
    metadata_refresh_fast_interval_ms: "topic.metadata.refresh.fast.interval.ms" [Any Low]
        int(1, 60_000, 100);
    /// Not used.
    metadata_refresh_fast_cnt: "topic.metadata.refresh.fast.cnt" [Any Low Deprecated]
        int(0, 1_000, 10);
    /// Ask for the metadata of known topics only, instead of all topics in the cluster.
    metadata_refresh_sparse: "topic.metadata.refresh.sparse" [Any Low] bool(true);
    /// Time a new topic may stay unknown to the cluster, in milliseconds, before its messages
    /// fail.
    metadata_propagation_max_ms: "topic.metadata.propagation.max.ms" [Any Low]
        int(0, 3_600_000, 30_000);
    /// Comma-separated regular expressions; matching topics are ignored in metadata.
    topic_blacklist: "topic.blacklist" [Any Low] patterns();
    /// Comma-separated debug contexts to log. A producer's usual set: `broker,topic,msg`.
    debug: "debug" [Any Medium] flags(0, context::WORDS);
    /// Default time limit of a request, in milliseconds.
    socket_timeout_ms: "socket.timeout.ms" [Any Low] int(10, 300_000, 60_000);
    /// Not used.
    socket_blocking_max_ms: "socket.blocking.max.ms" [Any Low Deprecated] int(1, 60_000, 1_000);
    /// Send buffer of broker sockets, in bytes; 0 leaves it to the system.
    socket_sndbuf_size: "socket.send.buffer.bytes" [Any Low] int(0, 100_000_000, 0);
    /// Receive buffer of broker sockets, in bytes; 0 leaves it to the system.
    socket_rcvbuf_size: "socket.receive.buffer.bytes" [Any Low] int(0, 100_000_000, 0);
    /// Switch TCP keep-alive on for broker sockets.
    socket_keepalive: "socket.keepalive.enable" [Any Low] bool(false);
    /// Switch the Nagle algorithm off for broker sockets.
    socket_nagle_disable: "socket.nagle.disable" [Any Low] bool(true);
    /// Timed out requests after which a connection is closed; 0 never closes.
    socket_max_fails: "socket.max.fails" [Any Low] int(0, 1_000_000, 1);
    /// Time a resolved broker address is kept, in milliseconds.
    broker_addr_ttl: "broker.address.ttl" [Any Low] int(0, 86_400_000, 1_000);
    /// IP versions that may be used for brokers.
    broker_addr_family: "broker.address.family" [Any Low] choice(0, FAMILY);
    /// Time limit to connect, including TLS and SASL, in milliseconds.
    socket_connection_setup_timeout_ms: "socket.connection.setup.timeout.ms" [Any Medium]
        int(1_000, MAX, 30_000);
    /// Idle time after which a broker connection is closed, in milliseconds; 0 never closes.
    connections_max_idle_ms: "connections.max.idle.ms" [Any Medium] int(0, MAX, 0);
    /// Connect to brokers only when they are needed.
    sparse_connections: "enable.sparse.connections" [Any Medium Hidden] bool(true);
    /// Not used; see `reconnect.backoff.ms` and `reconnect.backoff.max.ms`.
    reconnect_jitter_ms: "reconnect.backoff.jitter.ms" [Any Low Deprecated] int(0, 3_600_000, 0);
    /// First wait before a connection is tried again, in milliseconds; it doubles with each
    /// failure and is spread by -25% to +50%.
    reconnect_backoff_ms: "reconnect.backoff.ms" [Any Medium] int(0, 3_600_000, 100);
    /// Longest wait before a connection is tried again, in milliseconds.
    reconnect_backoff_max_ms: "reconnect.backoff.max.ms" [Any Medium] int(0, 3_600_000, 10_000);
    /// Time between two statistics reports, in milliseconds; 0 disables them.
    stats_interval_ms: "statistics.interval.ms" [Any High] int(0, 86_400_000, 0);
    /// Bit mask of enabled events; see `rd_kafka_conf_set_events()`.
    enabled_events: "enabled_events" [Any Low] int(0, MAX, 0);
    /// Error callback; see `rd_kafka_conf_set_error_cb()`.
    error_cb: "error_cb" [Any Low] pointer(Option<ErrorCb>);
    /// Throttle callback; see `rd_kafka_conf_set_throttle_cb()`.
    throttle_cb: "throttle_cb" [Any Low] pointer(Option<ThrottleCb>);
    /// Statistics callback; see `rd_kafka_conf_set_stats_cb()`.
    stats_cb: "stats_cb" [Any Low] pointer(Option<StatsCb>);
    /// Log callback; see `rd_kafka_conf_set_log_cb()`.
    log_cb: "log_cb" [Any Low] pointer(Hook<LogCb>);
    /// Most verbose syslog level that is logged.
    log_level: "log_level" [Any Low] int(0, 7, 6);
    /// Keep log lines in a queue for the application instead of calling `log_cb` from internal
    /// threads.
    log_queue: "log.queue" [Any Low] bool(false);
    /// Put the name of the internal thread into log lines.
    log_thread_name: "log.thread.name" [Any Low] bool(true);
    /// Seed the C library's random generator; accepted and not needed here.
    enable_random_seed: "enable.random.seed" [Any Low] bool(true);
    /// Log closed broker connections.
    log_connection_close: "log.connection.close" [Any Low] bool(true);
    /// Callback of the background event thread; see `rd_kafka_conf_set_background_event_cb()`.
    background_event_cb: "background_event_cb" [Any Low] pointer(Option<BackgroundEventCb>);
    /// Socket creation callback; see `rd_kafka_conf_set_socket_cb()`.
    socket_cb: "socket_cb" [Any Low] pointer(Hook<SocketCb>);
    /// Connect callback; see `rd_kafka_conf_set_connect_cb()`.
    connect_cb: "connect_cb" [Any Low] pointer(Option<ConnectCb>);
    /// Socket close callback; see `rd_kafka_conf_set_closesocket_cb()`.
    closesocket_cb: "closesocket_cb" [Any Low] pointer(Option<CloseSocketCb>);
    /// File open callback; see `rd_kafka_conf_set_open_cb()`.
    open_cb: "open_cb" [Any Low] pointer(Hook<OpenCb>);
    /// Address resolution callback; see `rd_kafka_conf_set_resolve_cb()`.
    resolve_cb: "resolve_cb" [Any Low] pointer(Option<ResolveCb>);
    /// Application pointer handed to callbacks; see `rd_kafka_conf_set_opaque()`.
    opaque: "opaque" [Any Low] pointer(Opaque);
    /// Configuration of topics made without one; see `rd_kafka_conf_set_default_topic_conf()`.
    default_topic_conf: "default_topic_conf" [Any Low] pointer(Option<Box<Marked<TopicConf>>>);
    /// Signal sent to internal threads at termination; 0 sends none.
    term_sig: "internal.termination.signal" [Any Low] int(0, 128, 0);
    /// Ask brokers which protocol versions they speak.
    api_version_request: "api.version.request" [Any High Deprecated] bool(true);
    /// Time limit of the version request, in milliseconds.
    api_version_request_timeout_ms: "api.version.request.timeout.ms" [Any Low]
        int(1, 300_000, 10_000);
    /// Time `broker.version.fallback` is used after a failed version request, in milliseconds.
    api_version_fallback_ms: "api.version.fallback.ms" [Any Medium Deprecated]
        int(0, 604_800_000, 0);
    /// Broker version assumed when the version request is off or fails, e.g. 0.9.0.
    broker_version_fallback: "broker.version.fallback" [Any Medium Deprecated]
        checked_text("0.10.0", is_broker_version);
    /// Let metadata requests create missing topics; true for a producer unless set.
    allow_auto_create_topics: "allow.auto.create.topics" [Any Low] bool(false);
    /// Protocol spoken with brokers.
    security_protocol: "security.protocol" [Any High] choice(0, PROTOCOL);
    /// TLS cipher suites allowed for brokers.
    ssl_cipher_suites: "ssl.cipher.suites" [Any Low] text(None);
    /// TLS curves offered to brokers, colon-separated.
    ssl_curves_list: "ssl.curves.list" [Any Low] text(None);
    /// TLS signature algorithms offered to brokers, colon-separated.
    ssl_sigalgs_list: "ssl.sigalgs.list" [Any Low] text(None);
    /// Path of the client's private key in PEM form.
    ssl_key_location: "ssl.key.location" [Any Low Sensitive] secret();
    /// Password of the private key.
    ssl_key_password: "ssl.key.password" [Any Low Sensitive] secret();
    /// The client's private key as PEM text.
    ssl_key_pem: "ssl.key.pem" [Any Low Sensitive] secret();
    /// The client's private key as set by `rd_kafka_conf_set_ssl_cert()`.
    ssl_key: "ssl_key" [Any Low Sensitive] internal(Option<Cert>);
    /// Path of the client's certificate in PEM form.
    ssl_cert_location: "ssl.certificate.location" [Any Low] text(None);
    /// The client's certificate as PEM text.
    ssl_cert_pem: "ssl.certificate.pem" [Any Low] secret();
    /// The client's certificate as set by `rd_kafka_conf_set_ssl_cert()`.
    ssl_certificate: "ssl_certificate" [Any Low] internal(Option<Cert>);
    /// File or directory of CA certificates for brokers, or `probe` for the system's.
    ssl_ca_location: "ssl.ca.location" [Any Low] text(None);
    /// File or directory of CA certificates for HTTPS token endpoints, or `probe` for the
    /// system's.
    https_ca_location: "https.ca.location" [Any Low] text(None);
    /// CA certificates for HTTPS token endpoints as PEM text.
    https_ca_pem: "https.ca.pem" [Any Low] text(None);
    /// CA certificates for brokers as PEM text.
    ssl_ca_pem: "ssl.ca.pem" [Any Low Sensitive] secret();
    /// CA certificates as set by `rd_kafka_conf_set_ssl_cert()`.
    ssl_ca: "ssl_ca" [Any Low] internal(Option<Cert>);
    /// Windows certificate stores to read CA certificates from.
    ssl_ca_cert_stores: "ssl.ca.certificate.stores" [Any Low WindowsOnly] text(Some("Root"));
    /// Path of a certificate revocation list.
    ssl_crl_location: "ssl.crl.location" [Any Low] text(None);
    /// Path of the client's PKCS#12 keystore.
    ssl_keystore_location: "ssl.keystore.location" [Any Low] text(None);
    /// Password of the keystore.
    ssl_keystore_password: "ssl.keystore.password" [Any Low Sensitive] secret();
    /// OpenSSL 3 providers to load, comma-separated.
    ssl_providers: "ssl.providers" [Any Low] text(None);
    /// Path of an OpenSSL engine library.
    ssl_engine_location: "ssl.engine.location" [Any Low Deprecated OfEngines] text(None);
    /// Identifier of the OpenSSL engine.
    ssl_engine_id: "ssl.engine.id" [Any Low OfEngines] text(Some("dynamic"));
    /// Engine callback data; see `rd_kafka_conf_set_engine_callback_data()`.
    ssl_engine_callback_data: "ssl_engine_callback_data" [Any Low] pointer(Opaque);
    /// Verify the broker's certificate chain.
    ssl_enable_verify: "enable.ssl.certificate.verification" [Any Low] bool(true);
    /// How the broker's host name is checked against its certificate.
    ssl_endpoint_identification: "ssl.endpoint.identification.algorithm" [Any Low]
        choice(1, ENDPOINT);
    /// Certificate callback; see `rd_kafka_conf_set_ssl_cert_verify_cb()`.
    ssl_cert_verify_cb: "ssl.certificate.verify_cb" [Any Low] pointer(Option<SslCertVerifyCb>);
    /// Java TrustStores are not supported, use `ssl.ca.location` and a certificate file instead.
    /// See https://github.com/confluentinc/librdkafka/wiki/Using-SSL-with-librdkafka for more
    /// information.
    "ssl.truststore.location" [Any Low] refused();
    /// Java JAAS configuration is not supported, see
    /// https://github.com/confluentinc/librdkafka/wiki/Using-SASL-with-librdkafka for more
    /// information.
    "sasl.jaas.config" [Any Low] refused();
    /// The one SASL mechanism to authenticate with.
    sasl_mechanisms: "sasl.mechanisms" [Any High] checked_text("GSSAPI", is_single);
    /// Same as `sasl.mechanisms`.
    "sasl.mechanism" [Any High] alias("sasl.mechanisms");
    /// Kerberos service name of the brokers.
    sasl_service_name: "sasl.kerberos.service.name" [Any Low] text(Some("kafka"));
    /// Kerberos principal of the client.
    sasl_principal: "sasl.kerberos.principal" [Any Low] text(Some("kafkaclient"));
    /// Command that refreshes the Kerberos ticket; `%{name}` is replaced by that property's
    /// value.
    sasl_kinit_cmd: "sasl.kerberos.kinit.cmd" [Any Low] text(Some(KINIT));
    /// Path of the Kerberos keytab.
    sasl_keytab: "sasl.kerberos.keytab" [Any Low] text(None);
    /// Least time between two ticket refreshes, in milliseconds; 0 disables them.
    sasl_relogin_min_time: "sasl.kerberos.min.time.before.relogin" [Any Low]
        int(0, 86_400_000, 60_000);
    /// User name for PLAIN and SCRAM.
    sasl_username: "sasl.username" [Any High Sensitive] secret();
    /// Password for PLAIN and SCRAM.
    sasl_password: "sasl.password" [Any High Sensitive] secret();
    /// Settings of the OAUTHBEARER token handler.
    oauthbearer_config: "sasl.oauthbearer.config" [Any Low Sensitive] secret();
    /// Use the built-in unsecured token handler when no refresh callback is set; for tests only.
    sasl_enable_oauthbearer_unsecure_jwt: "enable.sasl.oauthbearer.unsecure.jwt" [Any Low]
        bool(false);
    /// Token refresh callback; see `rd_kafka_conf_set_oauthbearer_token_refresh_cb()`.
    oauthbearer_token_refresh_cb: "oauthbearer_token_refresh_cb" [Any Low]
        pointer(Option<OauthRefreshCb>);
    /// Serve SASL callbacks from their own queue; see `rd_kafka_conf_enable_sasl_queue()`.
    sasl_enable_callback_queue: "enable_sasl_queue" [Any Low Hidden] bool(false);
    /// How OAUTHBEARER tokens are obtained: by the application, or from an OIDC provider.
    oauthbearer_method: "sasl.oauthbearer.method" [Any Low] choice(0, OAUTH_METHOD);
    /// Client identifier at the OIDC provider.
    oauthbearer_client_id: "sasl.oauthbearer.client.id" [Any Low] secret();
    /// Same as `sasl.oauthbearer.client.id`.
    "sasl.oauthbearer.client.credentials.client.id" [Any Low] alias("sasl.oauthbearer.client.id");
    /// Same as `sasl.oauthbearer.client.secret`.
    "sasl.oauthbearer.client.credentials.client.secret" [Any Low]
        alias("sasl.oauthbearer.client.secret");
    /// Client secret at the OIDC provider.
    oauthbearer_client_secret: "sasl.oauthbearer.client.secret" [Any Low Sensitive] secret();
    /// Scope requested from the OIDC provider.
    oauthbearer_scope: "sasl.oauthbearer.scope" [Any Low] text(None);
    /// SASL extensions sent to brokers, comma-separated `key=value`.
    oauthbearer_extensions: "sasl.oauthbearer.extensions" [Any Low] text(None);
    /// URL of the OIDC provider's token endpoint.
    oauthbearer_token_endpoint_url: "sasl.oauthbearer.token.endpoint.url" [Any Low] text(None);
    /// Token claim that holds the principal name.
    oauthbearer_sub_claim_name: "sasl.oauthbearer.sub.claim.name" [Any Low] text(Some("sub"));
    /// OAuth grant used at the token endpoint.
    oauthbearer_grant_type: "sasl.oauthbearer.grant.type" [Any Low] choice(0, GRANT);
    /// Signature algorithm of the generated assertion.
    oauthbearer_assertion_algorithm: "sasl.oauthbearer.assertion.algorithm" [Any Low]
        choice(0, ALGORITHM);
    /// Path of the PEM key that signs the assertion.
    oauthbearer_assertion_private_key_file:
        "sasl.oauthbearer.assertion.private.key.file" [Any Low Sensitive] secret();
    /// Passphrase of the assertion key.
    oauthbearer_assertion_private_key_passphrase:
        "sasl.oauthbearer.assertion.private.key.passphrase" [Any Low Sensitive] secret();
    /// The assertion key as PEM text.
    oauthbearer_assertion_private_key_pem:
        "sasl.oauthbearer.assertion.private.key.pem" [Any Low Sensitive] secret();
    /// Path of a ready assertion that is sent instead of a generated one.
    oauthbearer_assertion_file: "sasl.oauthbearer.assertion.file" [Any Low] secret();
    /// Audience claim of the generated assertion.
    oauthbearer_assertion_claim_audience: "sasl.oauthbearer.assertion.claim.aud" [Any Low] secret();
    /// Life of the generated assertion, in seconds.
    oauthbearer_assertion_claim_expiration_s:
        "sasl.oauthbearer.assertion.claim.exp.seconds" [Any Low] int(1, MAX, 300);
    /// Issuer claim of the generated assertion.
    oauthbearer_assertion_claim_issuer: "sasl.oauthbearer.assertion.claim.iss" [Any Low] secret();
    /// Give each generated assertion a random identifier.
    oauthbearer_assertion_claim_jti_include:
        "sasl.oauthbearer.assertion.claim.jti.include" [Any Low] bool(false);
    /// How far in the past the generated assertion becomes valid, in seconds.
    oauthbearer_assertion_claim_not_before_s:
        "sasl.oauthbearer.assertion.claim.nbf.seconds" [Any Low] int(0, MAX, 60);
    /// Subject claim of the generated assertion.
    oauthbearer_assertion_claim_subject: "sasl.oauthbearer.assertion.claim.sub" [Any Low] secret();
    /// Path of a JSON template with more headers and claims of the assertion.
    oauthbearer_assertion_jwt_template_file:
        "sasl.oauthbearer.assertion.jwt.template.file" [Any Low] secret();
    /// Cloud metadata service to get tokens from.
    oauthbearer_metadata_authentication_type:
        "sasl.oauthbearer.metadata.authentication.type" [Any Low] choice(0, CLOUD);
    /// Plug-in libraries to load, semicolon-separated.
    plugin_paths: "plugin.library.paths" [Any Low] plugins();
    /// Interceptors added through the interceptor API and their configuration.
    "interceptors" [Any Low] internal();
    /// Brokers of the built-in mock cluster; above 0 it replaces `bootstrap.servers`.
    mock_broker_count: "test.mock.num.brokers" [Any Low Hidden] int(0, 10_000, 0);
    /// Round-trip time of the mock brokers, in milliseconds.
    mock_broker_rtt_ms: "test.mock.broker.rtt" [Any Low Hidden] int(0, 3_600_000, 0);
    /// Hook of historical unit tests; not used.
    ut_handle_produce_response: "ut_handle_ProduceResponse" [Any Low Hidden] pointer(Opaque);
    /// Name of the consumer group.
    group_id: "group.id" [Consumer High] text(None);
    /// Static member name within the consumer group.
    group_instance_id: "group.instance.id" [Consumer Medium] text(None);
    /// Partition assignment strategies, best first, comma-separated.
    partition_assignment_strategy: "partition.assignment.strategy" [Consumer Medium]
        text(Some("range,roundrobin"));
    /// Time without heartbeat after which the group drops a member, in milliseconds.
    group_session_timeout_ms: "session.timeout.ms" [Consumer High] int(1, 3_600_000, 45_000);
    /// Time between two heartbeats, in milliseconds.
    group_heartbeat_intvl_ms: "heartbeat.interval.ms" [Consumer Low] int(1, 3_600_000, 3_000);
    /// Protocol type of the classic group protocol.
    group_protocol_type: "group.protocol.type" [Consumer Low] raw_text(Some("consumer"));
    /// Group protocol.
    group_protocol: "group.protocol" [Consumer High] choice(0, GROUP_PROTOCOL);
    /// Assignor run by the broker, for `group.protocol=consumer`.
    group_remote_assignor: "group.remote.assignor" [Consumer Medium] text(None);
    /// Time between two queries for the group coordinator, in milliseconds.
    coord_query_intvl_ms: "coordinator.query.interval.ms" [Consumer Low] int(1, 3_600_000, 600_000);
    /// Longest time between two polls before the consumer leaves its group, in milliseconds.
    max_poll_interval_ms: "max.poll.interval.ms" [Consumer High] int(1, 86_400_000, 300_000);
    /// Commit stored offsets in the background.
    enable_auto_commit: "enable.auto.commit" [Consumer High] bool(true);
    /// Time between two offset commits, in milliseconds; 0 disables them.
    auto_commit_interval_ms: "auto.commit.interval.ms" [Consumer Medium] int(0, 86_400_000, 5_000);
    /// Store the offset of each message handed to the application.
    enable_auto_offset_store: "enable.auto.offset.store" [Consumer High] bool(true);
    /// Messages per partition that the consumer tries to keep ready.
    queued_min_msgs: "queued.min.messages" [Consumer Medium] int(1, 10_000_000, 100_000);
    /// Data per consumer queue that may be kept ready, in kilobytes.
    queued_max_msg_kbytes: "queued.max.messages.kbytes" [Consumer Medium] int(1, 2_097_151, 65_536);
    /// Longest time a broker waits to fill a fetch response, in milliseconds.
    fetch_wait_max_ms: "fetch.wait.max.ms" [Consumer Low] int(0, 300_000, 500);
    /// Wait before fetching again when the consumer queue is full, in milliseconds.
    fetch_queue_backoff_ms: "fetch.queue.backoff.ms" [Consumer Medium] int(0, 300_000, 1_000);
    /// First limit of a fetch response per partition, in bytes.
    fetch_msg_max_bytes: "fetch.message.max.bytes" [Consumer Medium]
        int(1, 1_000_000_000, 1_048_576);
    /// Same as `fetch.message.max.bytes`.
    "max.partition.fetch.bytes" [Consumer Medium] alias("fetch.message.max.bytes");
    /// Most data a broker returns to one fetch, in bytes.
    fetch_max_bytes: "fetch.max.bytes" [Consumer Medium] int(0, 2_147_483_135, 52_428_800);
    /// Least data a broker waits for before it answers a fetch, in bytes.
    fetch_min_bytes: "fetch.min.bytes" [Consumer Low] int(0, MAX, 1);
    /// Wait after a fetch error, in milliseconds.
    fetch_error_backoff_ms: "fetch.error.backoff.ms" [Consumer Medium] int(0, 300_000, 500);
    /// Where offsets are committed; the broker is the only choice in use.
    offset_store_method: "offset.store.method" [Consumer Low Deprecated] choice(2, STORE);
    /// Which transactional messages a consumer sees.
    isolation_level: "isolation.level" [Consumer High] choice(1, ISOLATION);
    /// Message callback; see `rd_kafka_conf_set_consume_cb()`.
    consume_cb: "consume_cb" [Consumer Low] pointer(Option<ConsumeCb>);
    /// Rebalance callback; see `rd_kafka_conf_set_rebalance_cb()`.
    rebalance_cb: "rebalance_cb" [Consumer Low] pointer(Option<RebalanceCb>);
    /// Commit callback; see `rd_kafka_conf_set_offset_commit_cb()`.
    offset_commit_cb: "offset_commit_cb" [Consumer Low] pointer(Option<OffsetCommitCb>);
    /// Report the end of each partition to the consumer.
    enable_partition_eof: "enable.partition.eof" [Consumer Low] bool(false);
    /// Verify checksums of consumed messages.
    check_crcs: "check.crcs" [Consumer Medium] bool(false);
    /// Rack of this client; brokers use it to choose close replicas.
    client_rack: "client.rack" [Any Low] raw_text(Some(""));
    /// Most records one poll of a share consumer should return.
    share_max_poll_records: "max.poll.records" [Consumer Low] int(1, MAX, 500);
    /// Whether a share consumer's records are acknowledged implicitly or one by one.
    share_acknowledgement_mode: "share.acknowledgement.mode" [Consumer Medium]
        text(Some("implicit"));
    /// Identity of a transactional producer across restarts; switches transactions on.
    eos_transactional_id: "transactional.id" [Producer High] text(None);
    /// Time the coordinator waits for a transaction's next step before it aborts it, in
    /// milliseconds.
    eos_transaction_timeout_ms: "transaction.timeout.ms" [Producer Medium] int(1_000, MAX, 60_000);
    /// Write each message exactly once and in order.
    eos_idempotence: "enable.idempotence" [Producer High] bool(false);
    /// Raise a fatal error when a message of an idempotent producer fails and would leave a gap.
    eos_gapless: "enable.gapless.guarantee" [Producer Low Experimental] bool(false);
    /// Messages that may wait in the producer, over all topics; 0 is no limit.
    queue_buffering_max_msgs: "queue.buffering.max.messages" [Producer High] int(0, MAX, 100_000);
    /// Sum of message sizes that may wait in the producer, in kilobytes.
    queue_buffering_max_kbytes: "queue.buffering.max.kbytes" [Producer High] int(1, MAX, 1_048_576);
    /// Time to wait for more messages before a batch is sent, in milliseconds.
    buffering_max_ms: "queue.buffering.max.ms" [Producer High] double(0.0, 900_000.0, 5.0);
    /// Same as `queue.buffering.max.ms`.
    "linger.ms" [Producer High] alias("queue.buffering.max.ms");
    /// How often a failed message is sent again.
    max_retries: "message.send.max.retries" [Producer High] int(0, MAX, MAX);
    /// Same as `message.send.max.retries`.
    "retries" [Producer Low] alias("message.send.max.retries");
    /// First wait before a failed request is sent again, in milliseconds; it doubles with each
    /// retry.
    retry_backoff_ms: "retry.backoff.ms" [Any Medium] int(1, 300_000, 100);
    /// Longest wait before a failed request is sent again, in milliseconds.
    retry_backoff_max_ms: "retry.backoff.max.ms" [Any Medium] int(1, 300_000, 1_000);
    /// Requests that may wait to be written to a broker before batches are held back to grow.
    queue_backpressure_thres: "queue.buffering.backpressure.threshold" [Producer Low]
        int(1, 1_000_000, 1);
    /// Codec that compresses batches.
    compression_codec: "compression.codec" [Producer Medium] choice(0, CODEC);
    /// Same as `compression.codec`.
    "compression.type" [Producer Medium] alias("compression.codec");
    /// Most messages in one batch.
    batch_num_messages: "batch.num.messages" [Producer Medium] int(1, 1_000_000, 10_000);
    /// Most bytes of messages in one batch, before compression and with its framing.
    batch_size: "batch.size" [Producer Medium] int(1, MAX, 1_000_000);
    /// Report only messages that failed.
    dr_err_only: "delivery.report.only.error" [Producer Low] bool(false);
    /// Delivery report callback; see `rd_kafka_conf_set_dr_cb()`.
    dr_cb: "dr_cb" [Producer Low] pointer(Option<DrCb>);
    /// Delivery report callback; see `rd_kafka_conf_set_dr_msg_cb()`.
    dr_msg_cb: "dr_msg_cb" [Producer Low] pointer(Option<DrMsgCb>);
    /// Time messages without key go to one random partition before the next is chosen, in
    /// milliseconds; 0 disables it.
    sticky_partition_linger_ms: "sticky.partitioning.linger.ms" [Producer Low] int(0, 900_000, 10);
    /// Put batches of several partitions into one Produce request (engine `legacy`).
    multibatch: "multibatch" [Producer Low] bool(false);
    /// How host names that have several addresses are used.
    client_dns_lookup: "client.dns.lookup" [Any Low] choice(0, LOOKUP);
    /// Push client metrics to the cluster if it asks for them.
    enable_metrics_push: "enable.metrics.push" [Any Low] bool(true);
    /// Typed statistics callback; see `rd_kafka_conf_set_stats_cb_typed()`.
    stats_cb_typed: "stats_cb_typed" [Any Low] pointer(Option<StatsTypedCb>);
    /// Producer engine.
    produce_engine: "produce.engine" [Producer Low] choice(0, engine::WORDS);
    /// Most partitions in one Produce request (engine `v2`); 0 is no limit.
    produce_request_max_partitions: "produce.request.max.partitions" [Producer Low]
        int(0, 10_000_000, 0);
    /// Time the oldest message for a broker may wait before a request is sent (engine `v2`), in
    /// milliseconds.
    broker_linger_ms: "broker.linger.ms" [Producer Low] double(0.0, 900_000.0, 5.0);
    /// Payload bytes waiting for a broker that trigger a request (engine `v2`); -1 disables it.
    broker_batch_max_bytes: "broker.batch.max.bytes" [Producer Low] int(-1, MAX, -1);
    /// Adapt linger time and request size to the broker's latency (engine `v2`).
    adaptive_batching_enabled: "adaptive.batching.enable" [Producer Low] bool(false);
    /// Congestion score below which adaptive batching speeds up.
    adaptive_alpha: "adaptive.alpha" [Producer Low] double(0.0, 1.0, 0.1);
    /// Congestion score above which adaptive batching slows down.
    adaptive_beta: "adaptive.beta" [Producer Low] double(0.0, 1.0, 0.3);
    /// Shortest adaptive linger time, in milliseconds.
    adaptive_linger_min_ms: "adaptive.linger.min.ms" [Producer Low] double(0.0, 60_000.0, 5.0);
    /// Longest adaptive linger time, in milliseconds.
    adaptive_linger_max_ms: "adaptive.linger.max.ms" [Producer Low] double(0.0, 60_000.0, 500.0);
    /// Smallest adaptive request size, in bytes.
    adaptive_batch_min_bytes: "adaptive.batch.min.bytes" [Producer Low] int(0, MAX, 16_384);
    /// Largest adaptive request size, in bytes.
    adaptive_batch_max_bytes: "adaptive.batch.max.bytes" [Producer Low] int(0, MAX, 10_485_760);
    /// Least time between two adaptive adjustments, in milliseconds.
    adaptive_adjustment_interval_ms: "adaptive.adjustment.interval.ms" [Producer Low]
        double(10.0, 10_000.0, 100.0);
}
