// SPDX-License-Identifier: Apache-2.0
#include "otpcore/model/policy_fields.h"

#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/time/time.h"
#include "model/field_text.h"

namespace otpcore {
namespace {

// Reads what stands before the first comma, and takes both off.
template <typename T>
bool TakePart(std::string_view* text, T* value) {
  const size_t comma = text->find(',');
  if (comma == std::string_view::npos || !SetValue(text->substr(0, comma), value)) return false;
  text->remove_prefix(comma + 1);
  return true;
}

// RFC 3339, or milliseconds since 1970.
bool ReadInstant(std::string_view text, Instant* value) {
  int64_t millis = 0;
  if (!ReadNumber(text, &millis)) {
    absl::Time time;
    if (!absl::ParseTime(absl::RFC3339_full, {text.data(), text.size()}, &time, nullptr) ||
        time == absl::InfiniteFuture() || time == absl::InfinitePast())
      return false;
    millis = absl::ToUnixMillis(time);
  }
  *value = Instant::FromUnixMillis(millis);
  return true;
}

// "48 h" into milliseconds; the blank may be left out.
bool ReadDuration(std::string_view text, int64_t* millis) {
  constexpr struct {
    std::string_view name;
    int64_t millis;
  } kUnits[] = {{"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}, {"d", 86400000}};
  const size_t digits = text.find_first_not_of("0123456789");
  if (digits == std::string_view::npos) return false;
  int64_t count = 0;
  if (!ReadNumber(text.substr(0, digits), &count)) return false;
  text.remove_prefix(digits);
  if (text[0] == ' ') text.remove_prefix(1);
  for (const auto& unit : kUnits) {
    if (unit.name != text) continue;
    if (count > std::numeric_limits<int64_t>::max() / unit.millis) return false;
    *millis = count * unit.millis;
    return true;
  }
  return false;
}

}  // namespace

// A list finds these by their types, so they stand outside the unnamed namespace.
static bool SetValue(std::string_view text, Environment* value) {
  if (text != "test" && text != "live") return false;
  *value = text == "test" ? Environment::kTest : Environment::kLive;
  return true;
}

static bool SetValue(std::string_view text, PhoneNumberType* value) {
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

static bool SetValue(std::string_view text, NumberRange* value) {
  NumberRange range;
  if (!TakePart(&text, &range.region) || !TakePart(&text, &range.prefix) ||
      !TakePart(&text, &range.digits_min) || !TakePart(&text, &range.digits_max) ||
      !SetValue(text, &range.type))
    return false;
  *value = std::move(range);
  return true;
}

static bool SetValue(std::string_view text, SandboxNumber* value) {
  SandboxNumber number;
  if (!TakePart(&text, &number.e164) || !TakePart(&text, &number.code) ||
      !ReadInstant(text, &number.until))
    return false;
  *value = std::move(number);
  return true;
}

static bool SetValue(std::string_view text, SandboxAddress* value) {
  SandboxAddress address;
  if (!TakePart(&text, &address.address) || !TakePart(&text, &address.code) ||
      !ReadInstant(text, &address.until))
    return false;
  *value = std::move(address);
  return true;
}

namespace {

template <typename T>
constexpr PolicyField Describe(std::string_view name, const T*) {
  if constexpr (std::is_same_v<T, bool>) return {name, PolicyFieldKind::kBoolean, {}};
  if constexpr (std::is_integral_v<T>) return {name, PolicyFieldKind::kInteger, {}};
  if constexpr (std::is_same_v<T, double>) return {name, PolicyFieldKind::kNumber, {}};
  if constexpr (std::is_same_v<T, Duration>) return {name, PolicyFieldKind::kDuration, {}};
  return {name, PolicyFieldKind::kText, {}};
}
template <typename T>
constexpr PolicyField Describe(std::string_view name, const std::vector<T>*) {
  std::string_view parts;
  if constexpr (std::is_same_v<T, NumberRange>) parts = "region,prefix,digits_min,digits_max,type";
  if constexpr (std::is_same_v<T, SandboxNumber>) parts = "number,code,until";
  if constexpr (std::is_same_v<T, SandboxAddress>) parts = "address,code,until";
  return {name, PolicyFieldKind::kList, parts};
}

struct Entry {
  PolicyField field;
  bool (*set)(std::string_view text, Policy* policy);
};

// The row of a member, or of a member of a member.
template <typename Owner, auto Member>
constexpr Entry Field(std::string_view name) {
  using Value = std::remove_reference_t<decltype(std::declval<Owner&>().*Member)>;
  return {Describe(name, static_cast<const Value*>(nullptr)),
          [](std::string_view text, Policy* policy) { return SetValue(text, &(policy->*Member)); }};
}
template <typename Owner, auto Outer, auto Inner>
constexpr Entry Field(std::string_view name) {
  using Value = std::remove_reference_t<decltype((std::declval<Owner&>().*Outer).*Inner)>;
  return {Describe(name, static_cast<const Value*>(nullptr)),
          [](std::string_view text, Policy* policy) {
            return SetValue(text, &((policy->*Outer).*Inner));
          }};
}

using P = Policy;
constexpr Entry kFields[] = {
    Field<P, &P::environment>("environment"),
    Field<P, &P::passcode_digits>("passcode_digits"),
    Field<P, &P::passcode_life>("passcode_life"),
    Field<P, &P::challenge_failures_max>("challenge_failures_max"),
    Field<P, &P::clock_tolerance>("clock_tolerance"),
    Field<P, &P::operation_life>("operation_life"),
    Field<P, &P::lock_after_failures>("lock_after_failures"),
    Field<P, &P::lock_duration>("lock_duration"),
    Field<P, &P::lock_duration_max>("lock_duration_max"),
    Field<P, &P::disable_after_failures>("disable_after_failures"),
    Field<P, &P::rolling_failures>("rolling_failures"),
    Field<P, &P::rolling_window>("rolling_window"),
    Field<P, &P::rolling_lock>("rolling_lock"),
    Field<P, &P::success_per_year_max>("success_per_year_max"),
    Field<P, &P::sends_max>("sends_max"),
    Field<P, &P::sends_window>("sends_window"),
    Field<P, &P::sends_day_max>("sends_day_max"),
    Field<P, &P::send_interval_min>("send_interval_min"),
    Field<P, &P::resend_after>("resend_after"),
    Field<P, &P::email_passcode_digits>("email_passcode_digits"),
    Field<P, &P::email_expiration_minutes>("email_expiration_minutes"),
    Field<P, &P::email_expiration_minutes_max>("email_expiration_minutes_max"),
    Field<P, &P::email_rolling_failures>("email_rolling_failures"),
    Field<P, &P::email_rolling_window>("email_rolling_window"),
    Field<P, &P::email_rolling_lock>("email_rolling_lock"),
    Field<P, &P::email_sends_max>("email_sends_max"),
    Field<P, &P::email_sends_window>("email_sends_window"),
    Field<P, &P::email_address_sends_max>("email_address_sends_max"),
    Field<P, &P::email_organization_sends_max>("email_organization_sends_max"),
    Field<P, &P::email_discovery_sends_max>("email_discovery_sends_max"),
    Field<P, &P::sandbox_addresses>("sandbox_addresses"),
    Field<P, &P::device_life>("device_life"),
    Field<P, &P::remember_life>("remember_life"),
    Field<P, &P::remember_where_required>("remember_where_required"),
    Field<P, &P::number_sends_max>("number_sends_max"),
    Field<P, &P::region_sends_max>("region_sends_max"),
    Field<P, &P::organization_sends_max>("organization_sends_max"),
    Field<P, &P::conversion_ended_min>("conversion_ended_min"),
    Field<P, &P::conversion_percent_min>("conversion_percent_min"),
    Field<P, &P::send_when_guard_unreachable>("send_when_guard_unreachable"),
    Field<P, &P::spraying_failures>("spraying_failures"),
    Field<P, &P::allowed_regions>("allowed_regions"),
    Field<P, &P::unsupported_regions>("unsupported_regions"),
    Field<P, &P::accept_possible_numbers>("accept_possible_numbers"),
    Field<P, &P::replace_pending_number>("replace_pending_number"),
    Field<P, &P::totp_issuer>("totp_issuer"),
    Field<P, &P::totp, &TotpParameters::digits>("totp_digits"),
    Field<P, &P::totp, &TotpParameters::algorithm>("totp_algorithm"),
    Field<P, &P::totp_window, &TotpWindow::back>("totp_back"),
    Field<P, &P::totp_window, &TotpWindow::ahead>("totp_ahead"),
    Field<P, &P::totp_import_bytes_min>("totp_import_bytes_min"),
    Field<P, &P::recovery_codes>("recovery_codes"),
    Field<P, &P::recovery_code_groups>("recovery_code_groups"),
    Field<P, &P::recovery_codes_readable>("recovery_codes_readable"),
    Field<P, &P::search_visits_max>("search_visits_max"),
    Field<P, &P::number_types>("number_types"),
    Field<P, &P::number_ranges>("number_ranges"),
    Field<P, &P::sandbox_numbers>("sandbox_numbers"),
    Field<P, &P::error_url_base>("error_url_base"),
};

}  // namespace

std::vector<PolicyField> PolicyFields() {
  std::vector<PolicyField> fields;
  for (const Entry& entry : kFields) fields.push_back(entry.field);
  return fields;
}

FieldOutcome SetPolicyField(std::string_view name, std::string_view text, Policy* policy) {
  for (const Entry& entry : kFields) {
    if (entry.field.name != name) continue;
    bool set = false;
    if (entry.field.kind == PolicyFieldKind::kDuration) {
      int64_t millis = 0;
      set = ReadDuration(text, &millis) && entry.set(std::to_string(millis), policy);
    } else {
      set = entry.set(text, policy);
    }
    return set ? FieldOutcome::kSet : FieldOutcome::kBadValue;
  }
  return FieldOutcome::kUnknownName;
}

}  // namespace otpcore
