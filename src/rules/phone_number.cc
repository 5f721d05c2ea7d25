// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/phone_number.h"

#include <algorithm>

#include "absl/strings/ascii.h"

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

constexpr size_t kDigitsMin = 8;
constexpr size_t kDigitsMax = 15;

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

// Nobody reads a passcode on these, or somebody else earns by it (N-03).
bool IsRefused(PhoneNumberType type) {
  switch (type) {
    case PhoneNumberType::kTollFree:
    case PhoneNumberType::kPremiumRate:
    case PhoneNumberType::kSharedCost:
    case PhoneNumberType::kPersonal:
    case PhoneNumberType::kPager:
    case PhoneNumberType::kUan:
    case PhoneNumberType::kVoicemail: return true;
    default: return false;
  }
}

// A parse strips one national prefix, so of a text that has it twice ("+4400…") the library makes a
// form that it would read as yet another number. Such a text is no number's (threat 27).
bool ReadsAsItself(const std::string& e164) {
  Parsed parsed;
  if (Library().Parse(e164, "ZZ", &parsed) != Util::NO_PARSING_ERROR) return false;
  std::string again;
  Library().Format(parsed, Util::E164, &again);
  return again == e164;
}

// Judges what the library has parsed. The type is known exactly when the number is valid for its
// region, so one pass over the metadata answers validity and type together.
Result<PhoneNumber> Judge(const Parsed& parsed, PhoneNumberCheck check) {
  const Util& library = Library();
  if (parsed.has_extension()) return ErrorCode::kInvalidPhoneNumber;
  std::string region;
  library.GetRegionCodeForNumber(parsed, &region);
  PhoneNumber number;
  number.type = TypeOf(library.GetNumberType(parsed));
  const bool valid = number.type != PhoneNumberType::kUnknown;
  if (IsRefused(number.type)) return ErrorCode::kInvalidPhoneNumber;
  if (!valid && (check == PhoneNumberCheck::kValid || !library.IsPossibleNumber(parsed)))
    return ErrorCode::kInvalidPhoneNumber;
  if (region == "ZZ") {
    // Possible, but of no known range: the main country of its dial code.
    library.GetRegionCodeForCountryCode(parsed.country_code(), &region);
  }
  std::string e164;
  library.Format(parsed, Util::E164, &e164);
  if (!IsE164Shaped(e164) || !RegionCode::Fits(region)) return ErrorCode::kInvalidPhoneNumber;
  if (!valid && !ReadsAsItself(e164)) return ErrorCode::kInvalidPhoneNumber;
  number.e164 = e164;
  number.region = region;
  return number;
}

bool IsTypedCharacter(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == ' ' || c == '-' || c == '.' ||
         c == '(' || c == ')';
}

}  // namespace

bool IsE164Shaped(std::string_view text) {
  if (text.size() < kDigitsMin + 1 || text.size() > kDigitsMax + 1 || text[0] != '+') return false;
  return std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Result<PhoneNumber> ParseE164(std::string_view text, PhoneNumberCheck check) {
  if (!IsE164Shaped(text)) return ErrorCode::kInvalidPhoneNumber;
  Parsed parsed;
  const auto outcome = Library().Parse(std::string(text), "ZZ", &parsed);
  if (outcome != Util::NO_PARSING_ERROR) return ErrorCode::kInvalidPhoneNumber;
  return Judge(parsed, check);
}

Result<PhoneNumber> ParseTyped(std::string_view text, std::string_view default_region,
                               PhoneNumberCheck check) {
  if (text.empty() || text.size() > kPhoneNumberTextBytesMax) return ErrorCode::kInvalidPhoneNumber;
  const std::string_view rest = text.substr(text[0] == '+' ? 1 : 0);
  if (!std::all_of(rest.begin(), rest.end(), IsTypedCharacter))
    return ErrorCode::kInvalidPhoneNumber;
  Parsed parsed;
  const auto outcome = Library().Parse(std::string(text), std::string(default_region), &parsed);
  if (outcome != Util::NO_PARSING_ERROR) return ErrorCode::kInvalidPhoneNumber;
  return Judge(parsed, check);
}

void WarmUpPhoneNumbers() {
  // A parse of any number loads the metadata and compiles the regular expressions all parses share.
  (void)ParseE164("+14155550123");
}

std::string RedactPhoneNumber(const PhoneNumber& number) {
  if (number.empty()) return {};
  const std::string_view text = number.e164.view();
  std::string redacted = number.region.str();
  redacted += " \xE2\x80\xA6";
  redacted += text.substr(text.size() - 2);
  return redacted;
}

}  // namespace otpcore
