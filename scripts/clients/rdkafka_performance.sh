# The benchmark program among the examples of the package rdkafka-sys, compiled from the package's
# own file against our headers. Nothing of the package is kept in this repository.
client_rdkafka_performance() {
    local dir=$work/performance fetch=$BUILD/rdkafka-sys source
    rm -rf "$dir" && mkdir -p "$dir" "$fetch/src"
    cat >"$fetch/Cargo.toml" <<TOML
[package]
name = "fetch"
version = "0.0.0"
edition = "2021"
[lib]
path = "src/lib.rs"
[dependencies]
rdkafka-sys = { version = "=4.9.0", default-features = false }
[workspace]
TOML
    touch "$fetch/src/lib.rs"
    source=$(cd "$fetch" && cargo fetch --quiet && cargo metadata --format-version 1 |
        grep -o '"manifest_path":"[^"]*rdkafka-sys-[^"]*"' | head -n 1 | cut -d'"' -f4)
    source=$(dirname "$source")/librdkafka
    test -f "$source/examples/rdkafka_performance.c" ||
        { check "rdkafka_performance: fetched" false; return; }
    # It leans on a few private headers of its tree, with what a configure run would have found; the
    # public header must be ours.
    mkdir -p "$dir/src" "$dir/examples"
    cp "$source"/src/*.h "$dir/src/"
    rm "$dir"/src/rdkafka*.h
    cp "$source/examples/rdkafka_performance.c" "$dir/examples/"
    cat >"$dir/config.h" <<'CONFIG'
#define HAVE_ATOMICS_32 1
#define HAVE_ATOMICS_64 1
#define ATOMIC_OP32(A, B, PTR, VAL) __atomic_##A##_##B(PTR, VAL, __ATOMIC_SEQ_CST)
#define ATOMIC_OP64(A, B, PTR, VAL) __atomic_##A##_##B(PTR, VAL, __ATOMIC_SEQ_CST)
#define WITH_C11THREADS 1
CONFIG
    local headers=$ROOT/include/librdkafka
    [ "$LIB" != stock ] || headers=/usr/include/librdkafka
    compile "$dir/rdkafka_performance" -w -I"$headers" -I"$dir/src" \
        "$dir/examples/rdkafka_performance.c" -lpthread >"$dir/compile.log" 2>&1 || {
        head -n 20 "$dir/compile.log"
        check "rdkafka_performance: compiles against the headers" false
        return
    }
    check "rdkafka_performance: compiles against the headers" true
    "$dir/rdkafka_performance" -P -b "$BS" -t performance -s 100 -c 20000 -k key -q \
        >"$dir/log" 2>&1 || { tail -n 20 "$dir/log"; check "rdkafka_performance: runs" false; return; }
    consume performance 20000 '%k %S\n' "$dir/read" || true
    awk 'BEGIN { for (i = 1; i <= 20000; i++) print "key 100" }' >"$dir/expected"
    check "rdkafka_performance: 20000 messages read back" same "$dir/expected" "$dir/read"
}
