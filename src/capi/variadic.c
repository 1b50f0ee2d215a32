/*
 * The variadic functions: a va_list becomes an array, which a Rust function takes.
 *
 * The public names are exported by variadic.rs, whose only instruction jumps here, so that registers and stack arrive
 * untouched. Every symbol here is hidden, and so are the Rust bodies that are called.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define HIDDEN __attribute__((visibility("hidden")))
/* Values of one produce call; Kafka has no use for more headers than that. */
#define VALUES_MAX 256
/* Errors of one call of the mock functions. */
#define ERRORS_MAX 1024

struct oxide_vu {
    int vtype;
    union {
        const void *ptr;
        int i;
        int32_t i32;
        int64_t i64;
        struct {
            const void *ptr;
            size_t size;
        } mem;
        struct {
            const char *name;
            const void *val;
            ssize_t size;
        } header;
        char pad[64];
    } u;
};

HIDDEN extern int oxide_producev_body(void *rk, const struct oxide_vu *vus, size_t cnt);
HIDDEN extern void *oxide_error_new_body(int code, const char *text);
HIDDEN extern void oxide_push_request_errors_body(void *cluster, int16_t key, size_t cnt, const int *errs);
HIDDEN extern int oxide_push_request_error_rtts_body(void *cluster, int32_t broker, int16_t key, size_t cnt,
                                                     const int *errs, const int *rtts);
HIDDEN extern int oxide_partition_push_request_errors_body(void *cluster, const char *topic, int32_t partition,
                                                           int16_t key, size_t cnt, const int *errs);

/* Types of rd_kafka_vtype_t; 0 ends the list. */
enum { END, TOPIC, RKT, PARTITION, VALUE, KEY, OPAQUE, MSGFLAGS, TIMESTAMP, HEADER, HEADERS };

HIDDEN int oxide_producev(void *rk, ...);
HIDDEN void *oxide_error_new(int code, const char *fmt, ...);
HIDDEN void oxide_push_request_errors(void *cluster, int16_t key, size_t cnt, ...);
HIDDEN int oxide_push_request_error_rtts(void *cluster, int32_t broker, int16_t key, size_t cnt, ...);
HIDDEN int oxide_partition_push_request_errors(void *cluster, const char *topic, int32_t partition, int16_t key,
                                               size_t cnt, ...);

int oxide_producev(void *rk, ...) {
    struct oxide_vu vus[VALUES_MAX];
    size_t cnt = 0;
    int vtype;
    va_list ap;
    va_start(ap, rk);
    while (cnt < VALUES_MAX && (vtype = va_arg(ap, int)) != END) {
        struct oxide_vu *vu = &vus[cnt++];
        vu->vtype = vtype;
        if (vtype == PARTITION) {
            vu->u.i32 = va_arg(ap, int32_t);
        } else if (vtype == MSGFLAGS) {
            vu->u.i = va_arg(ap, int);
        } else if (vtype == TIMESTAMP) {
            vu->u.i64 = va_arg(ap, int64_t);
        } else if (vtype == VALUE || vtype == KEY) {
            vu->u.mem.ptr = va_arg(ap, void *);
            vu->u.mem.size = va_arg(ap, size_t);
        } else if (vtype == HEADER) {
            vu->u.header.name = va_arg(ap, const char *);
            vu->u.header.val = va_arg(ap, const void *);
            vu->u.header.size = va_arg(ap, ssize_t);
        } else if (vtype == TOPIC || vtype == RKT || vtype == OPAQUE || vtype == HEADERS) {
            vu->u.ptr = va_arg(ap, void *);
        } else {
            /* What follows cannot be read: its type is unknown. The body refuses the type. */
            break;
        }
    }
    va_end(ap);
    return oxide_producev_body(rk, vus, cnt);
}

void *oxide_error_new(int code, const char *fmt, ...) {
    char text[512];
    va_list ap;
    if (fmt == NULL || *fmt == '\0')
        return oxide_error_new_body(code, NULL);
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return oxide_error_new_body(code, text);
}

void oxide_push_request_errors(void *cluster, int16_t key, size_t cnt, ...) {
    int errs[ERRORS_MAX];
    size_t i;
    va_list ap;
    if (cnt > ERRORS_MAX)
        cnt = ERRORS_MAX;
    va_start(ap, cnt);
    for (i = 0; i < cnt; i++)
        errs[i] = va_arg(ap, int);
    va_end(ap);
    oxide_push_request_errors_body(cluster, key, cnt, errs);
}

int oxide_push_request_error_rtts(void *cluster, int32_t broker, int16_t key, size_t cnt, ...) {
    int errs[ERRORS_MAX], rtts[ERRORS_MAX];
    size_t i;
    va_list ap;
    if (cnt > ERRORS_MAX)
        cnt = ERRORS_MAX;
    va_start(ap, cnt);
    for (i = 0; i < cnt; i++) {
        errs[i] = va_arg(ap, int);
        rtts[i] = va_arg(ap, int);
    }
    va_end(ap);
    return oxide_push_request_error_rtts_body(cluster, broker, key, cnt, errs, rtts);
}

int oxide_partition_push_request_errors(void *cluster, const char *topic, int32_t partition, int16_t key, size_t cnt,
                                        ...) {
    int errs[ERRORS_MAX];
    size_t i;
    va_list ap;
    if (cnt > ERRORS_MAX)
        cnt = ERRORS_MAX;
    va_start(ap, cnt);
    for (i = 0; i < cnt; i++)
        errs[i] = va_arg(ap, int);
    va_end(ap);
    return oxide_partition_push_request_errors_body(cluster, topic, partition, key, cnt, errs);
}
