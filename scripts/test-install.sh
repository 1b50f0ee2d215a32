#!/bin/bash
# Installs into an empty folder and builds a C program the way its users do, by pkg-config, shared
# and static; checks the names that the loader uses.
. "$(dirname "$0")/lib.sh"
stage=$BUILD/stage
rm -rf "$stage"
make -s -C "$ROOT" install PREFIX=/opt/rd DESTDIR="$stage"
prefix=$stage/opt/rd
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$stage
for file in lib/librdkafka.so.1 lib/librdkafka.so lib/librdkafka.a lib/pkgconfig/rdkafka.pc \
    lib/pkgconfig/rdkafka-static.pc include/librdkafka/rdkafka.h \
    include/librdkafka/rdkafka_mock.h; do
    check "installed: $file" test -s "$prefix/$file"
done
check "pkg-config: version 2.16.0" test "$(pkg-config --modversion rdkafka)" = 2.16.0
soname=$(readelf -d "$prefix/lib/librdkafka.so.1" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')
check "SONAME is librdkafka.so.1" test "$soname" = librdkafka.so.1
check "no RPATH, no TEXTREL" test -z "$(readelf -d "$prefix/lib/librdkafka.so.1" |
    grep -E 'RPATH|RUNPATH|TEXTREL')"
check "BIND_NOW" grep -q NOW <<<"$(readelf -d "$prefix/lib/librdkafka.so.1")"
check "the stack is not executable" sh -c \
    "readelf -lW '$prefix/lib/librdkafka.so.1' | grep GNU_STACK | grep -q 'RW '"
# shellcheck disable=SC2046
check "a program is built by pkg-config" ${CC:-cc} -std=gnu11 -o "$BUILD/stage/shared" \
    "$ROOT/examples/producer.c" $(pkg-config --cflags --libs rdkafka)
# shellcheck disable=SC2046
check "and statically" ${CC:-cc} -std=gnu11 -o "$BUILD/stage/static" \
    "$ROOT/examples/producer.c" $(pkg-config --cflags --libs rdkafka-static)
run_shared() { LD_LIBRARY_PATH=$prefix/lib "$BUILD/stage/shared" "$ROOT/LICENSE" 2>/dev/null; }
run_static() { "$BUILD/stage/static" "$ROOT/LICENSE" 2>/dev/null; }
check "it runs" run_shared
check "the static one, too" run_static
check "the static one needs no librdkafka.so" test -z \
    "$(readelf -d "$BUILD/stage/static" | grep 'librdkafka')"
summary install
