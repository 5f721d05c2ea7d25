// SPDX-License-Identifier: Apache-2.0
// Commands on Organizations: create, get, update, delete (rules M-01, M-06, M-07, C-09).
#ifndef OTPCORE_COMMANDS_ORGANIZATIONS_H_
#define OTPCORE_COMMANDS_ORGANIZATIONS_H_

#include <optional>
#include <string>
#include <vector>

#include "otpcore/base/export.h"
#include "otpcore/plan/command.h"

namespace otpcore {

// What each command on an Organization answers with: the Organization after it.
struct OrganizationResponse {
  Organization organization;
};

// Field names and values are the wire's. Empty text counts as absent (C-03).
struct CreateOrganizationRequest {
  std::string organization_name;         // required, 1 … 128 characters
  std::string organization_id;           // a host's own id; default: generated
  std::string organization_slug;         // default: none
  std::string organization_external_id;  // default: none
  std::string mfa_policy;                // "OPTIONAL" (default) or "REQUIRED_FOR_ALL"
  std::string mfa_methods;               // "ALL_ALLOWED" (default) or "RESTRICTED"
  // Of "sms_otp" and "totp"; at least one for RESTRICTED (M-06).
  std::vector<std::string> allowed_mfa_methods;
};

struct OTPCORE_EXPORT CreateOrganization {
  using Request = CreateOrganizationRequest;
  using Response = OrganizationResponse;
  // Errors: kBadRequest, kInvalidId, kInvalidOrganizationSlug, the environment errors,
  // kInvalidOrganizationMfaPolicy, kInvalidOrganizationAllowedMfaMethods,
  // kAllowedMfaMethodsRequiredForRestricted, kOrganizationSlugAlreadyUsed,
  // kOrganizationExternalIdAlreadyUsed, kInternalServerError without entropy.
  static Decision Plan(const CallContext& context, const Request& request, const Facts& facts);
  static Result<Response> Respond(const CallContext& context, const Request& request,
                                  const Conclusion& conclusion);
};

struct GetOrganizationRequest {
  std::string organization_id;  // required; id, slug or external id
};

struct OTPCORE_EXPORT GetOrganization {
  using Request = GetOrganizationRequest;
  using Response = OrganizationResponse;
  // Errors: kBadRequest, kInvalidId, the environment errors, kOrganizationNotFound.
  static Decision Plan(const CallContext& context, const Request& request, const Facts& facts);
  static Result<Response> Respond(const CallContext& context, const Request& request,
                                  const Conclusion& conclusion);
};

// Absent fields stay as they are. Sessions and challenges that live are judged by the new settings
// from the commit on.
struct UpdateOrganizationRequest {
  std::string organization_id;  // required; id, slug or external id
  std::string organization_name;
  std::string organization_slug;
  std::string organization_external_id;
  std::string mfa_policy;
  std::string mfa_methods;
  std::optional<std::vector<std::string>> allowed_mfa_methods;  // replaces the list
};

struct OTPCORE_EXPORT UpdateOrganization {
  using Request = UpdateOrganizationRequest;
  using Response = OrganizationResponse;
  // Errors: those of create, and kOrganizationNotFound.
  static Decision Plan(const CallContext& context, const Request& request, const Facts& facts);
  static Result<Response> Respond(const CallContext& context, const Request& request,
                                  const Conclusion& conclusion);
};

// Every later command answers kOrganizationNotFound. Slug and external id may be used again, the
// id may not. Its Members are left as they are, out of reach; purge those that must go first.
struct DeleteOrganizationRequest {
  std::string organization_id;  // required; id, slug or external id
};

struct OTPCORE_EXPORT DeleteOrganization {
  using Request = DeleteOrganizationRequest;
  using Response = OrganizationResponse;
  // Errors: kBadRequest, kInvalidId, the environment errors, kOrganizationNotFound.
  static Decision Plan(const CallContext& context, const Request& request, const Facts& facts);
  static Result<Response> Respond(const CallContext& context, const Request& request,
                                  const Conclusion& conclusion);
};

}  // namespace otpcore

#endif  // OTPCORE_COMMANDS_ORGANIZATIONS_H_
