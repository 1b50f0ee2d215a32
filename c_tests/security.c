/* TLS and SASL, as far as no broker is needed: what is refused, and how; tokens and credentials. */
#include "test.h"

/* Sets the property and expects what rd_kafka_new says. */
static void refused(const char *text, const char *const *pairs) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char errstr[512] = "";
    rd_kafka_t *rk;
    for (; *pairs; pairs += 2)
        CHECK(!rd_kafka_conf_set(conf, pairs[0], pairs[1], errstr, sizeof errstr), "%s=%s: %s",
              pairs[0], pairs[1], errstr);
    rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof errstr);
    CHECK(!rk, "no producer: %s", text);
    CHECK(strstr(errstr, text) == errstr, "\"%s\" begins as expected", errstr);
    CHECK_INT(rd_kafka_last_error(), RD_KAFKA_RESP_ERR__INVALID_ARG, "last error");
    if (rk) rd_kafka_destroy(rk);
    else rd_kafka_conf_destroy(conf);
}

#define REFUSED(text, ...) refused(text, (const char *const[]){__VA_ARGS__, NULL})

static void refusals(void) {
    REFUSED("No provider for SASL mechanism GSSAPI", "security.protocol", "sasl_plaintext");
    REFUSED("sasl.username and sasl.password must be set", "security.protocol", "sasl_ssl",
            "sasl.mechanism", "PLAIN");
    REFUSED("sasl.username and sasl.password must be set", "security.protocol", "sasl_plaintext",
            "sasl.mechanism", "SCRAM-SHA-512", "sasl.username", "me");
    REFUSED("Unsupported SASL mechanism: EXTERNAL", "security.protocol", "sasl_plaintext",
            "sasl.mechanism", "EXTERNAL");
    REFUSED("ssl.ca.location failed: error:", "security.protocol", "ssl", "ssl.ca.location",
            "/none/such");
    REFUSED("ssl.cipher.suites failed: error:", "security.protocol", "ssl", "ssl.cipher.suites",
            "none such");
    REFUSED("ssl.key.pem failed: not in PEM format?: error:", "security.protocol", "ssl",
            "ssl.key.pem", "none such");
    REFUSED("`ssl.keystore.password` is mandatory when `ssl.keystore.location` is set",
            "security.protocol", "ssl", "ssl.keystore.location", "x");
    REFUSED("`sasl.oauthbearer.token.endpoint.url` is mandatory", "security.protocol",
            "sasl_plaintext", "sasl.mechanism", "OAUTHBEARER", "sasl.oauthbearer.method", "oidc");
}

/* Many failures and many successes leave nothing behind: valgrind looks. */
static void contexts(void) {
    int i, made = 0;
    for (i = 0; i < 5; i++) {
        rd_kafka_conf_t *conf = rd_kafka_conf_new();
        rd_kafka_t *rk;
        rd_kafka_conf_set(conf, "security.protocol", "ssl", NULL, 0);
        rd_kafka_conf_set(conf, "ssl.endpoint.identification.algorithm", "none", NULL, 0);
        rd_kafka_conf_set(conf, "bootstrap.servers", "127.0.0.1:1", NULL, 0);
        rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);
        rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, NULL, 0);
        if (!rk) {
            rd_kafka_conf_destroy(conf);
            continue;
        }
        made++;
        rd_kafka_destroy(rk);
    }
    CHECK_INT(made, 5, "producers with TLS");
}

static void certificates(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char errstr[512];
    const char *words = "this is no certificate";
    int type, encoding;
    for (type = 0; type < RD_KAFKA_CERT__CNT; type++)
        for (encoding = 0; encoding < RD_KAFKA_CERT_ENC__CNT; encoding++) {
            *errstr = 0;
            CHECK_INT(rd_kafka_conf_set_ssl_cert(conf, type, encoding, words, strlen(words),
                                                 errstr, sizeof errstr),
                      RD_KAFKA_CONF_INVALID, "no certificate");
            CHECK(strstr(errstr, "Failed to ") == errstr, "type %d, encoding %d: %s", type,
                  encoding, errstr);
            CHECK(!strstr(errstr, "this is"), "the bytes are not quoted");
            CHECK_INT(rd_kafka_conf_set_ssl_cert(conf, type, encoding, NULL, 0, errstr,
                                                 sizeof errstr),
                      RD_KAFKA_CONF_OK, "NULL takes it away");
        }
    CHECK_INT(rd_kafka_conf_set_ssl_cert(conf, RD_KAFKA_CERT__CNT, RD_KAFKA_CERT_ENC_PEM, words, 1,
                                         errstr, sizeof errstr),
              RD_KAFKA_CONF_INVALID, "no such type");
    CHECK_STR(errstr, "Invalid certificate type 3", "its text");
    rd_kafka_conf_destroy(conf);
}

static rd_kafka_t *with_tokens(int queue) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_t *rk;
    char errstr[512] = "";
    rd_kafka_conf_set(conf, "security.protocol", "sasl_plaintext", NULL, 0);
    rd_kafka_conf_set(conf, "sasl.mechanism", "OAUTHBEARER", NULL, 0);
    rd_kafka_conf_set(conf, "sasl.oauthbearer.config", "their config", NULL, 0);
    rd_kafka_conf_enable_sasl_queue(conf, queue);
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_OAUTHBEARER_TOKEN_REFRESH | RD_KAFKA_EVENT_ERROR);
    rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof errstr);
    CHECK(rk, "a producer with OAUTHBEARER %s", errstr);
    return rk;
}

