// SPDX-License-Identifier: Apache-2.0
// A configuration in C: settings by name, keys, and the check of all together.
#include <algorithm>

#include "c/boundary.h"
#include "c/config_handle.h"
#include "c/fields.h"
#include "otpcore/base/version.h"

using namespace otpcore;  // NOLINT(google-build-using-namespace): a file of C functions

namespace {

using P = Policy;
constexpr FieldRow<Policy> kPolicy[] = {
    Row<P, &P::environment>("environment"),
    Row<P, &P::passcode_digits>("passcode_digits"),
    Row<P, &P::passcode_life>("passcode_life_ms"),
    Row<P, &P::challenge_failures_max>("challenge_failures_max"),
    Row<P, &P::clock_tolerance>("clock_tolerance_ms"),
    Row<P, &P::operation_life>("operation_life_ms"),
    Row<P, &P::lock_after_failures>("lock_after_failures"),
    Row<P, &P::lock_duration>("lock_duration_ms"),
    Row<P, &P::lock_duration_max>("lock_duration_max_ms"),
    Row<P, &P::disable_after_failures>("disable_after_failures"),
    Row<P, &P::rolling_failures>("rolling_failures"),
    Row<P, &P::rolling_window>("rolling_window_ms"),
    Row<P, &P::rolling_lock>("rolling_lock_ms"),
    Row<P, &P::success_per_year_max>("success_per_year_max"),
    Row<P, &P::sends_max>("sends_max"),
    Row<P, &P::sends_window>("sends_window_ms"),
    Row<P, &P::sends_day_max>("sends_day_max"),
    Row<P, &P::send_interval_min>("send_interval_min_ms"),
    Row<P, &P::resend_after>("resend_after_ms"),
    Row<P, &P::email_passcode_digits>("email_passcode_digits"),
    Row<P, &P::email_expiration_minutes>("email_expiration_minutes"),
    Row<P, &P::email_expiration_minutes_max>("email_expiration_minutes_max"),
    Row<P, &P::email_rolling_failures>("email_rolling_failures"),
    Row<P, &P::email_rolling_window>("email_rolling_window_ms"),
    Row<P, &P::email_rolling_lock>("email_rolling_lock_ms"),
    Row<P, &P::email_sends_max>("email_sends_max"),
    Row<P, &P::email_sends_window>("email_sends_window_ms"),
    Row<P, &P::email_address_sends_max>("email_address_sends_max"),
    Row<P, &P::email_organization_sends_max>("email_organization_sends_max"),
    Row<P, &P::email_discovery_sends_max>("email_discovery_sends_max"),
    Row<P, &P::sandbox_addresses>("sandbox_addresses"),
    Row<P, &P::device_life>("device_life_ms"),
    Row<P, &P::remember_life>("remember_life_ms"),
    Row<P, &P::remember_where_required>("remember_where_required"),
    Row<P, &P::number_sends_max>("number_sends_max"),
    Row<P, &P::region_sends_max>("region_sends_max"),
    Row<P, &P::organization_sends_max>("organization_sends_max"),
    Row<P, &P::conversion_ended_min>("conversion_ended_min"),
    Row<P, &P::conversion_percent_min>("conversion_percent_min"),
    Row<P, &P::send_when_guard_unreachable>("send_when_guard_unreachable"),
    Row<P, &P::spraying_failures>("spraying_failures"),
    Row<P, &P::allowed_regions>("allowed_regions"),
    Row<P, &P::unsupported_regions>("unsupported_regions"),
    Row<P, &P::accept_possible_numbers>("accept_possible_numbers"),
    Row<P, &P::replace_pending_number>("replace_pending_number"),
    Row<P, &P::totp_issuer>("totp_issuer"),
    Row<P, &P::totp, &TotpParameters::digits>("totp_digits"),
    Row<P, &P::totp, &TotpParameters::algorithm>("totp_algorithm"),
    Row<P, &P::totp_window, &TotpWindow::back>("totp_back"),
    Row<P, &P::totp_window, &TotpWindow::ahead>("totp_ahead"),
    Row<P, &P::totp_import_bytes_min>("totp_import_bytes_min"),
    Row<P, &P::recovery_codes>("recovery_codes"),
    Row<P, &P::recovery_code_groups>("recovery_code_groups"),
    Row<P, &P::recovery_codes_readable>("recovery_codes_readable"),
    Row<P, &P::search_visits_max>("search_visits_max"),
    Row<P, &P::number_types>("number_types"),
    Row<P, &P::number_ranges>("number_ranges"),
    Row<P, &P::sandbox_numbers>("sandbox_numbers"),
    Row<P, &P::error_url_base>("error_url_base"),
};

constexpr FieldRow<MessageConfig> kMessages[] = {
    Row<MessageConfig, &MessageConfig::brand>("brand"),
    Row<MessageConfig, &MessageConfig::web_otp_host>("web_otp_host"),
    Row<MessageConfig, &MessageConfig::android_app_hash>("android_app_hash"),
};

// Null for a name that is no template.
std::string* FindTemplate(std::string_view name, MessageConfig* messages) {
  constexpr std::string_view kPrefix = "template.";
  if (name.substr(0, kPrefix.size()) != kPrefix) return nullptr;
  name.remove_prefix(kPrefix.size());
  const size_t dot = name.find('.');
  Channel channel{};
  if (dot == std::string_view::npos || !ParseChannel(name.substr(0, dot), &channel)) return nullptr;
  MessageTemplates* const templates = channel == Channel::kSms ? &messages->templates
                                      : channel == Channel::kWhatsApp
                                          ? &messages->whatsapp_templates
                                      : channel == Channel::kVoice ? &messages->voice_templates
                                                                   : nullptr;
  for (size_t i = 0; templates != nullptr && i < kLocaleCount; ++i) {
    if (LocaleName(static_cast<Locale>(i)) == name.substr(dot + 1)) return &(*templates)[i];
  }
  return nullptr;
}

otpcore_code Set(std::string_view name, std::string_view value, otpcore_config* config) {
  if (name == "preset") {
    if (value != "default" && value != "strict") return OTPCORE_BAD_VALUE;
    config->policy = value == "strict" ? Policy::Strict() : Policy::Default();
    return OTPCORE_OK;
  }
  for (const auto& row : kPolicy) {
    if (row.name == name) return row.set(value, &config->policy) ? OTPCORE_OK : OTPCORE_BAD_VALUE;
  }
  for (const auto& row : kMessages) {
    if (row.name == name) return row.set(value, &config->messages) ? OTPCORE_OK : OTPCORE_BAD_VALUE;
  }
  std::string* const text = FindTemplate(name, &config->messages);
  if (text == nullptr) return OTPCORE_UNKNOWN_NAME;
  *text = value;
  return OTPCORE_OK;
}

template <typename Key>
otpcore_code AddKey(uint32_t id, const uint8_t* bytes,
                    std::vector<std::pair<uint32_t, Key>>* keys) {
  constexpr SecretAccess kConfigures("the host's key");
  Key key;
  std::copy_n(bytes, Key::size(), key.RevealMutable(kConfigures));
  keys->emplace_back(id, std::move(key));
  return OTPCORE_OK;
}

// Config::Create takes its keys, and may refuse: the handle keeps its own.
template <typename Ring, typename Keys>
Ring RingOf(const Keys& keys) {
  Ring ring;
  for (const auto& [id, key] : keys) ring.Add(id, key.Duplicate());
  return ring;
}

}  // namespace

