/*
 * The objects that need no instance: record headers, partition lists, error objects, error codes,
 * ids, memory, versions and partitioners, seen by an application.
 *
 * Prints one line per claim and returns 1 if one is false. With -DSTOCK the inputs that end a
 * historical library are left out, and what only this library promises.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <librdkafka/rdkafka.h>

static int failures;

static void check_at(int line, int is_true, const char *claim) {
    printf("%s - %s\n", is_true ? "ok" : "FAILED", claim);
    if (!is_true) {
        fprintf(stderr, "line %d: not true: %s\n", line, claim);
        failures++;
    }
}

#define check(is_true, claim) check_at(__LINE__, (is_true) ? 1 : 0, claim)

static int same(const char *a, const char *b) {
    return a && b && !strcmp(a, b);
}

/* ---- versions ---------------------------------------------------------------------------- */

static void versions(void) {
    const char *text = rd_kafka_version_str();
    const char *contexts = rd_kafka_get_debug_contexts();

    check(rd_kafka_version() >= RD_KAFKA_VERSION || getenv("RDKAFKA_API_VERSION"),
          "the version is not below the header's");
    check((rd_kafka_version() & 0xff) == 0xff, "the version is a release");
    check(text[0] >= '0' && text[0] <= '9' && strchr(text, '.'), "the version text is a number");
    check(same(contexts, RD_KAFKA_DEBUG_CONTEXTS), "the debug contexts are the header's");
#ifndef STOCK
    check(rd_kafka_version() == 0x021000ff || getenv("RDKAFKA_API_VERSION"),
          "the API level is 2.16.0");
    check(!strncmp(text, "2.16.0-oxide-", 13), "the version text names this library");
#endif
}

/* ---- error codes ------------------------------------------------------------------------- */

static void *other_thread(void *arg) {
    (void)arg;
    rd_kafka_err2str((rd_kafka_resp_err_t)-9999);
    rd_kafka_err2name((rd_kafka_resp_err_t)-9999);
    return NULL;
}

