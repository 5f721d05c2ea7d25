// SPDX-License-Identifier: Apache-2.0
// Codes of an authenticator app: make a registration, authenticate with it, delete it (rules TO-*,
// C-10).
//
// CreateTotp draws a secret and shows it once, as text and as the URI of a QR picture. The
// registration is pending until AuthenticateTotp accepts its first code, and from then on it is the
// Member's second factor. The library keeps the secret sealed; all three commands need a sealing
// key, and CreateTotp also Policy::totp_issuer. A registration that the host keeps itself is told
// with SetTotpRegistration (mfa_factors.h) instead; a Member has one or the other.
#ifndef OTPCORE_COMMANDS_TOTP_H_
#define OTPCORE_COMMANDS_TOTP_H_

#include <optional>
#include <string>

#include "otpcore/base/export.h"
#include "otpcore/commands/checked.h"
#include "otpcore/commands/members.h"
#include "otpcore/factors/totp.h"
#include "otpcore/plan/command_for.h"

namespace otpcore {

// ---- Create ----

// Replaces a registration that no code has proved. A person must show the second factor they have
// (S-12). The host may create one only for a Member without an active factor: where there is one,
// it passes on the person's session, or deletes the factor first (C-10).
struct CreateTotpRequest {
  std::string organization_id = {};  // required
  std::string member_id = {};        // required
  Actor actor;
  std::optional<int> expiration_minutes = {};  // 5 … 1440; default 60: to prove it in
};

// Wiped with the reply. Repeated under the same operation id, the answer is the same until a code
// has proved the registration; from then on secret and URI are empty (TO-06).
struct CreateTotpResponse {
  InlineText<64> totp_registration_id;  // "member-totp-<environment>-<uuid>"
  TotpSecretText secret;                // for people who type it into their app
  TotpUri uri;                          // for a QR picture, which the host draws
  Instant expires_at;                   // of the registration, unless a code proves it before
};

struct OTPCORE_EXPORT CreateTotp {
  static constexpr CommandKind kKind = CommandKind::kCreateTotp;
  static constexpr size_t kEntropyBytes = kEntropyForSecret;
  using Request = CreateTotpRequest;
  using Response = CreateTotpResponse;
  struct Checked : CheckedMember {
    Duration life{0};
  };
  // Errors in the order of TO-01: kBadRequest, kInvalidId, the environment errors,
  // kNoSessionArguments, kTooManySessionArguments, kInvalidExpiration, kOrganizationNotFound,
  // kMemberNotFound, the session errors of send, kActionAvailableOnlyForActiveMembers,
  // kOperationRestrictedByOrganizationMfaMethods, kUserLockLimitReached, kInsufficientFactors,
  // kActiveTotpExists, kInternalServerError without a sealing key, an issuer or entropy.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
  static Error Respond(const CallContext& context, const Checked& checked,
                       const Conclusion& conclusion, Response* response);
};
template <>
struct CommandOf<CreateTotpRequest> : IsCommand<CreateTotp> {};

// ---- Authenticate ----

struct AuthenticateTotpRequest {
  std::string organization_id = {};
  std::string member_id = {};
  std::optional<TypedTotpCode> code =
      {};                         // absent: kBadRequest; present but empty: kInvalidTotpCode
  SessionArguments session = {};  // exactly one
  std::optional<int> session_duration_minutes = {};  // 5 … 527040; default 60
  std::string set_mfa_enrollment = {};               // "enroll", "unenroll" or absent
  bool set_default_mfa = false;
  std::string device = {};  // 16 … 128 bytes; default: unknown. A success makes it known (DV-02)
  bool remember_device = false;  // with a success: spare this device the next MFA steps (DV-05)
};

struct OTPCORE_EXPORT AuthenticateTotp : ProvesFactor {
  static constexpr CommandKind kKind = CommandKind::kAuthenticateTotp;
  static constexpr size_t kEntropyBytes = kEntropyForRun;
  using Request = AuthenticateTotpRequest;
  struct Checked : CheckedProof {
    Passcode code;
  };
  // Errors in the order of TO-08: kBadRequest, kInvalidId, the environment errors,
  // kNoSessionArguments, kTooManySessionArguments, kInvalidTotpCode, kRecoveryCodeUsedAsTotpCode,
  // kInvalidSessionDurationMinutes, kOrganizationNotFound, kMemberNotFound, kSessionNotFound,
  // kIntermediateSessionNotFound, kMemberSessionMemberIdMismatch,
  // kActionAvailableOnlyOncePrimaryAuthenticationIsMet, kActionAvailableOnlyForActiveMembers,
  // kOperationRestrictedByOrganizationMfaMethods, kUserLockLimitReached, kTotpNotFound,
  // kExpiredTotp, kInsufficientFactors, kInvalidTotpCode for a code of another length,
  // kTotpCodeAlreadyAuthenticated, kUnableToAuthenticateTotp (the only one that counts as a
  // failure), kInternalServerError.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
};
template <>
struct CommandOf<AuthenticateTotpRequest> : IsCommand<AuthenticateTotp> {};

// ---- Delete ----

// Erases the registration, pending or active, or forgets the one that the host keeps. Clears
// default_mfa_method if it was totp. mfa_enrolled, the failures and live sessions stay. A person
// must show the second factor they have (S-12).
struct DeleteTotpRequest {
  std::string organization_id = {};  // required
  std::string member_id = {};        // required
  Actor actor;
};

struct OTPCORE_EXPORT DeleteTotp : ShowsRecord {
  static constexpr CommandKind kKind = CommandKind::kDeleteTotp;
  static constexpr size_t kEntropyBytes = kEntropyForRun;
  using Request = DeleteTotpRequest;
  using Checked = CheckedMember;
  // Errors: kBadRequest, kInvalidId, the environment errors, kNoSessionArguments,
  // kTooManySessionArguments, kOrganizationNotFound, kMemberNotFound, the session errors of send,
  // kInsufficientFactors, kTotpNotFound.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
};
template <>
struct CommandOf<DeleteTotpRequest> : IsCommand<DeleteTotp> {};

}  // namespace otpcore

#endif  // OTPCORE_COMMANDS_TOTP_H_
