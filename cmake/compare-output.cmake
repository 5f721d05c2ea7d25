# SPDX-License-Identifier: Apache-2.0
# Runs PROGRAM (with ARGUMENT, if given) and compares what it prints with FILE; with -DWRITE=ON it writes FILE instead.
execute_process(COMMAND ${PROGRAM} ${ARGUMENT} OUTPUT_VARIABLE printed RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} failed: ${result}")
endif()
if(WRITE)
  file(WRITE "${FILE}" "${printed}")
else()
  file(READ "${FILE}" kept)
  if(NOT kept STREQUAL printed)
    message(FATAL_ERROR "${FILE} is stale: run `make docs`")
  endif()
endif()
