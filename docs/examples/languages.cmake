# SPDX-License-Identifier: Apache-2.0
# The C interface as one shared library, which other languages load, and the tests of the packages on it.
if(NOT TARGET otpcore_c)
  return()
endif()
add_library(otpcore_c_shared SHARED $<TARGET_OBJECTS:otpcore_c>)
target_link_libraries(otpcore_c_shared PRIVATE otpcore)
set_target_properties(otpcore_c_shared PROPERTIES OUTPUT_NAME otpcore_c LINKER_LANGUAGE CXX
  LIBRARY_OUTPUT_DIRECTORY "${otpcore_bin}")
# A sanitizer must be in the program that loads the library: those of other languages have none.
if(NOT OTPCORE_BUILD_TESTS OR CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  return()
endif()
enable_testing()
find_program(OTPCORE_PYTHON python3)
if(OTPCORE_PYTHON)
  add_test(NAME python_package COMMAND ${OTPCORE_PYTHON} -m unittest -q
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}/docs/examples/python")
  set_tests_properties(python_package PROPERTIES ENVIRONMENT
    "OTPCORE_LIBRARY=$<TARGET_FILE:otpcore_c_shared>;PYTHONDONTWRITEBYTECODE=1")
endif()
find_program(OTPCORE_GO go)
if(OTPCORE_GO)
  set(bin "$<TARGET_FILE_DIR:otpcore_c_shared>")
  add_test(NAME go_package COMMAND ${OTPCORE_GO} test -count=1 ./...
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}/docs/examples/go")
  set_tests_properties(go_package PROPERTIES ENVIRONMENT
    "CGO_CFLAGS=-I${PROJECT_SOURCE_DIR}/include;CGO_LDFLAGS=-L${bin} -lotpcore_c -Wl,-rpath,${bin};GOCACHE=${CMAKE_BINARY_DIR}/go;GOPATH=${CMAKE_BINARY_DIR}/go-path")
endif()
