// SPDX-License-Identifier: Apache-2.0
// Which Organizations an e-mail address may lead to. Discovery asks it (EM-29); the library does
// not know, for that would take a look at all tenants.
//
// A host has a database of its own for such things. This one has only what the components bring, so
// each entry lies in the session directory: as a session that nobody can name, whose Member is the
// digest of an address or of a domain.
#ifndef OTPCORE_EXAMPLES_MFA_SERVER_ORGANIZATION_INDEX_H_
#define OTPCORE_EXAMPLES_MFA_SERVER_ORGANIZATION_INDEX_H_

#include <optional>
#include <string>
#include <vector>

#include "otpcore/otpcore.h"
#include "sessions.h"

namespace mfa_server {

// Entries may be out of date, so whoever reads one looks at the Organization. None is missing that
// was added, up to kEntriesMax of an address or a domain: beyond that discovery does not list an
// Organization, and a person gets into it by its id or slug. To refuse instead would let somebody
// who makes many Organizations for a domain keep others from it. Members that were made without
// this server are not in it. Thread-safe.
class OrganizationIndex {
 public:
  static constexpr size_t kEntriesMax = 200;

  // Servers that share a directory have the same `secret`. The others must outlive it.
  OrganizationIndex(const SessionStore& store, otpcore::Clock& clock, std::string secret);

  // Call it before a Member of the Organization gets the address. May be repeated. False: it may
  // not be there, so the Member must not get it.
  bool AddAddress(const otpcore::EntityId& organization_id, const std::string& email_address) const;
  // The same before people of the domain may join.
  bool AddDomain(const otpcore::EntityId& organization_id, const std::string& domain) const;

  // In the order of their ids. Nothing: the directory does not answer.
  std::optional<std::vector<otpcore::EntityId>> OfAddress(const std::string& email_address) const;
  std::optional<std::vector<otpcore::EntityId>> OfDomain(const std::string& domain) const;

 private:
  std::string NameOf(const std::string& subject, const std::string& organization_id) const;
  bool Add(const std::string& subject, const otpcore::EntityId& organization_id) const;
  std::optional<std::vector<otpcore::EntityId>> Of(const std::string& subject) const;

  const SessionStore& store_;
  otpcore::Clock& clock_;
  const std::string secret_;
};

}  // namespace mfa_server

#endif  // OTPCORE_EXAMPLES_MFA_SERVER_ORGANIZATION_INDEX_H_