static void error_codes(void) {
    const struct rd_kafka_err_desc *descs = NULL;
    const int unknown[] = {-500, -200, -100, -2, 5000, INT_MAX, INT_MIN};
    size_t cnt = 0, i, holes = 0;
    int is_consistent = 1;
    const char *text, *name;
    char expected[64];
    pthread_t thread;

    check(same(rd_kafka_err2str(RD_KAFKA_RESP_ERR_NO_ERROR), "Success"), "0 is Success");
    check(same(rd_kafka_err2name(RD_KAFKA_RESP_ERR_NO_ERROR), "NO_ERROR"), "0 is NO_ERROR");
    check(same(rd_kafka_err2str(RD_KAFKA_RESP_ERR__QUEUE_FULL), "Local: Queue full"),
          "a client's code has its text");
    check(same(rd_kafka_err2name(RD_KAFKA_RESP_ERR__QUEUE_FULL), "_QUEUE_FULL"),
          "a client's code has its name");
    check(same(rd_kafka_err2name(RD_KAFKA_RESP_ERR_UNKNOWN), "UNKNOWN"), "-1 is UNKNOWN");

    rd_kafka_get_err_descs(&descs, &cnt);
    check(cnt >= (size_t)(RD_KAFKA_RESP_ERR_END_ALL - RD_KAFKA_RESP_ERR__BEGIN),
          "the table has a row for each code of the header");
    for (i = 0; i < cnt; i++) {
        int code = (int)i + RD_KAFKA_RESP_ERR__BEGIN;
        if (!descs[i].desc) {
            holes++;
            if (descs[i].name ? descs[i].code != code : descs[i].code != 0)
                is_consistent = 0;
            continue;
        }
        if (descs[i].code != code ||
            !same(descs[i].desc, rd_kafka_err2str((rd_kafka_resp_err_t)code)) ||
            !same(descs[i].name, rd_kafka_err2name((rd_kafka_resp_err_t)code)))
            is_consistent = 0;
    }
    check(is_consistent, "the table and the two functions agree");
    check(same(descs[0].name, "_BEGIN") && !descs[0].desc, "the first row is a marker");
    check(same(descs[100].name, "_END") && !descs[100].desc, "row 100 is a marker");
#ifndef STOCK
    check(cnt == 334, "the table has 334 rows");
    check(holes == 146, "146 rows have no text");
#endif

    for (i = 0; i < sizeof(unknown) / sizeof(*unknown); i++) {
        rd_kafka_resp_err_t code = (rd_kafka_resp_err_t)unknown[i];
        snprintf(expected, sizeof(expected), "Err-%d?", unknown[i]);
        check(same(rd_kafka_err2str(code), expected), expected);
        snprintf(expected, sizeof(expected), "ERR_%d?", unknown[i]);
        check(same(rd_kafka_err2name(code), expected), expected);
    }
    text = rd_kafka_err2str((rd_kafka_resp_err_t)-600);
    name = rd_kafka_err2name((rd_kafka_resp_err_t)-700);
    pthread_create(&thread, NULL, other_thread, NULL);
    pthread_join(thread, NULL);
    check(same(text, "Err--600?"), "text of an unknown code: untouched by other threads");
    check(same(name, "ERR_-700?"), "name of an unknown code: untouched by other threads");
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static void errno_codes(void) {
    const struct {
        int number;
        rd_kafka_resp_err_t code;
    } rows[] = {
        {EINVAL, RD_KAFKA_RESP_ERR__INVALID_ARG},
        {EBUSY, RD_KAFKA_RESP_ERR__CONFLICT},
        {ENOENT, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC},
        {ESRCH, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION},
        {ETIMEDOUT, RD_KAFKA_RESP_ERR__TIMED_OUT},
        {EMSGSIZE, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE},
        {ENOBUFS, RD_KAFKA_RESP_ERR__QUEUE_FULL},
        {ECANCELED, RD_KAFKA_RESP_ERR__FATAL},
        {EPIPE, RD_KAFKA_RESP_ERR__FAIL},
        {0, RD_KAFKA_RESP_ERR__FAIL},
        {-5, RD_KAFKA_RESP_ERR__FAIL},
    };
    int are_right = 1;
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (rd_kafka_errno2err(rows[i].number) != rows[i].code)
            are_right = 0;
    check(are_right, "errno becomes a code");
    errno = EXDEV;
    check(rd_kafka_errno() == EXDEV, "errno is this thread's");
    rd_kafka_err2str((rd_kafka_resp_err_t)12345);
    check(errno == EXDEV, "looking up a code leaves errno alone");
}
#pragma GCC diagnostic pop

/* ---- error objects ----------------------------------------------------------------------- */

static int error_is(rd_kafka_error_t *error, int code, const char *name, const char *text) {
    int is_right = rd_kafka_error_code(error) == code && same(rd_kafka_error_name(error), name) &&
                   same(rd_kafka_error_string(error), text) && !rd_kafka_error_is_fatal(error) &&
                   !rd_kafka_error_is_retriable(error) &&
                   !rd_kafka_error_txn_requires_abort(error);
    rd_kafka_error_destroy(error);
    return is_right;
}

static void error_objects(void) {
    const char *volatile no_format = NULL;
    char longer[3000], *end = longer + sizeof(longer) - 1;

    memset(longer, 'x', sizeof(longer));
    *end = '\0';
    check(error_is(NULL, 0, "", ""), "no error object: no error");
    check(error_is(rd_kafka_error_new(RD_KAFKA_RESP_ERR__STATE, "%s %d", "text", 5),
                   RD_KAFKA_RESP_ERR__STATE, "_STATE", "text 5"),
          "a text is formatted");
    check(error_is(rd_kafka_error_new(RD_KAFKA_RESP_ERR__STATE, no_format),
                   RD_KAFKA_RESP_ERR__STATE, "_STATE", "Local: Erroneous state"),
          "no format: the text of the code");
    check(error_is(rd_kafka_error_new(RD_KAFKA_RESP_ERR__STATE, "%s", ""),
                   RD_KAFKA_RESP_ERR__STATE, "_STATE", ""),
          "an empty text stays empty");
    check(error_is(rd_kafka_error_new((rd_kafka_resp_err_t)-777, no_format), -777, "ERR_-777?",
                   "Err--777?"),
          "an unknown code has its texts");
    check(error_is(rd_kafka_error_new(RD_KAFKA_RESP_ERR__STATE, "%s", longer),
                   RD_KAFKA_RESP_ERR__STATE, "_STATE", longer),
          "a long text is kept whole");
}

/* ---- headers ----------------------------------------------------------------------------- */

/* Is it the text, with the NUL that its size does not count? */
static int value_is(const void *value, size_t size, const char *text) {
    return value && size == strlen(text) && !memcmp(value, text, size + 1);
}

static void headers(void) {
    rd_kafka_headers_t *hdrs = rd_kafka_headers_new(4), *copy;
    const char *name, *first_name;
    const void *value, *first_value;
    size_t size;
    int i;

    check(hdrs && rd_kafka_header_cnt(hdrs) == 0, "new headers are empty");
    rd_kafka_header_add(hdrs, "a", -1, "one", -1);
    rd_kafka_header_add(hdrs, "b", -1, "two", 3);
    rd_kafka_header_add(hdrs, "a", 1, "three and more", 5);
    rd_kafka_header_add(hdrs, "a", -1, NULL, 5);
    rd_kafka_header_add(hdrs, "", 0, "", 0);
    check(rd_kafka_header_cnt(hdrs) == 5, "five headers were added");

    check(!rd_kafka_header_get(hdrs, 0, "a", &value, &size) && value_is(value, size, "one"),
          "first of a name");
    check(!rd_kafka_header_get(hdrs, 1, "a", &value, &size) && value_is(value, size, "three"),
          "second of a name, cut by its size, followed by NUL");
    value = "";
    check(!rd_kafka_header_get_last(hdrs, "a", &value, &size) && !value && !size,
          "last of a name: an absent value has no size, whatever was given");
    check(!rd_kafka_header_get_last(hdrs, "", &value, &size) && value_is(value, size, ""),
          "an empty value is not absent, an empty name is a name");
    check(rd_kafka_header_get(hdrs, 3, "a", &value, &size) == RD_KAFKA_RESP_ERR__NOENT,
          "there is no fourth of that name");
    check(rd_kafka_header_get_last(hdrs, "A", &value, &size) == RD_KAFKA_RESP_ERR__NOENT,
          "names are compared exactly");
    check(!rd_kafka_header_get_all(hdrs, 1, &name, &value, &size) && value_is(value, size, "two") &&
              same(name, "b"),
          "all headers by index");
    check(rd_kafka_header_get_all(hdrs, 5, &name, &value, &size) == RD_KAFKA_RESP_ERR__NOENT,
          "there is no sixth header");

    rd_kafka_header_get_all(hdrs, 0, &first_name, &first_value, &size);
    for (i = 0; i < 2000; i++)
        rd_kafka_header_add(hdrs, "many", -1, &i, sizeof(i));
    rd_kafka_header_get_all(hdrs, 0, &name, &value, &size);
    check(name == first_name && value == first_value, "texts stay where they are");
    rd_kafka_header_get(hdrs, 1999, "many", &value, &size);
    check(size == sizeof(i) && !memcmp(value, (int[]){1999}, size), "binary values are kept");
    check(!rd_kafka_header_remove(hdrs, "many") && rd_kafka_header_cnt(hdrs) == 5,
          "all headers of a name are removed at once");
    check(rd_kafka_header_remove(hdrs, "many") == RD_KAFKA_RESP_ERR__NOENT,
          "they cannot be removed again");

    copy = rd_kafka_headers_copy(hdrs);
    check(!rd_kafka_header_remove(hdrs, "a") && rd_kafka_header_cnt(hdrs) == 2, "two are left");
    check(rd_kafka_header_cnt(copy) == 5, "a copy has a life of its own");
    value = "";
    check(!rd_kafka_header_get(copy, 2, "a", &value, &size) && !value, "absent values are copied");
    rd_kafka_headers_destroy(hdrs);
    check(!rd_kafka_header_get(copy, 0, "a", &value, &size) && value_is(value, size, "one"),
          "a copy outlives the original");
    rd_kafka_headers_destroy(copy);

    hdrs = rd_kafka_headers_new(0);
    rd_kafka_header_add(hdrs, "x\0y", 3, "inner NUL", -1);
    rd_kafka_header_get_all(hdrs, 0, &name, &value, &size);
    check(!memcmp(name, "x\0y", 4), "a name may contain NUL");
    check(rd_kafka_header_get_last(hdrs, "x", &value, &size) == RD_KAFKA_RESP_ERR__NOENT,
          "then it is not found up to there");
    check(!rd_kafka_header_remove(hdrs, "x") && !rd_kafka_header_cnt(hdrs),
          "but it is removed up to there");
    rd_kafka_headers_destroy(hdrs);
}

/* ---- partition lists --------------------------------------------------------------------- */

static int downwards(const void *a, const void *b, void *opaque) {
    const rd_kafka_topic_partition_t *x = a, *y = b;
    ++*(int *)opaque;
    return (x->partition < y->partition) - (x->partition > y->partition);
}

static void partition_lists(void) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(0), *copy;
    rd_kafka_topic_partition_t *elem;
    char opaque;
    int calls = 0, i, is_right;

    check(list && list->cnt == 0 && list->size == 0 && !list->elems, "a new list is empty");
    elem = rd_kafka_topic_partition_list_add(list, "t", 7);
    check(elem == list->elems && list->cnt == 1 && same(elem->topic, "t") &&
              elem->partition == 7 && elem->offset == RD_KAFKA_OFFSET_INVALID &&
              !elem->metadata && !elem->metadata_size && !elem->opaque && !elem->err,
          "a new element has no offset");
    elem->metadata = malloc(4);
    memcpy(elem->metadata, "meta", 4);
    elem->metadata_size = 4;
    elem->opaque = &opaque;
    elem->err = RD_KAFKA_RESP_ERR__NO_OFFSET;
    check(!rd_kafka_topic_partition_list_set_offset(list, "t", 7, 42) &&
              list->elems[0].offset == 42,
          "an offset is set by name");
    check(rd_kafka_topic_partition_list_set_offset(list, "t", 8, 42) ==
              RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
          "an unknown partition has no offset");

    rd_kafka_topic_partition_list_add_range(list, "s", 10, 59);
    rd_kafka_topic_partition_list_add_range(list, "s", 5, 4);
    check(list->cnt == 51 && list->size >= 51, "a range includes both ends");
    elem = rd_kafka_topic_partition_list_find(list, "s", 59);
    check(elem == &list->elems[50], "an element is found inside the list");
    check(!rd_kafka_topic_partition_list_find(list, "s", 60) &&
              !rd_kafka_topic_partition_list_find(list, "", 59),
          "others are not found");

    copy = rd_kafka_topic_partition_list_copy(list);
    elem = &copy->elems[0];
    check(copy->cnt == 51 && same(elem->topic, "t") && elem->topic != list->elems[0].topic &&
              elem->offset == 42 && elem->opaque == &opaque && elem->metadata_size == 4 &&
              elem->metadata != list->elems[0].metadata && !memcmp(elem->metadata, "meta", 4) &&
              elem->err == RD_KAFKA_RESP_ERR__NO_OFFSET,
          "a copy has everything and shares nothing");
    rd_kafka_topic_partition_list_destroy(list);

    rd_kafka_topic_partition_list_sort(copy, NULL, NULL);
    for (i = 0, is_right = 1; i < 50; i++)
        is_right = is_right && same(copy->elems[i].topic, "s") &&
                   copy->elems[i].partition == 10 + i;
    check(is_right && same(copy->elems[50].topic, "t"), "sorted by topic, then by partition");
    rd_kafka_topic_partition_list_sort(copy, downwards, &calls);
    for (i = 1, is_right = calls > 0; i < 51; i++)
        is_right = is_right && copy->elems[i - 1].partition >= copy->elems[i].partition;
    check(is_right, "sorted by the application");

    check(rd_kafka_topic_partition_list_del(copy, "s", 59) == 1 && copy->cnt == 50 &&
              copy->elems[0].partition == 58,
          "deleted by name");
    check(!rd_kafka_topic_partition_list_del(copy, "s", 59), "deleted only once");
    check(!rd_kafka_topic_partition_list_del_by_idx(copy, -1) &&
              !rd_kafka_topic_partition_list_del_by_idx(copy, 50) &&
              !rd_kafka_topic_partition_list_del_by_idx(copy, INT_MAX),
          "no element outside the list is deleted");
    check(rd_kafka_topic_partition_list_del_by_idx(copy, 49) == 1 && copy->cnt == 49,
          "the last one is deleted by index");
    check(same(copy->elems[48].topic, "s") && copy->elems[48].partition == 10,
          "the others stay in order");
    while (copy->cnt)
        rd_kafka_topic_partition_list_del_by_idx(copy, 0);
    check(rd_kafka_topic_partition_list_add(copy, "again", 0) == copy->elems,
          "an emptied list is filled again");
    rd_kafka_topic_partition_list_destroy(copy);

    list = rd_kafka_topic_partition_list_new(-3);
    check(list && list->cnt == 0 && list->size == 0, "a negative size is no size");
    rd_kafka_topic_partition_list_destroy(list);
}

