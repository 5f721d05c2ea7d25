# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts where: library, headers, CMake package and pkg-config file.
include(CMakePackageConfigHelpers)

set(otpcore_cmake_dir "${CMAKE_INSTALL_LIBDIR}/cmake/otpcore")
install(TARGETS otpcore otpcore_testing EXPORT otpcore-targets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
if(TARGET otpcore_c)
  install(TARGETS otpcore_c EXPORT otpcore-targets
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
endif()
# The headers of a component come with it.
set(otpcore_other_headers "")
foreach(component postgres redis sqlite)
  if(NOT component IN_LIST otpcore_components)
    list(APPEND otpcore_other_headers PATTERN ${component} EXCLUDE)
  endif()
endforeach()
if(NOT TARGET otpcore_c)
  list(APPEND otpcore_other_headers PATTERN c EXCLUDE)
endif()
install(DIRECTORY include/otpcore DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.h"
  ${otpcore_other_headers})
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(EXPORT otpcore-targets NAMESPACE otpcore:: DESTINATION "${otpcore_cmake_dir}")

set(otpcore_is_shared OFF)
if(BUILD_SHARED_LIBS)
  set(otpcore_is_shared ON)
endif()
foreach(component IN LISTS otpcore_components)
  set_target_properties(otpcore_${component} PROPERTIES INSTALL_RPATH "$ORIGIN")  # otpcore lies beside it
  install(TARGETS otpcore_${component} EXPORT otpcore-${component}-targets
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
  install(EXPORT otpcore-${component}-targets NAMESPACE otpcore:: DESTINATION "${otpcore_cmake_dir}")
endforeach()
set(otpcore_component_modules "")  # what pkg-config must find for a static component
foreach(component IN LISTS otpcore_components)
  string(APPEND otpcore_component_modules "set(otpcore_${component}_modules ${otpcore_${component}_modules})\n")
endforeach()
configure_package_config_file(cmake/otpcore-config.cmake.in otpcore-config.cmake
  INSTALL_DESTINATION "${otpcore_cmake_dir}")
write_basic_package_version_file(otpcore-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  "${CMAKE_CURRENT_BINARY_DIR}/otpcore-config.cmake"
  "${CMAKE_CURRENT_BINARY_DIR}/otpcore-config-version.cmake"
  cmake/FindLibPhoneNumber.cmake
  DESTINATION "${otpcore_cmake_dir}")

# The .pc file finds its folders from where it lies, so `--prefix` at install time and moving the tree work.
# Below /usr nothing moves, and pkg-config leaves out folders that compilers search only when they are spelled plainly.
set(otpcore_pc_prefix /usr)
if(NOT CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  file(RELATIVE_PATH otpcore_pc_prefix
    "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
  set(otpcore_pc_prefix "\${pcfiledir}/${otpcore_pc_prefix}")
endif()
foreach(dir LIB INCLUDE)  # these may be absolute
  file(RELATIVE_PATH otpcore_pc_${dir} "${CMAKE_INSTALL_PREFIX}" "${CMAKE_INSTALL_FULL_${dir}DIR}")
endforeach()
if(BUILD_SHARED_LIBS)
  set(otpcore_pc_cflags "-DOTPCORE_SHARED")
else()
  set(otpcore_pc_requires "libsodium absl_base absl_hash absl_inlined_vector absl_raw_hash_set absl_strings absl_synchronization absl_time")
  set(otpcore_pc_libs "-lphonenumber -lprotobuf")
endif()
configure_file(cmake/otpcore.pc.in otpcore.pc @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/otpcore.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
if(TARGET otpcore_c)
  if(BUILD_SHARED_LIBS)
    set(otpcore_pc_cflags "-DOTPCORE_C_SHARED")
  else()
    # A host in C links the C++ library of the compiler too.
    set(otpcore_pc_libs "-lstdc++ -lm")
  endif()
  configure_file(cmake/otpcore-c.pc.in otpcore-c.pc @ONLY)
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/otpcore-c.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endif()

foreach(component IN LISTS otpcore_components)
  set(otpcore_pc_component ${component})
  set(otpcore_pc_component_libs "")
  if(NOT BUILD_SHARED_LIBS)  # by name: the .pc file of libpq asks for what only a static libpq needs
    get_property(libraries TARGET PkgConfig::otpcore_${component}_libraries PROPERTY INTERFACE_LINK_LIBRARIES)
    foreach(library IN LISTS libraries)
      get_filename_component(library "${library}" NAME_WE)
      string(REGEX REPLACE "^lib" "-l" library "${library}")
      string(APPEND otpcore_pc_component_libs " ${library}")
    endforeach()
  endif()
  configure_file(cmake/otpcore-component.pc.in otpcore-${component}.pc @ONLY)
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/otpcore-${component}.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endforeach()
