#!/bin/sh
# Writes include/librdkafka/ from the declarations in src/.
#
#   scripts/headers.sh           writes it
#   scripts/headers.sh --check   writes a copy and says whether the committed headers are the same
set -eu
cd "$(dirname "$0")/.."

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
if ! RDKAFKA_HEADERS_OUT=$fresh/include cargo check --quiet --locked --lib --features headers \
    2>"$fresh/log"; then
    cat "$fresh/log" >&2
    exit 1
fi

case "${1-}" in
"")
    mkdir -p include/librdkafka
    cp "$fresh"/include/*.h include/librdkafka/
    ;;
--check)
    if ! diff -ru include/librdkafka "$fresh/include"; then
        echo "include/librdkafka is not what src/ declares: run scripts/headers.sh" >&2
        exit 1
    fi
    ;;
*)
    echo "usage: $0 [--check]" >&2
    exit 2
    ;;
esac