static void lone_partition(void) {
    rd_kafka_topic_partition_t *elem = calloc(1, sizeof(*elem));
    elem->topic = strdup("alone");
    elem->metadata = malloc(3);
    elem->metadata_size = 3;
    rd_kafka_topic_partition_destroy(elem);
    check(1, "a lone element is destroyed with its texts");
}

#if RD_KAFKA_VERSION >= 0x020100ff
static void leader_epochs(void) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1), *copy;
    rd_kafka_topic_partition_t *elem = rd_kafka_topic_partition_list_add(list, "t", 0);

    check(rd_kafka_topic_partition_get_leader_epoch(elem) == -1, "at first there is no epoch");
    rd_kafka_topic_partition_set_leader_epoch(elem, -1);
    rd_kafka_topic_partition_set_leader_epoch(elem, 12);
    check(rd_kafka_topic_partition_get_leader_epoch(elem) == 12, "an epoch is kept");
    copy = rd_kafka_topic_partition_list_copy(list);
    rd_kafka_topic_partition_set_leader_epoch(elem, -1);
    check(rd_kafka_topic_partition_get_leader_epoch(elem) == -1, "an epoch is taken away");
    rd_kafka_topic_partition_list_destroy(list);
    check(rd_kafka_topic_partition_get_leader_epoch(copy->elems) == 12, "an epoch is copied");
    rd_kafka_topic_partition_list_destroy(copy);
}
#endif

