// SPDX-License-Identifier: Apache-2.0
// What this server keeps of an Organization beside the library: who may join by e-mail.
//
// A host has a database of its own for such things. This one has only what the components bring, so
// the settings lie in the session directory, as metadata under a name that no client can know.
#ifndef OTPCORE_EXAMPLES_MFA_SERVER_SETTINGS_H_
#define OTPCORE_EXAMPLES_MFA_SERVER_SETTINGS_H_

#include <optional>
#include <string>

#include "otpcore/otpcore.h"
#include "sessions.h"
#include "wire.h"

namespace mfa_server {

// The fields email_jit_provisioning (NOT_ALLOWED or RESTRICTED) and email_allowed_domains of a
// request, as far as they are there. Nothing: `*problem` says what is wrong with them.
std::optional<Json> ReadSettings(Fields& fields, const char** problem);

// Thread-safe.
class OrganizationSettings {
 public:
  // Servers that share a directory have the same `secret`. The others must outlive it.
  OrganizationSettings(const SessionStore& store, otpcore::Clock& clock, std::string secret);

  // Puts the settings of an Organization over what RenderMemberBody shows. Those that cannot be
  // read are shown as the default, NOT_ALLOWED without domains.
  void Show(Json* organization) const;
  // False: they may not be changed.
  bool Change(const otpcore::EntityId& organization_id, const Json& changes) const;
  void Remove(const otpcore::EntityId& organization_id) const;
  // The host's word on an address that no Member has (EM-07). Nothing: the directory does not
  // answer.
  std::optional<otpcore::JustInTime> WordOn(const otpcore::EntityId& organization_id,
                                            const std::string& email_address) const;

 private:
  std::string NameOf(const std::string& organization_id) const;

  const SessionStore& store_;
  otpcore::Clock& clock_;
  const std::string secret_;
};

}  // namespace mfa_server

#endif  // OTPCORE_EXAMPLES_MFA_SERVER_SETTINGS_H_
