// SPDX-License-Identifier: Apache-2.0
// Events: what a decision was about, for the host's audit log (rule V-01). No code, no full number.
#ifndef OTPCORE_RULES_EVENT_H_
#define OTPCORE_RULES_EVENT_H_

#include <cstddef>
#include <cstdint>
#include <new>
#include <string_view>

#include "otpcore/base/error.h"
#include "otpcore/base/export.h"
#include "otpcore/base/ids.h"
#include "otpcore/base/time.h"
#include "otpcore/model/address.h"
#include "otpcore/model/factor.h"
#include "otpcore/model/ledgers.h"

namespace otpcore {

// Stable numbers, append only. Kinds that are named after the Organization are about it and about
// no Member; kUpdated is about either.
enum class EventKind : uint8_t {
  kSent = 1,  // a passcode was issued, which ends the live one; of a sandbox number nothing is sent
  kDeliveryFailed = 2,  // reason: how
  kAuthenticated = 3,
  kFailure = 4,        // a wrong code was counted
  kChallengeDead = 5,  // reason: expired, exhausted or void
  kLocked = 6,
  kUnlocked = 7,
  kNumberLinked = 8,
  kNumberVerified = 9,
  kNumberUnlinked = 10,
  kEnrolled = 11,  // mfa_enrolled became true
  kUnenrolled = 12,
  kRefusedByLimit = 13,  // reason: which error was answered
  kClockAnomaly = 14,    // a stored instant lay further ahead than the policy allows (T-02)
  kSpraying = 15,        // failures pile up in one Organization (L-08)
  kMfaSmsNotSent = 16,   // the automatic SMS of the MFA step was refused (P-04)
  kCreated = 17,         // a Member
  kTotpCreated = 18,     // a registration that no code has proved
  kTotpActivated = 19,   // its first right code
  kTotpExpired = 20,     // its end was seen before one came
  kTotpDeleted = 21,
  kKeyMissing = 22,  // a sealed secret could not be opened
  // A link was refused because another Member holds the number (S-19); region and digits are of it.
  kNumberTaken = 23,
  kDeviceKnown = 24,      // a success made a device known (DV-02)
  kDeviceForgotten = 25,  // one that failed too often, or all of them (DV-03, DV-06)
  kMfaSpared = 26,        // a remembered device was spared the MFA step (DV-05)
  kDefaultMethodChanged = 27,
  kBreakglassChanged = 28,
  kEmailChanged = 29,  // email_address or email_address_verified
  kNameChanged = 30,
  kExternalIdChanged = 31,
  kActivated = 32,  // by the MFA step (P-05)
  kDeleted = 33,
  kReactivated = 34,
  kPurged = 35,
  kTotpSet = 36,         // a registration of the host's own
  kTotpCleared = 37,     // likewise, taken back
  kTotpCodeReused = 38,  // a right code whose step is used, or may be (TO-12, TO-27)
  kUpdated = 39,         // a command that changed nothing but updated_at
  kOrganizationCreated = 40,
  kOrganizationDeleted = 41,
  kOrganizationPolicyChanged = 42,  // mfa_policy
  // mfa_methods, allowed_mfa_methods, auth_methods or allowed_auth_methods
  kOrganizationMethodsChanged = 43,
  kOrganizationNamesChanged = 44,  // organization_name, organization_slug or …_external_id
  kTotpImported = 45,              // a registration that another system had proved, with its codes
  kRecoveryCodeUsed = 46,          // tell the Member (RC-12)
  kRecoveryCodesLow = 47,          // three or fewer are left
  kRecoveryCodesRotated = 48,      // a new set in place of the old one
  kResealed = 49,                  // what an old key had sealed or digested was renewed
  // Of a passcode by e-mail. No event shows anything of the address; failures, dead codes, locks
  // and failed deliveries of it have the kinds above, in a list whose `factor` is kEmailPasscode.
  kEmailSent = 50,           // one was issued, which ends the live one
  kEmailAuthenticated = 51,  // its right code
  kEmailVerified = 52,       // email_address_verified became true by it
  // Outside any Organization; organization_id and member_id of the list are empty (EM-24, EM-26).
  // Failures, dead codes, locks and failed deliveries have the kinds above, and kUnlocked is of an
  // address then.
  kDiscoverySent = 70,           // a passcode was issued, which ends the live one
  kDiscoveryAuthenticated = 71,  // its right code
  kDiscoveryPurged = 72,         // what was remembered of an address is gone
  // An intermediate session became one of the Member (SE-03).
  kSessionExchanged = 73,
  // Of a change of phone (E-04); region and digits are the candidate's.
  kPhoneChangeStarted = 60,  // a candidate was named, or named again
  kPhoneChanged = 61,        // it is the Member's number now
  kPhoneChangeDropped = 62,  // it is none any more; reason: why its message did not arrive
};

// "sent", "delivery_failed", …: for logs.
OTPCORE_EXPORT std::string_view NameOf(EventKind kind);
// "failures_in_a_row", …; "" of kNone.
OTPCORE_EXPORT std::string_view NameOf(LockRule rule);

struct Event {
  EventKind kind = EventKind::kSent;
  Instant at;
  ErrorCode reason = ErrorCode::kOk;
  RegionCode region;                     // of the number, where one is involved
  InlineText<2> last_digits;             // its last two (N-05)
  LockRule lock_rule = LockRule::kNone;  // of kLocked: the rule that locks
  // Of kTotpImported and the kRecoveryCode… kinds: how many codes are left now.
  uint8_t codes_left = 0;
  // Of kRecoveryCodeUsed: the first since the store was restored. Codes that were used after the
  // backup was made work again (RC-17).
  bool after_restore = false;
  // The passcode it is about, of kSent, kDeliveryFailed, kAuthenticated, kFailure, kChallengeDead,
  // kNumberVerified, kPhoneChanged, the kEmail… and the kDiscovery… kinds; empty where none is
  // involved. Joins these events.
  ChallengeId challenge_id;
};

// The events of one decision, in order; all are about the same Organization and Member. Holds at
// most kMax, more than any decision has; further ones are dropped.
class EventList {
 public:
  static constexpr size_t kMax = 12;
  EntityId organization_id;
  EntityId member_id;
  // Of a command that judges a code: the factor it is judged for, which each success, failure and
  // lock is about (V-02). kHostPrimary: no code is judged.
  FactorKind factor = FactorKind::kHostPrimary;