/* ---- ids --------------------------------------------------------------------------------- */

#if RD_KAFKA_VERSION >= 0x020300ff
static void ids(void) {
    rd_kafka_Uuid_t *id = rd_kafka_Uuid_new(0x0001020304050607, 0x08090a0b0c0d0e0f), *copy;

    check(rd_kafka_Uuid_most_significant_bits(id) == 0x0001020304050607 &&
              rd_kafka_Uuid_least_significant_bits(id) == 0x08090a0b0c0d0e0f,
          "an id keeps its bits");
    check(same(rd_kafka_Uuid_base64str(id), "AAECAwQFBgcICQoLDA0ODw"), "an id has its text");
    check(rd_kafka_Uuid_base64str(id) == rd_kafka_Uuid_base64str(id), "the text stays in place");
    copy = rd_kafka_Uuid_copy(id);
    rd_kafka_Uuid_destroy(id);
    check(same(rd_kafka_Uuid_base64str(copy), "AAECAwQFBgcICQoLDA0ODw"), "a copy is the same id");
    rd_kafka_Uuid_destroy(copy);
    id = rd_kafka_Uuid_new(-1, -1);
    check(same(rd_kafka_Uuid_base64str(id), "/////////////////////w"), "all bits set");
    rd_kafka_Uuid_destroy(id);
}
#endif

