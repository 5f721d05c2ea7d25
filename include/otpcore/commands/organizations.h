// SPDX-License-Identifier: Apache-2.0
// Commands on Organizations: create, get, update, delete (rules M-01, M-06, M-07, C-09).
#ifndef OTPCORE_COMMANDS_ORGANIZATIONS_H_
#define OTPCORE_COMMANDS_ORGANIZATIONS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "otpcore/base/export.h"
#include "otpcore/commands/checked.h"
#include "otpcore/plan/command_for.h"

namespace otpcore {

// What Check makes of the settings of a request; absent ones stay as they are.
struct CheckedSettings {
  std::string_view name;
  std::string_view slug;
  std::string_view external_id;
  std::optional<MfaPolicy> mfa_policy;
  std::optional<MfaMethods> mfa_methods;
  bool has_allowed_methods = false;
  bool sms_otp_allowed = false;
  bool totp_allowed = false;
  std::optional<AuthMethods> auth_methods;
  std::optional<AuthMethodSet> allowed_auth_methods;
};

// Field names and values are the wire's. Empty text counts as absent (C-03).
struct CreateOrganizationRequest {
  std::string organization_name = {};         // required, 1 … 128 characters
  std::string organization_id = {};           // a host's own id; default: generated
  std::string organization_slug = {};         // default: none; unique in any case (C-02)
  std::string organization_external_id = {};  // default: none
  std::string mfa_policy = {};                // "OPTIONAL" (default) or "REQUIRED_FOR_ALL"
  std::string mfa_methods = {};               // "ALL_ALLOWED" (default) or "RESTRICTED"
  // Of "sms_otp" and "totp"; at least one for RESTRICTED (M-06).
  std::vector<std::string> allowed_mfa_methods = {};
  std::string auth_methods = {};  // "ALL_ALLOWED" (default) or "RESTRICTED"
  // Wire names of AuthMethod; at least one for RESTRICTED (M-11).
  std::vector<std::string> allowed_auth_methods = {};
};

struct OTPCORE_EXPORT CreateOrganization : ShowsRecord {
  static constexpr CommandKind kKind = CommandKind::kCreateOrganization;
  static constexpr size_t kEntropyBytes = kEntropyForIds;
  using Request = CreateOrganizationRequest;
  struct Checked : CheckedSettings {
    EntityId organization_id;  // empty: to be made
  };
  // Errors: kBadRequest, kInvalidId, kInvalidOrganizationSlug, the environment errors,
  // kInvalidOrganizationMfaPolicy, kInvalidOrganizationAllowedMfaMethods,
  // kInvalidOrganizationAllowedAuthMethods, kAllowedMfaMethodsRequiredForRestricted,
  // kAllowedAuthMethodsRequiredForRestricted, kOrganizationSlugAlreadyUsed,
  // kOrganizationExternalIdAlreadyUsed, kInternalServerError without entropy.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
};
template <>
struct CommandOf<CreateOrganizationRequest> : IsCommand<CreateOrganization> {};

struct GetOrganizationRequest {
  std::string organization_id = {};  // required; id, slug or external id
};

struct OTPCORE_EXPORT GetOrganization : ShowsRecord {
  static constexpr CommandKind kKind = CommandKind::kNone;
  static constexpr size_t kEntropyBytes = kEntropyForRun;
  using Request = GetOrganizationRequest;
  using Checked = CheckedOrganization;
  // Errors: kBadRequest, kInvalidId, the environment errors, kOrganizationNotFound.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
};
template <>
struct CommandOf<GetOrganizationRequest> : IsCommand<GetOrganization> {};

// Absent fields stay as they are. Sessions and challenges that live are judged by the new settings
// from the commit on.
struct UpdateOrganizationRequest {
  std::string organization_id = {};  // required; id, slug or external id
  std::string organization_name = {};
  std::string organization_slug = {};
  std::string organization_external_id = {};
  std::string mfa_policy = {};
  std::string mfa_methods = {};
  std::optional<std::vector<std::string>> allowed_mfa_methods = {};  // replaces the list
  std::string auth_methods = {};
  std::optional<std::vector<std::string>> allowed_auth_methods = {};  // replaces the list
};

struct OTPCORE_EXPORT UpdateOrganization : ShowsRecord {
  static constexpr CommandKind kKind = CommandKind::kUpdateOrganization;
  static constexpr size_t kEntropyBytes = kEntropyForRun;
  using Request = UpdateOrganizationRequest;
  struct Checked : CheckedSettings {
    CheckedOrganization organization;
  };
  // Errors: those of create, and kOrganizationNotFound.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
};
template <>
struct CommandOf<UpdateOrganizationRequest> : IsCommand<UpdateOrganization> {};

// Every later command answers kOrganizationNotFound. Slug and external id may be used again, the
// id may not. Its Members are left as they are, out of reach; purge those that must go first.
struct DeleteOrganizationRequest {
  std::string organization_id = {};  // required; id, slug or external id
};

struct OTPCORE_EXPORT DeleteOrganization : ShowsRecord {
  static constexpr CommandKind kKind = CommandKind::kDeleteOrganization;
  static constexpr size_t kEntropyBytes = kEntropyForRun;
  using Request = DeleteOrganizationRequest;
  using Checked = CheckedOrganization;
  // Errors: kBadRequest, kInvalidId, the environment errors, kOrganizationNotFound.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
};
template <>
struct CommandOf<DeleteOrganizationRequest> : IsCommand<DeleteOrganization> {};

}  // namespace otpcore

#endif  // OTPCORE_COMMANDS_ORGANIZATIONS_H_
