# SPDX-License-Identifier: Apache-2.0
# Optional components: each is a library of its own, otpcore::<name>, made of src/<name>, with headers in
# include/otpcore/<name>. OTPCORE_<NAME> says whether it is built: OFF, ON, or AUTO, which builds it where its libraries are.
set(otpcore_components "")

# otpcore_component(NAME PKG_CONFIG_MODULES…)
function(otpcore_component name)
  string(TOUPPER ${name} upper)
  set(OTPCORE_${upper} OFF CACHE STRING "Build the component otpcore::${name}: OFF, ON or AUTO")
  set_property(CACHE OTPCORE_${upper} PROPERTY STRINGS OFF ON AUTO)
  if(NOT OTPCORE_${upper})
    return()
  endif()
  set(required REQUIRED)
  if(OTPCORE_${upper} STREQUAL "AUTO")
    set(required QUIET)
  endif()
  pkg_check_modules(otpcore_${name}_libraries ${required} IMPORTED_TARGET GLOBAL ${ARGN})
  if(NOT otpcore_${name}_libraries_FOUND)
    message(STATUS "otpcore::${name} and its tests are left out: pkg-config does not find ${ARGN}")
    return()
  endif()

  file(GLOB sources CONFIGURE_DEPENDS src/${name}/*.cc)
  add_library(otpcore_${name} ${sources})
  add_library(otpcore::${name} ALIAS otpcore_${name})
  target_include_directories(otpcore_${name} PRIVATE src)
  target_link_libraries(otpcore_${name} PUBLIC otpcore PRIVATE PkgConfig::otpcore_${name}_libraries Threads::Threads)
  set_target_properties(otpcore_${name} PROPERTIES EXPORT_NAME ${name}
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON POSITION_INDEPENDENT_CODE ON
    UNITY_BUILD OFF VERSION ${PROJECT_VERSION} SOVERSION ${otpcore_soversion})
  set(otpcore_components ${otpcore_components} ${name} PARENT_SCOPE)
  set(otpcore_${name}_modules ${ARGN} PARENT_SCOPE)
endfunction()

find_package(Threads REQUIRED)
otpcore_component(postgres libpq)
otpcore_component(redis hiredis libssl libcrypto)
otpcore_component(sqlite sqlite3)

add_custom_target(otpcore_libraries)  # what an install takes
add_dependencies(otpcore_libraries otpcore)
foreach(component IN LISTS otpcore_components)
  add_dependencies(otpcore_libraries otpcore_${component})
endforeach()

# The schema goes into the library as a text.
if(TARGET otpcore_postgres)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS src/postgres/schema.sql)
  file(READ src/postgres/schema.sql schema)
  file(CONFIGURE OUTPUT components/postgres_schema_sql.h @ONLY
    CONTENT "inline constexpr char kPostgresSchemaSql[] = R\"sql(\n${schema})sql\";\n")
  target_include_directories(otpcore_postgres PRIVATE "${CMAKE_CURRENT_BINARY_DIR}/components")
endif()
