// SPDX-License-Identifier: Apache-2.0
// Explain: which rules hold a Member, or an address outside any Organization, back at a time, since
// when, until when, and what ends it. For support and for tools.
#ifndef OTPCORE_MODEL_EXPLAIN_H_
#define OTPCORE_MODEL_EXPLAIN_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "otpcore/base/export.h"
#include "otpcore/base/time.h"
#include "otpcore/model/discovery_record.h"
#include "otpcore/model/member.h"
#include "otpcore/model/policy.h"

namespace otpcore {

// What may hold a Member or an address back. Stable numbers.
enum class HoldKind : uint8_t {
  kLockedInARow = 1,        // L-02: locked after failures in a row
  kLockedForGood = 2,       // L-03: locked after failures without a success, without end
  kLockedByBudget = 3,      // L-04: locked after a failure beyond the rolling budget
  kBudgetSpent = 4,         // L-04: not locked, but the next failure locks
  kSendsOfWindow = 5,       // L-06: too many sends within sends_window
  kSendsOfDay = 6,          // L-06: too many sends within 24 hours
  kSendInterval = 7,        // L-06: too short a time since the latest send
  kCodeOfOtherSession = 8,  // S-21: a live passcode that another session may not replace yet
  kCodeOfKnownDevice = 9,   // S-21: a live passcode that only a known device may replace
  // S-21: a change of phone that another session has started and may not be started anew yet
  kPhoneChangeOfOtherSession = 10,
  // The same of passcodes by e-mail, which these alone hold back (L-12, EM-21).
  kEmailLockedInARow = 20,
  kEmailLockedForGood = 21,
  kEmailLockedByBudget = 22,
  kEmailBudgetSpent = 23,
  kEmailSendsOfWindow = 24,
  // The same of passcodes to an address outside any Organization, which hold back no Member with
  // this address (L-12, EM-24).
  kDiscoveryLockedInARow = 40,
  kDiscoveryLockedForGood = 41,
  kDiscoveryLockedByBudget = 42,
  kDiscoveryBudgetSpent = 43,
  kDiscoverySendsOfWindow = 44,
};

struct Hold {
  HoldKind kind = HoldKind::kLockedInARow;
  Instant since;
  std::optional<Instant> until = {};  // absent: no end
};

// All that holds the Member back at `now` on a device that is not known: locks first, then sends.
// Known devices have limits of their own, and no lock stops them (DV-03). Empty: nothing does.
// Thread-safe.
OTPCORE_EXPORT std::vector<Hold> Explain(const MemberRecord& record, const Policy& policy,
                                         Instant now);

// The same of what is remembered of an address. What a guard has admitted to its counting key, and
// to all addresses together, is not in the record. Thread-safe.
OTPCORE_EXPORT std::vector<Hold> Explain(const DiscoveryRecord& record, const Policy& policy,
                                         Instant now);

// "L-02", …: its id in docs/rules.md.
OTPCORE_EXPORT std::string_view RuleOf(HoldKind kind);
// What ends it, besides its time, as a sentence for an operator.
OTPCORE_EXPORT std::string_view EndOf(HoldKind kind);

}  // namespace otpcore

#endif  // OTPCORE_MODEL_EXPLAIN_H_
