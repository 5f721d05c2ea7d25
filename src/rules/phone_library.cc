// SPDX-License-Identifier: Apache-2.0
#include "rules/phone_library.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <phonenumbers/phonenumberutil.h>
#pragma GCC diagnostic pop

namespace otpcore {
namespace {

using Util = i18n::phonenumbers::PhoneNumberUtil;
using Parsed = i18n::phonenumbers::PhoneNumber;

const Util& Library() { return *Util::GetInstance(); }

PhoneNumberType TypeOf(Util::PhoneNumberType type) {
  switch (type) {
    case Util::FIXED_LINE: return PhoneNumberType::kFixedLine;
    case Util::MOBILE: return PhoneNumberType::kMobile;
    case Util::FIXED_LINE_OR_MOBILE: return PhoneNumberType::kFixedLineOrMobile;
    case Util::TOLL_FREE: return PhoneNumberType::kTollFree;
    case Util::PREMIUM_RATE: return PhoneNumberType::kPremiumRate;
    case Util::SHARED_COST: return PhoneNumberType::kSharedCost;
    case Util::VOIP: return PhoneNumberType::kVoip;
    case Util::PERSONAL_NUMBER: return PhoneNumberType::kPersonal;
    case Util::PAGER: return PhoneNumberType::kPager;
    case Util::UAN: return PhoneNumberType::kUan;
    case Util::VOICEMAIL: return PhoneNumberType::kVoicemail;
    default: return PhoneNumberType::kUnknown;  // also a type that a newer library adds
  }
}

// Only the types that a region check asks for.
Util::PhoneNumberType LibraryTypeOf(PhoneNumberType type) {
  switch (type) {
    case PhoneNumberType::kMobile: return Util::MOBILE;
    case PhoneNumberType::kFixedLine: return Util::FIXED_LINE;
    case PhoneNumberType::kVoip: return Util::VOIP;
    default: return Util::FIXED_LINE_OR_MOBILE;
  }
}

// The type is known exactly when the number is valid for its region, so one pass over the metadata
// answers validity and type together.
LibraryNumber Describe(const Parsed& parsed) {
  const Util& library = Library();
  LibraryNumber number;
  number.type = TypeOf(library.GetNumberType(parsed));
  // A local number has no area code: it cannot be reached from elsewhere.
  number.is_possible = library.IsPossibleNumberWithReason(parsed) == Util::IS_POSSIBLE;
  library.GetRegionCodeForNumber(parsed, &number.region);
  if (number.region == "ZZ")
    library.GetRegionCodeForCountryCode(parsed.country_code(), &number.region);
  library.Format(parsed, Util::E164, &number.e164);
  return number;
}

}  // namespace

std::optional<LibraryNumber> ParseByLibrary(const std::string& text, const std::string& region) {
  Parsed parsed;
  if (Library().Parse(text, region, &parsed) != Util::NO_PARSING_ERROR) return std::nullopt;
  if (parsed.has_extension()) return std::nullopt;  // else two texts would be one number
  LibraryNumber number = Describe(parsed);
  if (!RegionCode::Fits(number.region)) return std::nullopt;  // it would be cut
  return number;
}

bool IsOwnCanonicalForm(const std::string& e164) {
  Parsed parsed;
  if (Library().Parse(e164, "ZZ", &parsed) != Util::NO_PARSING_ERROR) return false;
  std::string again;
  Library().Format(parsed, Util::E164, &again);
  return again == e164;
}

int CountryCodeOf(const std::string& region) { return Library().GetCountryCodeForRegion(region); }

std::optional<LibraryNumber> ExampleNumber(const std::string& region, PhoneNumberType type) {
  Parsed example;
  if (!Library().GetExampleNumberForType(region, LibraryTypeOf(type), &example))
    return std::nullopt;
  return Describe(example);
}

}  // namespace otpcore
