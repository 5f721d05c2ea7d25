# SPDX-License-Identifier: Apache-2.0
# Writes the table of src/rules/data/number_ranges.csv as C++: cmake -DCSV=… -DHEADER=… [-DCHECK=ON] -P …
# With CHECK it writes nothing and fails when HEADER is not what it would write.
set(row "^([A-Z][A-Z]),([+][][0-9-]+),([0-9]+)(-([0-9]+))?,([a-z-]+),([0-9-]+),([^,\"\\]+)$")
set(type_mobile kMobile)
set(type_fixed-line kFixedLine)
set(type_fixed-line-or-mobile kFixedLineOrMobile)
set(type_voip kVoip)

file(READ "${CSV}" rest)
set(rows "")
set(number 0)
# Line by line, by hand: brackets and semicolons mean something in a list of CMake.
while(NOT rest STREQUAL "")
  string(FIND "${rest}" "\n" end)
  if(end EQUAL -1)
    message(FATAL_ERROR "${CSV} does not end with a line end")
  endif()
  string(SUBSTRING "${rest}" 0 ${end} line)
  math(EXPR end "${end} + 1")
  string(SUBSTRING "${rest}" ${end} -1 rest)
  math(EXPR number "${number} + 1")
  if(line MATCHES "^#")
    continue()
  endif()
  if(NOT line MATCHES "${row}")
    message(FATAL_ERROR "${CSV}:${number} is not a row: ${line}")
  endif()
  if(NOT DEFINED "type_${CMAKE_MATCH_6}")
    message(FATAL_ERROR "${CSV}:${number} has no such type: ${CMAKE_MATCH_6}")
  endif()
  set(most "${CMAKE_MATCH_5}")
  if(most STREQUAL "")
    set(most "${CMAKE_MATCH_3}")
  endif()
  string(APPEND rows "    {\"${CMAKE_MATCH_1}\", \"${CMAKE_MATCH_2}\", ${CMAKE_MATCH_3}, ${most}, "
    "PhoneNumberType::${type_${CMAKE_MATCH_6}}, \"${CMAKE_MATCH_7}\", \"${CMAKE_MATCH_8}\"},\n")
endwhile()

set(table "// SPDX-License-Identifier: Apache-2.0
// Written from src/rules/data/number_ranges.csv by the target number_ranges_table: change that.
#ifndef OTPCORE_SRC_RULES_NUMBER_RANGES_TABLE_H_
#define OTPCORE_SRC_RULES_NUMBER_RANGES_TABLE_H_

#include \"otpcore/rules/number_ranges.h\"

namespace otpcore {

// clang-format off
inline constexpr AssignedRange kNumberRanges[] = {
${rows}};
// clang-format on

}  // namespace otpcore

#endif  // OTPCORE_SRC_RULES_NUMBER_RANGES_TABLE_H_
")
if(CHECK)
  file(READ "${HEADER}" kept)
  if(NOT kept STREQUAL table)
    message(FATAL_ERROR "${HEADER} is stale: build the target number_ranges_table")
  endif()
else()
  file(WRITE "${HEADER}" "${table}")
endif()
