// SPDX-License-Identifier: Apache-2.0
// Codes of an authenticator app: make a registration, authenticate with it, import one, delete it
// (rules TO-*, C-10).
//
// CreateTotp draws a secret and shows it once, as text and as the URI of a QR picture. The
// registration is pending until AuthenticateTotp accepts its first code, and from then on it is the
// Member's second factor. With it comes a set of recovery codes (recovery_codes.h), which stand in
// for a lost app. The library keeps the secret sealed: making, proving and importing need a sealing
// key, making and importing also Policy::totp_issuer. A registration that the host keeps itself is
// told with SetTotpRegistration (mfa_factors.h) instead; a Member has one or the other.
#ifndef OTPCORE_COMMANDS_TOTP_H_
#define OTPCORE_COMMANDS_TOTP_H_

#include <optional>
#include <string>

#include "otpcore/base/export.h"
#include "otpcore/commands/checked.h"
#include "otpcore/commands/members.h"
#include "otpcore/factors/recovery_codes.h"
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
// has proved the registration; from then on secret, URI and codes are empty (TO-06).
struct CreateTotpResponse {
  InlineText<64> totp_registration_id;  // "member-totp-<environment>-<uuid>"
  TotpSecretText secret;                // for people who type it into their app
  TotpUri uri;                          // for a QR picture, which the host draws
  Instant expires_at;                   // of the registration, unless a code proves it before
  RecoveryCodes recovery_codes;         // to be written down; good once the registration is proved
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
  static constexpr size_t kEntropyBytes = kEntropyForSealing;  // a success seals anew (TO-24)
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

// ---- Migrate ----

// Imports a registration that another system made and the Member has proved there: the host's own
// act, without session. It is active at once, replaces a pending one, and becomes the default
// method where there is none; mfa_enrolled stays (TO-18). Holds secrets, so it is movable only.
struct MigrateTotpRequest {
  std::string organization_id = {};  // required
  std::string member_id = {};        // required
  // Required: base32 of Policy::totp_import_bytes_min … 64 bytes, as ReadTotpSecret takes it.
  std::optional<TypedTotpSecret> secret = {};
  // The codes that the Member has already: up to 16 (CheckImportedRecoveryCodes). None: a set is
  // made.
  RecoveryCodes recovery_codes = {};
  // Not on the wire: what the app computes with. Fewer digits than Policy::totp has are refused.
  TotpParameters parameters = {};
};

// Wiped with the reply.
struct MigrateTotpResponse {
  InlineText<64> totp_registration_id;
  // The set that holds. Empty when a drawn set that cannot be read again is repeated (RC-15).
  RecoveryCodes recovery_codes;
};

struct OTPCORE_EXPORT MigrateTotp {
  static constexpr CommandKind kKind = CommandKind::kMigrateTotp;
  static constexpr size_t kEntropyBytes = kEntropyForSecret;
  using Request = MigrateTotpRequest;
  using Response = MigrateTotpResponse;
  struct Checked : CheckedMember {
    TotpSecret secret;
    TotpParameters parameters;
    const RecoveryCodes* imported = nullptr;  // null: a set is made
  };
  // Errors: kBadRequest (also for a secret or codes that cannot be imported), kInvalidId, the
  // environment errors, kOrganizationNotFound, kMemberNotFound,
  // kActionAvailableOnlyForActiveMembers, kOperationRestrictedByOrganizationMfaMethods,
  // kActiveTotpExists, kInternalServerError without a sealing key, an issuer or entropy.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
  static Error Respond(const CallContext& context, const Checked& checked,
                       const Conclusion& conclusion, Response* response);
};
template <>
struct CommandOf<MigrateTotpRequest> : IsCommand<MigrateTotp> {};

// ---- Delete ----

// Erases the registration, pending or active, with its recovery codes, or forgets the one that the
// host keeps. Clears default_mfa_method if it was totp. mfa_enrolled, the failures and live
// sessions stay. A person must show the second factor they have (S-12).
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