/* ---- memory ------------------------------------------------------------------------------ */

static void memory(void) {
    unsigned char *zeroed = rd_kafka_mem_calloc(NULL, 10, 7);
    int i, sum = 0;

    for (i = 0; i < 70; i++)
        sum |= zeroed[i];
    check(!sum, "zeroed memory is zero");
    free(zeroed);
    rd_kafka_mem_free(NULL, rd_kafka_mem_malloc(NULL, 100));
    rd_kafka_mem_free(NULL, malloc(5));
    rd_kafka_mem_free(NULL, NULL);
    check(1, "memory is the C library's");
}

/* ---- partitioners ------------------------------------------------------------------------ */

typedef int32_t (*partitioner_t)(const rd_kafka_topic_t *, const void *, size_t, int32_t, void *,
                                 void *);

static void partitioners(void) {
    const struct {
        const char *key;
        int32_t consistent, murmur2, fnv1a;
    } rows[] = {
        {"kafka", 1539077399, 1348980580, 221496545},
        {"giberish123456789", 2067435071, 257239820, 2007335573},
        {"1234", 467919012, 533297940, 37477635},
        {"PreAmbleWillBeRemoved,ThePrePartThatIs", 1573627963, 2017611548, 1707857564},
        {"", 0, 275646681, 2128831035},
    };
    const partitioner_t hashing[3][2] = {
        {rd_kafka_msg_partitioner_consistent, rd_kafka_msg_partitioner_consistent_random},
        {rd_kafka_msg_partitioner_murmur2, rd_kafka_msg_partitioner_murmur2_random},
        {rd_kafka_msg_partitioner_fnv1a, rd_kafka_msg_partitioner_fnv1a_random},
    };
    size_t i, kind;
    char unaligned[64], claim[96];

    for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        size_t len = strlen(rows[i].key);
        const int32_t expected[] = {rows[i].consistent, rows[i].murmur2, rows[i].fnv1a};
        memcpy(unaligned + 1, rows[i].key, len);
        for (kind = 0; kind < 3; kind++) {
            partitioner_t plain = hashing[kind][0], random = hashing[kind][1];
            /*
             * An empty key is drawn by consistent_random, which needs a topic. CRC-32 has 32 bits,
             * so its partition of seven cannot be told from the one of INT_MAX.
             */
            int draws = kind == 0 && !len;
            snprintf(claim, sizeof(claim), "partitioner %d of \"%s\"", (int)kind, rows[i].key);
            check(plain(NULL, rows[i].key, len, INT_MAX, NULL, NULL) == expected[kind] &&
                      plain(NULL, unaligned + 1, len, INT_MAX, NULL, NULL) == expected[kind] &&
                      (kind == 0 ||
                       plain(NULL, rows[i].key, len, 7, NULL, NULL) == expected[kind] % 7) &&
                      (draws ||
                       random(NULL, rows[i].key, len, INT_MAX, NULL, NULL) == expected[kind]),
                  claim);
        }
    }
}

