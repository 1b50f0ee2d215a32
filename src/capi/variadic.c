/* The bodies of the variadic functions: each turns its arguments into an array and calls a Rust
 * function.
 *
 * Stable Rust cannot define variadic functions. variadic.rs exports the public names; each jumps
 * to one of these bodies. The Rust functions are declared hidden, which keeps them out of the
 * shared library's symbol table. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#define HIDDEN __attribute__((visibility("hidden")))

enum { ERR_CRIT_SYS_RESOURCE = -194 };

enum vtype {
    VTYPE_END,
    VTYPE_TOPIC,
    VTYPE_RKT,
    VTYPE_PARTITION,
    VTYPE_VALUE,
    VTYPE_KEY,
    VTYPE_OPAQUE,
    VTYPE_MSGFLAGS,
    VTYPE_TIMESTAMP,
    VTYPE_HEADER,
    VTYPE_HEADERS
};

/* rd_kafka_vu_t */
struct vu {
    int vtype;
    union {
        const void *ptr;
        int i;
        int32_t i32;
        int64_t i64;
        struct {
            void *ptr;
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

_Static_assert(sizeof(struct vu) == 64 + 8, "the size of rd_kafka_vu_t");

HIDDEN int rdkafka_oxide_producev(void *rk, const struct vu *vus, size_t cnt);
HIDDEN void *rdkafka_oxide_error_new(int code, const char *text);
HIDDEN void rdkafka_oxide_push_errors(void *mcluster, int16_t api_key, size_t cnt, const int *errs);
HIDDEN int rdkafka_oxide_push_error_rtts(
    void *mcluster, int32_t broker_id, int16_t api_key, size_t cnt, const int *errs,
    const int *rtts);
HIDDEN int rdkafka_oxide_push_partition_errors(
    void *mcluster, const char *topic, int32_t partition, int16_t api_key, size_t cnt,
    const int *errs);

/* Reads the value of a tag; 0 for an unknown tag, whose value nobody can skip. */
static int read_value(struct vu *vu, va_list *ap) {
    switch (vu->vtype) {
    case VTYPE_TOPIC:
    case VTYPE_RKT:
    case VTYPE_OPAQUE:
    case VTYPE_HEADERS:
        vu->u.ptr = va_arg(*ap, const void *);
        return 1;
    case VTYPE_PARTITION:
        vu->u.i32 = va_arg(*ap, int32_t);
        return 1;
    case VTYPE_MSGFLAGS:
        vu->u.i = va_arg(*ap, int);
        return 1;
    case VTYPE_TIMESTAMP:
        vu->u.i64 = va_arg(*ap, int64_t);
        return 1;
    case VTYPE_VALUE:
    case VTYPE_KEY:
        vu->u.mem.ptr = va_arg(*ap, void *);
        vu->u.mem.size = va_arg(*ap, size_t);
        return 1;
    case VTYPE_HEADER:
        vu->u.header.name = va_arg(*ap, const char *);
        vu->u.header.val = va_arg(*ap, const void *);
        vu->u.header.size = va_arg(*ap, ssize_t);
        return 1;
    default:
        return 0;
    }
}

/* Twice the room, on the heap. NULL if there is no memory; the old room is then released. */
static struct vu *grow(struct vu *vus, const struct vu *on_stack, size_t *room) {
    size_t i, old_room = *room;
    struct vu *larger = realloc(vus == on_stack ? NULL : vus, 2 * old_room * sizeof(*vus));

