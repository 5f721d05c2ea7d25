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
  return {RecordKind::kMember, OrganizationIdOf(member), MemberIdOf(member)};
}

inline DigestKey BenchKey() {
  std::array<uint8_t, 32> bytes{};
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(17 * i + 3);
  return DigestKey(bytes);
}

// A Member who proved the number long ago and got a passcode since, which ran out unanswered.
inline MemberRecord MemberOf(size_t member, Instant now) {
  MemberRecord record;
  record.organization_id = OrganizationIdOf(member);
  record.member_id = MemberIdOf(member);
  record.email_address = "person" + std::to_string(1000000 + member) + "@example.com";
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
  challenge.operation = UuidOf(5, member);
  record.sends.Push(challenge.issued_at, 5);
  record.mark = {challenge.operation, CommandKind::kSendSmsOtp, 0};
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
  challenge.digest = DigestPasscode(
      key, 1, {record->organization_id, record->member_id, record->phone.number, challenge.id},
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
// that the commands would have left.
inline void Populate(Store& store, const DigestKey& key, size_t first, size_t last, Instant now,
                     const WorldOptions& options) {
  Changes changes;
  const auto flush = [&](size_t at_least) {
    if (changes.writes.size() < at_least) return;
    Require(store.Commit(changes) == CommitOutcome::kCommitted, "populating failed");
    changes.writes.clear();
  };
  for (size_t member = first; member < last; ++member) {
    if (member % kMembersEach == 0) {
      auto record = std::make_shared<OrganizationRecord>();
      record->organization.organization_id = OrganizationIdOf(member);
      record->organization.organization_name = "Acme";
      changes.writes.push_back({{RecordKind::kOrganization, {}, OrganizationIdOf(member)},
                                0,
                                OrganizationSnapshot(std::move(record))});
    }
    MemberRecord record = MemberOf(member, now);
    if (!options.numbers) {
      record.mfa_enrolled = false;
      record.phone = Enrollment();
      record.challenge = Challenge();
      record.sends = decltype(record.sends)();
      record.mark = OperationMark();
    }
    if (options.live_challenges) GiveLiveChallenge(key, now, &record);
    const Id organization = record.organization_id;
    const Id id = record.member_id;
    if (options.index_records) {
      changes.writes.push_back(
          {{RecordKind::kMemberEmail, organization, record.email_address}, 0, NameEntry{id}});
    }
    if (options.index_records && options.numbers) {
      changes.writes.push_back({{RecordKind::kPhoneClaim, organization, record.phone.number.view()},
                                0,
                                PhoneClaim{id, true, {}}});
    }
    changes.writes.push_back(
        {{RecordKind::kMember, organization, id.view()}, 0, std::move(record)});
    flush(96);
  }
  flush(1);
}

}  // namespace bench
}  // namespace otpcore

#endif  // OTPCORE_BENCH_POPULATION_H_
