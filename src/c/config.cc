// SPDX-License-Identifier: Apache-2.0
// A configuration in C: settings by name, keys, and the check of all together.
#include <algorithm>

#include "c/boundary.h"
#include "c/config_handle.h"
#include "c/fields.h"
#include "otpcore/base/version.h"
#include "otpcore/model/policy_fields.h"

using namespace otpcore;  // NOLINT(google-build-using-namespace): a file of C functions

namespace {

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

// In C a duration has its unit in its name.
FieldOutcome SetField(std::string_view name, std::string_view value, Policy* policy) {
  constexpr std::string_view kMillis = "_ms";
  for (const PolicyField& field : PolicyFields()) {
    if (name.substr(0, field.name.size()) != field.name) continue;
    const std::string_view rest = name.substr(field.name.size());
    const bool is_duration = field.kind == PolicyFieldKind::kDuration;
    if (rest != (is_duration ? kMillis : std::string_view())) continue;
    return SetPolicyField(field.name, is_duration ? std::string(value) + "ms" : std::string(value),
                          policy);
  }
  return FieldOutcome::kUnknownName;
}

otpcore_code Set(std::string_view name, std::string_view value, otpcore_config* config) {
  if (name == "preset") {
    if (value != "default" && value != "strict") return OTPCORE_BAD_VALUE;
    config->policy = value == "strict" ? Policy::Strict() : Policy::Default();
    return OTPCORE_OK;
  }
  switch (SetField(name, value, &config->policy)) {
    case FieldOutcome::kSet: return OTPCORE_OK;
    case FieldOutcome::kBadValue: return OTPCORE_BAD_VALUE;
    case FieldOutcome::kUnknownName: break;
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
