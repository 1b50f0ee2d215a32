#!/bin/bash
# Installs what is missing and nothing else: Debian packages by apt-get, components by rustup.
#
#   scripts/setup.sh [GROUP...]    base check clients kafka valgrind parity; base by default
set -eu
[ $# -gt 0 ] || set -- base

packages=""
# want PROGRAM-OR-PATTERN PACKAGE...: the packages, if there is no such program or file.
want() {
    local thing=$1
    shift
    case $thing in
    /*) compgen -G "$thing" >/dev/null || packages="$packages $*" ;;
    *) command -v "$thing" >/dev/null || packages="$packages $*" ;;
    esac
}

components=""
want_component() { # SUBCOMMAND COMPONENT
    cargo "$1" --version >/dev/null 2>&1 || components="$components $2"
}

for group in "$@"; do
    case $group in
    base)
        want cc gcc libc6-dev
        want make make
        want pkg-config pkg-config
        want perl perl-base
        ;;
    check)
        want c++ g++
        want_component fmt rustfmt
        want_component clippy clippy
        # The other side of comparisons, and the consumer that reads back.
        want '/usr/lib/*/librdkafka.so.1' librdkafka1
        want /usr/include/librdkafka/rdkafka.h librdkafka-dev
        want kcat kcat
        ;;
    clients)
        want kcat kcat
        want '/usr/lib/python3/dist-packages/confluent_kafka' python3-confluent-kafka python3-venv
        want '/usr/lib/*/libjemalloc.so.2' libjemalloc2
        want rsyslogd rsyslog
        want '/usr/lib/*/rsyslog/omkafka.so' rsyslog-kafka
        want collectd collectd-core
        want '/usr/lib/*/libivykis.so.0' libivykis0
        want '/usr/lib/*/libnet.so.1' libnet1
        want '/usr/lib/*/libwrap.so.0' libwrap0
        want '/lib/*/libpcre.so.3' libpcre3
        ;;
    kafka)
        want java openjdk-17-jre-headless
        want mvn maven
        want kcat kcat
        ;;
    parity)
        # What the sources of librdkafka are built with.
        want cmake cmake
        want /usr/include/zlib.h zlib1g-dev
        want /usr/include/zstd.h libzstd-dev
        ;;
    valgrind) want valgrind valgrind libc6-dbg ;;
    *)
        echo "setup: no group $group" >&2
        exit 2
        ;;
    esac
done

if [ -n "$packages" ]; then
    if [ "$(id -u)" = 0 ]; then
        root=""
    elif command -v sudo >/dev/null; then
        root=sudo
    else
        echo "setup: missing, and no right to install them:$packages" >&2
        exit 1
    fi
    echo "setup: installing$packages"
    export DEBIAN_FRONTEND=noninteractive
    # Daemons that are only run by tests must not be started as services.
    $root apt-get -q update >/dev/null || echo "setup: apt-get update failed, trying without" >&2
    # shellcheck disable=SC2086
    $root env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
        apt-get -q -y --no-install-recommends install $packages >/dev/null
fi
if [ -n "$components" ]; then
    if ! command -v rustup >/dev/null; then
        echo "setup: missing in this toolchain, and no rustup:$components" >&2
        exit 1
    fi
    # shellcheck disable=SC2086
    rustup component add $components
fi
command -v cargo >/dev/null || {
    echo "setup: a Rust toolchain (1.88 or later) is needed" >&2
    exit 1
}
