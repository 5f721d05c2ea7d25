// SPDX-License-Identifier: Apache-2.0
#include "model_check/universe.h"

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "otpcore/testing/records.h"

namespace otpcore {
namespace model {
namespace {

constexpr uint64_t kCodes = 1000000;
constexpr int64_t kBegin = 1767225600000;  // 2026-01-01

std::string GeneratedId(const char* kind, int number) {
  return std::string(kind) + "-test-00000000-0000-4000-8000-00000000000" + std::to_string(number);
}

// The draw that leads to `code`: in the middle of its range, so it is never one to be skipped.
uint64_t DrawFor(uint64_t code) {
  __extension__ using Wide = unsigned __int128;
  const Wide scaled = (static_cast<Wide>(code) << 64) + (static_cast<Wide>(1) << 63);
  return static_cast<uint64_t>(scaled / kCodes);
}

uint64_t CodeValue(uint8_t slot) { return slot == kWrongCode ? 0 : 100000u + slot; }

Hash RestOf(MemberRecord record) {
  record.failures = FailureLedger();
  record.mark = OperationMark();
  record.sends = SendLedger();
  for (Challenge* challenge : {&record.challenge, &record.candidate.challenge}) {
    challenge->latest_seen = Instant();
    challenge->failures = 0;
    // None is packed without its fields.
    if (challenge->state != ChallengeState::kNone) challenge->state = ChallengeState::kUsed;
  }
  Hasher hasher;
  hasher.Add(testing::Packed(record));
  return hasher.hash();
}

// What a digest is made of.
struct Binding {
  int member;
  int number;
  uint8_t challenge;
  FactorKind factor;
};

PasscodeDigest DigestFor(const Config& config, const Binding& binding, uint8_t code) {
  const EntityId organization = OrganizationId();
  const EntityId member = MemberId(binding.member);
  const std::string e164 = E164Text(binding.number);
  const uint32_t key_id = config.keys().current_id();
  return DigestPasscode(
      *config.keys().Find(key_id), key_id,
      {binding.factor, organization, member, e164, ChallengeIdOf(binding.challenge)},
      Passcode(CodeText(code)));
}

}  // namespace

EntityId OrganizationId() { return GeneratedId("organization", 1); }
EntityId MemberId(int member) { return GeneratedId("member", 1 + member); }
std::string E164Text(int number) {
  static const char* const kTexts[kNumbers] = {"+14155550123", "+16502530000", "+12125550123"};
  return kTexts[number];
}
uint8_t NumberOf(std::string_view e164) {
  for (int number = 0; number < kNumbers; ++number) {
    if (E164Text(number) == e164) return static_cast<uint8_t>(number);
  }
  return kNoNumber;
}
int MemberOf(const EntityId& id) {
  for (int member = 0; member < kMembers; ++member) {
    if (MemberId(member) == id) return member;
  }
  return -1;
}

RecordKey KeyOf(int key) {
  if (key < kClaimKeys) return RecordKey::Member(OrganizationId(), MemberId(key));
  if (key < kEmailKeys) return RecordKey::PhoneClaim(OrganizationId(), E164Text(key - kClaimKeys));
  return RecordKey::MemberEmail(OrganizationId(), NewMember(key - kEmailKeys).email_address);
}

int IndexOf(const RecordKey& key) {
  static const std::vector<RecordKey> keys = [] {
    std::vector<RecordKey> all;
    all.reserve(kKeys);
    for (int i = 0; i < kKeys; ++i) all.push_back(KeyOf(i));
    return all;
  }();
  for (int i = 0; i < kKeys; ++i) {
    if (keys[static_cast<size_t>(i)] == key) return i;
  }
  return -1;
}

std::string CodeText(uint8_t slot) {
  char text[8];
  std::snprintf(text, sizeof text, "%06u", static_cast<unsigned>(CodeValue(slot)));
  return text;
}

EntropyBytes EntropyOf(uint8_t slot) {
  EntropyBytes bytes{};
  bytes[offsetof(Entropy, request_id)] = 0x44;
  bytes[offsetof(Entropy, run_id)] = slot;
  bytes[offsetof(Entropy, new_id)] = slot;
  bytes[offsetof(Entropy, phone_id)] = 0x22;
  const uint64_t draw = DrawFor(CodeValue(slot));
  for (size_t i = 0; i < 8; ++i)
    bytes[offsetof(Entropy, draws) + i] = static_cast<uint8_t>(draw >> (8 * i));
  return bytes;
}

ChallengeId ChallengeIdOf(uint8_t slot) {
  return UuidFromRandom(EntropyOf(slot).data() + offsetof(Entropy, new_id));
}

OperationId OperationIdOf(uint8_t operation) {
  if (operation == kNotRepeated) return kNotRepeatable;
  OperationId id;
  id.bytes[0] = operation;
  id.bytes[15] = 1;
  return id;
}

Instant AtMinute(int minute) { return Instant::FromUnixMillis(kBegin + minute * int64_t{60000}); }
int MinuteOf(Instant instant) {
  return instant.unix_millis() < kBegin
             ? 0
             : static_cast<int>((instant.unix_millis() - kBegin) / 60000);
}

Policy ModelPolicy() {
  Policy policy;
  policy.passcode_digits = kDigits;
  policy.challenge_failures_max = 2;
  policy.lock_after_failures = 3;
  policy.lock_duration = std::chrono::minutes(5);
  policy.rolling_failures = 4;
  policy.rolling_window = std::chrono::hours(24);
  policy.rolling_lock = std::chrono::hours(1);
  policy.success_per_year_max = 1e-2;  // 8,765 guesses of six digits
  policy.sends_max = 3;
  policy.sends_window = std::chrono::minutes(3);
  policy.operation_life = std::chrono::minutes(60);
  return policy;
}

OrganizationRecord TheOrganization() {
  OrganizationRecord record;
  record.organization_id = OrganizationId();
  record.organization_name = "Acme";
  return record;
}

MemberRecord NewMember(int member) {
  MemberRecord record;
  record.organization_id = OrganizationId();
  record.member_id = MemberId(member);
  record.email_address = member == 0 ? "ada@example.com" : "bob@example.com";
  record.email_address_verified = true;
  record.created_at = record.updated_at = AtMinute(0);
  return record;
}

uint32_t RecordTable::Intern(int key, std::string_view bytes) {
  if (bytes.empty()) return 0;
  Hasher hasher;
  hasher.Add(static_cast<uint64_t>(key));
  hasher.Add(bytes);
  const Hash hash = hasher.hash();
  return records_.Get(hash, [&] {
    return StoredRecord{hash, ViewOf(key, bytes), std::string(bytes)};
  });
}

RecordView RecordTable::ViewOf(int key, std::string_view bytes) const {
  RecordView view;
  if (key < kClaimKeys) {
    MemberRecord member;
    if (!Unpack(KeyOf(key), bytes, &member)) std::abort();
    ViewMember(key, member, &view);
  } else if (key < kEmailKeys) {
    PhoneClaim claim;
    if (!Unpack(KeyOf(key), bytes, &claim)) std::abort();
    view.holder = MemberOf(claim.member_id);
    view.permanent = claim.permanent;
  }
  return view;
}

void RecordTable::ViewMember(int member, const MemberRecord& record, RecordView* view) const {
  const Challenge& challenge = record.challenge;
  view->challenge = challenge.state;
  view->phone = record.phone.state;
  view->status = record.status;
  view->slot = SlotOf(challenge.id);
  view->superseded = SlotOf(challenge.superseded_id);
  view->number = NumberOf(record.phone.number);
  view->given_by_host = record.phone.linked_by_host;
  view->mark_operation = OperationOf(record.mark.id);
  view->mark_run = SlotOf(record.mark.run);
  view->issued_by = SlotOf(challenge.issued_by);
  view->mark_answer = record.mark.answer;
  const FailureLedger& failures = record.failures;
  view->locks_in_a_row = failures.locks_in_a_row;
  view->recent = failures.recent.count;
  view->sends = record.sends.count;
  view->disabled = failures.disabled;
  view->in_a_row = failures.in_a_row;
  view->since_success = failures.since_success;
  view->locked_until = MinuteOf(failures.locked_until);
  view->rest = RestOf(record);
  const PhoneCandidate& candidate = record.candidate;
  view->candidate = NumberOf(candidate.phone.number);
  view->change = candidate.challenge.state;
  view->change_slot = SlotOf(candidate.challenge.id);
  view->change_superseded = SlotOf(candidate.challenge.superseded_id);
  view->change_issued_by = SlotOf(candidate.challenge.issued_by);
  // Whether the digest is that of the slot's code for this Member and `number`.
  const auto look = [&](const Challenge& of, uint8_t number) {
    const uint8_t slot = SlotOf(of.id);
    if (of.state != ChallengeState::kLive || number == kNoNumber) return false;
    const auto fits = [&](const Binding& binding) {
      return DigestsEqual(of.digest, DigestFor(config_, binding, slot));
    };
    const Binding own = {member, number, slot, FactorKind::kSmsPasscode};
    Binding others[4] = {own, own, own, own};
    others[0].member = 1 - member;
    others[1].number = (number + 1) % kNumbers;
    others[2].challenge = static_cast<uint8_t>(slot + 1);
    others[3].factor = FactorKind::kEmailPasscode;
    for (const Binding& other : others) view->digest_loose = view->digest_loose || fits(other);
    return fits(own);
  };
  view->digest_right = look(challenge, view->number);
  view->change_digest_right = look(candidate.challenge, view->candidate);
}

}  // namespace model
}  // namespace otpcore