/* ---- bad inputs -------------------------------------------------------------------------- */

/* Runs one of them in a child process, so that the others still run if it ends the process. */
static void survives(int (*input)(void), const char *claim) {
    int status;
    pid_t child;

    fflush(NULL);
    child = fork();
    if (!child)
        _exit(input() ? 0 : 1);
    check(waitpid(child, &status, 0) == child && WIFEXITED(status) && !WEXITSTATUS(status), claim);
}

static int header_add_sizes(void) {
    rd_kafka_headers_t *hdrs = rd_kafka_headers_new(0);
    const void *value;
    size_t size;
    int is_right = !rd_kafka_header_add(hdrs, "n", -1, NULL, 5) &&
                   !rd_kafka_header_get_last(hdrs, "n", &value, &size) && !value && !size &&
                   !rd_kafka_header_add(hdrs, "n", -1, "text", -1) &&
                   !rd_kafka_header_get_last(hdrs, "n", &value, &size) && size == 4;
    rd_kafka_headers_destroy(hdrs);
    return is_right;
}

static int huge_hint(void) {
    rd_kafka_headers_t *hdrs = rd_kafka_headers_new((size_t)1 << 40);
    int is_right = hdrs && !rd_kafka_header_add(hdrs, "n", -1, "v", -1);
    rd_kafka_headers_destroy(hdrs);
    return is_right;
}