    if (!larger) {
        if (vus != on_stack)
            free(vus);
        return NULL;
    }
    if (vus == on_stack)
        for (i = 0; i < old_room; i++)
            larger[i] = on_stack[i];
    *room = 2 * old_room;
    return larger;
}

HIDDEN int rdkafka_oxide_c_producev(void *rk, ...) {
    struct vu on_stack[16];
    struct vu *vus = on_stack;
    size_t room = sizeof(on_stack) / sizeof(on_stack[0]);
    size_t cnt = 0;
    int vtype, is_known = 1, err;
    va_list ap;

    va_start(ap, rk);
    /* An unknown tag ends the list too; the Rust function sees it as the last element and refuses
     * it. */
    while (is_known && (vtype = va_arg(ap, int)) != VTYPE_END) {
        if (cnt == room && !(vus = grow(vus, on_stack, &room))) {
            va_end(ap);
            return ERR_CRIT_SYS_RESOURCE;
        }
        vus[cnt].vtype = vtype;
        is_known = read_value(&vus[cnt++], &ap);
    }
    va_end(ap);

    err = rdkafka_oxide_producev(rk, vus, cnt);
    if (vus != on_stack)
        free(vus);
    return err;
}

HIDDEN void *rdkafka_oxide_c_error_new(int code, const char *fmt, ...) {
    char on_stack[256];
    char *text = on_stack;
    void *error;
    va_list ap;
    int len;

    /* Without a text the code's own one is used. */
    if (!fmt || !*fmt)
        return rdkafka_oxide_error_new(code, NULL);

    va_start(ap, fmt);
    len = vsnprintf(on_stack, sizeof(on_stack), fmt, ap);
    va_end(ap);
    if (len < 0)
        return rdkafka_oxide_error_new(code, fmt);

    /* A text too long for the stack is formatted again; without memory it stays cut. */
    if ((size_t)len >= sizeof(on_stack) && (text = malloc((size_t)len + 1))) {
        va_start(ap, fmt);
        vsnprintf(text, (size_t)len + 1, fmt, ap);
        va_end(ap);
    }
    error = rdkafka_oxide_error_new(code, text ? text : on_stack);
    if (text != on_stack)
        free(text);
    return error;
}

/* Reads `cnt` ints; NULL if there is no memory. The caller frees them. */
static int *read_errors(size_t cnt, va_list *ap) {
    int *errs = calloc(cnt ? cnt : 1, sizeof(*errs));
    size_t i;

    if (errs)
        for (i = 0; i < cnt; i++)
            errs[i] = va_arg(*ap, int);
    return errs;
}

HIDDEN void rdkafka_oxide_c_push_errors(void *mcluster, int16_t api_key, size_t cnt, ...) {
    va_list ap;
    int *errs;

    va_start(ap, cnt);
    errs = read_errors(cnt, &ap);
    va_end(ap);
    if (errs)
        rdkafka_oxide_push_errors(mcluster, api_key, cnt, errs);
    free(errs);
}

HIDDEN int rdkafka_oxide_c_push_error_rtts(
    void *mcluster, int32_t broker_id, int16_t api_key, size_t cnt, ...) {
    int *errs = calloc(cnt ? cnt : 1, sizeof(*errs));
    int *rtts = calloc(cnt ? cnt : 1, sizeof(*rtts));
    int err = ERR_CRIT_SYS_RESOURCE;
    va_list ap;
    size_t i;

    if (errs && rtts) {
        va_start(ap, cnt);
        for (i = 0; i < cnt; i++) {
            errs[i] = va_arg(ap, int);
            rtts[i] = va_arg(ap, int);
        }
        va_end(ap);
        err = rdkafka_oxide_push_error_rtts(mcluster, broker_id, api_key, cnt, errs, rtts);
    }
    free(errs);
    free(rtts);
    return err;
}

HIDDEN int rdkafka_oxide_c_push_partition_errors(
    void *mcluster, const char *topic, int32_t partition, int16_t api_key, size_t cnt, ...) {
    int err = ERR_CRIT_SYS_RESOURCE;
    va_list ap;
    int *errs;

    va_start(ap, cnt);
    errs = read_errors(cnt, &ap);
    va_end(ap);
    if (errs)
        err = rdkafka_oxide_push_partition_errors(mcluster, topic, partition, api_key, cnt, errs);
    free(errs);
    return err;
}
