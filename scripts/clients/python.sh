# confluent-kafka for Python: producer, consumer and admin client in one process. The system's
# package is linked with the system's library; the wheel has a library of its own inside.
run_python() { # NAME INTERPRETER
    local name=$1 python=$2
    with_lib timeout 300 "$python" "$ROOT/scripts/clients/python_client.py" "$BS" "$name-$$" \
        >"$work/$name.log" 2>&1 && return 0
    cat "$work/$name.log"
    return 1
}

client_python() {
    check "python: the system's confluent-kafka" run_python python /usr/bin/python3
}

# With jemalloc preloaded before ours, memory of the one is freed by the other.
client_jemalloc() {
    local found
    found=$(compgen -G '/usr/lib/*/libjemalloc.so.2') || {
        say "skipped: jemalloc is not installed"
        return
    }
    preloaded() {
        LD_PRELOAD="$found $LIB/librdkafka.so.1" timeout 300 /usr/bin/python3 \
            "$ROOT/scripts/clients/python_client.py" "$BS" "jemalloc-$$" >"$work/jemalloc.log" 2>&1
    }
    check "python: with jemalloc preloaded" preloaded
}

client_wheel() {
    local venv=$BUILD/tools/wheel version=2.16.1
    if ! [ -x "$venv/bin/python" ] ||
        ! "$venv/bin/python" -c "import confluent_kafka as c; assert c.version() == '$version'" 2>/dev/null
    then
        python3 -m venv "$venv" &&
            "$venv/bin/pip" install -q "confluent-kafka==$version" >"$work/wheel.log" 2>&1 || {
            say "skipped: the wheel cannot be installed"
            return
        }
    fi
    check "python: the wheel of confluent-kafka $version" run_python wheel "$venv/bin/python"
}
