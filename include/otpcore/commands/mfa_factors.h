// SPDX-License-Identifier: Apache-2.0
// Commands on a Member's second factors: delete the phone number, set or clear TOTP, unlock, forget
// devices, renew what old keys made (rules C-10, M-01, M-03, M-10, L-05, DV-06).
#ifndef OTPCORE_COMMANDS_MFA_FACTORS_H_
#define OTPCORE_COMMANDS_MFA_FACTORS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "otpcore/base/export.h"
#include "otpcore/commands/checked.h"
#include "otpcore/commands/members.h"
#include "otpcore/plan/command_for.h"

namespace otpcore {

// Enrolment back to none: the challenge is void, the claim released, default_mfa_method cleared if
// it was sms_otp. A candidate of a change of phone goes too. mfa_enrolled and live sessions stay. A
// person must show the second factor they have (S-12).
struct DeleteMfaPhoneNumberRequest {
  std::string organization_id = {};  // required
  std::string member_id = {};        // required
  Actor actor;
};

struct OTPCORE_EXPORT DeleteMfaPhoneNumber : ShowsRecord {
  static constexpr CommandKind kKind = CommandKind::kDeleteMfaPhoneNumber;
  static constexpr size_t kEntropyBytes = kEntropyForRun;
  using Request = DeleteMfaPhoneNumberRequest;
  using Checked = CheckedMember;
  // Errors: kBadRequest, kInvalidId, the environment errors, kNoSessionArguments,
  // kTooManySessionArguments, kOrganizationNotFound, kMemberNotFound, the session errors of send,
  // kInsufficientFactors, kMemberPhoneNumberNotFound.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
};
template <>
struct CommandOf<DeleteMfaPhoneNumberRequest> : IsCommand<DeleteMfaPhoneNumber> {};

// Tells the core that the host's TOTP of this Member is active, or is not any more. A person who
// has a second factor must show one, both to add a registration and to clear it (S-12).
struct SetTotpRegistrationRequest {
  std::string organization_id = {};  // required
  std::string member_id = {};        // required
  Actor actor;
  // An id; empty: clear, and default_mfa_method if it was totp.
  std::string totp_registration_id = {};
};

struct OTPCORE_EXPORT SetTotpRegistration : ShowsRecord {
  static constexpr CommandKind kKind = CommandKind::kSetTotpRegistration;
  static constexpr size_t kEntropyBytes = kEntropyForRun;
  using Request = SetTotpRegistrationRequest;
  struct Checked : CheckedMember {
    std::string_view totp_registration_id;
  };
  // Errors: kBadRequest, kInvalidId, the environment errors, kNoSessionArguments,
  // kTooManySessionArguments, kOrganizationNotFound, kMemberNotFound, the session errors of send,
  // kInsufficientFactors, kActiveTotpExists when the library keeps an active one.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
};
template <>
struct CommandOf<SetTotpRegistrationRequest> : IsCommand<SetTotpRegistration> {};

// Clears every failure counter and lock, also the disabled state (L-02 … L-04), and the sends that
// were counted, so that the Member gets a passcode at once. Forgets the known devices.
struct UnlockMemberRequest : MemberRequest {};

struct OTPCORE_EXPORT UnlockMember : ShowsRecord {
  static constexpr CommandKind kKind = CommandKind::kUnlockMember;
  static constexpr size_t kEntropyBytes = kEntropyForRun;
  using Request = UnlockMemberRequest;
  using Checked = CheckedMember;
  // Errors: kBadRequest, kInvalidId, the environment errors, kOrganizationNotFound,
  // kMemberNotFound.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
};
template <>
struct CommandOf<UnlockMemberRequest> : IsCommand<UnlockMember> {};

// Forgets every device on which the Member succeeded: from now on the limits and locks of everybody
// hold there too, and none is spared the MFA step (DV-06). For a Member who has lost one.
struct ForgetDevicesRequest : MemberRequest {};

struct OTPCORE_EXPORT ForgetDevices : ShowsRecord {
  static constexpr CommandKind kKind = CommandKind::kForgetDevices;
  static constexpr size_t kEntropyBytes = kEntropyForRun;
  using Request = ForgetDevicesRequest;
  using Checked = CheckedMember;
  // Errors: those of unlock.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
};
template <>
struct CommandOf<ForgetDevicesRequest> : IsCommand<ForgetDevices> {};

// Seals anew what an old sealing key sealed, and digests anew what an old digest key digested, so
// that a key can be retired without waiting for the Member (M-10). Run it for every Member, then
// take the key away. Changes nothing else, and nothing at all where nothing is old. Passcodes and
// known devices keep their key: they end by themselves, after Policy::passcode_life and
// Policy::device_life.
struct ResealRequest : MemberRequest {};

struct ResealResponse {
  // The digest key that must stay for this Member's recovery codes, because the codes themselves
  // cannot be read (RC-16). Absent: the current key does. Ends when the codes are rotated.
  std::optional<uint32_t> old_digest_key;
};

struct OTPCORE_EXPORT Reseal {
  static constexpr CommandKind kKind = CommandKind::kReseal;
  static constexpr size_t kEntropyBytes = kEntropyForSealing;
  using Request = ResealRequest;
  using Response = ResealResponse;
  using Checked = CheckedMember;
  // Errors: those of unlock, and kInternalServerError: a key is gone, or the generator failed.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
  static Error Respond(const CallContext& context, const Checked& checked,
                       const Conclusion& conclusion, Response* response);
};
template <>
struct CommandOf<ResealRequest> : IsCommand<Reseal> {};

}  // namespace otpcore

#endif  // OTPCORE_COMMANDS_MFA_FACTORS_H_
