// SPDX-License-Identifier: Apache-2.0
// The small world of the model: two Members of one Organization, three numbers, a handful of
// passcodes and operation ids, whole minutes. All are small integers here; this file says which ids
// and bytes they are for the library.
#ifndef OTPCORE_TESTS_MODEL_CHECK_UNIVERSE_H_
#define OTPCORE_TESTS_MODEL_CHECK_UNIVERSE_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "model_check/interned.h"
#include "otpcore/otpcore.h"

namespace otpcore {
namespace model {

inline constexpr int kMembers = 2;
inline constexpr int kNumbers = 3;  // the last one is kept for the check that the system is alive
inline constexpr int kSpareNumber = 2;
inline constexpr uint8_t kNoNumber = 0xF;
// Records that change: Members, claims, e-mail addresses, in this order; last the address outside
// Organizations. It has a Member's memory and a Member's view, of which it uses what is said of
// passcodes by e-mail. Commands name it in the place of a Member.
inline constexpr int kClaimKeys = kMembers;
inline constexpr int kEmailKeys = kMembers + kNumbers;
inline constexpr uint8_t kAddress = kEmailKeys + kMembers;
inline constexpr int kKeys = kAddress + 1;
// Who has passcodes, as keys.
inline constexpr std::array<uint8_t, kMembers + 1> kOwners = {0, 1, kAddress};
// A slot names what one attempt draws: its run, its challenge and its passcode. Operations name
// operation ids. Both are used again as soon as nothing refers to them, so the world stays finite.
inline constexpr uint8_t kSlotsMax = 15;
inline constexpr uint8_t kOperationsMax = 20;
inline constexpr uint8_t kNotRepeated = 0;  // as an operation: kNotRepeatable
inline constexpr uint8_t kWrongCode = 0;    // as a slot: no challenge has it
inline constexpr int kDigits = 6;

EntityId OrganizationId();
EntityId MemberId(int member);
std::string E164Text(int number);
uint8_t NumberOf(std::string_view e164);
int MemberOf(const EntityId& id);  // -1: none
RecordKey KeyOf(int key);
int IndexOf(const RecordKey& key);  // -1: it does not change
inline int ClaimOf(int number) { return kClaimKeys + number; }

// A Member's address in two spellings, which are two addresses of one key (EM-02, EM-20). The one
// outside Organizations is Ada's; messages go to its first spelling (EM-25).
inline constexpr uint8_t kNoSpelling = 0xF;
std::string AddressText(int member, uint8_t spelling);
uint8_t SpellingOf(int member, std::string_view address);

std::string CodeText(uint8_t slot);  // "100003" for slot 3, "000000" for the wrong one
// The bytes of an Entropy.
using EntropyBytes = std::array<uint8_t, kEntropyForSecret>;
EntropyBytes EntropyOf(uint8_t slot);
inline uint8_t SlotOf(const ChallengeId& id) { return id.bytes[0]; }
ChallengeId ChallengeIdOf(uint8_t slot);
inline uint8_t SlotOf(RunId run) { return static_cast<uint8_t>(run); }
OperationId OperationIdOf(uint8_t operation);
inline uint8_t OperationOf(const OperationId& id) { return id.bytes[0]; }

// ---- TOTP and recovery codes ----
//
// A slot names a secret and a set of recovery codes, too. What somebody types is such a slot and an
// index in one byte: of an app's code the index of its step in kSteps, of a recovery code its place
// in the set. kWrongCode is wrong for all.

inline constexpr std::array<int, 16> kSteps = {0,  1,  2,  3,  10,  12,  14,  16,
                                               18, 20, 22, 24, 140, 141, 500, 501};
inline constexpr int kStepsAMinute = 2;
inline constexpr int kNoStep = -1000;
constexpr uint8_t TypedOf(uint8_t slot, uint8_t index) {
  return static_cast<uint8_t>(slot << 4 | index);
}
constexpr uint8_t SlotOfTyped(uint8_t typed) { return typed >> 4; }
constexpr uint8_t IndexOfTyped(uint8_t typed) { return typed & 15; }
std::string AppCodeText(uint8_t typed);
std::string RecoveryCodeText(uint8_t typed);
inline constexpr int kMailLife = 2;  // minutes of a passcode by e-mail
inline constexpr int kAppLife = 5;   // minutes in which a code must prove a registration

Instant AtMinute(int minute);
int MinuteOf(Instant instant);  // rounded down; 0 for instants before the world began

Policy ModelPolicy();
OrganizationRecord TheOrganization();
MemberRecord NewMember(int member);

// ---- Records ----

// Of a ledger of failures.
struct CountersView {
  uint8_t locks_in_a_row = 0;
  uint8_t recent = 0;
  bool disabled = false;
  uint16_t in_a_row = 0;
  uint16_t since_success = 0;
  int locked_until = 0;
  friend bool operator==(const CountersView& a, const CountersView& b) {
    return a.locks_in_a_row == b.locks_in_a_row && a.recent == b.recent &&
           a.disabled == b.disabled && a.in_a_row == b.in_a_row &&
           a.since_success == b.since_success;
  }
};

// What the properties look at in a record; first the counters of second factors.
struct RecordView : CountersView {
  // Members
  ChallengeState challenge = ChallengeState::kNone;
  EnrollmentState phone = EnrollmentState::kNone;
  MemberStatus status = MemberStatus::kActive;
  uint8_t slot = 0;
  uint8_t superseded = 0;
  uint8_t number = kNoNumber;
  uint8_t mark_operation = kNotRepeated;
  uint8_t mark_run = 0;   // as a slot
  uint8_t issued_by = 0;  // likewise: the run that issued the challenge
  uint8_t sends = 0;
  bool given_by_host = false;  // its number
  bool digest_right = false;   // the digest is that of the slot's code, for this Member and number
  bool digest_loose = false;   // it, or the candidate's, would also do for another Member, number,
                               // challenge or factor
  // Of the candidate (E-04)
  uint8_t candidate = kNoNumber;
  ChallengeState change = ChallengeState::kNone;
  uint8_t change_slot = 0;
  uint8_t change_superseded = 0;
  uint8_t change_issued_by = 0;
  bool change_digest_right = false;
  // Of the registration (TO-28) and its recovery codes
  RegistrationState registration = RegistrationState::kNone;
  uint8_t app_slot = 0;
  uint8_t set_slot = 0;
  uint16_t codes_used = 0;
  int last_step = kNoStep;  // from that of minute 0 on
  bool shows_app = false;   // the Member has its id
  bool app_right = false;   // what is kept is the secret and the codes of the slots
  bool app_loose = false;   // it would also do for another Member, registration or set
  Hash app;                 // all of it but the clocks it has seen
  uint16_t mark_answer = 0;
  // Of passcodes by e-mail.
  CountersView mail_counters;
  ChallengeState mail = ChallengeState::kNone;
  uint8_t mail_slot = 0;
  uint8_t mail_superseded = 0;
  uint8_t mail_issued_by = 0;
  uint8_t mail_sends = 0;
  uint8_t spelling = kNoSpelling;
  bool address_verified = false;
  bool mail_digest_right = false;
  Uuid address_id;
  // Claims
  int holder = -1;
  bool permanent = false;
  // Everything of a Member that a rejected command must leave alone.
  Hash rest;
};

// The packed bytes of a record, and what they say.
struct StoredRecord {
  Hash hash;
  RecordView view;
  std::string bytes;
};

class RecordTable {
 public:
  explicit RecordTable(const Config& config) : config_(config) {}
  // 0 for no bytes: no record.
  uint32_t Intern(int key, std::string_view bytes);
  const StoredRecord& at(uint32_t number) const {
    return number == 0 ? none_ : records_.at(number);
  }
  size_t size() const { return records_.size(); }

 private:
  RecordView ViewOf(int key, std::string_view bytes) const;
  void ViewMember(int member, const MemberRecord& record, RecordView* view) const;
  void ViewApp(const MemberRecord& record, RecordView* view) const;
  void ViewMail(int member, const MemberRecord& record, RecordView* view) const;
  void ViewAddress(const DiscoveryRecord& record, RecordView* view) const;
  void ViewPasscode(int owner, const EmailFactor& email, RecordView* view) const;

  const Config& config_;
  StoredRecord none_;
  Interned<StoredRecord> records_;
};

}  // namespace model
}  // namespace otpcore

#endif  // OTPCORE_TESTS_MODEL_CHECK_UNIVERSE_H_
