// SPDX-License-Identifier: Apache-2.0
// One call of a client, in a form that the model reads, a person can read, and that can be made
// again: the requests of the library hold secrets and cannot be copied.
#ifndef OTPCORE_TESTS_SIMULATION_CALL_H_
#define OTPCORE_TESTS_SIMULATION_CALL_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "otpcore/engine/engine.h"

namespace otpcore {
namespace simulation {

enum class Verb {
  kSend,
  kAuthenticate,
  kReportDelivery,
  kMfaStep,
  kCreateOrganization,
  kGetOrganization,
  kUpdateOrganization,
  kDeleteOrganization,
  kCreateMember,
  kGetMember,
  kUpdateMember,
  kDeleteMember,
  kReactivateMember,
  kPurgeMember,
  kDeletePhone,
  kSetTotp,
  kUnlock,
  kForgetDevices,
  kStartPhoneChange,
  kFinishPhoneChange,
  kCreateTotp,
  kAuthenticateTotp,
  kMigrateTotp,
  kDeleteTotp,
  kUseRecoveryCode,
  kGetRecoveryCodes,
  kRotateRecoveryCodes,
  kReseal,
  kSendEmail,
  kAuthenticateEmail,
  kSendDiscovery,
  kAuthenticateDiscovery,
  kReportDiscovery,
  kUnlockAddress,
  kPurgeAddress,
  kExchange,
};
const char* NameOf(Verb verb);
// Whether it is a command on a TOTP registration or its recovery codes.
bool IsOfTotp(Verb verb);
// Whether it finds its Member by the e-mail address.
bool IsOfEmail(Verb verb);
// Whether it is about an address outside any Organization.
bool IsOfDiscovery(Verb verb);

// Fields that a verb does not have are ignored.
struct Call {
  Verb verb = Verb::kSend;
  OperationId operation;  // kNotRepeatable: the host gave none
  std::string organization;
  std::string member;
  SessionArguments session;
  // Send, MFA step, start of a change of phone.
  std::string number;
  std::string locale;
  // Authenticate, with any factor; finish of a change of phone has a code too.
  std::optional<std::string> code;
  std::optional<int> minutes;
  std::string set_mfa_enrollment;
  bool set_default_mfa = false;
  bool remember_device = false;
  // All three.
  std::string device;
  std::string session_id;  // MFA step, also the one after a passcode by e-mail
  // Report-delivery.
  ChallengeId challenge;
  Delivery delivery;
  // Organizations.
  std::string slug;
  std::string mfa_policy;
  std::string mfa_methods;
  std::optional<std::vector<std::string>> allowed_methods;
  std::string auth_methods;
  std::optional<std::vector<std::string>> allowed_auth_methods;
  // Members (and external_id of Organizations).
  std::string external_id;
  std::string email;
  std::string name;
  std::optional<bool> email_verified;
  std::optional<bool> breakglass;
  std::optional<bool> enrolled;
  bool pending = false;
  bool invited = false;
  bool number_verified = false;
  std::string totp;
  std::string default_method;
  // Create and migrate of TOTP registrations.
  std::optional<int> expiration;      // in minutes
  std::optional<std::string> secret;  // base32
  std::vector<std::string> recovery_codes;
  TotpParameters parameters;
  // Send by e-mail; of an address outside any Organization those of login.
  std::string login_template;
  std::string signup_template;
  std::optional<int> login_minutes;
  std::optional<int> signup_minutes;
  JustInTime just_in_time = JustInTime::kNotAllowed;  // exchange too
};

// What a client hears.
struct Heard {
  std::shared_ptr<const ReplyBase> reply;  // member and organization point into it
  ErrorCode error = ErrorCode::kOk;
  Duration retry_after{0};
  Hints hints;
  std::optional<Member> member;              // of a success that shows one
  std::optional<Organization> organization;  // likewise
  std::optional<SessionEffect> session_effect;
  bool member_authenticated = false;
  std::optional<MfaRequired> mfa_required;
  bool applied = false;
  // TOTP and recovery codes, in plain text.
  std::string registration_id;
  std::string secret;
  std::string uri;
  std::optional<Instant> expires_at;
  std::vector<std::string> recovery_codes;
  int codes_left = 0;
  bool old_digest_key = false;
  // E-mail.
  bool member_created = false;
  std::string method_id;
  std::string email_address;  // that was proved outside any Organization
};

// A call under way in the library.
class Running {
 public:
  virtual ~Running() = default;
  virtual Operation& driver() = 0;
  virtual Heard Take() = 0;
};
std::unique_ptr<Running> Begin(const Config& config, const Call& call);

// For a person: "send o0/m1 number=+1415… session=s3".
std::string Describe(const Call& call);

}  // namespace simulation
}  // namespace otpcore

#endif  // OTPCORE_TESTS_SIMULATION_CALL_H_