static int error_destroy_null(void) {
    rd_kafka_error_destroy(NULL);
    return 1;
}

#ifndef STOCK
#define INVALID RD_KAFKA_RESP_ERR__INVALID_ARG

static int header_null_name(void) {
    rd_kafka_headers_t *hdrs = rd_kafka_headers_new(0);
    const void *value;
    size_t size;
    int is_right = rd_kafka_header_add(hdrs, NULL, -1, "v", -1) == INVALID &&
                   rd_kafka_header_add(hdrs, NULL, 0, "v", -1) == INVALID &&
                   rd_kafka_header_remove(hdrs, NULL) == INVALID &&
                   rd_kafka_header_get(hdrs, 0, NULL, &value, &size) == INVALID &&
                   rd_kafka_header_get_last(hdrs, NULL, &value, &size) == INVALID &&
                   rd_kafka_header_cnt(hdrs) == 0;
    rd_kafka_headers_destroy(hdrs);
    return is_right;
}

static int header_negative_sizes(void) {
    rd_kafka_headers_t *hdrs = rd_kafka_headers_new(0);
    int is_right = rd_kafka_header_add(hdrs, "n", -2, "v", 1) == INVALID &&
                   rd_kafka_header_add(hdrs, "n", 1, "v", -2) == INVALID &&
                   rd_kafka_header_add(hdrs, "n", 1, "v", -SSIZE_MAX) == INVALID &&
                   rd_kafka_header_cnt(hdrs) == 0;
    rd_kafka_headers_destroy(hdrs);
    return is_right;
}

static int header_null_results(void) {
    rd_kafka_headers_t *hdrs = rd_kafka_headers_new(0);
    int is_right = !rd_kafka_header_add(hdrs, "n", -1, "v", -1) &&
                   !rd_kafka_header_get(hdrs, 0, "n", NULL, NULL) &&
                   !rd_kafka_header_get_last(hdrs, "n", NULL, NULL) &&
                   !rd_kafka_header_get_all(hdrs, 0, NULL, NULL, NULL);
    rd_kafka_headers_destroy(hdrs);
    return is_right;
}

static int null_headers(void) {
    const void *value;
    const char *name;
    size_t size;
    rd_kafka_headers_destroy(NULL);
    return !rd_kafka_headers_copy(NULL) && rd_kafka_header_cnt(NULL) == 0 &&
           rd_kafka_header_add(NULL, "n", -1, "v", -1) == INVALID &&
           rd_kafka_header_remove(NULL, "n") == INVALID &&
           rd_kafka_header_get(NULL, 0, "n", &value, &size) == INVALID &&
           rd_kafka_header_get_last(NULL, "n", &value, &size) == INVALID &&
           rd_kafka_header_get_all(NULL, 0, &name, &value, &size) == INVALID;
}

static int null_lists(void) {
    rd_kafka_topic_partition_destroy(NULL);
    rd_kafka_topic_partition_list_destroy(NULL);
    rd_kafka_topic_partition_list_add_range(NULL, "t", 0, 9);
    rd_kafka_topic_partition_list_sort(NULL, NULL, NULL);
    return !rd_kafka_topic_partition_list_add(NULL, "t", 0) &&
           !rd_kafka_topic_partition_list_copy(NULL) &&
           !rd_kafka_topic_partition_list_find(NULL, "t", 0) &&
           !rd_kafka_topic_partition_list_del(NULL, "t", 0) &&
           !rd_kafka_topic_partition_list_del_by_idx(NULL, 0) &&
           rd_kafka_topic_partition_list_set_offset(NULL, "t", 0, 1) == INVALID;
}

static int null_topics(void) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(2);
    int is_right;
    rd_kafka_topic_partition_list_add(list, "t", 3);
    rd_kafka_topic_partition_list_add(list, NULL, 3);
    rd_kafka_topic_partition_list_sort(list, NULL, NULL);
    is_right = !list->elems[0].topic &&
               rd_kafka_topic_partition_list_find(list, NULL, 3) == list->elems &&
               !rd_kafka_topic_partition_list_find(list, NULL, 4) &&
               rd_kafka_topic_partition_list_del(list, NULL, 3) == 1 && list->cnt == 1;
    rd_kafka_topic_partition_list_destroy(list);
    return is_right;
}

