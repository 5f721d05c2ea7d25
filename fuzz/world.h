// SPDX-License-Identifier: Apache-2.0
// A small world for the command target: two Organizations with two Members each, a faulty store,
// and what must hold of the records whatever happened.
#ifndef OTPCORE_FUZZ_WORLD_H_
#define OTPCORE_FUZZ_WORLD_H_

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "../tests/same_records.h"
#include "fuzz.h"
#include "otpcore/otpcore.h"
#include "otpcore/testing/doubles.h"
#include "otpcore/testing/faults.h"

namespace otpcore {
namespace fuzz {

inline constexpr const char* kOrganizations[] = {"o1", "o2"};
inline constexpr const char* kMembers[] = {"m1", "m2"};
inline constexpr const char* kNumbers[] = {"", "+14155550123", "+16502530000", "+12125550100"};

inline Policy SmallPolicy() {
  Policy policy;
  policy.passcode_digits = 4;
  policy.challenge_failures_max = 2;
  policy.lock_after_failures = 3;
  policy.rolling_failures = 6;
  policy.disable_after_failures = 12;
  policy.sends_max = 3;
  return policy;
}

struct Sms {
  std::string organization, member, code;
  ChallengeId challenge;
};

class World final : public MessageSink {
 public:
  explicit World(bool replace_pending) {
    Policy policy = SmallPolicy();
    policy.replace_pending_number = replace_pending;
    config = Config::Create(policy, KeyRing(1, DigestKey(std::array<uint8_t, 32>{9})));
    engine = std::make_unique<Engine>(*config,
                                      Engine::Ports{clock, random, store, sessions, *this, &guard});
    for (const char* organization : kOrganizations) {
      CreateOrganizationRequest made;
      made.organization_name = made.organization_id = organization;
      FUZZ_CHECK(engine->Run(made).ok());
      for (const char* member : kMembers) {
        CreateMemberRequest person;
        person.organization_id = organization;
        person.member_id = member;
        person.email_address = std::string(member) + "@example.com";
        person.email_address_verified = true;
        FUZZ_CHECK(engine->Run(person).ok());
        Session session;
        session.organization_id = organization;
        session.member_id = member;
        session.factors.Add(FactorKind::kHostPrimary, Instant::FromUnixMillis(1));
        session.factors.Has(FactorKind::kTotp) = member == kMembers[1];
        directory.Add({SessionCredential::Kind::kSessionToken, TokenOf(organization, member)},
                      session, Instant::Max());
      }
    }
    store.fail_load = [this](int) { return std::exchange(fail_next_load, false); };
    store.commit_fault = [this](int) {
      return std::exchange(next_commit, testing::FaultyStore::CommitFault::kNone);
    };
    sessions.apply_fault = [this](int) {
      return refuse_effects ? testing::FaultySessions::ApplyFault::kRefused
                            : testing::FaultySessions::ApplyFault::kNone;
    };
    store.before_commit = [this](const Changes&) {
      if (const auto run = std::exchange(nested, nullptr)) run();
    };
  }

  static std::string TokenOf(const std::string& organization, const std::string& member) {
    return organization + "/" + member;
  }

  // D-07: committed before it is sent, and sent once.
  Delivery Deliver(const Message& message) override {
    const MemberRecord record = RecordOf(message.organization_id.str(), message.member_id.str());
    FUZZ_CHECK(record.challenge.id == message.challenge_id);
    FUZZ_CHECK(delivered.insert(message.challenge_id).second);
    FUZZ_CHECK(record.phone.number == message.to);
    const std::string body(message.text.Reveal(SecretAccess("this is the phone")));
    const Delivery answer = std::exchange(next_delivery, Delivery());
    sms.push_back({message.organization_id.str(), message.member_id.str(), testing::CodeIn(body, 4),
                   message.challenge_id});
    return answer;
  }

