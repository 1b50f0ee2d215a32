/* Reads records back from a mock broker over a plain socket: Fetch v4, one partition, uncompressed
 * record batches. Small on purpose, and independent of the library under test. */
#ifndef READER_H
#define READER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "test.h"

struct header {
    char name[32];
    char value[64];
    int64_t len; /* -1: null */
};

struct record {
    int64_t offset, timestamp;
    int64_t key_len, value_len; /* -1: null */
    char key[64], value[256];
    int header_count;
    struct header headers[8];
};

struct batch_view {
    const unsigned char *at, *end;
};

static inline int64_t take_be(struct batch_view *v, int bytes) {
    uint64_t x = 0;
    NEED(v->end - v->at >= bytes);
    for (int i = 0; i < bytes; i++) x = x << 8 | *v->at++;
    if (bytes == 2) return (int16_t)x;
    if (bytes == 4) return (int32_t)x;
    return (int64_t)x;
}

static inline int64_t take_varint(struct batch_view *v) {
    uint64_t x = 0;
    for (int shift = 0;; shift += 7) {
        NEED(v->at < v->end && shift < 64);
        x |= (uint64_t)(*v->at & 0x7f) << shift;
        if (!(*v->at++ & 0x80)) break;
    }
    return (int64_t)(x >> 1) ^ -(int64_t)(x & 1);
}

static inline int64_t take_bytes(struct batch_view *v, char *to, size_t room) {
    int64_t len = take_varint(v);
    if (len < 0) return -1;
    NEED(v->end - v->at >= len);
    memcpy(to, v->at, (size_t)len < room ? (size_t)len : room);
    v->at += len;
    return len;
}

static inline unsigned char *put_be(unsigned char *p, int64_t x, int bytes) {
    for (int i = bytes - 1; i >= 0; i--) *p++ = (unsigned char)((uint64_t)x >> (8 * i));
    return p;
}

static inline unsigned char *put_string(unsigned char *p, const char *s) {
    p = put_be(p, (int64_t)strlen(s), 2);
    memcpy(p, s, strlen(s));
    return p + strlen(s);
}

/* The port of the index-th address of a bootstrap list. */
static inline int port_of(const char *bootstraps, int index) {
    while (index--) bootstraps = strchr(bootstraps, ',') + 1;
    return atoi(strchr(bootstraps, ':') + 1);
}

static inline int connect_to(int port) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    NEED(fd >= 0 && !connect(fd, (struct sockaddr *)&to, sizeof to));
    return fd;
}

static inline void receive(int fd, unsigned char *to, size_t size) {
    while (size) {
        ssize_t n = recv(fd, to, size, 0);
        NEED(n > 0);
        to += n;
        size -= (size_t)n;
    }
}

/* The records of one batch; answers how many were added. */
static inline int read_batch(struct batch_view v, int64_t base, struct record *out, int room,
                             int *attributes) {
    int64_t first_timestamp, count;
    int added = 0;
    take_be(&v, 4);                         /* leader epoch */
    NEED(take_be(&v, 1) == 2);              /* magic */
    take_be(&v, 4);                         /* CRC */
    *attributes = (int)take_be(&v, 2);
    take_be(&v, 4);                         /* last offset delta */
    first_timestamp = take_be(&v, 8);
    take_be(&v, 8);
    v.at += 14;                             /* producer id, epoch, sequence */
    count = take_be(&v, 4);
    if (*attributes & 7) return 0;
    for (int64_t i = 0; i < count && added < room; i++) {
        struct record *r = &out[added++];
        memset(r, 0, sizeof *r);
        take_varint(&v);
        take_be(&v, 1);
        r->timestamp = first_timestamp + take_varint(&v);
        r->offset = base + take_varint(&v);
        r->key_len = take_bytes(&v, r->key, sizeof r->key - 1);
        r->value_len = take_bytes(&v, r->value, sizeof r->value - 1);
        r->header_count = (int)take_varint(&v);
        NEED(r->header_count <= 8);
        for (int h = 0; h < r->header_count; h++) {
            take_bytes(&v, r->headers[h].name, sizeof r->headers[h].name - 1);
            r->headers[h].len = take_bytes(&v, r->headers[h].value, 63);
        }
    }
    return added;
}

/* One Fetch; answers the number of records, and the attributes of the last batch. `port` is the
 * leader's. */
static inline int fetch_once(int fd, const char *topic, int32_t partition, int64_t offset,
                             struct record *out, int room, int *attributes) {
    unsigned char request[512], *p = request + 4, size[4];
    static unsigned char answer[1 << 22];
    struct batch_view v;
    int64_t length;
    int added = 0;
    p = put_be(p, 1, 2);
    p = put_be(p, 4, 2);
    p = put_be(p, 7, 4);
    p = put_string(p, "reader");
    p = put_be(p, -1, 4);
    p = put_be(p, 100, 4);     /* wait */
    p = put_be(p, 1, 4);       /* at least a byte */
    p = put_be(p, 1 << 21, 4);
    p = put_be(p, 0, 1);
    p = put_be(p, 1, 4);
    p = put_string(p, topic);
    p = put_be(p, 1, 4);
    p = put_be(p, partition, 4);
    p = put_be(p, offset, 8);
    p = put_be(p, 1 << 21, 4);
    put_be(request, p - request - 4, 4);
    NEED(send(fd, request, (size_t)(p - request), MSG_NOSIGNAL) == p - request);
    receive(fd, size, 4);
    v.at = size, v.end = size + 4;
    length = take_be(&v, 4);
    NEED(length > 0 && length <= (int64_t)sizeof answer);
    receive(fd, answer, (size_t)length);
    v.at = answer, v.end = answer + length;
    v.at += 4 + 4;             /* correlation, throttle */
    NEED(take_be(&v, 4) == 1);
    length = take_be(&v, 2);
    v.at += length;
    NEED(take_be(&v, 4) == 1);
    take_be(&v, 4);
    if (take_be(&v, 2)) return -1;
    v.at += 16;                /* high watermark, last stable offset */
    length = take_be(&v, 4);
    if (length > 0) v.at += 16 * length;
    length = take_be(&v, 4);
    if (length > 0) v.end = v.at + length;
    while (length > 0 && v.end - v.at > 12 && added < room) {
        int64_t base = take_be(&v, 8), bytes = take_be(&v, 4);
        struct batch_view inside = {v.at, v.at + bytes};
        if (v.end - v.at < bytes) break;
        added += read_batch(inside, base, out + added, room - added, attributes);
        v.at += bytes;
    }
    return added;
}

/* All records from the start until `want` of them are there or two seconds passed. */
static inline int read_back(int port, const char *topic, int32_t partition, struct record *out,
                            int want) {
    int have = 0, attributes = 0, fd = connect_to(port);
    int64_t end = now_ms() + 2000 * slow();
    while (have < want && now_ms() < end) {
        int n = fetch_once(fd, topic, partition, have ? out[have - 1].offset + 1 : 0, out + have,
                           want - have, &attributes);
        if (n < 0) break;
        if (n == 0) sleep_ms(20);
        /* A batch is given whole: drop what was read before. */
        have += n;
    }
    close(fd);
    return have;
}

#endif
