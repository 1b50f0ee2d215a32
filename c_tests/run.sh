#!/bin/bash
# Builds the C tests and runs them against a library.
#
#   c_tests/run.sh [-s] [-w PROGRAM] [-S FACTOR] LIBDIR [NAME...]
#
# LIBDIR has librdkafka.so.1 and librdkafka.a (build/lib), or is the word `stock` for the system's
# librdkafka with its own headers. -s links statically. -w runs each test under PROGRAM
# (valgrind ...), -S multiplies the time limits. CFLAGS is added to the compiler's line.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
static=no wrap="" factor=1
while getopts "sw:S:" option; do
    case $option in
    s) static=yes ;;
    w) wrap=$OPTARG ;;
    S) factor=$OPTARG ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
lib=${1:?usage: run.sh [-s] [-w PROGRAM] [-S FACTOR] LIBDIR [NAME...]}
shift
if [ $# -eq 0 ]; then
    for file in "$here"/*.c; do
        name=$(basename "$file" .c)
        [ "$name" = objects ] || set -- "$@" "$name"
    done
fi

cc=${CC:-cc}
flags="-std=gnu11 -O1 -g -Wall -Wextra -Werror -Wno-deprecated-declarations ${CFLAGS:-}"
if [ "$lib" = stock ]; then
    flags="$flags -DSTOCK" link="-lrdkafka" kind=stock
elif [ $static = yes ]; then
    flags="$flags -I$root/include" kind=static
    link="$lib/librdkafka.a -lm -ldl -lrt -lgcc_s"
else
    lib=$(cd "$lib" && pwd) || exit 2
    flags="$flags -I$root/include" kind=shared
    link="-L$lib -lrdkafka"
    export LD_LIBRARY_PATH=$lib
fi
out=$root/build/c_tests/$kind
mkdir -p "$out"

passed=0 failed=0 bad=""
for name in "$@"; do
    mkdir -p "$(dirname "$out/$name")"
    # shellcheck disable=SC2086
    if ! $cc $flags -o "$out/$name" "$here/$name.c" $link -lpthread; then
        echo "NOT OK $name does not compile"
        failed=$((failed + 1)) bad="$bad $name"
        continue
    fi
    # What the threads of a forked process held is lost in its child, which has none of them.
    under=$wrap
    [ "${name##*_}" != forks ] || under=${wrap/--leak-check=full/--leak-check=no}
    # shellcheck disable=SC2086
    TEST_SLOW=$factor timeout $((120 * factor)) $under "$out/$name" >"$out/$name.out" 2>"$out/$name.err"
    status=$?
    grep -v '^ok ' "$out/$name.out"
    if [ $status -ne 0 ]; then
        echo "NOT OK $name: exit status $status"
        tail -n 20 "$out/$name.err"
        bad="$bad $name"
        [ "$(grep -c '^NOT OK' "$out/$name.out")" -gt 0 ] || failed=$((failed + 1))
    fi
    passed=$((passed + $(grep -c '^ok ' "$out/$name.out")))
    failed=$((failed + $(grep -c '^NOT OK' "$out/$name.out")))
done
[ -z "$bad" ] || echo "failed programs ($kind):$bad"
how=$kind
[ -z "$wrap" ] || how="$kind, under ${wrap%% *}"
echo "engine ${RDKAFKA_PRODUCE_ENGINE:-legacy} (C, $how): $passed passed, $failed failed"
[ $failed -eq 0 ]
