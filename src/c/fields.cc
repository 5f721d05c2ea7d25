// SPDX-License-Identifier: Apache-2.0
#include "c/fields.h"

#include <charconv>
#include <system_error>
#include <utility>

namespace otpcore {
namespace {

// The whole text is one number.
template <typename T>
bool ReadNumber(std::string_view text, T* value) {
  T number{};
  const char* const end = text.data() + text.size();
  const std::from_chars_result result = std::from_chars(text.data(), end, number);
  if (result.ec != std::errc() || result.ptr != end) return false;
  *value = number;
  return true;
}

// Reads what stands before the first comma, and takes both off.
template <typename T>
bool TakePart(std::string_view* text, T* value) {
  const size_t comma = text->find(',');
  if (comma == std::string_view::npos || !SetValue(text->substr(0, comma), value)) return false;
  text->remove_prefix(comma + 1);
  return true;
}

}  // namespace

bool SetValue(std::string_view text, std::string* value) {
  *value = text;
  return true;
}

bool SetValue(std::string_view text, bool* value) {
  if (text != "true" && text != "false") return false;
  *value = text == "true";
  return true;
}

bool SetValue(std::string_view text, int* value) { return ReadNumber(text, value); }
bool SetValue(std::string_view text, uint8_t* value) { return ReadNumber(text, value); }
bool SetValue(std::string_view text, double* value) { return ReadNumber(text, value); }

bool SetValue(std::string_view text, Duration* value) {
  int64_t millis = 0;
  if (!ReadNumber(text, &millis)) return false;
  *value = Duration(millis);
  return true;
}

bool SetValue(std::string_view text, Uuid* value) { return ParseUuid(text, value); }
bool SetValue(std::string_view text, Channel* value) { return ParseChannel(text, value); }

bool SetValue(std::string_view text, Delivery* value) {
  constexpr struct {
    std::string_view name;
    Delivery delivery;
  } kOutcomes[] = {
      {"accepted", {Delivery::Kind::kAccepted, false}},
      {"rejected", {Delivery::Kind::kRejected, false}},
      {"unsubscribed", {Delivery::Kind::kRejected, true}},
      {"unavailable", {Delivery::Kind::kUnavailable, false}},
      {"unknown", {Delivery::Kind::kUnknown, false}},
  };
  for (const auto& outcome : kOutcomes) {
    if (outcome.name != text) continue;
    *value = outcome.delivery;
    return true;
  }
  return false;
}

bool SetValue(std::string_view text, JustInTime* value) {
  constexpr struct {
    std::string_view name;
    JustInTime word;
  } kWords[] = {
      {"not_allowed", JustInTime::kNotAllowed},
      {"allow", JustInTime::kAllow},
      {"address_not_allowed", JustInTime::kAddressNotAllowed},
  };
  for (const auto& row : kWords) {
    if (row.name != text) continue;
    *value = row.word;
    return true;
  }
  return false;
}

bool SetValue(std::string_view text, Environment* value) {
  if (text != "test" && text != "live") return false;
  *value = text == "test" ? Environment::kTest : Environment::kLive;
  return true;
}

bool SetValue(std::string_view text, TotpAlgorithm* value) {
  for (const TotpAlgorithm algorithm :
       {TotpAlgorithm::kSha1, TotpAlgorithm::kSha256, TotpAlgorithm::kSha512}) {
    if (WireName(algorithm) != text) continue;
    *value = algorithm;
    return true;
  }
  return false;
}

bool SetValue(std::string_view text, PhoneNumberType* value) {
  constexpr struct {
    std::string_view name;
    PhoneNumberType type;
  } kTypes[] = {
      {"mobile", PhoneNumberType::kMobile},
      {"fixed_line_or_mobile", PhoneNumberType::kFixedLineOrMobile},
      {"fixed_line", PhoneNumberType::kFixedLine},
      {"voip", PhoneNumberType::kVoip},
  };
  for (const auto& row : kTypes) {
    if (row.name != text) continue;
    *value = row.type;
    return true;
  }
  return false;
}

bool SetValue(std::string_view text, RecoveryCodes* value) {
  if (text.empty()) return *value = RecoveryCodes(), true;
  value->Add(text);
  return true;
}

bool SetValue(std::string_view text, NumberRange* value) {
  NumberRange range;
  if (!TakePart(&text, &range.region) || !TakePart(&text, &range.prefix) ||
      !TakePart(&text, &range.digits_min) || !TakePart(&text, &range.digits_max) ||
      !SetValue(text, &range.type))
    return false;
  *value = std::move(range);
  return true;
}

bool SetValue(std::string_view text, SandboxNumber* value) {
  SandboxNumber number;
  int64_t until = 0;
  if (!TakePart(&text, &number.e164) || !TakePart(&text, &number.code) || !ReadNumber(text, &until))
    return false;
  number.until = Instant::FromUnixMillis(until);
  *value = std::move(number);
  return true;
}

bool SetValue(std::string_view text, SandboxAddress* value) {
  SandboxAddress address;
  int64_t until = 0;
  if (!TakePart(&text, &address.address) || !TakePart(&text, &address.code) ||
      !ReadNumber(text, &until))
    return false;
  address.until = Instant::FromUnixMillis(until);
  *value = std::move(address);
  return true;
}

}  // namespace otpcore