extern "C" {

const char* otpcore_c_version(void) { return OTPCORE_VERSION_STRING; }

otpcore_config* otpcore_config_new(void) {
  otpcore_config* config = nullptr;
  Guarded([&] {
    config = new otpcore_config;
    return OTPCORE_OK;
  });
  return config;
}

void otpcore_config_free(otpcore_config* config) { delete config; }

otpcore_code otpcore_config_set(otpcore_config* config, const char* name, const char* value,
                                size_t size) {
  return Guarded([&] {
    if (config == nullptr || name == nullptr || (value == nullptr && size > 0) || config->sealed)
      return OTPCORE_MISUSE;
    return Set(name, TextOf(value, size), config);
  });
}

otpcore_code otpcore_config_add_key(otpcore_config* config, uint32_t id, const uint8_t key[32]) {
  return Guarded([&] {
    if (config == nullptr || key == nullptr || config->sealed) return OTPCORE_MISUSE;
    return AddKey(id, key, &config->keys);
  });
}

otpcore_code otpcore_config_add_sealing_key(otpcore_config* config, uint32_t id,
                                            const uint8_t key[32]) {
  return Guarded([&] {
    if (config == nullptr || key == nullptr || config->sealed) return OTPCORE_MISUSE;
    return AddKey(id, key, &config->sealing_keys);
  });
}

otpcore_code otpcore_config_seal(otpcore_config* config, otpcore_view* problem) {
  return Guarded([&] {
    if (config == nullptr || config->sealed) return OTPCORE_MISUSE;
    config->sealed = Config::Create(config->policy, RingOf<KeyRing>(config->keys),
                                    RingOf<SealingKeyRing>(config->sealing_keys), config->messages,
                                    &config->problem);
    if (config->sealed) return OTPCORE_OK;
    if (problem != nullptr) *problem = ViewOf(config->problem);
    return OTPCORE_BAD_VALUE;
  });
}

}  // extern "C"
