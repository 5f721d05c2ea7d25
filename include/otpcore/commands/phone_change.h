// SPDX-License-Identifier: Apache-2.0
// Change of phone without a gap: name another number, and prove it (rule E-04).
//
// StartPhoneChange names the number that is to replace the Member's verified one and sends it a
// passcode. FinishPhoneChange takes the code, and the two numbers change places in one commit:
// there is no moment without a verified number. Until then the candidate is nobody's factor. MFA
// steps, sends and authenticates go on with the verified number, and no code of theirs is compared
// with the candidate's. A Member has one candidate at most.
//
// A person needs a session with a second factor for both (S-12). Neither command takes a device:
// a lock stops them on a known device too. When the old phone is lost, see DeleteMfaPhoneNumber.
#ifndef OTPCORE_COMMANDS_PHONE_CHANGE_H_
#define OTPCORE_COMMANDS_PHONE_CHANGE_H_

#include <memory>
#include <optional>
#include <string>

#include "otpcore/base/export.h"
#include "otpcore/commands/actor.h"
#include "otpcore/commands/checked.h"
#include "otpcore/commands/number_text.h"
#include "otpcore/model/channel.h"
#include "otpcore/plan/command_for.h"
#include "otpcore/rules/typed_code.h"

namespace otpcore {

// ---- Start ----

// The new number is checked like a link, and its send is limited like every send of the Member. It
// gets a lease, the Member's one in five passcode lives (S-07). Started again, also with another
// number: the new passcode takes the place of the one before. The reply does not show the
// candidate; its hints say when the code ends, and how many sends are left.
//
// When the message is surely not sent or rejected, the candidate goes again and the verified number
// stays. Late receipts are told with ReportDelivery, as for every passcode.
struct StartPhoneChangeRequest {
  std::string organization_id = {};  // required; id, slug or external id
  std::string member_id = {};        // required; id or external id
  Actor actor;
  std::string mfa_phone_number = {};  // required; E.164
  std::string locale = {};            // default "en"
  Channel channel = Channel::kSms;    // of the passcode, as in SendSmsOtpRequest
};

struct OTPCORE_EXPORT StartPhoneChange {
  static constexpr CommandKind kKind = CommandKind::kStartPhoneChange;
  static constexpr size_t kEntropyBytes = kEntropyForPasscode;
  using Request = StartPhoneChangeRequest;
  using Response = NoMore;
  struct Checked : CheckedMember {
    NumberText number;
    Locale locale = Locale::kEn;
    Channel channel = Channel::kSms;
  };
  // Errors in the order of S-01: kBadRequest, kInvalidId, the environment errors,
  // kNoSessionArguments, kTooManySessionArguments, kInvalidPhoneNumber, kInvalidLocale,
  // kOrganizationNotFound, kMemberNotFound, the session errors of send,
  // kActionAvailableOnlyForActiveMembers, kOperationRestrictedByOrganizationMfaMethods,
  // kUserLockLimitReached, kMemberPhoneNumberNotFound when no number is verified (link one),
  // kInsufficientFactors, kInvalidPhoneNumber, kDuplicateMemberPhoneNumberForMember for the
  // verified number itself, kInvalidPhoneNumberCountryCode, kTooManyRequests,
  // kDuplicateMemberPhoneNumber (which costs a send, S-19), kTooFewTokensAuthenticated,
  // kInternalServerError; after the commit kDownstreamCarrierRejected,
  // kDownstreamCarrierUnavailable, kUnsubscribedPhoneNumber.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
  static Error Respond(const CallContext& context, const Checked& checked,
                       const Conclusion& conclusion, Response* response);
  static std::unique_ptr<Command> AfterDelivery(const CallContext& context,
                                                const Decision& decision, const Delivery& delivery);
};
template <>
struct CommandOf<StartPhoneChangeRequest> : IsCommand<StartPhoneChange> {};

// ---- Finish ----

// The right code: the candidate becomes the Member's number, verified. The claim of the old number
// is released, its live passcode dropped, and all known devices are forgotten (DV-06).
// default_mfa_method, mfa_enrolled and live sessions stay. A wrong code counts as a failure of the
// Member like any other (L-01).
struct FinishPhoneChangeRequest {
  std::string organization_id = {};  // required
  std::string member_id = {};        // required
  Actor actor;
  std::optional<TypedCode> code = {};  // absent: kBadRequest; present but empty: kInvalidCode
};

struct OTPCORE_EXPORT FinishPhoneChange : ShowsRecord {
  static constexpr CommandKind kKind = CommandKind::kFinishPhoneChange;
  static constexpr size_t kEntropyBytes = kEntropyForRun;
  using Request = FinishPhoneChangeRequest;
  struct Checked : CheckedMember {
    Passcode code;
  };
  // Errors in the order of A-14: kBadRequest, kInvalidId, the environment errors,
  // kNoSessionArguments, kTooManySessionArguments, kInvalidCode, kOrganizationNotFound,
  // kMemberNotFound, the session errors of send, kActionAvailableOnlyForActiveMembers,
  // kOperationRestrictedByOrganizationMfaMethods, kInsufficientFactors, kUserLockLimitReached,
  // kInvalidCode for a code of another length, kUnableToAuthOtpCode for a dead or superseded one,
  // kOtpCodeNotFound for a wrong one and where no change is under way,
  // kDuplicateMemberPhoneNumber when another Member proved the number first (the candidate's code
  // is used up, the old number stays), kInternalServerError.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
};
template <>
struct CommandOf<FinishPhoneChangeRequest> : IsCommand<FinishPhoneChange> {};

}  // namespace otpcore

#endif  // OTPCORE_COMMANDS_PHONE_CHANGE_H_
