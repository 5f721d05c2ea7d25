// SPDX-License-Identifier: Apache-2.0
// Recovery codes: use one in place of a lost authenticator app, show those that are left, replace
// them all (rules RC-*, C-10).
//
// A set is made with the TOTP registration (totp.h) and goes with it. Each code is good once. All
// three commands need the registration to be active, and a sealing key.
//
//   UseRecoveryCodeRequest request;
//   request.organization_id = …;
//   request.recovery_code.emplace(form["code"]);
//   auto reply = engine.Run(request);
//   if (reply.ok() && reply.recovery_codes_remaining <= 3) OfferNewCodes();
#ifndef OTPCORE_COMMANDS_RECOVERY_CODES_H_
#define OTPCORE_COMMANDS_RECOVERY_CODES_H_

#include <optional>
#include <string>

#include "otpcore/base/export.h"
#include "otpcore/commands/actor.h"
#include "otpcore/commands/checked.h"
#include "otpcore/factors/recovery_codes.h"
#include "otpcore/plan/command_for.h"

namespace otpcore {

// ---- Use ----

// The API's recover. Holds a secret, so it is movable only.
struct UseRecoveryCodeRequest {
  std::string organization_id = {};
  std::string member_id = {};
  // Absent: kBadRequest; present but empty: kInvalidRecoveryCode.
  std::optional<TypedRecoveryCode> recovery_code = {};
  SessionArguments session = {};                     // exactly one
  std::optional<int> session_duration_minutes = {};  // 5 … 527040; default 60
  std::string device = {};  // 16 … 128 bytes; default: unknown. A success makes it known (DV-02)
  bool remember_device = false;  // with a success: spare this device the next MFA steps (DV-05)
};

struct UseRecoveryCodeResponse : ProofResponse {
  int recovery_codes_remaining = 0;  // after this one
};

// A success is a second factor like any other: with it the Member may delete the lost registration
// (S-12). mfa_enrolled, default_mfa_method and the registration stay (RC-11). Tell the Member that
// a code was used (RC-12).
struct OTPCORE_EXPORT UseRecoveryCode {
  static constexpr CommandKind kKind = CommandKind::kUseRecoveryCode;
  static constexpr size_t kEntropyBytes = kEntropyForSealing;  // a success seals anew (TO-24)
  using Request = UseRecoveryCodeRequest;
  using Response = UseRecoveryCodeResponse;
  struct Checked : CheckedProof {
    CanonicalRecoveryCode code;
  };
  // Errors in the order of RC-09: kBadRequest, kInvalidId, the environment errors,
  // kNoSessionArguments, kTooManySessionArguments, kInvalidRecoveryCode,
  // kTotpCodeUsedAsRecoveryCode, kInvalidSessionDurationMinutes, kOrganizationNotFound,
  // kMemberNotFound, kSessionNotFound, kIntermediateSessionNotFound,
  // kMemberSessionMemberIdMismatch, kActionAvailableOnlyOncePrimaryAuthenticationIsMet,
  // kActionAvailableOnlyForActiveMembers, kOperationRestrictedByOrganizationMfaMethods,
  // kUserLockLimitReached, kRecoveryCodesNotFound, kNoActiveRecoveryCodeBackedFactor,
  // kUnableToAuthenticateRecoveryCode (the only one that counts as a failure),
  // kInternalServerError.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
  static Error Respond(const CallContext& context, const Checked& checked,
                       const Conclusion& conclusion, Response* response);
};
template <>
struct CommandOf<UseRecoveryCodeRequest> : IsCommand<UseRecoveryCode> {};

// ---- Get ----

// A person must show the second factor they have (S-12).
struct GetRecoveryCodesRequest {
  std::string organization_id = {};  // required
  std::string member_id = {};        // required
  Actor actor;
};

// Wiped with the reply.
struct RecoveryCodesResponse {
  RecoveryCodes recovery_codes;  // those not used yet, in the order of issue
};

// Changes nothing.
struct OTPCORE_EXPORT GetRecoveryCodes {
  static constexpr CommandKind kKind = CommandKind::kNone;
  static constexpr size_t kEntropyBytes = kEntropyForRun;
  using Request = GetRecoveryCodesRequest;
  using Response = RecoveryCodesResponse;
  using Checked = CheckedMember;
  // Errors: kBadRequest, kInvalidId, the environment errors, kNoSessionArguments,
  // kTooManySessionArguments, kOrganizationNotFound, kMemberNotFound, the session errors of send,
  // kActionAvailableOnlyForActiveMembers, kOperationRestrictedByOrganizationMfaMethods,
  // kInsufficientFactors, kRecoveryCodesNotFound, kNoActiveRecoveryCodeBackedFactor,
  // kUnauthorizedAction where codes cannot be read again (RC-15), kInternalServerError.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
  static Error Respond(const CallContext& context, const Checked& checked,
                       const Conclusion& conclusion, Response* response);
};
template <>
struct CommandOf<GetRecoveryCodesRequest> : IsCommand<GetRecoveryCodes> {};

// ---- Rotate ----

// Replaces all codes, used or not, by a new set. A lock does not stop it. A person must show the
// second factor they have (S-12).
struct RotateRecoveryCodesRequest {
  std::string organization_id = {};  // required
  std::string member_id = {};        // required
  Actor actor;
};

// Repeated under the same operation id it shows the same set, or, where codes cannot be read again,
// draws another one (RC-15).
struct OTPCORE_EXPORT RotateRecoveryCodes {
  static constexpr CommandKind kKind = CommandKind::kRotateRecoveryCodes;
  static constexpr size_t kEntropyBytes = kEntropyForSecret;
  using Request = RotateRecoveryCodesRequest;
  using Response = RecoveryCodesResponse;
  using Checked = CheckedMember;
  // Errors: kBadRequest, kInvalidId, the environment errors, kNoSessionArguments,
  // kTooManySessionArguments, kOrganizationNotFound, kMemberNotFound, the session errors of send,
  // kActionAvailableOnlyForActiveMembers, kOperationRestrictedByOrganizationMfaMethods,
  // kInsufficientFactors, kNoActiveRecoveryCodeBackedFactor, kInternalServerError.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
  static Error Respond(const CallContext& context, const Checked& checked,
                       const Conclusion& conclusion, Response* response);
};
template <>
struct CommandOf<RotateRecoveryCodesRequest> : IsCommand<RotateRecoveryCodes> {};

}  // namespace otpcore

#endif  // OTPCORE_COMMANDS_RECOVERY_CODES_H_
