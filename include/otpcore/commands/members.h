// SPDX-License-Identifier: Apache-2.0
// Commands on Members: create, get, update, delete, reactivate, purge (rules C-10, M-01, M-02,
// M-04, M-05, M-07).
#ifndef OTPCORE_COMMANDS_MEMBERS_H_
#define OTPCORE_COMMANDS_MEMBERS_H_

#include <optional>
#include <string>
#include <string_view>

#include "otpcore/base/export.h"
#include "otpcore/commands/actor.h"
#include "otpcore/commands/checked.h"
#include "otpcore/commands/number_text.h"
#include "otpcore/plan/command_for.h"

namespace otpcore {

// A Member as many requests name it.
struct MemberRequest {
  std::string organization_id = {};  // required; id, slug or external id
  std::string member_id = {};        // required; id or external id
};

// The host's own act: what it sets is taken for proved elsewhere. Field names are the wire's. Empty
// text counts as absent (C-03).
struct CreateMemberRequest {
  std::string organization_id = {};  // required; id, slug or external id
  std::string email_address =
      {};                      // required; unique in the Organization without regard to ASCII case
  std::string name = {};       // 1 … 128 characters; default: none
  std::string member_id = {};  // a host's own id; default: generated
  std::string external_id = {};  // default: none
  bool email_address_verified = false;
  bool is_breakglass = false;
  bool mfa_enrolled = false;
  bool create_member_as_pending = false;  // else active
  bool invited = false;                   // by invitation: status "invited"; wins over pending
  // E.164; linked at once, for an active Member only. While it is pending it counts for S-12.
  std::string mfa_phone_number = {};
  bool mfa_phone_number_verified = false;  // import: the number was verified elsewhere (E-02)
  std::string totp_registration_id = {};   // of the host's TOTP; default: none
  std::string default_mfa_method = {};     // "sms_otp", "totp"; default: none (M-05)
};

struct OTPCORE_EXPORT CreateMember : ShowsRecord {
  static constexpr CommandKind kKind = CommandKind::kCreateMember;
  static constexpr size_t kEntropyBytes = kEntropyForIds;
  using Request = CreateMemberRequest;
  struct Checked {
    const Request* request = nullptr;
    CheckedOrganization organization;
    EntityId member_id;  // empty: to be made
    NumberText number;
  };
  // Errors: kBadRequest, kInvalidId, the environment errors, kInvalidPhoneNumber,
  // kOrganizationNotFound, kActionAvailableOnlyForActiveMembers, kInvalidPhoneNumberCountryCode,
  // kDuplicateMemberPhoneNumber, kDuplicateMemberEmail, kDuplicateMemberExternalId,
  // kDefaultMfaMemberMissingFactor, kInternalServerError without entropy.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
};
template <>
struct CommandOf<CreateMemberRequest> : IsCommand<CreateMember> {};

struct GetMemberRequest {
  std::string organization_id = {};  // required; id, slug or external id
  std::string member_id = {};        // id or external id; or else
  std::string email_address = {};    // instead of member_id; upper and lower case are the same
};

struct OTPCORE_EXPORT GetMember : ShowsRecord {
  static constexpr CommandKind kKind = CommandKind::kNone;
  static constexpr size_t kEntropyBytes = kEntropyForRun;
  using Request = GetMemberRequest;
  struct Checked : CheckedMember {
    std::string_view email_address;  // not empty: the Member is named by it
  };
  // Errors: kBadRequest, kInvalidId, the environment errors, kOrganizationNotFound,
  // kMemberNotFound.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
};
template <>
struct CommandOf<GetMemberRequest> : IsCommand<GetMember> {};

// Absent fields stay as they are. A person may set `name` in any session of theirs. The other
// fields take a session that has shown a second factor, where the Member has one (S-12). Three
// fields are the host's alone: kUnauthorizedAction for a person. A field that is there is asked
// for, also when the Member has that value already.
struct UpdateMemberRequest {
  std::string organization_id = {};  // required
  std::string member_id = {};        // required
  Actor actor;
  std::string email_address = {};  // changed: not verified any more, unless the next field says so
  std::optional<bool> email_address_verified = {};  // the host's alone
  std::string name = {};
  std::string external_id = {};            // the host's alone
  std::optional<bool> is_breakglass = {};  // the host's alone
  std::optional<bool> mfa_enrolled = {};
  // E.164; links it, unverified; refused when there is one (M-02). Linked by the host, it counts
  // for S-12 while it is pending.
  std::string mfa_phone_number = {};
  std::string default_mfa_method = {};  // "sms_otp" or "totp"
};

struct OTPCORE_EXPORT UpdateMember : ShowsRecord {
  static constexpr CommandKind kKind = CommandKind::kUpdateMember;
  static constexpr size_t kEntropyBytes = kEntropyForIds;
  using Request = UpdateMemberRequest;
  struct Checked : CheckedMember {
    const Request* request = nullptr;
    NumberText number;
  };
  // Errors: kBadRequest (also when more index records would change than one commit may have:
  // email_address, external_id and mfa_phone_number at once), kInvalidId, the environment errors,
  // kInvalidPhoneNumber, kNoSessionArguments, kTooManySessionArguments, kOrganizationNotFound,
  // kMemberNotFound, the session errors of send, kUnauthorizedAction, kInsufficientFactors,
  // kActionAvailableOnlyForActiveMembers, kDuplicateMemberPhoneNumberForMember,
  // kInvalidPhoneNumberCountryCode, kTooManyRequests for a person who links after too many sends
  // (S-19), kDuplicateMemberPhoneNumber, kDuplicateMemberEmail,
  // kDuplicateMemberExternalId, kDefaultMfaMemberMissingFactor, kInternalServerError without
  // entropy.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
};
template <>
struct CommandOf<UpdateMemberRequest> : IsCommand<UpdateMember> {};

// Status "deleted". The phone number goes, with its challenge and claim, and mfa_enrolled is
// cleared; the failure ledger stays, so that coming back is no way around a lock. The email address
// may be used by others from now on, the ids may not.
struct DeleteMemberRequest : MemberRequest {};

struct OTPCORE_EXPORT DeleteMember : ShowsRecord {
  static constexpr CommandKind kKind = CommandKind::kDeleteMember;
  static constexpr size_t kEntropyBytes = kEntropyForRun;
  using Request = DeleteMemberRequest;
  using Checked = CheckedMember;
  // Errors: those of get.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
};
template <>
struct CommandOf<DeleteMemberRequest> : IsCommand<DeleteMember> {};

// Makes a deleted Member active again, without the number they had.
struct ReactivateMemberRequest : MemberRequest {};

struct OTPCORE_EXPORT ReactivateMember : ShowsRecord {
  static constexpr CommandKind kKind = CommandKind::kReactivateMember;
  static constexpr size_t kEntropyBytes = kEntropyForRun;
  using Request = ReactivateMemberRequest;
  using Checked = CheckedMember;
  // Errors: those of get, kNoDeletedMemberFoundForReactivation, kEmailUnverifiedForReactivation,
  // kReactivationEmailBelongsToAnotherMember.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
};
template <>
struct CommandOf<ReactivateMemberRequest> : IsCommand<ReactivateMember> {};

// Erasure: nothing is kept but organization_id, member_id, created_at, and that the two ids are
// used up. The Member may be deleted already.
struct PurgeMemberRequest : MemberRequest {};

struct OTPCORE_EXPORT PurgeMember : ShowsRecord {
  static constexpr CommandKind kKind = CommandKind::kPurgeMember;
  static constexpr size_t kEntropyBytes = kEntropyForRun;
  using Request = PurgeMemberRequest;
  using Checked = CheckedMember;
  // Errors: those of get.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
};
template <>
struct CommandOf<PurgeMemberRequest> : IsCommand<PurgeMember> {};

}  // namespace otpcore

#endif  // OTPCORE_COMMANDS_MEMBERS_H_
