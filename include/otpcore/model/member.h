// SPDX-License-Identifier: Apache-2.0
// Member: a person in one Organization as a reply shows them; and MemberRecord, what the store
// keeps of them: the phone factor, the challenge, the ledgers, the mark.
#ifndef OTPCORE_MODEL_MEMBER_H_
#define OTPCORE_MODEL_MEMBER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "otpcore/base/export.h"
#include "otpcore/base/ids.h"
#include "otpcore/base/text.h"
#include "otpcore/base/time.h"
#include "otpcore/model/address.h"
#include "otpcore/model/enrollment_state.h"
#include "otpcore/model/factor.h"
#include "otpcore/model/ledgers.h"
#include "otpcore/model/mark.h"
#include "otpcore/model/policy.h"
#include "otpcore/model/recovery_set.h"
#include "otpcore/model/totp_registration.h"

namespace otpcore {

// Wire names: pending invited active deleted. Stable numbers.
enum class MemberStatus : uint8_t { kPending = 1, kInvited = 2, kActive = 3, kDeleted = 4 };

// A Member as a reply shows it. The lock fields are computed for the time of the reply. A view: its
// texts live as long as what it was read from, a Reply or a record's bytes.
struct Member {
  EntityId organization_id = {};
  EntityId member_id = {};
  std::string_view external_id = {};
  std::string_view email_address = {};
  bool email_address_verified = false;
  std::string_view name = {};
  MemberStatus status = MemberStatus::kActive;
  bool is_breakglass = false;
  bool mfa_enrolled = false;
  E164 mfa_phone_number = {};  // empty: none
  bool mfa_phone_number_verified = false;
  MfaMethod default_mfa_method = MfaMethod::kNone;
  InlineText<kIdBytesMax> totp_registration_id = {};  // empty: none that is active
  bool is_locked = false;
  std::optional<Instant> lock_created_at = {};
  std::optional<Instant> lock_expires_at = {};  // absent also for a lock without end (L-03)
  Instant created_at = {};
  Instant updated_at = {};
};

// The phone number and how far its enrolment is (E-01). Number, region and type are the canonical
// ones (N-04).
struct PhoneFactor {
  EnrollmentState state = EnrollmentState::kNone;
  E164 number = {};
  RegionCode region = {};
  uint8_t type = 0;             // PhoneNumberType
  Uuid id = {};                 // "phone-number-<environment>-<uuid>" on the wire
  bool linked_by_host = false;  // then a pending one counts for S-12 too
};

// State of a challenge. Stable numbers.
enum class ChallengeState : uint8_t {
  kNone = 0,       // none was issued, or it went with its address
  kLive = 1,       // may be answered until expires_at
  kUsed = 2,       // answered rightly
  kExpired = 3,    // seen after its end
  kExhausted = 4,  // failed too often
  kVoid = 5,       // its message was not delivered
};

// The keyed digest of a passcode, and with which key it was made. Not secret in itself, but
// of no use outside the record.
struct PasscodeDigest {
  std::array<uint8_t, 16> bytes{};
  uint32_t key_id = 0;
};

// One issued passcode and its life (S-09, S-10). A Member has at most one that is live, and a
// candidate of theirs another.
struct Challenge {
  ChallengeState state = ChallengeState::kNone;
  ChallengeId id = {};
  PasscodeDigest digest = {};
  Instant issued_at = {};
  Instant expires_at = {};
  Instant latest_seen = {};  // the latest clock this record was written under since issue (T-02)
  uint64_t epoch = 0;        // the store's epoch at issue (L-10)
  uint8_t failures = 0;      // wrong codes for this challenge
  uint8_t digits = 0;
  bool linked_its_address = false;  // the send that issued it linked the number (D-05)
  RunId issued_by = 0;              // the run that issued it
  SessionTag session = 0;           // that it was sent for (S-21)
  DeviceTag device = 0;             // the known device that it was sent for

