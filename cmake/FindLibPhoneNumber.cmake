# SPDX-License-Identifier: Apache-2.0
# Finds libphonenumber, which ships neither a CMake package nor a .pc file.
#
# Defines LibPhoneNumber_FOUND and the imported target LibPhoneNumber::phonenumber. Its public headers include
# protobuf and abseil, so the target carries both.
# CMake's own module: the distribution's protobuf has no CONFIG package.
find_package(Protobuf MODULE QUIET)
if(TARGET absl::base)  # a part of the build
  set(absl_FOUND TRUE)
else()
  find_package(absl CONFIG QUIET)
endif()

find_path(LibPhoneNumber_INCLUDE_DIR phonenumbers/phonenumberutil.h)
find_library(LibPhoneNumber_LIBRARY phonenumber)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibPhoneNumber
  REQUIRED_VARS LibPhoneNumber_LIBRARY LibPhoneNumber_INCLUDE_DIR Protobuf_FOUND absl_FOUND)

if(LibPhoneNumber_FOUND AND NOT TARGET LibPhoneNumber::phonenumber)
  add_library(LibPhoneNumber::phonenumber UNKNOWN IMPORTED)
  set_target_properties(LibPhoneNumber::phonenumber PROPERTIES
    IMPORTED_LOCATION "${LibPhoneNumber_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${LibPhoneNumber_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "protobuf::libprotobuf;absl::base;absl::strings;absl::synchronization")
endif()
mark_as_advanced(LibPhoneNumber_INCLUDE_DIR LibPhoneNumber_LIBRARY)
