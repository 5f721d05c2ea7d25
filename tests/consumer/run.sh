#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs otpcore and builds the project of this folder against it in every way there is: static and shared, by CMake's
# find_package and by pkg-config, and as a part of the build (add_subdirectory, FetchContent); each as C++17 and as C++20.
# Needs what `cmake/install-deps.sh build` installs. Ends with a line per way; exit status 0 when all passed.
set -u
checkout=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
start=$(date +%s)
jobs=${JOBS:-$(nproc)}
compiler=${CXX:-c++}
summary=""
failed=0

say() { printf '[%3s s] %s\n' "$(($(date +%s) - start))" "$1"; }

# way NAME COMMAND…: runs it, and keeps what it said for the case that it fails.
way() {
  name=$1
  shift
  say "$name"
  if "$@" >"$work/log" 2>&1; then
    summary="$summary  passed  $name
"
  else
    cat "$work/log"
    summary="$summary  FAILED  $name
"
    failed=$((failed + 1))
  fi
}

# The folder is copied away, so that nothing of the checkout is found by accident.
cp -r "$checkout/tests/consumer" "$work/consumer"

components="postgres;redis;sqlite"

# install_into PREFIX SHARED: unoptimised, since only linking matters here.
install_into() {
  cmake -S "$checkout" -B "$work/build-$2" -G Ninja -DBUILD_SHARED_LIBS="$2" -DCMAKE_BUILD_TYPE= \
    -DOTPCORE_BUILD_TESTS=OFF -DOTPCORE_BUILD_EXAMPLES=OFF -DOTPCORE_BUILD_TOOLS=OFF \
    -DOTPCORE_POSTGRES=ON -DOTPCORE_REDIS=ON -DOTPCORE_SQLITE=ON &&
    cmake --build "$work/build-$2" -j "$jobs" &&
    cmake --install "$work/build-$2" --prefix "$1"
}

# by_cmake NAME OPTIONS…
by_cmake() {
  build="$work/$1"
  shift
  cmake -S "$work/consumer" -B "$build" -G Ninja "$@" &&
    cmake --build "$build" -j "$jobs" &&
    ctest --test-dir "$build" --no-tests=error --output-on-failure
}

# by_pkg_config PREFIX STATIC_FLAG
by_pkg_config() {
  PKG_CONFIG_PATH=$(dirname "$(find "$1" -name otpcore.pc)")
  export PKG_CONFIG_PATH
  for standard in 17 20; do
    # shellcheck disable=SC2046,SC2086  # flags are meant to be split
    $compiler -std=c++$standard "$work/consumer/sign_in_test.cc" -o "$work/sign_in_test" \
      $(pkg-config --cflags otpcore gmock_main) $(pkg-config --libs $2 otpcore) $(pkg-config --libs gmock_main) \
      -Wl,-rpath,"$(pkg-config --variable=libdir otpcore)" &&
      "$work/sign_in_test" || return 1
  done
  for component in $(echo "$components" | tr ';' ' '); do
    # shellcheck disable=SC2046,SC2086
    $compiler -std=c++17 "$work/consumer/${component}_test.cc" -o "$work/component_test" \
      $(pkg-config --cflags otpcore-$component) $(pkg-config --libs $2 otpcore-$component) \
      -Wl,-rpath,"$(pkg-config --variable=libdir otpcore)" &&
      "$work/component_test" || return 1
  done
}

# A static program must carry the library in itself, a shared one must not.
needs_library() { readelf -d "$1" | grep -q 'NEEDED.*libotpcore'; }
by_cmake_linked() {
  by_cmake "$1" "$3" "-DCOMPONENTS=$components" || return 1
  if needs_library "$work/$1/sign_in_test_17"; then linked=shared; else linked=static; fi
  [ "$linked" = "$2" ] || { echo "linked $linked, not $2"; return 1; }
}

# Two minor versions below 1.0 may not take each other's place.
is_named() { readelf -d "$1" | grep -q "SONAME.*\[$2\]"; }

