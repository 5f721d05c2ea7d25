# SPDX-License-Identifier: Apache-2.0
# Writes the files of FOLDER into the C++ source OUTPUT: cmake -DFOLDER=... -DOUTPUT=... -P embed_pages.cmake
cmake_minimum_required(VERSION 3.25)

file(GLOB files "${FOLDER}/*")
set(rows "")
foreach(file IN LISTS files)
  file(READ "${file}" text)
  if(text MATCHES "\\)PAGE\"")
    message(FATAL_ERROR "${file} holds the end of a raw string")
  endif()
  get_filename_component(name "${file}" NAME)
  string(APPEND rows "    {\"${name}\", R\"PAGE(${text})PAGE\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "// Made of pages/ by embed_pages.cmake.
#include \"pages.h\"

namespace mfa_server {

const std::vector<PageFile> kPageFiles = {
${rows}};

}  // namespace mfa_server
")
