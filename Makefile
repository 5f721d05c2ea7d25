# A thin front over the CMake presets. `make demo` and `make test` install what is missing first.
.PHONY: help demo test deep serve deps configure check docs install clean
JOBS ?= $(shell nproc)

help:
	@echo "make demo     build and run the quickstart"
	@echo "make test     build and run the tests"
	@echo "make deep     run the deep figures of docs/evidence.md (DEEP_ARGS: stages; hours)"
	@echo "make serve    build and run the example server (SERVE_ARGS: its options)"
	@echo "make check    clang-format and clang-tidy"
	@echo "make docs     write the generated pages of docs/ anew"
	@echo "make install  install under PREFIX (default /usr/local)"

deps:
	@cmake/install-deps.sh build

configure: deps
	@mkdir -p build && cmake --preset release

demo: configure
	cmake --build --preset release -j $(JOBS) --target quickstart
	build/release/bin/quickstart --script

test: configure
	cmake --build --preset release -j $(JOBS)
	ctest --preset release

DEEP_ARGS ?=
deep: deps
	@mkdir -p build && tests/deep.sh $(DEEP_ARGS)

SERVE_ARGS ?= --port 8080
serve:
	@cmake/install-deps.sh serve
	@mkdir -p build && cmake --preset release
	cmake --build --preset release -j $(JOBS) --target mfa_server
	build/release/bin/mfa_server $(SERVE_ARGS)

check: configure
	cmake/check-style.sh build/release

docs: configure
	cmake --build --preset release -j $(JOBS) --target generate_docs

PREFIX ?= /usr/local
install: configure
	cmake --build --preset release -j $(JOBS) --target otpcore
	cmake --install build/release --prefix $(PREFIX)

clean:
	rm -rf build