  LoadedRecord Load(const RecordKey& key) { return memory.Load({key}).records.front(); }
  MemberRecord RecordOf(const std::string& organization, const std::string& member) {
    const LoadedRecord loaded = Load({RecordKind::kMember, organization, member});
    const auto* const record = std::get_if<MemberRecord>(&loaded.record);
    FUZZ_CHECK(record != nullptr);
    return *record;
  }
  // Whether something was let loose on the next command.
  bool Disturbed() const {
    return fail_next_load || next_commit != testing::FaultyStore::CommitFault::kNone || nested ||
           next_delivery.kind != Delivery::Kind::kAccepted || entropy_fails || refuse_effects;
  }
  void Calm() {
    next_delivery = Delivery();
    fail_next_load = entropy_fails = refuse_effects = false;
    random.set_failing(false);
    next_commit = testing::FaultyStore::CommitFault::kNone;
    nested = nullptr;
  }
  // The newest SMS of this Member, or null.
  const Sms* LatestOf(const std::string& organization, const std::string& member) const {
    for (size_t i = sms.size(); i > 0; --i) {
      if (sms[i - 1].organization == organization && sms[i - 1].member == member)
        return &sms[i - 1];
    }
    return nullptr;
  }

  void CheckMember(const std::string& organization, const std::string& member) {
    const LoadedRecord loaded = Load({RecordKind::kMember, organization, member});
    const std::string bytes = EncodeRecord(loaded.key, loaded.record);
    FUZZ_CHECK(!bytes.empty() && bytes.size() <= kMemberRecordBytesMax);
    const Result<Record> back = DecodeRecord(loaded.key, bytes);
    FUZZ_CHECK(back.has_value() && Same(*back, loaded.record));
    const MemberRecord& r = *std::get_if<MemberRecord>(&loaded.record);
    const bool none = r.phone.state == EnrollmentState::kNone;
    FUZZ_CHECK(none == r.phone.number.empty());
    FUZZ_CHECK(!none || r.challenge.state != ChallengeState::kLive);
    FUZZ_CHECK(!none || r.default_mfa_method != MfaMethod::kSmsOtp);
    FUZZ_CHECK(r.status != MemberStatus::kDeleted || (none && !r.mfa_enrolled));
    const Policy& policy = config->policy();
    FUZZ_CHECK(r.challenge.failures <= policy.challenge_failures_max);
    FUZZ_CHECK(r.challenge.state != ChallengeState::kLive ||
               r.challenge.failures < policy.challenge_failures_max);
    FUZZ_CHECK(r.failures.in_a_row < policy.lock_after_failures);
    FUZZ_CHECK(r.failures.disabled == (r.failures.since_success >= policy.disable_after_failures));
    // A verified number is this Member's for good; a claim for good is of a verified number.
    if (r.phone.state != EnrollmentState::kVerified) return;
    const LoadedRecord claim = Load({RecordKind::kPhoneClaim, organization, r.phone.number.view()});
    const auto* const held = std::get_if<PhoneClaim>(&claim.record);
    FUZZ_CHECK(held != nullptr && held->permanent && held->member_id == Id(member));
  }
  void CheckAll() {
    for (const char* organization : kOrganizations) {
      for (const char* member : kMembers) CheckMember(organization, member);
      for (const char* number : kNumbers) {
        const LoadedRecord claim = Load({RecordKind::kPhoneClaim, organization, number});
        const auto* const held = std::get_if<PhoneClaim>(&claim.record);
        if (held == nullptr || !held->permanent) continue;
        const MemberRecord holder = RecordOf(organization, held->member_id.str());
        FUZZ_CHECK(holder.phone.number == E164(number));
        FUZZ_CHECK(holder.phone.state == EnrollmentState::kVerified);
      }
    }
  }

  std::unique_ptr<const Config> config;
  testing::VirtualClock clock;
  testing::SeededRandom random;
  MemoryStore memory;
  testing::FaultyStore store{memory};
  MemorySessionDirectory directory{clock};
  testing::FaultySessions sessions{directory};
  MemorySendGuard guard{clock};
  std::unique_ptr<Engine> engine;
  std::vector<Sms> sms;
  std::set<ChallengeId> delivered;
  std::set<ChallengeId> succeeded;

  // Faults, each for the next call only.
  Delivery next_delivery;
  bool fail_next_load = false;
  bool entropy_fails = false;
  bool refuse_effects = false;
  testing::FaultyStore::CommitFault next_commit = testing::FaultyStore::CommitFault::kNone;
  std::function<void()> nested;  // runs in the window of the next commit
};

}  // namespace fuzz
}  // namespace otpcore

#endif  // OTPCORE_FUZZ_WORLD_H_
