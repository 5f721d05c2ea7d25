// SPDX-License-Identifier: Apache-2.0
// Passcodes by e-mail outside any Organization: somebody shows that an address is theirs before
// anybody knows which Organization they want (rules EM-24 … EM-29).
//
//   SendDiscoveryPasscode, AuthenticateDiscoveryPasscode    the passcode
//   Describe                                                an entry of the list to choose from
//   ExchangeIntermediateSession, in session_exchange.h      into the Organization that was chosen
//
// Sending reads no Organization and no Member: any address gets a passcode, and neither answer nor
// time tells whether somebody has an account. What is remembered of an address has a record of its
// own. Its failures and sends are counted there, beside those of the Members with this address: a
// stranger who knows it locks nobody out of their Organization (L-12).
//
// The spelling of an address does not matter here: it is the same in any case of its letters, and
// messages go to it in lower case.
#ifndef OTPCORE_COMMANDS_DISCOVERY_H_
#define OTPCORE_COMMANDS_DISCOVERY_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "otpcore/base/export.h"
#include "otpcore/commands/checked.h"
#include "otpcore/commands/mfa_step.h"
#include "otpcore/model/organization.h"
#include "otpcore/plan/command_for.h"
#include "otpcore/rules/typed_code.h"

namespace otpcore {

// What Check makes of an address.
struct CheckedAddress {
  Address canonical;  // in lower case
  RecordKey key;
};

// ---- Send ----

// Field names are the wire's. Empty text counts as absent (C-03).
struct SendDiscoveryPasscodeRequest {
  std::string email_address = {};      // required; see IsEmailAddress
  std::string login_template_id = {};  // at most 128 bytes; Message::template_id
  std::string locale = {};             // "en" (default), "es", "pt-br" or "fr", as in S-18
  // How long the passcode is good for, 2 … Policy::email_expiration_minutes_max minutes. Default:
  // Policy::email_expiration_minutes.
  std::optional<int> discovery_expiration_minutes = {};
};

// A new passcode ends the one before. The sends of an address are limited as those of a Member's
// are (EM-21), those of all addresses by Policy::email_discovery_sends_max.
struct OTPCORE_EXPORT SendDiscoveryPasscode {
  static constexpr CommandKind kKind = CommandKind::kSendDiscoveryPasscode;
  static constexpr size_t kEntropyBytes = kEntropyForPasscode;
  using Request = SendDiscoveryPasscodeRequest;
  using Response = NoMore;
  struct Checked : CheckedAddress {
    Locale locale = Locale::kEn;
    Duration life{0};
    std::string_view template_id;
  };
  // Errors in the order of the checks: kBadRequest, kInvalidEmail, kInvalidLocale,
  // kInvalidExpirationOtp, kEmailLockLimitReached, kTooManyRequests, kInternalServerError; after
  // the commit kInactiveEmail, kEmailGatewayUnavailable. What an end user may be told of them:
  // SafeSendEmailError.
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
struct CommandOf<SendDiscoveryPasscodeRequest> : IsCommand<SendDiscoveryPasscode> {};

// ---- Authenticate ----

struct AuthenticateDiscoveryPasscodeRequest {
  std::string email_address = {};      // required
  std::optional<TypedCode> code = {};  // absent: kBadRequest; present but empty: kInvalidCode
};

struct AuthenticateDiscoveryPasscodeResponse : ProofResponse {
  Address email_address;  // that was proved, in lower case: Session::email_address
};

// A success asks for an intermediate session of no Member, with the e-mail factor, for ten minutes:
// session_effect is kCreateIntermediate and has no Organization. It is the host's to make, as in
// AuthenticateEmailPasscode. Nothing else is sent, and no MFA step taken (EM-28).
struct OTPCORE_EXPORT AuthenticateDiscoveryPasscode {
  static constexpr CommandKind kKind = CommandKind::kAuthenticateDiscoveryPasscode;
  static constexpr size_t kEntropyBytes = kEntropyForRun;
  using Request = AuthenticateDiscoveryPasscodeRequest;
  using Response = AuthenticateDiscoveryPasscodeResponse;
  struct Checked : CheckedAddress {
    Passcode code;
  };
  // Errors in the order of the checks: kBadRequest, kInvalidEmail, kInvalidCode,
  // kEmailLockLimitReached, kUnableToAuthOtpCode, kOtpCodeNotFound, kInternalServerError. What an
  // end user may be told of them: SafeAuthenticateEmailError.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
  static Error Respond(const CallContext& context, const Checked& checked,
                       const Conclusion& conclusion, Response* response);
};
template <>
struct CommandOf<AuthenticateDiscoveryPasscodeRequest> : IsCommand<AuthenticateDiscoveryPasscode> {
};

// ---- A late report of a gateway ----

// What became of the message of a SendDiscoveryPasscode, as ReportDelivery says it of a Member's.
struct ReportDiscoveryDeliveryRequest {
  std::string email_address = {};  // required
  ChallengeId challenge_id = {};   // required: of the message
  Delivery delivery = {};
};

struct ReportDiscoveryDeliveryResponse {
  bool applied = false;  // false: nothing was left to change
};

struct OTPCORE_EXPORT ReportDiscoveryDelivery {
  static constexpr CommandKind kKind = CommandKind::kReportDiscoveryDelivery;
  static constexpr size_t kEntropyBytes = kEntropyForRun;
  using Request = ReportDiscoveryDeliveryRequest;
  using Response = ReportDiscoveryDeliveryResponse;
  struct Checked : CheckedAddress {
    ChallengeId challenge_id;
    Delivery delivery;
  };
  // Errors: kBadRequest, kInvalidEmail. A report of a passcode that is not live any more changes
  // nothing.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
  static Error Respond(const CallContext& context, const Checked& checked,
                       const Conclusion& conclusion, Response* response);
};
template <>
struct CommandOf<ReportDiscoveryDeliveryRequest> : IsCommand<ReportDiscoveryDelivery> {};

// ---- For support and for erasure ----

struct DiscoveryAddressRequest {
  std::string email_address = {};  // required
};
struct UnlockDiscoveryAddressRequest : DiscoveryAddressRequest {};
struct PurgeDiscoveryAddressRequest : DiscoveryAddressRequest {};

struct DiscoveryAddressResponse {
  bool applied = false;  // false: nothing is remembered of the address, or this repeats another
};

// Clears the failures of the address, its lock and its sends (L-12). A live passcode stays good.
// The Member's own failures are UnlockMember's. Errors: kBadRequest, kInvalidEmail.
struct OTPCORE_EXPORT UnlockDiscoveryAddress {
  static constexpr CommandKind kKind = CommandKind::kUnlockDiscoveryAddress;
  static constexpr size_t kEntropyBytes = kEntropyForRun;
  using Request = UnlockDiscoveryAddressRequest;
  using Response = DiscoveryAddressResponse;
  using Checked = CheckedAddress;
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
  static Error Respond(const CallContext& context, const Checked& checked,
                       const Conclusion& conclusion, Response* response);
};
template <>
struct CommandOf<UnlockDiscoveryAddressRequest> : IsCommand<UnlockDiscoveryAddress> {};

// Deletes what is remembered of the address: its passcode, its failures and its lock (EM-25). Run
// it to erase a person; whoever is locked is unlocked by it. Nothing stays that would tell a
// repetition, which purges what is there by then. Errors: kBadRequest, kInvalidEmail.
struct OTPCORE_EXPORT PurgeDiscoveryAddress {
  static constexpr CommandKind kKind = CommandKind::kPurgeDiscoveryAddress;
  static constexpr size_t kEntropyBytes = kEntropyForRun;
  using Request = PurgeDiscoveryAddressRequest;
  using Response = DiscoveryAddressResponse;
  using Checked = CheckedAddress;
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
  static Error Respond(const CallContext& context, const Checked& checked,
                       const Conclusion& conclusion, Response* response);
};
template <>
struct CommandOf<PurgeDiscoveryAddressRequest> : IsCommand<PurgeDiscoveryAddress> {};

// ---- The list to choose from ----

// Wire names: active_member, pending_member, invited_member. Stable numbers. Whether somebody may
// join an Organization that they are no Member of is the host's to know.
enum class MembershipType : uint8_t { kActiveMember = 1, kPendingMember = 2, kInvitedMember = 3 };
OTPCORE_EXPORT std::string_view WireName(MembershipType type);

// One entry of discovered_organizations.
struct DiscoveredOrganization {
  MembershipType membership = MembershipType::kActiveMember;
  // Whether an exchange of the session would sign in: neither of the two below is needed.
  bool member_authenticated = false;
  // The Organization takes no passcode by e-mail, and the session has no other primary factor
  // (EM-08). The wire shows the Organization's allowed_auth_methods then.
  bool primary_required = false;
  // As in MfaStepResponse; nothing was sent, and recovery_codes_left is not told.
  std::optional<MfaRequired> mfa_required;
};

// What a person with the intermediate session `session` finds in this Organization (EM-29).
// `organization` and `member` are as GetOrganization and GetMember show them. Absent: not to be
// listed, for the Member is deleted or of another Organization, or the session is another Member's,
// or of no Member and has proved another address (EM-27). Known devices are not considered. Pure
// and thread-safe.
OTPCORE_EXPORT std::optional<DiscoveredOrganization> Describe(const Organization& organization,
                                                              const Member& member,
                                                              const Session& session);

}  // namespace otpcore

#endif  // OTPCORE_COMMANDS_DISCOVERY_H_
