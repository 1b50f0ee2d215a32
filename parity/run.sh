#!/bin/bash
# Differential runs: the scripts with our library and with stock ones, see parity/README.md.
#
#   parity/run.sh [-v] [NAME...]    names of scripts, or @LIST for those of parity/LIST.txt; all
#                                   by default. LIB: folder of our library. JOBS: runs at a time (8)
#   ATTEMPTS: how often a script is played before it is said to differ (3)
#   OLD_ONLY=1                      only the system's librdkafka, without building a newer one
. "$(dirname "$0")/../scripts/lib.sh"
[ "$LIB" != stock ] || die "LIB must be a folder: stock is the other side"
work=$BUILD/parity
mkdir -p "$work"

options=() files=()
for name in "$@"; do
    case $name in
    -v) options+=(-v) ;;
    @*) while read -r one; do files+=("$ROOT/parity/scripts/$one.txt"); done \
        < <(grep -v '^#' "$ROOT/parity/${name#@}.txt") ;;
    *) files+=("$ROOT/parity/scripts/$name.txt") ;;
    esac
done
[ ${#files[@]} -gt 0 ] || files=("$ROOT"/parity/scripts/*.txt)

# stock NAME=FOLDER: a side, if the folder has a library.
stock() {
    [ -e "${1#*=}/librdkafka.so.1" ] || die "no librdkafka in ${1#*=}: scripts/setup.sh check"
    options+=(--stock "$1")
}

system=$(env -u LD_LIBRARY_PATH ldconfig -p | awk '/librdkafka\.so\.1 /{print $NF; exit}')
stock "2.0.2=$(dirname "${system:-/usr/lib/librdkafka.so.1}")"

# The sources in the package rdkafka-sys are the release nearest to the one that is the model. They
# are built once, outside of the repository's files.
if [ -z "${OLD_ONLY:-}" ]; then
    new=$work/stock-2.10.0
    [ -e "$new/src/librdkafka.so.1" ] || "$ROOT/parity/build-stock.sh" "$new" ||
        die "librdkafka 2.10.0 cannot be built: see $new.log, or set OLD_ONLY=1"
    stock "2.10.0=$new/src"
    options+=(--newest 2.10.0)
fi

(cd "$ROOT/parity" && CARGO_TARGET_DIR="$work/target" cargo build --release --quiet)
${CC:-cc} -std=gnu11 -O1 -g -Wall -Wextra -Werror -I"$ROOT/include" -o "$work/driver" \
    "$ROOT/parity/driver.c" -L"$LIB" -l:librdkafka.so.1

exec "$work/target/release/parity" --driver "$work/driver" --ours "$LIB" -j "${JOBS:-8}" \
    --attempts "${ATTEMPTS:-3}" \
    "${options[@]}" "${files[@]}"