static void token_events(void) {
    int queue;
    for (queue = 0; queue < 2; queue++) {
        rd_kafka_t *rk = with_tokens(queue);
        rd_kafka_queue_t *own = rd_kafka_queue_get_sasl(rk);
        rd_kafka_queue_t *main_queue = rd_kafka_queue_get_main(rk);
        rd_kafka_event_t *event;
        CHECK(!own == !queue, "a queue of its own only if it is wanted");
        event = rd_kafka_queue_poll(queue ? own : main_queue, 30000 * slow());
        CHECK_INT(rd_kafka_event_type(event), RD_KAFKA_EVENT_OAUTHBEARER_TOKEN_REFRESH, "type");
        CHECK_STR(rd_kafka_event_config_string(event), "their config", "configuration");
        rd_kafka_event_destroy(event);
        CHECK_INT(rd_kafka_oauthbearer_set_token_failure(rk, "no luck"), 0, "a failure");
        event = rd_kafka_queue_poll(main_queue, 30000 * slow());
        CHECK_INT(rd_kafka_event_error(event), RD_KAFKA_RESP_ERR__AUTHENTICATION, "its error");
        CHECK_STR(rd_kafka_event_error_string(event),
                  "Failed to acquire SASL OAUTHBEARER token: no luck", "its text");
        rd_kafka_event_destroy(event);
        CHECK_INT(rd_kafka_oauthbearer_set_token_failure(rk, ""),
                  RD_KAFKA_RESP_ERR__INVALID_ARG, "a failure without a text");
        if (own) rd_kafka_queue_destroy(own);
        rd_kafka_queue_destroy(main_queue);
        rd_kafka_destroy(rk);
    }
}

static void tokens(void) {
    rd_kafka_t *rk = with_tokens(0);
    char errstr[512] = "";
    const char *odd[] = {"a"}, *reserved[] = {"auth", "x"}, *bad[] = {"a1", "x"};
    const char *good[] = {"a", "x", "b", "y z"};
    int64_t never = INT64_C(4102444800000);
    CHECK_INT(rd_kafka_oauthbearer_set_token(rk, "t", 1, "p", NULL, 0, errstr, sizeof errstr),
              RD_KAFKA_RESP_ERR__INVALID_ARG, "an expired token");
    CHECK(strstr(errstr, "Must supply an unexpired token: now=") == errstr, "%s", errstr);
    CHECK_INT(rd_kafka_oauthbearer_set_token(rk, "t", never, "p", odd, 1, errstr, sizeof errstr),
              RD_KAFKA_RESP_ERR__INVALID_ARG, "half an extension");
    CHECK_STR(errstr, "Incorrect extension size (must be a non-negative multiple of 2): 1", "text");
    CHECK_INT(
        rd_kafka_oauthbearer_set_token(rk, "t", never, "p", reserved, 2, errstr, sizeof errstr),
        RD_KAFKA_RESP_ERR__INVALID_ARG, "a reserved extension");
    CHECK_STR(errstr, "Cannot explicitly set the reserved `auth` SASL/OAUTHBEARER extension key",
              "text");
    CHECK_INT(rd_kafka_oauthbearer_set_token(rk, "t", never, "p", bad, 2, errstr, sizeof errstr),
              RD_KAFKA_RESP_ERR__INVALID_ARG, "a bad name");
    CHECK_INT(rd_kafka_oauthbearer_set_token(rk, "a\x01", never, "p", NULL, 0, errstr,
                                             sizeof errstr),
              RD_KAFKA_RESP_ERR__INVALID_ARG, "a bad token");
    CHECK_INT(rd_kafka_oauthbearer_set_token(rk, "t", never, "p", good, 4, NULL, 0), 0, "a token");
    rd_kafka_destroy(rk);
}

static void other_mechanisms(void) {
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), NULL, 0);
    char errstr[512] = "";
    rd_kafka_error_t *error;
    CHECK(!rd_kafka_queue_get_sasl(rk), "no queue");
    error = rd_kafka_sasl_background_callbacks_enable(rk);
    CHECK_INT(rd_kafka_error_code(error), RD_KAFKA_RESP_ERR__NOT_CONFIGURED, "no callbacks");
    CHECK_STR(rd_kafka_error_string(error), "No SASL mechanism using callbacks is configured",
              "text");
    rd_kafka_error_destroy(error);
    CHECK_INT(rd_kafka_oauthbearer_set_token(rk, "t", INT64_MAX, "p", NULL, 0, errstr,
                                             sizeof errstr),
              RD_KAFKA_RESP_ERR__STATE, "no token");
    CHECK_STR(errstr, "SASL/OAUTHBEARER is not the configured authentication mechanism", "text");
    CHECK_INT(rd_kafka_oauthbearer_set_token_failure(rk, "x"), RD_KAFKA_RESP_ERR__STATE,
              "no failure");
    error = rd_kafka_sasl_set_credentials(rk, "me", NULL);
    CHECK_INT(rd_kafka_error_code(error), RD_KAFKA_RESP_ERR__INVALID_ARG, "no password");
    CHECK_STR(rd_kafka_error_string(error), "Username and password are required", "text");
    rd_kafka_error_destroy(error);
    CHECK(!rd_kafka_sasl_set_credentials(rk, "me", "word"), "credentials");
    rd_kafka_destroy(rk);
}

int main(void) {
    refusals();
    contexts();
    certificates();
    token_events();
    tokens();
    other_mechanisms();
    return finish("security");
}