static int huge_list(void) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(INT_MAX);
    int is_right = list && rd_kafka_topic_partition_list_add(list, "t", 0) == list->elems;
    rd_kafka_topic_partition_list_add_range(list, "t", INT_MAX - 2, INT_MAX);
    is_right = is_right && list->cnt == 4;
    rd_kafka_topic_partition_list_destroy(list);
    return is_right;
}

static int too_much_memory(void) {
    return !rd_kafka_mem_malloc(NULL, SIZE_MAX / 4) &&
           !rd_kafka_mem_calloc(NULL, SIZE_MAX / 4, 8);
}

static int err_descs_to_nowhere(void) {
    rd_kafka_get_err_descs(NULL, NULL);
    return 1;
}

static int partitions_of_nothing(void) {
    const partitioner_t all[] = {
        rd_kafka_msg_partitioner_random,         rd_kafka_msg_partitioner_consistent,
        rd_kafka_msg_partitioner_consistent_random, rd_kafka_msg_partitioner_murmur2,
        rd_kafka_msg_partitioner_murmur2_random, rd_kafka_msg_partitioner_fnv1a,
        rd_kafka_msg_partitioner_fnv1a_random,
    };
    const int32_t counts[] = {0, -1, INT_MIN};
    size_t i, j;

    for (i = 0; i < sizeof(all) / sizeof(*all); i++) {
        for (j = 0; j < 3; j++)
            if (all[i](NULL, "key", 3, counts[j], NULL, NULL) != -1)
                return 0;
        /* A key that cannot be read, and no topic. */
        for (j = 0; j < 100; j++) {
            int32_t partition = all[i](NULL, NULL, 9, 3, NULL, NULL);
            if (partition < 0 || partition > 2)
                return 0;
        }
    }
    return 1;
}

#if RD_KAFKA_VERSION >= 0x020300ff
static int null_ids(void) {
    rd_kafka_Uuid_destroy(NULL);
    return !rd_kafka_Uuid_copy(NULL) && !rd_kafka_Uuid_base64str(NULL) &&
           !rd_kafka_Uuid_most_significant_bits(NULL) &&
           !rd_kafka_Uuid_least_significant_bits(NULL);
}
#endif

static int null_epochs(void) {
#if RD_KAFKA_VERSION >= 0x020100ff
    rd_kafka_topic_partition_set_leader_epoch(NULL, 5);
    return rd_kafka_topic_partition_get_leader_epoch(NULL) == -1;
#else
    return 1;
#endif
}
#endif

static void bad_inputs(void) {
    survives(huge_hint, "2^40 expected headers are only a hint");
    survives(header_add_sizes, "sizes of absent values and of texts");
    survives(error_destroy_null, "no error object is destroyed");
#ifndef STOCK
    survives(header_null_name, "a header without a name");
    survives(header_negative_sizes, "headers of negative size");
    survives(header_null_results, "results that nobody wants");
    survives(null_headers, "no headers");
    survives(null_lists, "no list");
    survives(null_topics, "elements without a topic");
    survives(huge_list, "2^31 expected elements are only a hint");
    survives(too_much_memory, "more memory than there is");
    survives(err_descs_to_nowhere, "a table for nobody");
    survives(partitions_of_nothing, "no partitions, no key, no topic");
    survives(null_epochs, "no element");
#if RD_KAFKA_VERSION >= 0x020300ff
    survives(null_ids, "no id");
#endif
#endif
}

int main(void) {
    /* What was found before a crash is worth reading. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    versions();
    error_codes();
    errno_codes();
    error_objects();
    headers();
    partition_lists();
    lone_partition();
#if RD_KAFKA_VERSION >= 0x020100ff
    leader_epochs();
#endif
#if RD_KAFKA_VERSION >= 0x020300ff
    ids();
#endif
    memory();
    partitioners();
    bad_inputs();
    printf("%d failed\n", failures);
    return failures != 0;
}
