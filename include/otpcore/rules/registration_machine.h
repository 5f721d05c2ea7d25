// SPDX-License-Identifier: Apache-2.0
// The machine of a Member's TOTP registration: one table, every cell of it defined (rule TO-28).
//
// A cell says whether the event can happen in the state, what the command answers, which state
// follows, and what becomes of the secret and the recovery set. The commands of TOTP act as it
// says.
#ifndef OTPCORE_RULES_REGISTRATION_MACHINE_H_
#define OTPCORE_RULES_REGISTRATION_MACHINE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "otpcore/base/error.h"
#include "otpcore/base/export.h"
#include "otpcore/model/totp_registration.h"

namespace otpcore {

enum class RegistrationEvent : uint8_t {
  kCreated = 0,
  kRightCode = 1,
  kUsedStepCode = 2,  // right, but only for steps up to the last accepted one
  kWrongCode = 3,
  kEndSeen = 4,         // a command looks at a registration that was not proved in time
  kMigrated = 5,        // imported with its secret
  kRecovered = 6,       // a right recovery code
  kRotated = 7,         // a new recovery set is asked for
  kExternalSet = 8,     // the host names a registration that it keeps itself
  kDeleted = 9,         // the registration
  kMemberDeleted = 10,  // or purged
  kReactivated = 11,    // the Member
  kLocked = 12,         // a code of either kind is typed while the Member is locked
  kKeyGone = 13,        // the sealed secret cannot be opened
  kOtherFactor = 14,    // a phone number was verified
};
inline constexpr size_t kRegistrationStateCount = 5;
inline constexpr size_t kRegistrationEventCount = 15;

// What becomes of the id and the secret.
enum class SecretEffect : uint8_t {
  kKeep = 0,
  kNew = 1,     // a new id and a new secret in place of any older ones
  kIdOnly = 2,  // the host's id; any secret is erased
  kErase = 3,   // the secret goes, and the id with it
};

// What becomes of the recovery set.
enum class RecoverySetEffect : uint8_t {
  kKeep = 0,
  kNew = 1,      // a new set in place of any older one
  kUseCode = 2,  // one code fewer
  kErase = 3,
};

struct RegistrationTransition {
  // False: the event cannot happen in this state, or changes nothing and answers nothing.
  bool possible = false;
  RegistrationState next = RegistrationState::kNone;
  // What the command answers. An error leaves the state, secret and set as they are.
  ErrorCode answer = ErrorCode::kOk;
  SecretEffect secret = SecretEffect::kKeep;
  RecoverySetEffect recovery_set = RecoverySetEffect::kKeep;
  bool keeps_step = false;      // the step of the code becomes the last accepted one
  bool counts_failure = false;  // with the weight of the window
};

// The cell of the table. A state or event that is none is not possible. Thread-safe.
OTPCORE_EXPORT RegistrationTransition NextRegistration(RegistrationState state,
                                                       RegistrationEvent event);

OTPCORE_EXPORT std::string_view NameOf(RegistrationState state);
OTPCORE_EXPORT std::string_view NameOf(RegistrationEvent event);

}  // namespace otpcore

#endif  // OTPCORE_RULES_REGISTRATION_MACHINE_H_
