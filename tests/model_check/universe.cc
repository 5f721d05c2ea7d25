// SPDX-License-Identifier: Apache-2.0
#include "model_check/universe.h"

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "otpcore/model/codec.h"

namespace otpcore {
namespace model {
namespace {

constexpr SecretAccess kAccess("the model plays generator and phone");
constexpr int64_t kBegin = 1767225600000;  // 2026-01-01
constexpr uint32_t kKeyId = 7;

std::string GeneratedId(const char* kind, int number) {
  return std::string(kind) + "-test-00000000-0000-4000-8000-00000000000" + std::to_string(number);
}

// The draw that leads to `code`: in the middle of its range, so it is never one to be skipped.
uint64_t DrawFor(uint64_t code) {
  __extension__ using Wide = unsigned __int128;
  const Wide scaled = (static_cast<Wide>(code) << 64) + (static_cast<Wide>(1) << 63);
  return static_cast<uint64_t>(scaled / 10000);
}

uint64_t CodeValue(uint8_t slot) { return slot == kWrongCode ? 0 : 1000u + slot; }

Hash RestOf(int key, MemberRecord record) {
  record.failures = FailureLedger();
  record.mark = OperationMark();
  // Sends may be pulled back by any command (T-02).
  for (uint8_t i = 0; i < record.sends.count; ++i) record.sends.times[i] = Instant();
  record.sends_pulled_from = record.challenge.latest_seen = Instant();
  record.challenge.failures = 0;
  record.challenge.state = ChallengeState::kNone;
  Hasher hasher;
  hasher.Add(EncodeRecord(KeyOf(key), Record(std::move(record))));
  return hasher.hash();
}

PasscodeDigest DigestFor(const Config& config, int member, int number, uint8_t challenge,
                         uint8_t code) {
  const Id organization = OrganizationId();
  const Id id = MemberId(member);
  const std::string e164 = NumberText(number);
  const uint32_t key_id = config.keys().current_id();
  return DigestPasscode(*config.keys().Find(key_id), key_id,
                        {organization, id, e164, ChallengeIdOf(challenge)},
                        Passcode(CodeText(code)));
}

}  // namespace

Id OrganizationId() { return GeneratedId("organization", 1); }
Id MemberId(int member) { return GeneratedId("member", 1 + member); }
std::string NumberText(int number) {
  static const char* const kTexts[kNumbers] = {"+14155550123", "+16502530000", "+12125550123"};
  return kTexts[number];
}
uint8_t NumberOf(std::string_view e164) {
  for (int number = 0; number < kNumbers; ++number) {
    if (NumberText(number) == e164) return static_cast<uint8_t>(number);
  }
  return kNoNumber;
}
int MemberOf(const Id& id) {
  for (int member = 0; member < kMembers; ++member) {
    if (MemberId(member) == id) return member;
  }
  return -1;
}

RecordKey KeyOf(int key) {
  if (key < kClaimKeys) return {RecordKind::kMember, OrganizationId(), MemberId(key).view()};
  if (key < kEmailKeys)
    return {RecordKind::kPhoneClaim, OrganizationId(), NumberText(key - kClaimKeys)};
  return {RecordKind::kMemberEmail, OrganizationId(), NewMember(key - kEmailKeys).email_address};
}

int IndexOf(const RecordKey& key) {
  static const std::vector<RecordKey> keys = [] {
    std::vector<RecordKey> all;
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
  std::snprintf(text, sizeof text, "%04u", static_cast<unsigned>(CodeValue(slot)));
  return text;
}

void FillEntropy(uint8_t slot, Entropy* entropy) {
  uint8_t* bytes = entropy->RevealMutable(kAccess);
  const uint64_t draws[kPasscodeDraws] = {DrawFor(CodeValue(slot)), 1, 2, 3};
  std::memcpy(bytes, draws, sizeof draws);
  std::memset(bytes + kPasscodeEntropyBytes, 0x11, 16);
  bytes[kPasscodeEntropyBytes] = slot;
  std::memset(bytes + kPasscodeEntropyBytes + 16, 0x22, 16);
}

ChallengeId ChallengeIdOf(uint8_t slot) {
  std::array<uint8_t, 16> random;
  random.fill(0x11);
  random[0] = slot;
  return UuidFromRandom(random.data());
}

OperationId OperationIdOf(uint8_t operation) {
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
  policy.sends_max = 3;
  policy.sends_window = std::chrono::minutes(3);
  return policy;
}

std::unique_ptr<const Config> ModelConfig(Policy policy) {
  std::array<uint8_t, 32> key{};
  key.fill(kKeyId);
  std::string problem;
  auto config = Config::Create(std::move(policy), KeyRing(kKeyId, DigestKey(key)), {}, &problem);
  if (config == nullptr) {
    std::fprintf(stderr, "the model's policy: %s\n", problem.c_str());
    std::abort();
  }
  return config;
}

OrganizationSnapshot TheOrganization() {
  auto record = std::make_shared<OrganizationRecord>();
  record->organization.organization_id = OrganizationId();
  record->organization.organization_name = "Acme";
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

uint32_t RecordTable::Intern(int key, const Record& record) {
  if (std::holds_alternative<std::monostate>(record)) return 0;
  const RecordKey record_key = KeyOf(key);
  std::string bytes = EncodeRecord(record_key, record);
  Hasher hasher;
  hasher.Add(static_cast<uint64_t>(key));
  hasher.Add(bytes);
  const Hash hash = hasher.hash();
  return records_.Get(hash, [&] {
    return StoredRecord{hash, ViewOf(key, record), std::move(bytes)};
  });
}

Record RecordTable::Decode(int key, uint32_t number) const {
  if (number == 0) return Record();
  auto record = DecodeRecord(KeyOf(key), at(number).bytes);
  if (!record) std::abort();
  return *std::move(record);
}

RecordView RecordTable::ViewOf(int key, const Record& record) const {
  RecordView view;
  if (const auto* claim = std::get_if<PhoneClaim>(&record)) {
    view.kind = RecordView::Kind::kClaim;
    view.holder = MemberOf(claim->member_id);
    view.permanent = claim->permanent;
    view.lease_end = MinuteOf(claim->lease_end);
    return view;
  }
  const auto* member = std::get_if<MemberRecord>(&record);
  view.kind = member == nullptr ? RecordView::Kind::kEmail : RecordView::Kind::kMember;
  if (member == nullptr) return view;
  const Challenge& challenge = member->challenge;
  view.challenge = challenge.state;
  view.phone = member->phone.state;
  view.status = member->status;
  view.slot = SlotOf(challenge.id);
  view.superseded = SlotOf(challenge.superseded_id);
  view.issuer = OperationOf(challenge.operation);
  view.number = NumberOf(member->phone.number);
  view.mark_operation = OperationOf(member->mark.id);
  view.mark_command = member->mark.command;
  view.mark_answer = member->mark.answer;
  const FailureLedger& failures = member->failures;
  view.locks_in_a_row = failures.locks_in_a_row;
  view.recent = failures.recent.count;
  view.disabled = failures.disabled;
  view.in_a_row = failures.in_a_row;
  view.since_success = failures.since_success;
  view.locked_until = MinuteOf(failures.locked_until);
  view.rest = RestOf(key, *member);
  if (challenge.state != ChallengeState::kLive || view.number == kNoNumber) return view;
  const auto fits = [&](int who, int number, uint8_t slot) {
    return DigestsEqual(challenge.digest, DigestFor(config_, who, number, slot, view.slot));
  };
  view.digest_right = fits(key, view.number, view.slot);
  view.digest_loose = fits(1 - key, view.number, view.slot) ||
                      fits(key, (view.number + 1) % kNumbers, view.slot) ||
                      fits(key, view.number, static_cast<uint8_t>(view.slot + 1));
  return view;
}

}  // namespace model
}  // namespace otpcore
