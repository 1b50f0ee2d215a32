# The front door. `make help` lists what there is; each target sets up what it needs.

PREFIX ?= /usr/local
DESTDIR ?=
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
CARGO ?= cargo
TARGET_DIR = $(or $(CARGO_TARGET_DIR),target)
B = build/lib
LIBS = $(B)/librdkafka.so.1 $(B)/librdkafka.so $(B)/librdkafka.a
SETUP = scripts/setup.sh
# The engines that are built: the columns of the matrix.
ENGINES = legacy v2
HARNESSES = harness/request harness/multibatch harness/writer harness/turn harness/steps \
	harness/parts harness/frames harness/joint
HARNESSES_V2 = harness/engine_v2

.PHONY: all lib install check check-quick check-engines headers headers-check test test-kafka test-clients demo \
        bench c-test harness parity soak parity-quick valgrind pkgconfig asan clean help setup force

all: lib                       ## build/lib: shared and static library, pkg-config files

lib: $(LIBS) pkgconfig

# cargo knows best what is stale.
$(TARGET_DIR)/release/librdkafka.so: force
	@$(SETUP) base
	$(CARGO) build --release --lib

$(B)/librdkafka.so.1: $(TARGET_DIR)/release/librdkafka.so
	@mkdir -p $(B)
	@cmp -s $< $@ || cp $< $@

$(B)/librdkafka.so: $(B)/librdkafka.so.1
	@ln -sf librdkafka.so.1 $@

$(B)/librdkafka.a: $(TARGET_DIR)/release/librdkafka.so
	@mkdir -p $(B)
	@cmp -s $(TARGET_DIR)/release/librdkafka.a $@ || cp $(TARGET_DIR)/release/librdkafka.a $@

pkgconfig:
	@scripts/pkgconfig.sh $(B)/pkgconfig $(PREFIX) $(LIBDIR) $(INCLUDEDIR)

install: lib                   ## PREFIX=/usr/local DESTDIR=
	install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR)/librdkafka
	install -m 755 $(B)/librdkafka.so.1 $(DESTDIR)$(LIBDIR)/
	ln -sf librdkafka.so.1 $(DESTDIR)$(LIBDIR)/librdkafka.so
	install -m 644 $(B)/librdkafka.a $(DESTDIR)$(LIBDIR)/
	scripts/pkgconfig.sh $(DESTDIR)$(LIBDIR)/pkgconfig $(PREFIX) $(LIBDIR) $(INCLUDEDIR)
	install -m 644 include/librdkafka/*.h $(DESTDIR)$(INCLUDEDIR)/librdkafka/

headers:                       ## regenerate include/ from the Rust declarations
	scripts/headers.sh

# Cheapest first; stops at the first failure.
check-quick:                   ## format, house rules, lints
	@$(SETUP) base check
	$(CARGO) fmt --all -- --check
	$(CARGO) fmt --manifest-path parity/Cargo.toml -- --check
	$(CARGO) test --quiet --test tidy
	$(CARGO) clippy --all-targets --features testing,c-harness -- -D warnings

check: check-quick             ## and unit tests, headers, integration tests, C tests
	RDKAFKA_REQUIRE_REFERENCES=1 CARGO="$(CARGO)" scripts/rust-tests.sh $(ENGINES)
	$(MAKE) check-engines headers-check c-test harness parity-quick
	scripts/test-install.sh

# Each engine must stand alone; without any, no producer can be made.
check-engines:                 ## builds with one engine, and with none
	$(CARGO) clippy --all-targets --no-default-features --features engine-legacy,testing \
		-- -D warnings
	$(CARGO) test --quiet --no-default-features --features engine-legacy
	$(CARGO) clippy --all-targets --no-default-features --features engine-v2,testing \
		-- -D warnings
	$(CARGO) test --quiet --no-default-features --features engine-v2
	$(CARGO) clippy --all-targets --no-default-features -- -D warnings
	$(CARGO) test --quiet --no-default-features --lib conf::engine

# C programs against the internal functions, checked builds only: their names are not for hosts.
harness: force                 ## C harnesses of the engine's internal functions, under valgrind
	@$(SETUP) base check valgrind
	$(CARGO) build --lib --features c-harness --target-dir $(TARGET_DIR)/harness
	@mkdir -p build/harness
	@cp $(TARGET_DIR)/harness/debug/librdkafka.so build/harness/librdkafka.so.1
	@ln -sf librdkafka.so.1 build/harness/librdkafka.so
	for under in "" "$(VALGRIND)"; do \
		c_tests/run.sh -w "$$under" -S 10 build/harness $(HARNESSES) && \
		RDKAFKA_PRODUCE_ENGINE=v2 \
			c_tests/run.sh -w "$$under" -S 10 build/harness $(HARNESSES_V2) || exit 1; done

headers-check:
	@if [ -x scripts/headers.sh ]; then scripts/headers.sh --check; fi

c-test: lib                    ## C programs against the library, shared with each engine, static
	for engine in $(ENGINES); do \
		RDKAFKA_PRODUCE_ENGINE=$$engine c_tests/run.sh $(B) $(TESTS) || exit 1; done
	c_tests/run.sh -s $(B) $(TESTS)

test: check demo               ## everything that CI runs
	@$(SETUP) clients valgrind
	scripts/test-clients.sh kcat python rsyslog
	$(MAKE) valgrind TESTS="produce reports queues flush_purge conf peer peer_admin"

demo: lib                      ## an ordinary C producer on the embedded cluster, read back
	scripts/demo.sh

test-kafka: lib                ## end to end on Apache Kafka, 1,000,000 messages
	@$(SETUP) kafka
	scripts/test-kafka.sh

test-clients: lib              ## kcat, Python, rsyslog, syslog-ng, collectd, rdkafka_performance
	@$(SETUP) clients
	scripts/test-clients.sh $(CLIENTS)

soak: lib                      ## Python and kcat for ten minutes: nothing may grow; SECONDS=300 an engine
	@$(SETUP) clients
	scripts/soak.sh $(SECONDS)

parity: lib                    ## the same scripts with stock librdkafkas; SCRIPTS="NAME..."
	@$(SETUP) base check
	parity/run.sh $(SCRIPTS)

parity-quick: lib              ## a few of them, with the system's librdkafka only
	@$(SETUP) base check
	OLD_ONLY=1 parity/run.sh @quick

bench: lib                     ## CPU per message and memory beside the system's librdkafka
	@$(SETUP) base check
	benches/run.sh

VALGRIND = valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite \
	--show-leak-kinds=definite --child-silent-after-fork=yes

valgrind: lib                  ## the C tests under memcheck
	@$(SETUP) valgrind
	for engine in $(ENGINES); do RDKAFKA_PRODUCE_ENGINE=$$engine \
		c_tests/run.sh -w "$(VALGRIND)" -S 10 $(B) $(TESTS) || exit 1; done

asan:                          ## the C tests with the address sanitizer
	@$(SETUP) base
	scripts/asan.sh $(TESTS)

setup:
	$(SETUP) base check

clean:
	$(CARGO) clean
	rm -rf build benches/sink/target

help:
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24
