// SPDX-License-Identifier: Apache-2.0
#include "settings.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "secret_name.h"

namespace mfa_server {
namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): an example reads as a host would

constexpr char kJit[] = "email_jit_provisioning";
constexpr char kDomains[] = "email_allowed_domains";
constexpr char kRestricted[] = "RESTRICTED";
constexpr size_t kDomainsMax = 100;
constexpr int kTriesMax = 5;

bool IsDomain(const std::string& text) { return IsEmailAddress("a@" + text); }

SessionCredential Credential(const std::string& name) {
  return {SessionCredential::Kind::kSessionToken, name};
}

}  // namespace

std::optional<Json> ReadSettings(Fields& fields, const char** problem) {
  Json settings = Json::object();
  const std::string jit = fields.Text(kJit);
  const std::optional<std::vector<std::string>> domains = fields.Texts(kDomains);
  if (!jit.empty() && jit != kRestricted && jit != "NOT_ALLOWED") {
    *problem = "email_jit_provisioning must be NOT_ALLOWED or RESTRICTED";
    return std::nullopt;
  }
  if (!jit.empty()) settings[kJit] = jit;
  if (!domains) return settings;
  if (domains->size() > kDomainsMax || !std::all_of(domains->begin(), domains->end(), IsDomain)) {
    *problem = "email_allowed_domains takes at most 100 names of domains";
    return std::nullopt;
  }
  settings[kDomains] = *domains;
  return settings;
}

OrganizationSettings::OrganizationSettings(const SessionStore& store, Clock& clock,
                                           std::string secret)
    : store_(store), clock_(clock), secret_(std::move(secret)) {}

std::string OrganizationSettings::NameOf(const std::string& organization_id) const {
  return SecretName(secret_, "settings of an organization:" + organization_id);
}

void OrganizationSettings::Show(Json* organization) const {
  const std::string name = NameOf(organization->value("organization_id", ""));
  if (const auto known = store_.get(Credential(name)))
    organization->update(Json::parse(known->metadata));
}

bool OrganizationSettings::Change(const EntityId& organization_id, const Json& changes) const {
  if (changes.empty()) return true;
  const std::string name = NameOf(organization_id.str());
  for (int tries = 0; tries < kTriesMax; ++tries) {
    const auto known = store_.get(Credential(name));
    if (!known) {
      if (store_.add(Credential(name), Session(), clock_.Now() + kKeptForever, changes.dump()))
        return true;
      continue;  // another server has just added them
    }
    Json changed = Json::parse(known->metadata);
    changed.update(changes);
    if (store_.compare_and_set_metadata(Credential(name), known->metadata, changed.dump()))
      return true;
  }
  return false;
}

void OrganizationSettings::Remove(const EntityId& organization_id) const {
  const std::string name = NameOf(organization_id.str());
  store_.remove(Credential(name));
}

std::optional<JustInTime> OrganizationSettings::WordOn(const EntityId& organization_id,
                                                       const std::string& email_address) const {
  const std::string name = NameOf(organization_id.str());
  const auto found = store_.find(Credential(name));
  if (!found.ok) return std::nullopt;
  if (!found.session) return JustInTime::kNotAllowed;
  const auto known = store_.get(Credential(name));
  if (!known) return std::nullopt;
  const Json settings = Json::parse(known->metadata);
  if (settings.value(kJit, "") != kRestricted) return JustInTime::kNotAllowed;
  const auto domains = settings.value(kDomains, std::vector<std::string>());
  return DomainIsOneOf(email_address, domains) ? JustInTime::kAllow
                                               : JustInTime::kAddressNotAllowed;
}

}  // namespace mfa_server
