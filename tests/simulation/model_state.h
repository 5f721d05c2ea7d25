// SPDX-License-Identifier: Apache-2.0
// What the model (model.h) knows of the world: one flat struct per thing. States are never changed,
// only replaced, so "what a host saw when it loaded" is a pointer.
#ifndef OTPCORE_TESTS_SIMULATION_MODEL_STATE_H_
#define OTPCORE_TESTS_SIMULATION_MODEL_STATE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "call.h"

namespace otpcore {
namespace simulation {

using Millis = int64_t;

// Numbers the attempts of all hosts: the model's own name for whose write a record shows (C-08).
using ModelRun = uint64_t;

struct ModelMark {
  std::shared_ptr<const Call> call;  // the whole request, with its operation; null: none was made
  ModelRun run = 0;
  ErrorCode answer = ErrorCode::kOk;
  Millis at = 0;         // when it was decided
  bool refused = false;  // only a clock anomaly was written: there is nothing to repeat
};

struct ModelOrganization {
  std::string id, slug, external_id, name;
  bool deleted = false;
  bool required_for_all = false;
  bool restricted = false;
  bool sms = false;
  bool totp = false;
  bool auth_restricted = false;
  std::set<std::string> auth_methods;  // that are allowed then (EM-08)
  OperationId made_by;
  ModelMark mark;
  bool AllowsEmail() const { return !auth_restricted || auth_methods.count("email_otp") != 0; }
  bool AllowsSms() const { return !restricted || sms; }
  bool AllowsTotp() const { return !restricted || totp; }
};

// L-06, D-02.
struct ModelSends {
  std::vector<Millis> times;       // the latest that a limit needs
  std::vector<Millis> given_back;  // when
  Millis moved_from = 0;           // T-02: moved back from as late as this; 0: none were
};

// One stand in the rolling budget: a failure has as many as its weight (L-11).
struct ModelFailure {
  Millis at = 0;
  std::string session;  // its id; empty: none
  ModelRun run = 0;     // that counted it: the same for all its stands
};

// L-01 … L-05: of second factors, or of passcodes by e-mail (L-12).
struct ModelLedger {
  std::vector<ModelFailure> failures;  // the latest that a limit needs; since the last unlock
  int in_a_row = 0;                    // since the last success or lock
  int since_success = 0;
  int locks_in_a_row = 0;
  bool disabled = false;
  Millis locked_at = 0;
  Millis locked_until = 0;
  // T-02: what clocks far behind go by. The first that came gave the lock another end for all of
  // them; 0: none came. A lock that such a clock counted begins for others when one of them comes,
  // and lasts this long.
  Millis lagging_until = 0;
  Millis lock_to_come = 0;
};

// DV-02, DV-03.
struct ModelDevice {
  std::string name;
  uint32_t key = 0;  // the digest key of the host that noted it last
  Millis succeeded = 0;
  Millis remembered = 0;  // 0: not asked for
  int failures = 0;
  ModelSends sends;
};

struct ModelChallenge {
  ChallengeState state = ChallengeState::kNone;
  ChallengeId id;
  std::string code;
  std::string superseded_code;  // empty: none
  Millis issued = 0;
  Millis expires = 0;
  Millis seen = 0;  // the latest clock this Member was written under since issue
  uint64_t epoch = 0;
  int failures = 0;
  bool linked = false;  // its send linked the number
  ModelRun issued_by = 0;
  std::string session;  // its id; empty: none
  std::string device;   // a known one, as IdentityOf has it; empty: none
};

// E-04: the number that is to replace the verified one.
struct ModelCandidate {
  std::string number;  // canonical; empty: there is none
  bool given_by_host = false;
  bool named_as_sandbox = false;
  ModelChallenge challenge;
};

// As it was shown or imported, and what a person must type of it (RC-04).
struct ModelRecoveryCode {
  std::string shown;
  std::string canonical;
  bool used = false;
};

// TO-02: a registration that the library keeps, with its recovery codes. One that the host keeps is
// ModelMember::totp alone.
struct ModelRegistration {
  RegistrationState state = RegistrationState::kNone;
  std::string id;      // "member-totp-test-<uuid>"
  std::string secret;  // plain bytes
  TotpParameters parameters;
  int64_t step = -1;  // the last accepted one
  Millis created = 0;
  Millis expires = 0;
  Millis seen = 0;           // the latest clock this Member was written under while it was pending
  uint64_t epoch = 0;        // in which it was made, or a code of it used
  uint32_t sealing_key = 0;  // of the secret
  std::string set;           // "totp-recovery-code-test-<uuid>"
  uint64_t codes_epoch = 0;  // in which the set was made, or a code of it used
  uint32_t digest_key = 0;   // of the codes
  uint32_t copy_key = 0;     // the sealing key of the readable copy; 0: there is none (RC-15)
  std::vector<ModelRecoveryCode> codes;

  int left() const {
    int unused = 0;
    for (const ModelRecoveryCode& code : codes) unused += code.used ? 0 : 1;
    return unused;
  }
};

// What is kept of passcodes to an e-mail address (EM-11, L-12), a Member's or one outside any
// Organization. A Member's address itself is ModelMember::email.
struct ModelMail {
  std::string id;  // "email-test-<uuid>", drawn by the first send (EM-20); empty: none was made
  ModelChallenge challenge;
  EmailPurpose purpose = EmailPurpose::kNone;  // of the challenge
  ModelLedger ledger;
  ModelSends sends;
};

struct ModelMember {
  std::string organization, id, external_id, email, name;
  bool email_verified = false;
  MemberStatus status = MemberStatus::kActive;
  bool purged = false;
  bool breakglass = false;
  bool enrolled = false;
  std::string default_method;
  std::string totp;  // the id of an active registration, or of the host's own
  ModelRegistration registration;
  std::string number;  // canonical; empty: none
  bool verified = false;
  bool given_by_host = false;      // the number (S-12)
  bool linked_as_sandbox = false;  // nothing is known of the number but that
  ModelChallenge challenge;
  ModelCandidate candidate;
  ModelSends sends;
  std::vector<ModelDevice> devices;
  ModelLedger ledger;  // of second factors
  ModelMail mail;
  Millis leased = 0;  // when the latest lease began
  OperationId made_by;
  ModelMark mark;
  bool HasFactor() const { return verified || !totp.empty(); }
};

// EM-25.
struct ModelAddress {
  std::string address;  // in lower case
  ModelMail mail;
  ModelMark mark;
};

struct ModelClaim {
  std::string holder;
  bool permanent = false;
  Millis lease_end = 0;
};

struct ModelState {
  std::map<std::string, std::shared_ptr<const ModelOrganization>> organizations;  // by id
  std::map<std::string, std::shared_ptr<const ModelMember>> members;     // "organization/member"
  std::map<std::string, std::shared_ptr<const ModelClaim>> claims;       // "organization/number"
  std::map<std::string, std::shared_ptr<const ModelAddress>> addresses;  // in lower case
};
using StatePtr = std::shared_ptr<const ModelState>;
// ASCII letters to lower case.
inline std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

inline std::string PathOf(const std::string& organization, const std::string& name) {
  return organization + "/" + name;
}

}  // namespace simulation
}  // namespace otpcore

#endif  // OTPCORE_TESTS_SIMULATION_MODEL_STATE_H_
