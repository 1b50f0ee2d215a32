#!/bin/bash
# Builds the librdkafka of the package rdkafka-sys 4.9.0 as a shared library, without what the
# differential runs do not use. Nothing of the package is kept in this repository.
#
#   parity/build-stock.sh FOLDER    FOLDER/src/librdkafka.so.1, and FOLDER.log
set -eu
out=$1 fetch=$1-fetch log=$1.log
"$(dirname "$0")/../scripts/setup.sh" parity
mkdir -p "$fetch/src"
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
test -d "$source"
echo "parity: building librdkafka of $(basename "$(dirname "$source")"), once"
{
    cmake -S "$source" -B "$out" -DCMAKE_BUILD_TYPE=Release -DRDKAFKA_BUILD_STATIC=OFF \
        -DRDKAFKA_BUILD_EXAMPLES=OFF -DRDKAFKA_BUILD_TESTS=OFF -DWITH_SSL=OFF -DWITH_SASL=OFF \
        -DWITH_CURL=OFF -DWITH_PLUGINS=OFF -DWITH_ZLIB=ON -DWITH_ZSTD=ON -DENABLE_LZ4_EXT=OFF
    cmake --build "$out" --target rdkafka
} >"$log" 2>&1
