// SPDX-License-Identifier: Apache-2.0
// How an Organization is made, whether by a request of its own or by what somebody discovered.
#ifndef OTPCORE_EXAMPLES_MFA_SERVER_ORGANIZATION_ROUTES_H_
#define OTPCORE_EXAMPLES_MFA_SERVER_ORGANIZATION_ROUTES_H_

#include <optional>

#include "running.h"

namespace mfa_server {

struct NewOrganization {
  otpcore::CreateOrganizationRequest request;
  Json settings;  // of settings.h
};

// The fields of an Organization. Nothing: `*problem` says what is wrong with them.
std::optional<NewOrganization> ReadNewOrganization(Fields& fields, const char** problem);

// Makes it. Without a slug it gets one that is made of its name.
otpcore::Reply<otpcore::CreateOrganization> MakeOrganization(
    const Backend& backend, const Call& call, otpcore::CreateOrganizationRequest request);

// Keeps the settings of an Organization. False: they may not be kept.
bool KeepSettings(const Backend& backend, const otpcore::EntityId& organization_id,
                  const Json& settings);

}  // namespace mfa_server

#endif  // OTPCORE_EXAMPLES_MFA_SERVER_ORGANIZATION_ROUTES_H_
