// SPDX-License-Identifier: Apache-2.0
// The room of libphonenumber: src/rules/phone_library.cc alone includes it. These functions say
// what its metadata says; what is accepted is decided elsewhere. All are thread-safe.
//
// The first call takes some 15 ms. A parse takes some 25 µs, and quadratic time in the length of
// its text: give it at most 64 bytes (N-01).
#ifndef OTPCORE_SRC_RULES_PHONE_LIBRARY_H_
#define OTPCORE_SRC_RULES_PHONE_LIBRARY_H_

#include <optional>
#include <string>

#include "otpcore/rules/phone_number.h"

namespace otpcore {

// A number as the library reads it.
struct LibraryNumber {
  std::string e164;                                  // its canonical form, of any length
  std::string region;                                // of an unknown range: that of its dial code
  PhoneNumberType type = PhoneNumberType::kUnknown;  // kUnknown: not valid
  bool is_possible = false;                          // has a length that its country uses
};

// Reads digits, with a leading '+' if there is one, as they are dialled in `region`; "ZZ" takes
// only such with a '+'. Absent: the library cannot read it, as with an unknown country code; it has
// an extension; or its region is none that a RegionCode holds.
std::optional<LibraryNumber> ParseByLibrary(const std::string& text, const std::string& region);

// True when the library reads `e164` as the number whose canonical form it is. It strips one
// national prefix from each text, so of one that has it twice ("+4400…") it makes a form that it
// would read as yet another number (threat 27).
bool IsOwnCanonicalForm(const std::string& e164);

// The country code of a region; 0: the library does not know the region.
int CountryCodeOf(const std::string& region);

// An example of the region's numbers of `type`; absent when it has none.
std::optional<LibraryNumber> ExampleNumber(const std::string& region, PhoneNumberType type);

}  // namespace otpcore

#endif  // OTPCORE_SRC_RULES_PHONE_LIBRARY_H_