  // The passcode before this one, kept so that it is told from a wrong one. Empty id: none.
  ChallengeId superseded_id = {};
  PasscodeDigest superseded_digest = {};
};

// Another number that is to replace the Member's verified one, and its passcode (E-04). It is
// nobody's factor; only the commands of phone_change.h and delivery reports look at it.
struct PhoneCandidate {
  PhoneFactor phone;    // kNone: there is no candidate; else kPending
  Challenge challenge;  // to this number
};

// A TOTP registration that the library keeps (TO-02). One that the host keeps is an id only,
// MemberRecord::hosts_totp_id.
struct TotpFactor {
  RegistrationState state = RegistrationState::kNone;  // never kExternal
  Uuid id = {};  // "member-totp-<environment>-<uuid>" on the wire
  TotpParameters parameters = {};
  int64_t last_step = kNoTotpStep;      // of the last code that was accepted (TO-11)
  Instant created_at = {};              // these three of a pending one: under which clock
  Instant latest_seen = {};             // the latest clock this record was written under (T-02)
  Instant expires_at = {};              // it was made, and its end (TO-05)
  uint64_t epoch = 0;                   // the store's, when the registration was written last
  std::string_view sealed_secret = {};  // empty: erased
};

// The Member's e-mail address as a factor: its passcode, and what is counted of it (EM-11, L-12).
// The address itself is MemberRecord::email_address. Its passcodes and those by SMS do not touch
// each other.
struct EmailFactor {
  // Of the address: "email-<environment>-<uuid>" on the wire (EM-20). Drawn by the first send;
  // empty before it, and then nothing else is there.
  Uuid id = {};
  // Of no session, no device, and never the first of a link: these fields are not stored.
  Challenge challenge = {};
  EmailPurpose purpose = EmailPurpose::kNone;             // of the challenge
  EmailPurpose superseded_purpose = EmailPurpose::kNone;  // of the passcode before it
  FailureLedger failures = {};  // at most kEmailFailureTimesMax times, each of weight 1
  SendLedger sends = {};        // at most kEmailSendTimesMax times
};

// What the store keeps of a Member. Its encoded size is bounded (B-17). Texts are views: into the
// bytes the record was read from, or into the request that sets them.
struct MemberRecord {
  MemberRecord() {}  // not all zeros first: the ledgers are mostly empty

  EntityId organization_id;
  EntityId member_id;
  std::string_view external_id;
  std::string_view email_address;
  bool email_address_verified = false;
  std::string_view name;
  MemberStatus status = MemberStatus::kActive;
  bool is_breakglass = false;
  bool mfa_enrolled = false;
  MfaMethod default_mfa_method = MfaMethod::kNone;
  std::string_view hosts_totp_id;  // of a TOTP registration of the host's own; then `totp` is none
  Instant created_at;
  Instant updated_at;
  PhoneFactor phone;
  Challenge challenge;
  PhoneCandidate candidate;  // beside a verified number only
  TotpFactor totp;
  RecoveryFactor recovery;  // of the registration `totp`
  EmailFactor email;
  FailureLedger failures;  // of second factors
  SendLedger sends;        // but for those on known devices, and by e-mail
  DeviceLedger devices;
  Instant leased_at;  // the latest lease of a number (S-07); epoch: none
  OperationMark mark;

  // Whether a TOTP registration is active, whoever keeps it.
  bool HasActiveTotp() const {
    return totp.state == RegistrationState::kActive || !hosts_totp_id.empty();
  }
  // A verified phone number or an active TOTP registration.
  bool HasActiveMfaFactor() const {
    return phone.state == EnrollmentState::kVerified || HasActiveTotp();
  }
  RegistrationState registration_state() const {
    if (totp.state != RegistrationState::kNone || hosts_totp_id.empty()) return totp.state;
    return RegistrationState::kExternal;
  }
};

// The public view of `record` at `now`. Ids are formatted for `environment`. Thread-safe.
OTPCORE_EXPORT Member ViewOf(const MemberRecord& record, Instant now, Environment environment);

// The id of the active TOTP registration as the wire has it; empty: none is. Thread-safe, without
// heap.
OTPCORE_EXPORT InlineText<kIdBytesMax> TotpRegistrationIdOf(const MemberRecord& record,
                                                            Environment environment);

OTPCORE_EXPORT std::string_view WireName(MemberStatus status);
OTPCORE_EXPORT std::string_view WireName(MfaMethod method);

}  // namespace otpcore

#endif  // OTPCORE_MODEL_MEMBER_H_
