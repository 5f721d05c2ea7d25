// SPDX-License-Identifier: Apache-2.0
// The Members that the programs measure with: ids and numbers by index, records, and a store full
// of them.
#ifndef OTPCORE_BENCH_POPULATION_H_
#define OTPCORE_BENCH_POPULATION_H_

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "otpcore/otpcore.h"
#include "otpcore/testing/doubles.h"
#include "otpcore/testing/records.h"

namespace otpcore {
namespace bench {

inline constexpr char kRightCode[] = "271828";
inline constexpr char kWrongCode[] = "314159";
inline constexpr size_t kMembersEach = 1000;  // of one Organization

// A benchmark that measures failures by mistake is worse than none.
inline void Require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "bench: %s\n", what);
  std::abort();
}

// The same id for the same number, without locality.
inline Uuid UuidOf(uint64_t kind, uint64_t index) {
  testing::SeededRandom random(kind * 0x100000000u + index);
  uint8_t bytes[16];
  random.Fill(bytes, sizeof bytes);
  return UuidFromRandom(bytes);
}
inline std::string OrganizationIdOf(size_t member) {
  return FormatId("organization", Environment::kTest, UuidOf(1, member / kMembersEach));
}
inline std::string MemberIdOf(size_t member) {
  return FormatId("member", Environment::kTest, UuidOf(2, member));
}
// Valid by the metadata; repeats only in another Organization.
inline std::string NumberOf(size_t member) {
  return "+1415" + std::to_string(2000000 + member % 8000000);
}

inline RecordKey MemberKeyOf(size_t member) {
  return RecordKey::Member(OrganizationIdOf(member), MemberIdOf(member));
}

inline DigestKey BenchKey() {
  std::array<uint8_t, 32> bytes{};
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(17 * i + 3);
  return DigestKey(bytes);
}

using KeptMember = testing::Kept<MemberRecord>;

// A Member who proved the number long ago and got a passcode since, which ran out unanswered.
inline KeptMember MemberOf(size_t member, Instant now) {
  KeptMember record;
  record.bytes = std::make_shared<const std::string>("person" + std::to_string(1000000 + member) +
                                                     "@example.com");
  record.organization_id = OrganizationIdOf(member);
  record.member_id = MemberIdOf(member);
  record.email_address = *record.bytes;
  record.name = "Ada Lovelace";
  record.mfa_enrolled = true;
  record.default_mfa_method = MfaMethod::kSmsOtp;
  record.created_at = record.updated_at = now - std::chrono::hours(24 * 90);
  record.phone.state = EnrollmentState::kVerified;
  record.phone.number = NumberOf(member);
  record.phone.region = "US";
  record.phone.type = static_cast<uint8_t>(PhoneNumberType::kMobile);
  record.phone.id = UuidOf(3, member);
  Challenge& challenge = record.challenge;
  challenge.state = ChallengeState::kLive;
  challenge.id = UuidOf(4, member);
  challenge.digest.key_id = 1;
  challenge.digest.bytes.fill(static_cast<uint8_t>(member));
  challenge.issued_at = challenge.latest_seen = now - std::chrono::hours(1);
  challenge.expires_at = challenge.issued_at + std::chrono::minutes(2);
  challenge.digits = 6;
  challenge.issued_by = 0x0123456789ABCDEF + member;
  // The Member has been here for two weeks: the ledger is full, and most of its sends are past.
  for (int days = 14; days >= 0; --days)
    record.sends.Push(challenge.issued_at - std::chrono::hours(24 * days), 15);
  record.mark.run = challenge.issued_by;
  record.mark.command = CommandKind::kSendSmsOtp;
  return record;
}

// Makes kRightCode the answer of a challenge issued at `now`, with one before it that neither code
// answers.
inline void GiveLiveChallenge(const DigestKey& key, Instant now, MemberRecord* record) {
  Challenge& challenge = record->challenge;
  challenge.state = ChallengeState::kLive;
  challenge.failures = 0;
  challenge.issued_at = challenge.latest_seen = now;
  challenge.expires_at = now + std::chrono::minutes(2);
  challenge.superseded_id = UuidOf(6, 1);
  challenge.superseded_digest.key_id = 1;
  challenge.superseded_digest.bytes.fill(0xAB);
  challenge.digest = DigestPasscode(key, 1,
                                    {FactorKind::kSmsPasscode, record->organization_id,
                                     record->member_id, record->phone.number, challenge.id},
                                    Passcode(kRightCode));
  record->failures = FailureLedger();
}

struct WorldOptions {
  Policy policy = Policy::Default();
  bool live_challenges = false;    // of all Members
  bool numbers = true;             // false: Members who have none yet, and no passcode
  bool index_records = true;       // e-mail address and phone claim of each Member
  SecureRandom* random = nullptr;  // null: a BufferedRandom
};

// Members `first` … `last`-1 straight into a store, with their Organizations and the index records
// that the commands would have left. One commit for each Member.
inline void Populate(Store& store, const DigestKey& key, size_t first, size_t last, Instant now,
                     const WorldOptions& options) {
  for (size_t member = first; member < last; ++member) {
    std::vector<testing::StoredWrite> writes;
    if (member % kMembersEach == 0) {
      const std::string id = OrganizationIdOf(member);
      OrganizationRecord record;
      record.organization_id = id;
      record.organization_name = "Acme";
      writes.push_back({RecordKey::Organization(id), 0, testing::Packed(record)});
    }
    KeptMember record = MemberOf(member, now);
    if (!options.numbers) {
      record.mfa_enrolled = false;
      record.phone = PhoneFactor();
      record.challenge = Challenge();
      record.sends = decltype(record.sends)();
      record.mark = OperationMark();
    }
    if (options.live_challenges) GiveLiveChallenge(key, now, &record);
    const EntityId& organization = record.organization_id;
    const EntityId& id = record.member_id;
    if (options.index_records) {
      writes.push_back({RecordKey::MemberEmail(organization, record.email_address), 0,
                        testing::Packed(NameEntry{id})});
    }
    if (options.index_records && options.numbers) {
      writes.push_back({RecordKey::PhoneClaim(organization, record.phone.number), 0,
                        testing::Packed(PhoneClaim{id, true, {}})});
    }
    writes.push_back(
        {RecordKey::Member(organization, id), 0, testing::Packed<MemberRecord>(record)});
    Require(testing::CommitTo(store, writes) == CommitOutcome::kCommitted, "populating failed");
  }
}

// Changes the record of a Member with `change(MemberRecord*)`.
template <typename Change>
void EditRecord(Store& store, size_t member, const Change& change) {
  const testing::StoredRecord stored = testing::LoadFrom(store, MemberKeyOf(member));
  KeptMember record;
  Require(testing::ReadStored(stored, &record), "a Member is missing");
  change(static_cast<MemberRecord*>(&record));
  const std::vector<testing::StoredWrite> writes = {
      {stored.key, stored.revision, testing::Packed<MemberRecord>(record)}};
  Require(testing::CommitTo(store, writes) == CommitOutcome::kCommitted,
          "an edit was not committed");
}

}  // namespace bench
}  // namespace otpcore

#endif  // OTPCORE_BENCH_POPULATION_H_
