// SPDX-License-Identifier: Apache-2.0
// What a decision asks the ports to do, and what they may answer: the types that ports, stores and
// the driver share.
#ifndef OTPCORE_PLAN_OUTCOME_H_
#define OTPCORE_PLAN_OUTCOME_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "otpcore/base/export.h"
#include "otpcore/base/ids.h"
#include "otpcore/base/time.h"
#include "otpcore/model/record.h"
#include "otpcore/model/session.h"
#include "otpcore/rules/event.h"
#include "otpcore/rules/message.h"
#include "otpcore/rules/phone_number.h"

namespace otpcore {

// ---- The SendGuard ----

// One quota that a send to an unverified number needs (L-06, L-07).
struct Quota {
  enum class Kind : uint8_t { kNumber = 1, kRegion = 2, kOrganization = 3, kConversion = 4 };
  Kind kind = Kind::kNumber;
  Id organization_id;  // empty for kNumber
  E164 phone_number;   // of kNumber: the HandsetKey (N-08)
  RegionCode region;   // of kRegion and kConversion
  int max = 0;         // for kConversion: the least percentage
  int min_ended = 0;   // of kConversion
  Duration window{0};
  Duration life{0};  // of kConversion: a passcode has ended this long after its send, at the latest
};
// Whether both count the same sends.
OTPCORE_EXPORT bool operator==(const Quota& a, const Quota& b);

// Answer of the SendGuard.
struct Admission {
  enum class Kind : uint8_t { kAdmitted, kTooMany, kTooFewAuthenticated, kUnreachable };
  Kind kind = Kind::kAdmitted;
  Duration retry_after{0};
};

// What the guard is told at the end.
enum class Settlement : uint8_t {
  kNone = 0,  // nothing: it was not asked, or has refused
  kSpent = 1,
  kReturned = 2,  // surely nothing was sent: give back what was admitted
};

// ---- The store ----

// One SMS. The sink must treat a second message with the same `challenge_id` as the same message
// (D-07).
struct SmsMessage {
  SmsMessage() {}  // not all zeros first: it is mostly room for text

  ChallengeId challenge_id;
  Id organization_id;
  Id member_id;
  E164 to;
  MessageText body;
  Instant expires_at;  // of no use afterwards
};

// What is changed in one atomic step. The first write is always the Organization or Member record;
// it carries the operation's mark. `message` is there for stores with an outbox, `session_effect`
// for stores that keep sessions too; others ignore them.
struct Changes {
  std::vector<Write> writes;
  std::unique_ptr<SmsMessage> message;
  std::optional<SessionEffect> session_effect;
};

enum class CommitOutcome : uint8_t {
  kCommitted = 1,
  kConflict = 2,     // some revision was another, or the session is gone: nothing was applied
  kUnavailable = 3,  // surely not applied
  kUnknown = 4,      // a time-out: it may or may not have been applied
};

// ---- The SMS gateway ----

struct Delivery {
  enum class Kind : uint8_t {
    kAccepted = 1,     // on its way
    kRejected = 2,     // this number will not get it
    kUnavailable = 3,  // surely not sent
    kUnknown = 4,      // may have been sent
  };
  Kind kind = Kind::kAccepted;
  bool unsubscribed = false;  // with kRejected: the person opted out
};

}  // namespace otpcore

#endif  // OTPCORE_PLAN_OUTCOME_H_
