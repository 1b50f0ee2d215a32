#!/bin/bash
# The C tests with the address and leak sanitizer in the library and in the programs. The stable
# compiler has the sanitizer; the switch must be allowed by name.
. "$(dirname "$0")/lib.sh"
target=$(rustc -vV | awk '/^host/{print $2}')
cd "$ROOT"
RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zsanitizer=address" \
    cargo rustc --lib --crate-type cdylib --target "$target" --target-dir "$BUILD/asan" --quiet
mkdir -p "$BUILD/asan/lib"
cp "$BUILD/asan/$target/debug/librdkafka.so" "$BUILD/asan/lib/librdkafka.so.1"
ln -sf librdkafka.so.1 "$BUILD/asan/lib/librdkafka.so"
# fork in the tests: a child that leaves by _exit has no leak report, which is what we want.
ASAN_OPTIONS=detect_leaks=1:exitcode=99 CFLAGS="-fsanitize=address" \
    "$ROOT/c_tests/run.sh" -S 4 "$BUILD/asan/lib" "$@"
