// Commands on Organizations (rule M-01).
#ifndef OTPCORE_ORGANIZATIONS_H_
#define OTPCORE_ORGANIZATIONS_H_

#include <optional>
#include <string>
#include <vector>

#include "otpcore/command.h"
#include "otpcore/export.h"

namespace otpcore {

// Field names and values are the wire's. Empty text counts as absent (C-03).
struct CreateOrganizationRequest {
  std::string organization_name;         // required, 1 … 128 characters
  std::string organization_id;           // a host's own id; default: generated
  std::string organization_slug;         // default: none
  std::string organization_external_id;  // default: none
  std::string mfa_policy;                // "OPTIONAL" (default) or "REQUIRED_FOR_ALL"
  std::string mfa_methods;               // "ALL_ALLOWED" (default) or "RESTRICTED"
  std::vector<std::string>
      allowed_mfa_methods;  // of "sms_otp", "totp"; needed for RESTRICTED (M-06)
};

struct CreateOrganizationResponse {
  Organization organization;
};

struct OTPCORE_EXPORT CreateOrganization {
  using Request = CreateOrganizationRequest;
  using Response = CreateOrganizationResponse;
  // Errors: kBadRequest, kInvalidId, kInvalidOrganizationSlug, the environment errors,
  // kInvalidOrganizationMfaPolicy, kInvalidOrganizationAllowedMfaMethods,
  // kAllowedMfaMethodsRequiredForRestricted, kOrganizationSlugAlreadyUsed,
  // kOrganizationExternalIdAlreadyUsed, kInternalServerError without entropy.
  static Decision Plan(const CallContext& context, const Request& request, const Facts& facts);
  static Result<Response> Respond(const CallContext& context, const Request& request,
                                  const Conclusion& conclusion);
};

}  // namespace otpcore

#endif  // OTPCORE_ORGANIZATIONS_H_