# without_sodium PREFIX: a host that asks whether otpcore is there gets an answer, and its own settings back.
without_sodium() {
  mkdir "$work/without"
  cat >"$work/without/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.25)
project(without LANGUAGES CXX)
set(CMAKE_MODULE_PATH own)
find_package(otpcore QUIET)
if(otpcore_FOUND OR NOT otpcore_NOT_FOUND_MESSAGE MATCHES "libsodium" OR NOT CMAKE_MODULE_PATH STREQUAL "own")
  message(FATAL_ERROR "${otpcore_FOUND}, ${otpcore_NOT_FOUND_MESSAGE}, ${CMAKE_MODULE_PATH}")
endif()
END
  PKG_CONFIG_LIBDIR=$work/without cmake -S "$work/without" -B "$work/without/build" -G Ninja "-DCMAKE_PREFIX_PATH=$1"
}

# A component that is not there is told, and leaves the rest alone.
without_component() {
  mkdir "$work/no-component"
  cat >"$work/no-component/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.25)
project(without LANGUAGES CXX)
find_package(otpcore QUIET OPTIONAL_COMPONENTS carrier_pigeon)
if(NOT otpcore_FOUND OR otpcore_carrier_pigeon_FOUND)
  message(FATAL_ERROR "${otpcore_FOUND}, ${otpcore_carrier_pigeon_FOUND}")
endif()
find_package(otpcore QUIET COMPONENTS carrier_pigeon)
if(otpcore_FOUND)
  message(FATAL_ERROR "a component that nobody has was found")
endif()
END
  cmake -S "$work/no-component" -B "$work/no-component/build" -G Ninja "-DCMAKE_PREFIX_PATH=$1"
}

# Absolute folders, as some distributions pass: pkg-config must find them, and still from where the file lies.
absolute_folders() {
  cmake -S "$checkout" -B "$work/build-absolute" -G Ninja -DOTPCORE_BUILD_TESTS=OFF -DOTPCORE_BUILD_EXAMPLES=OFF \
    -DCMAKE_INSTALL_PREFIX=/opt/o -DCMAKE_INSTALL_LIBDIR=/opt/o/lib64 -DCMAKE_INSTALL_INCLUDEDIR=/opt/o/include &&
    grep -qF "libdir=\${prefix}/lib64" "$work/build-absolute/otpcore.pc" &&
    grep -qF "includedir=\${prefix}/include" "$work/build-absolute/otpcore.pc"
}

way "install, static" install_into "$work/static" OFF
way "install, shared" install_into "$work/shared" ON
way "its licence" test -s "$(find "$work/static" -name LICENSE)"
way "absolute install folders" absolute_folders
way "exported symbols" "$checkout/tests/consumer/exported_symbols.sh" \
  "$(find "$work/shared" -name libotpcore.so)" "$work/shared/include"
way "name of the shared library" is_named "$(find "$work/shared" -name libotpcore.so)" libotpcore.so.0.1
rm -rf "$work/build-ON" "$work/build-OFF"
way "find_package, without libsodium" without_sodium "$work/static"
way "find_package, without a component" without_component "$work/static"
way "find_package, static" by_cmake_linked find-static static "-DCMAKE_PREFIX_PATH=$work/static"
way "find_package, shared" by_cmake_linked find-shared shared "-DCMAKE_PREFIX_PATH=$work/shared"
way "pkg-config, static" by_pkg_config "$work/static" --static
way "pkg-config, shared" by_pkg_config "$work/shared" ""
# These two build the library as well: once as C++17, once as a host does whose own standard is C++20.
way "add_subdirectory" by_cmake subdirectory -DCONSUME=add_subdirectory "-DOTPCORE_CHECKOUT=$checkout" -DCMAKE_CXX_STANDARD=20
way "FetchContent" by_cmake fetch -DCONSUME=fetch_content "-DOTPCORE_CHECKOUT=$checkout"

printf '\n==== consumer: each way as C++17 and as C++20, %s s\n%s' "$(($(date +%s) - start))" "$summary"
times >"$work/times"  # not in a pipe: that would be another process's
echo "  processor time, user and system: $(tail -1 "$work/times")"
if [ "$failed" -eq 0 ]; then echo "consumer: all ways passed"; else echo "consumer: $failed ways FAILED"; fi
[ "$failed" -eq 0 ]