  EventList() {}
  EventList(const EventList& other)
      : organization_id(other.organization_id), member_id(other.member_id), factor(other.factor) {
    Append(other);
  }
  EventList& operator=(const EventList& other) {
    if (this == &other) return *this;
    organization_id = other.organization_id;
    member_id = other.member_id;
    factor = other.factor;
    count_ = 0;
    Append(other);
    return *this;
  }
  ~EventList() = default;

  void Add(const Event& event) {
    if (count_ < kMax) new (&events_[count_++]) Event(event);
  }
  void Append(const EventList& other) {
    for (const Event& event : other) Add(event);
  }
  void clear() {
    organization_id = member_id = EntityId();
    factor = FactorKind::kHostPrimary;
    count_ = 0;
  }
  const Event* begin() const { return events_; }
  const Event* end() const { return events_ + count_; }
  size_t size() const { return count_; }
  bool Has(EventKind kind) const {
    for (const Event& event : *this) {
      if (event.kind == kind) return true;
    }
    return false;
  }

 private:
  // Lists are made and copied several times a command, and hold one or two events: the places
  // beyond count_ are neither made nor copied.
  union {
    Event events_[kMax];
  };
  size_t count_ = 0;
};

// The passcode to a number not verified that a decision ended before its expiry.
struct PasscodeEnd {
  ChallengeId challenge_id;  // empty: none did
  bool proved = false;       // it verified the number
};
// What the events of a decision tell of such an end: the passcode was used, or failed too often. A
// SendGuard counts conversions by it (L-07). An import proves nothing.
OTPCORE_EXPORT PasscodeEnd PasscodeEndOf(const EventList& events);

}  // namespace otpcore

#endif  // OTPCORE_RULES_EVENT_H_
