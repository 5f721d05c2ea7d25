// SPDX-License-Identifier: Apache-2.0
#include "c/fields.h"

#include <utility>

namespace otpcore {
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

bool SetValue(std::string_view text, RecoveryCodes* value) {
  if (text.empty()) return *value = RecoveryCodes(), true;
  value->Add(text);
  return true;
}

}  // namespace otpcore
