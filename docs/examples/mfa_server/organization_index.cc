// SPDX-License-Identifier: Apache-2.0
#include "organization_index.h"

#include <algorithm>
#include <utility>

#include "secret_name.h"

namespace mfa_server {
namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): an example reads as a host would

std::string OfAnAddress(const std::string& address) {
  return "address " + CanonicalEmail(address).str();
}
std::string OfADomain(const std::string& domain) {
  return "domain " + CanonicalEmail(domain).str();
}

// What stands in the place of a Member's id.
EntityId SubjectId(const std::string& secret, const std::string& subject) {
  std::string id = "index-";
  for (const char c : SecretName(secret, subject)) {
    const auto byte = static_cast<unsigned char>(c);
    id += "0123456789abcdef"[byte >> 4];
    id += "0123456789abcdef"[byte & 15];
  }
  return EntityId(id);
}

}  // namespace

OrganizationIndex::OrganizationIndex(const SessionStore& store, Clock& clock, std::string secret)
    : store_(store), clock_(clock), secret_(std::move(secret)) {}

std::string OrganizationIndex::NameOf(const std::string& subject,
                                      const std::string& organization_id) const {
  return SecretName(secret_, "organization " + organization_id + " of " + subject);
}

bool OrganizationIndex::Add(const std::string& subject, const EntityId& organization_id) const {
  const std::string name = NameOf(subject, organization_id.str());
  const SessionCredential credential = {SessionCredential::Kind::kSessionToken, name};
  if (store_.get(credential)) return true;
  Session entry;
  entry.organization_id = organization_id;
  entry.member_id = SubjectId(secret_, subject);
  const auto entries = store_.list(entry.member_id);
  if (!entries) return false;
  // Several that are added at once may be a few more.
  if (entries->size() >= kEntriesMax) return true;
  // Where another server has added the same meanwhile, it is there.
  return store_.add(credential, entry, clock_.Now() + kKeptForever, "") ||
         store_.get(credential).has_value();
}

std::optional<std::vector<EntityId>> OrganizationIndex::Of(const std::string& subject) const {
  const auto entries = store_.list(SubjectId(secret_, subject));
  if (!entries) return std::nullopt;
  std::vector<EntityId> organizations;
  organizations.reserve(entries->size());
  for (const SessionInfo& entry : *entries) organizations.push_back(entry.session.organization_id);
  std::sort(organizations.begin(), organizations.end(),
            [](const EntityId& a, const EntityId& b) { return a.str() < b.str(); });
  return organizations;
}

bool OrganizationIndex::AddAddress(const EntityId& organization_id,
                                   const std::string& email_address) const {
  return Add(OfAnAddress(email_address), organization_id);
}
bool OrganizationIndex::AddDomain(const EntityId& organization_id,
                                  const std::string& domain) const {
  return Add(OfADomain(domain), organization_id);
}

std::optional<std::vector<EntityId>> OrganizationIndex::OfAddress(
    const std::string& email_address) const {
  return Of(OfAnAddress(email_address));
}
std::optional<std::vector<EntityId>> OrganizationIndex::OfDomain(const std::string& domain) const {
  return Of(OfADomain(domain));
}

}  // namespace mfa_server
