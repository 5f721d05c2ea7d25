# SPDX-License-Identifier: Apache-2.0
# Turns the texts of DATA (message_texts.toml, which explains its form) into the C++ header HEADER, or with -DWRITE=OFF
# compares them: cmake -DDATA=... -DHEADER=... [-DWRITE=ON] -P message-texts.cmake
# It refuses a line that it cannot read, and a section with a key too few or too many. What the texts themselves may hold
# is checked by tests/rules/message_texts_test.cc.
cmake_minimum_required(VERSION 3.25)

set(keys name sms whatsapp voice pause)
set(rows "")
set(section "")

# Adds the section that has been read to `rows`. Text that holds ';' or brackets stays whole: no list is made of it.
function(end_section)
  if(section STREQUAL "")
    return()
  endif()
  foreach(key IN LISTS keys)
    if(NOT DEFINED text_${key})
      message(FATAL_ERROR "${DATA}: [${section}] has no ${key}")
    endif()
  endforeach()
  # "pt-br" is Locale::kPtBr.
  set(enumerator "k")
  string(REPLACE "-" ";" subtags "${section}")
  foreach(subtag IN LISTS subtags)
    string(SUBSTRING "${subtag}" 0 1 first)
    string(SUBSTRING "${subtag}" 1 -1 others)
    string(TOUPPER "${first}" first)
    string(TOLOWER "${others}" others)
    string(APPEND enumerator "${first}${others}")
  endforeach()
  set(row "    {Locale::${enumerator},\n     \"${section}\",\n")
  string(APPEND row "     \"${text_sms}\",\n     \"${text_whatsapp}\",\n     \"${text_voice}\",\n     \"${text_pause}\"},\n")
  set(rows "${rows}${row}" PARENT_SCOPE)
endfunction()

file(READ "${DATA}" rest)
set(number 0)
while(NOT rest STREQUAL "")
  math(EXPR number "${number} + 1")
  string(FIND "${rest}" "\n" end)
  if(end EQUAL -1)
    message(FATAL_ERROR "${DATA}:${number}: the last line has no end")
  endif()
  string(SUBSTRING "${rest}" 0 ${end} line)
  math(EXPR end "${end} + 1")
  string(SUBSTRING "${rest}" ${end} -1 rest)
  if("${line}" MATCHES "^ *(#.*)?$")
    continue()
  elseif("${line}" MATCHES "^\\[([A-Za-z]+(-[A-Za-z0-9]+)*)\\]$")
    set(next "${CMAKE_MATCH_1}")
    end_section()
    set(section "${next}")
    foreach(key IN LISTS keys)
      unset(text_${key})
    endforeach()
  elseif("${line}" MATCHES "^([a-z]+) = \"([^\"\\]+)\"$" AND NOT section STREQUAL "")
    set(key "${CMAKE_MATCH_1}")
    if(NOT key IN_LIST keys OR DEFINED text_${key})
      message(FATAL_ERROR "${DATA}:${number}: ${key} is no key, or stands there twice")
    endif()
    set(text_${key} "${CMAKE_MATCH_2}")
  else()
    message(FATAL_ERROR "${DATA}:${number}: neither a comment, [tag], nor key = \"text\" in a section")
  endif()
endwhile()
end_section()

get_filename_component(data_name "${DATA}" NAME)
string(CONCAT header "// SPDX-License-Identifier: Apache-2.0
// Written by `make docs` from data/${data_name}; do not edit. A test fails when it is stale.
#ifndef OTPCORE_SRC_RULES_MESSAGE_TEXTS_H_
#define OTPCORE_SRC_RULES_MESSAGE_TEXTS_H_

#include <cstddef>
#include <string_view>

#include \"otpcore/rules/locale.h\"

namespace otpcore {

// The built-in texts of one locale, with {brand}, {code} and {minutes} in them.
struct BuiltInTexts {
  Locale locale;
  std::string_view name;
  std::string_view sms;
  std::string_view whatsapp;
  std::string_view voice;
  std::string_view pause;  // between two spoken digits
};

// In the order of `Locale`.
// clang-format off
inline constexpr BuiltInTexts kBuiltInTexts[] = {
" "${rows}" "};
// clang-format on

// Whether each text stands at the place of its locale's number.
constexpr bool TextsAreInOrder() {
  size_t number = 0;
  for (const BuiltInTexts& texts : kBuiltInTexts) {
    if (static_cast<size_t>(texts.locale) != number++) return false;
  }
  return number == kLocaleCount;
}
static_assert(TextsAreInOrder(),
              \"the sections of ${data_name} are not those of Locale, in its order\");

}  // namespace otpcore

#endif  // OTPCORE_SRC_RULES_MESSAGE_TEXTS_H_
")

if(WRITE)
  file(WRITE "${HEADER}" "${header}")
else()
  file(READ "${HEADER}" kept)
  if(NOT "${kept}" STREQUAL "${header}")
    message(FATAL_ERROR "${HEADER} is stale: run `make docs`")
  endif()
endif()
