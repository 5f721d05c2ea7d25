# SPDX-License-Identifier: Apache-2.0
# A thin front over the CMake presets. `make demo` and `make test` install what is missing first.
.PHONY: help demo test deep serve bench bench-peers bench-scale bench-docs fuzz coverage mutation deps configure check docs install clean
JOBS ?= $(shell nproc)

help:
	@echo "make demo     build and run the quickstart"
	@echo "make test     build and run the tests"
	@echo "make deep     run the deep figures of docs/evidence.md (DEEP_ARGS: stages; hours)"
	@echo "make serve    build and run the example server (SERVE_ARGS: its options)"
	@echo "make bench    build and run the benchmarks (BENCH_ARGS: options of bench/run.py, as --quick)"
	@echo "make bench-peers  issue + verify beside better-auth, liboath, otplib and otpauth (PEERS_ARGS: as --quick)"
	@echo "make bench-scale  what a Member and a command cost PostgreSQL and Redis, and the capacity model of it (SCALE_ARGS: --quick)"
	@echo "make bench-docs  write the figures of the last make bench and bench-peers into docs/performance.md"
	@echo "make fuzz     run the fuzz targets, FUZZ_SECONDS each (default 60)"
	@echo "make coverage line, branch and MC/DC coverage of src/, with its gate"
	@echo "make mutation change src/ at random places for MUTATION_MINUTES (default 4), and see which test notices"
	@echo "make check    clang-format and clang-tidy"
	@echo "make docs     write the generated pages of docs/ anew, and the header of the built-in texts"
	@echo "make install  install under PREFIX (default /usr/local)"

deps:
	@cmake/install-deps.sh build

CONFIGURE_ARGS ?=
configure: deps
	@mkdir -p build && cmake --preset release $(CONFIGURE_ARGS)

demo: configure
	cmake --build --preset release -j $(JOBS) --target quickstart
	build/release/bin/quickstart --script

test:
	@cmake/install-deps.sh test
	@mkdir -p build && cmake --preset release $(CONFIGURE_ARGS)
	cmake --build --preset release -j $(JOBS)
	ctest --preset release

DEEP_ARGS ?=
deep:
	@cmake/install-deps.sh evidence
	@mkdir -p build && tests/deep.sh $(DEEP_ARGS)

SERVE_ARGS ?= --play
serve:
	@cmake/install-deps.sh serve
	@mkdir -p build && cmake --preset release
	cmake --build --preset release -j $(JOBS) --target mfa_server
	build/release/bin/mfa_server $(SERVE_ARGS)

bench:
	@cmake/install-deps.sh bench
	@mkdir -p build && cmake --preset bench
	cmake --build --preset bench -j $(JOBS) --target bench_programs
	bench/run.py $(BENCH_ARGS)

bench-peers:
	@cmake/install-deps.sh peers
	@mkdir -p build && cmake --preset bench
	cmake --build --preset bench -j $(JOBS) --target bench_peers
	bench/peers/compare.py $(PEERS_ARGS)

bench-scale:
	@cmake/install-deps.sh scale
	@mkdir -p build && cmake --preset bench
	cmake --build --preset bench -j $(JOBS) --target bench_scale
	node bench/scale/measure.js build/bench/bin/bench_scale build/bench/scale.json $(SCALE_ARGS)
	bench/scale/capacity.py
	bench/scale/simulate.py

bench-docs:
	@cmake/install-deps.sh bench
	bench/publish.py

FUZZ_SECONDS ?= 60
fuzz:
	@cmake/install-deps.sh evidence
	fuzz/run.sh $(FUZZ_SECONDS)

coverage:
	@cmake/install-deps.sh evidence
	tests/coverage.sh

MUTATION_MINUTES ?= 4
mutation:
	@cmake/install-deps.sh evidence
	@mkdir -p build && cmake --preset clang-19
	cmake --build --preset clang-19 -j $(JOBS) --target otpcore_tests
	tests/mutation/mutate.py --build build/clang-19 --minutes $(MUTATION_MINUTES)

check: configure
	@cmake/install-deps.sh style
	cmake/check-style.sh build/release

docs: configure
	cmake --build --preset release --target generate_texts
	cmake --build --preset release -j $(JOBS) --target generate_docs

PREFIX ?= /usr/local
install: configure
	cmake --build --preset release -j $(JOBS) --target otpcore_libraries
	cmake --install build/release --prefix $(PREFIX)

clean:
	rm -rf build
