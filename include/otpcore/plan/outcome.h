// SPDX-License-Identifier: Apache-2.0
// What a decision asks the ports to do, and what they may answer: the types that ports, stores and
// the driver share.
#ifndef OTPCORE_PLAN_OUTCOME_H_
#define OTPCORE_PLAN_OUTCOME_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <new>
#include <utility>

#include "otpcore/base/export.h"
#include "otpcore/base/ids.h"
#include "otpcore/base/secret.h"
#include "otpcore/base/time.h"
#include "otpcore/model/address.h"
#include "otpcore/model/channel.h"
#include "otpcore/model/factor.h"
#include "otpcore/model/record.h"
#include "otpcore/model/recovery_set.h"
#include "otpcore/model/session.h"
#include "otpcore/rules/event.h"
#include "otpcore/rules/message.h"
#include "otpcore/rules/passcode.h"

namespace otpcore {

// ---- Entropy ----

// Secrets of a TOTP registration and its recovery codes, which hardly any command draws: neither
// cleared nor wiped unless they were drawn, which whoever draws them says.
struct DrawnSecret {
  DrawnSecret() {}
  DrawnSecret(DrawnSecret&& other) noexcept { *this = std::move(other); }
  DrawnSecret& operator=(DrawnSecret&& other) noexcept {
    if (this == &other) return *this;
    Wipe();
    if (other.was_drawn) {
      bytes = other.bytes;
      codes = other.codes;
    }
    was_drawn = other.was_drawn;
    other.Wipe();
    return *this;
  }
  DrawnSecret(const DrawnSecret&) = delete;
  DrawnSecret& operator=(const DrawnSecret&) = delete;
  ~DrawnSecret() { Wipe(); }
  void Wipe() {
    if (was_drawn) {
      WipeMemory(bytes.data(), bytes.size());
      WipeMemory(codes.data(), codes.size());
    }
    was_drawn = false;
  }

  // First: they are drawn in one call with what stands before.
  std::array<uint8_t, 64> bytes;                     // of the TOTP secret
  std::array<uint8_t, kRecoveryDrawBytesMax> codes;  // of the recovery codes
  bool was_drawn = false;
};

// What one attempt of a command draws, in one call, anew for each attempt. A command that needs
// less than all draws the first bytes only.
struct Entropy {
  std::array<uint8_t, 16> request_id{};  // for the reply, when the host brought none
  std::array<uint8_t, 8> run_id{};       // of the mark (C-08)
  // Of a challenge, a Member or an Organization. Once a guard was asked under it, the operation
  // keeps it over its conflicts.
  std::array<uint8_t, 16> new_id{};
  std::array<uint8_t, 16> phone_id{};
  SecretBytes<kPasscodeEntropyBytes> draws;  // for a passcode
  std::array<uint8_t, 24> nonce;             // to seal a TOTP secret with
  std::array<uint8_t, 24> copy_nonce;        // to seal the copy of recovery codes with
  std::array<uint8_t, 16> recovery_set_id;   // of the recovery codes
  DrawnSecret secret;
};
inline constexpr size_t kEntropyWithoutSecret = offsetof(Entropy, secret);
inline constexpr size_t kEntropyForRun = offsetof(Entropy, new_id);
inline constexpr size_t kEntropyForIds = offsetof(Entropy, draws);
inline constexpr size_t kEntropyForPasscode = offsetof(Entropy, nonce);
inline constexpr size_t kEntropyForSealing = offsetof(Entropy, recovery_set_id);
inline constexpr size_t kEntropyForSecret =
    offsetof(Entropy, secret) + sizeof(DrawnSecret::bytes) + sizeof(DrawnSecret::codes);

// ---- The SendGuard ----

// One quota that a send to an address not verified needs (L-06, L-07).
//
// A conversion quota refuses when at least `min_ended` passcodes of its Organization and region
// have ended within `window` and fewer than `max` per cent of them verified their number. A
// passcode ends `life` after its send, or before: when it is used, fails too often, or a send
// replaces it. It is counted from its end on. One Member counts at most twice among the ended. A
// proof counts unless one of the same Member or number does.
struct Quota {
  enum class Subject : uint8_t {
    kAddress = 1,            // sends to one address, over all Organizations
    kRegion = 2,             // sends to one region within one Organization
    kOrganization = 3,       // sends within one Organization
    kConversion = 4,         // the share of passcodes that were answered, as kRegion
    kEmailOrganization = 5,  // sends by e-mail within one Organization (EM-21)
    kEmailDiscovery = 6,     // sends by e-mail outside all Organizations, together (EM-24)
  };
  Subject subject = Subject::kAddress;
  EntityId organization_id = {};  // empty for kAddress and kEmailDiscovery
  // Of kAddress and kConversion: a number's HandsetKey (N-08), or an EmailCountingKey (EM-22).
  Address address = {};
  RegionCode region = {};  // of kRegion and kConversion
  int max = 0;             // for kConversion: the least percentage
  int min_ended = 0;       // of kConversion
  Duration window{0};
  Duration life{0};  // of kConversion: a passcode has ended this long after its send, at the latest
  EntityId member_id = {};    // of kConversion: who gets the passcode
  ChallengeId replaces = {};  // of kConversion: the live passcode that this send ends; empty: none
};
// Whether both count the same sends. Which passcode they replace does not matter.
OTPCORE_EXPORT bool operator==(const Quota& a, const Quota& b);

// The quotas of one send, asked for together. At most one is a kConversion.
class Quotas {
 public:
  static constexpr size_t kMax = 4;

