// SPDX-License-Identifier: Apache-2.0
// Members of a struct by name and text: how a host in another language sets a request or a policy.
#ifndef OTPCORE_SRC_C_FIELDS_H_
#define OTPCORE_SRC_C_FIELDS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/field_text.h"
#include "otpcore/base/ids.h"
#include "otpcore/base/secret.h"
#include "otpcore/base/time.h"
#include "otpcore/commands/email_passcode.h"
#include "otpcore/factors/recovery_codes.h"
#include "otpcore/model/channel.h"
#include "otpcore/plan/outcome.h"

namespace otpcore {

// Each reads `text` into `*value`. False, and nothing changed, for text that is no such value.
bool SetValue(std::string_view text, Uuid* value);
bool SetValue(std::string_view text, Channel* value);
bool SetValue(std::string_view text, Delivery* value);
bool SetValue(std::string_view text, JustInTime* value);
template <size_t Capacity>
bool SetValue(std::string_view text, SecretText<Capacity>* value) {
  value->Wipe();
  value->Append(text);
  return true;
}
bool SetValue(std::string_view text, RecoveryCodes* value);  // as a list
template <typename T>
bool SetValue(std::string_view text, std::optional<T>* value) {
  T one = value->has_value() ? std::move(**value) : T();
  if (!SetValue(text, &one)) return false;
  value->emplace(std::move(one));
  return true;
}

// One member of `Owner` and its name.
template <typename Owner>
struct FieldRow {
  std::string_view name;
  bool (*set)(std::string_view text, Owner* owner);
};

// The row of a member.
template <typename Owner, auto Member>
constexpr FieldRow<Owner> Row(std::string_view name) {
  return {name,
          [](std::string_view text, Owner* owner) { return SetValue(text, &(owner->*Member)); }};
}

// The row of a member of a member.
template <typename Owner, auto Outer, auto Inner>
constexpr FieldRow<Owner> Row(std::string_view name) {
  return {name, [](std::string_view text, Owner* owner) {
            return SetValue(text, &((owner->*Outer).*Inner));
          }};
}

}  // namespace otpcore

#endif  // OTPCORE_SRC_C_FIELDS_H_
