// The world the programs measure in: one engine over a MemoryStore with N Members, ports that cost
// next to nothing, and a walk over the Members that returns to one as late as it can.
#ifndef OTPCORE_BENCH_WORLD_H_
#define OTPCORE_BENCH_WORLD_H_

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/timing.h"
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

class NoopSink final : public SmsSink {
 public:
  Delivery Deliver(const SmsMessage&) override { return {}; }
};

// Answers for the sessions of the chunk that is being run: the last three characters of a token are
// the place in it. No table, no lock: what a session directory costs is the host's.
class ChunkSessions final : public SessionDirectory {
 public:
  static std::string Token(size_t place) {
    std::string token = "session-token-of-a-usual-length-000";
    for (size_t i = 0; i < 3; ++i, place /= 10)
      token[token.size() - 1 - i] = static_cast<char>('0' + place % 10);
    return token;
  }
  Session& operator[](size_t place) { return sessions_[place]; }

  FindResult Find(const SessionCredential& credential) override {
    const std::string_view digits =
        std::string_view(credential.value).substr(credential.value.size() - 3);
    size_t place = 0;
    for (const char digit : digits) place = place * 10 + static_cast<size_t>(digit - '0');
    return {true, sessions_[place]};
  }
  bool Apply(const SessionEffect&) override { return true; }

 private:
  std::array<Session, kChunk> sessions_;
};

// Visits all of 0 … size-1 before it returns to one, in an order without locality.
class Walk {
 public:
  explicit Walk(size_t size, size_t start = 0) : size_(size), at_(start % size) {
    stride_ = static_cast<size_t>(static_cast<double>(size) * 0.6180339887) | 1;
    while (Divisor(stride_, size_) != 1) stride_ += 2;
  }
  size_t Next() {
    at_ = (at_ + stride_) % size_;
    ++visited_;
    return at_;
  }
  // True once after each round over all.
  bool RoundEnded() {
    if (visited_ < size_) return false;
    visited_ = 0;
    return true;
  }

 private:
  static size_t Divisor(size_t a, size_t b) {
    while (b != 0) a = std::exchange(b, a % b);
    return a;
  }
  size_t size_;
  size_t at_;
  size_t stride_;
  size_t visited_ = 0;
};

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
  record.enrollment.state = EnrollmentState::kVerified;
  record.enrollment.phone_number = NumberOf(member);
  record.enrollment.region = "US";
  record.enrollment.phone_number_type = static_cast<uint8_t>(PhoneNumberType::kMobile);
  record.enrollment.phone_id = UuidOf(3, member);
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
      key, 1,
      {record->organization_id, record->member_id, record->enrollment.phone_number, challenge.id},
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
      record.enrollment = Enrollment();
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
      changes.writes.push_back(
          {{RecordKind::kPhoneClaim, organization, record.enrollment.phone_number.view()},
           0,
           PhoneClaim{id, true, {}}});
    }
    changes.writes.push_back(
        {{RecordKind::kMember, organization, id.view()}, 0, std::move(record)});
    flush(96);
  }
  flush(1);
}

class World {
 public:
  explicit World(size_t members, const WorldOptions& options = {})
      : size_(members),
        config_(Config::Create(options.policy, KeyRing(1, BenchKey()))),
        engine_(*config_, {clock_, options.random != nullptr ? *options.random : random_, store_,
                           sessions_, sink_}) {
    Populate(store_, key_, 0, size_, clock_.Now(), options);
  }

  size_t size() const { return size_; }
  const Config& config() const { return *config_; }
  testing::VirtualClock& clock() { return clock_; }
  BufferedRandom& random() { return random_; }
  MemoryStore& store() { return store_; }
  ChunkSessions& sessions() { return sessions_; }
  NoopSink& sink() { return sink_; }
  Engine& engine() { return engine_; }

  static SendSmsOtpRequest Send(size_t member) {
    return {OrganizationIdOf(member), MemberIdOf(member), "", "", {}};
  }
  // `place`: in the chunk, 0 … kChunk-1.
  AuthenticateSmsOtpRequest Authenticate(size_t member, const char* code, size_t place) {
    AuthenticateSmsOtpRequest request;
    request.organization_id = OrganizationIdOf(member);
    request.member_id = MemberIdOf(member);
    request.code.emplace(code);
    request.session.session_token = ChunkSessions::Token(place);
    sessions_[place].organization_id = request.organization_id;
    sessions_[place].member_id = request.member_id;
    sessions_[place].has_primary_factor = true;
    return request;
  }

  // Changes the stored record of a Member with `change(MemberRecord*)`.
  template <typename Change>
  void Edit(size_t member, const Change& change) {
    Changes changes;
    Store::LoadResult loaded = store_.Load({MemberKeyOf(member)});
    LoadedRecord& one = loaded.records.front();
    auto* const record = std::get_if<MemberRecord>(&one.record);
    Require(record != nullptr, "a Member is missing");
    change(record);
    changes.writes.push_back({one.key, one.revision, std::move(one.record)});
    Require(store_.Commit(changes) == CommitOutcome::kCommitted, "an edit was not committed");
  }
  void GiveLiveChallenge(size_t member) {
    Edit(member,
         [this](MemberRecord* record) { bench::GiveLiveChallenge(key_, clock_.Now(), record); });
  }

 private:
  const size_t size_;
  DigestKey key_ = BenchKey();
  std::unique_ptr<const Config> config_;
  testing::VirtualClock clock_;
  BufferedRandom random_;
  MemoryStore store_;
  ChunkSessions sessions_;
  NoopSink sink_;
  Engine engine_;
};

}  // namespace bench
}  // namespace otpcore

#endif  // OTPCORE_BENCH_WORLD_H_