  Quotas() {}
  Quotas(std::initializer_list<Quota> quotas) {
    for (const Quota& quota : quotas) Add(quota);
  }
  Quotas(const Quotas& other) { *this = other; }
  Quotas& operator=(const Quotas& other) {
    if (this == &other) return *this;
    count_ = 0;
    for (const Quota& quota : other) Add(quota);
    return *this;
  }
  ~Quotas() = default;

  // More than kMax are dropped; no command asks for so many.
  void Add(const Quota& quota) {
    if (count_ < kMax) new (&quotas_[count_++]) Quota(quota);
  }
  void clear() { count_ = 0; }
  size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  const Quota* begin() const { return quotas_; }
  const Quota* end() const { return quotas_ + count_; }
  const Quota& operator[](size_t i) const { return quotas_[i]; }
  friend bool operator==(const Quotas& a, const Quotas& b) {
    if (a.count_ != b.count_) return false;
    for (size_t i = 0; i < a.count_; ++i) {
      if (!(a.quotas_[i] == b.quotas_[i])) return false;
    }
    return true;
  }

 private:
  // Most commands ask for none: places beyond count_ are neither made nor copied.
  union {
    Quota quotas_[kMax];
  };
  size_t count_ = 0;
};

// Answer of the SendGuard.
struct Admission {
  enum class Kind : uint8_t { kAdmitted, kTooMany, kTooFewAuthenticated, kUnreachable };
  Kind kind = Kind::kAdmitted;
  Duration retry_after{0};
};

// What the guard is told at the end of an operation that it admitted, or may have admitted.
enum class Settlement : uint8_t {
  kSpent = 1,
  kReturned = 2,  // surely nothing was sent: give back what was admitted
};

// ---- The message sink ----

// One passcode on its way to a person. The sink must treat a second message with the same
// `challenge_id` as the same message (D-07).
struct Message {
  Message() {}  // not all zeros first: it is mostly room for text

  ChallengeId challenge_id;
  EntityId organization_id;  // these two are empty outside Organizations (EM-30)
  EntityId member_id;
  FactorKind factor = FactorKind::kSmsPasscode;
  Channel channel = Channel::kSms;
  Address to;
  Locale locale = Locale::kEn;
  MessageText text;  // the rendered text, with the passcode in it
  // For gateways with templates of their own: also MessageMinutes(life).
  Passcode passcode;
  InlineText<kBrandBytesMax> brand;
  // Of Channel::kEmail alone (EM-30). HTML, sender and headers are the host's. `text` has lines
  // that end with LF, `subject` is one line; neither has another control character.
  EmailPurpose purpose = EmailPurpose::kNone;
  EmailSubject subject;
  InlineText<128> template_id;  // of the request, for this purpose; empty: none was named
  Duration life{0};             // how long the passcode is good for, from its issue
  Instant expires_at;           // do not deliver after this time
};

struct Delivery {
  enum class Kind : uint8_t {
    kAccepted = 1,     // on its way
    kRejected = 2,     // this address will not get it
    kUnavailable = 3,  // surely not sent
    kUnknown = 4,      // may have been sent
  };
  Kind kind = Kind::kAccepted;
  bool unsubscribed = false;  // with kRejected: the person opted out
};

// The error a delivery is answered with: kOk, kDownstreamCarrierRejected, kUnsubscribedPhoneNumber
// or kDownstreamCarrierUnavailable (D-01 … D-04); of kEmail kOk, kInactiveEmail or
// kEmailGatewayUnavailable (EM-13).
OTPCORE_EXPORT ErrorCode DeliveryError(const Delivery& delivery, Channel channel = Channel::kSms);

// ---- The store ----

// What is changed in one atomic step. The first write is always the record of the Organization, the
// Member or the address outside any, and carries the operation's mark, unless it deletes. `message`
// is there for stores with an outbox, `session_effect` for stores that keep sessions too; others
// ignore them. All of it belongs to the operation and lives until the operation is told the
// outcome.
struct Changes {
  Writes writes;
  const Message* message = nullptr;
  const SessionEffect* session_effect = nullptr;
};

enum class CommitOutcome : uint8_t {
  kCommitted = 1,
  kConflict = 2,     // some revision was another, or the session is gone: nothing was applied
  kUnavailable = 3,  // surely not applied
  kUnknown = 4,      // a time-out: it may or may not have been applied
};

}  // namespace otpcore

#endif  // OTPCORE_PLAN_OUTCOME_H_
