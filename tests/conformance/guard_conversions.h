// SPDX-License-Identifier: Apache-2.0
// What every guard does about conversions (L-07), as a list that the tests of each run: which
// passcodes have ended, which of them count, and which proofs do. Then a long random story, in
// which a guard must answer as the model does (guard_model.h).
#ifndef OTPCORE_TESTS_CONFORMANCE_GUARD_CONVERSIONS_H_
#define OTPCORE_TESTS_CONFORMANCE_GUARD_CONVERSIONS_H_

#include <gtest/gtest.h>

#include <functional>
#include <initializer_list>
#include <random>
#include <string>
#include <vector>

#include "conformance/guard_scenarios.h"
#include "guard_model.h"

namespace otpcore {

// `one` and `other` are hosts that share their quotas. Time stands still but for some seconds that
// the test itself takes, and what `advance` adds.
struct GuardUnderTest {
  SendGuard* one = nullptr;
  SendGuard* other = nullptr;
  std::function<void(Duration)> advance;
};

// An Organization of its own. Each call goes to the other host.
class GuardTrial {
 public:
  using Kind = Admission::Kind;
  static constexpr Duration kLife = std::chrono::minutes(2);
  static constexpr Duration kWindow = std::chrono::hours(24);

  explicit GuardTrial(const GuardUnderTest& sut) : sut_(sut) {}

  SendGuard& guard() { return *(++calls_ % 2 == 0 ? sut_.one : sut_.other); }
  void Advance(Duration by) { sut_.advance(by); }
  const EntityId& organization() const { return organization_; }

  // With the figures of L-07.
  Quota Conversion(const std::string& member, const std::string& number,
                   const char* region = "US") const {
    Quota quota;
    quota.subject = Quota::Subject::kConversion;
    quota.organization_id = organization_;
    quota.region = region;
    quota.max = 10;
    quota.min_ended = 50;
    quota.window = kWindow;
    quota.life = kLife;
    quota.member_id = member;
    quota.address = number;
    return quota;
  }
  // An admitted send.
  AdmissionId Send(const std::string& member, const std::string& number, const char* region = "US",
                   const ChallengeId& replaces = {}) {
    const AdmissionId id = NewUuid();
    Quota quota = Conversion(member, number, region);
    quota.min_ended = 1000000;
    quota.replaces = replaces;
    EXPECT_EQ(guard().Admit(id, {quota}).kind, Kind::kAdmitted);
    return id;
  }
  void Return(const AdmissionId& id) { guard().Settle(id, Settlement::kReturned); }

  void Observe(const ChallengeId& id, std::initializer_list<EventKind> kinds,
               ErrorCode reason = ErrorCode::kOk) {
    EventList events;
    events.organization_id = organization_;
    events.member_id = "somebody";
    for (const EventKind kind : kinds) {
      Event event;
      event.kind = kind;
      event.region = "US";
      event.challenge_id = id;
      event.reason = reason;
      events.Add(event);
    }
    guard().Observe(&events);
  }
  void Prove(const ChallengeId& id) {
    Observe(id, {EventKind::kAuthenticated, EventKind::kNumberVerified});
  }
  void FailTooOften(const ChallengeId& id) {
    Observe(id, {EventKind::kFailure, EventKind::kChallengeDead}, ErrorCode::kUnableToAuthOtpCode);
  }

  // The answer to a send that takes nothing in the end.
  Admission Ask(const Quotas& quotas) {
    const AdmissionId id = NewUuid();
    const Admission admission = guard().Admit(id, quotas);
    if (admission.kind == Kind::kAdmitted) Return(id);
    return admission;
  }
  // How many count as ended, while not all are proved.
  int Ended(const char* region = "US") {
    Quota quota = Conversion("nobody", "+1", region);
    quota.max = 100;
    for (quota.min_ended = 1; Ask({quota}).kind != Kind::kAdmitted;) ++quota.min_ended;
    return quota.min_ended - 1;
  }
  // How many count as proved, where `ended` count as ended: a divisor of 100.
  int Proved(int ended, const char* region = "US") {
    EXPECT_EQ(100 % ended, 0);
    Quota quota = Conversion("nobody", "+1", region);
    quota.min_ended = ended;
    int proved = 0;
    for (; proved < ended; ++proved) {
      quota.max = (proved + 1) * 100 / ended;
      if (Ask({quota}).kind != Kind::kAdmitted) break;
    }
    return proved;
  }

 private:
  const GuardUnderTest& sut_;
  const EntityId organization_ = NewOrganizationId();
  int calls_ = 0;
};

struct GuardScenario {
  const char* name;
  void (*play)(GuardTrial&);
};

inline std::string MemberNo(int i) { return "member-" + std::to_string(i); }
inline std::string NumberNo(int i) { return "+1415555" + std::to_string(1000 + i); }

inline const std::vector<GuardScenario>& GuardScenarios() {
  using std::chrono::hours;
  using std::chrono::minutes;
  using std::chrono::seconds;
  using Kind = Admission::Kind;
  static const std::vector<GuardScenario> scenarios = {
      {"one Member who never answers closes no Organization",
       [](GuardTrial& trial) {
         for (int i = 0; i < 50; ++i) {
           trial.Send("silent", "+1");
           trial.Advance(minutes(2));
         }
         EXPECT_EQ(trial.Ended(), 2);
         EXPECT_EQ(trial.Ask({trial.Conversion("somebody", "+2")}).kind, Kind::kAdmitted);
       }},
      {"fifty that nobody answered close it",
       [](GuardTrial& trial) {
         for (int i = 0; i < 50; ++i) trial.Send(MemberNo(i), NumberNo(i));
         EXPECT_EQ(trial.Ask({trial.Conversion("somebody", "+2")}).kind, Kind::kAdmitted)
             << "none has ended";
         trial.Advance(minutes(2));
         const Admission refused = trial.Ask({trial.Conversion("somebody", "+2")});
         EXPECT_EQ(refused.kind, Kind::kTooFewAuthenticated);
         EXPECT_LE(refused.retry_after, hours(24));
         EXPECT_GT(refused.retry_after, hours(24) - minutes(1));
         trial.Advance(hours(1));
         EXPECT_LE(trial.Ask({trial.Conversion("somebody", "+2")}).retry_after, hours(23));
       }},
      {"the third of a Member takes the place of the first",
       [](GuardTrial& trial) {
         for (int i = 0; i < 3; ++i) {
           trial.Send("silent", "+1");
           trial.Advance(hours(1));
         }
         EXPECT_EQ(trial.Ended(), 2);
         trial.Advance(hours(21) + minutes(2));
         EXPECT_EQ(trial.Ended(), 2) << "the first has left";
         trial.Advance(hours(1));
         EXPECT_EQ(trial.Ended(), 1);
         trial.Advance(hours(1));
         EXPECT_EQ(trial.Ended(), 0);
       }},
      {"one number counts once among the proved",
       [](GuardTrial& trial) {
         for (int i = 0; i < 10; ++i) trial.Prove(trial.Send(MemberNo(i), "+1"));
         EXPECT_EQ(trial.Ended(), 10);
         EXPECT_EQ(trial.Proved(10), 1);
       }},
      {"one Member counts once among the proved",
       [](GuardTrial& trial) {
         for (int i = 0; i < 10; ++i) trial.Prove(trial.Send("one", NumberNo(i)));
         for (int i = 0; i < 8; ++i) trial.FailTooOften(trial.Send(MemberNo(i), NumberNo(i)));
         EXPECT_EQ(trial.Ended(), 10);
         EXPECT_EQ(trial.Proved(10), 1);
       }},
      {"each Member with a number of its own counts",
       [](GuardTrial& trial) {
         for (int i = 0; i < 5; ++i) trial.Prove(trial.Send(MemberNo(i), NumberNo(i)));
         for (int i = 5; i < 10; ++i) trial.FailTooOften(trial.Send(MemberNo(i), NumberNo(i)));
         EXPECT_EQ(trial.Ended(), 10);
         EXPECT_EQ(trial.Proved(10), 5);
       }},
      {"a proof counts again when the one before has left",
       [](GuardTrial& trial) {
         const auto proved = [&] {
           trial.FailTooOften(trial.Send("silent", "+2"));
           return trial.Proved(2);
         };
         trial.Prove(trial.Send("one", "+1"));
         EXPECT_EQ(proved(), 1);
         trial.Advance(hours(12));
         trial.Prove(trial.Send("two", "+1"));
         trial.Advance(hours(12));
         EXPECT_EQ(proved(), 0) << "of the second alone";
         trial.Prove(trial.Send("three", "+1"));
         trial.Advance(hours(23));
         trial.FailTooOften(trial.Send("silent", "+2"));
         trial.FailTooOften(trial.Send("other", "+3"));
         EXPECT_EQ(trial.Ended(), 4);
         EXPECT_EQ(trial.Proved(4), 1);
       }},
      {"a passcode ends when its life does",
       [](GuardTrial& trial) {
         trial.Send("one", "+1");
         trial.Advance(minutes(1));
         EXPECT_EQ(trial.Ended(), 0);
         trial.Advance(minutes(1));
         EXPECT_EQ(trial.Ended(), 1);
       }},
      {"a passcode ends when it is used",
       [](GuardTrial& trial) {
         trial.FailTooOften(trial.Send("silent", "+2"));
         trial.Prove(trial.Send("one", "+1"));
         EXPECT_EQ(trial.Ended(), 2);
       }},
      {"a passcode ends when it fails too often",
       [](GuardTrial& trial) {
         trial.FailTooOften(trial.Send("one", "+1"));
         EXPECT_EQ(trial.Ended(), 1);
         const AdmissionId tried = trial.Send("two", "+2");
         trial.Observe(tried, {EventKind::kFailure}, ErrorCode::kOtpCodeNotFound);
         EXPECT_EQ(trial.Ended(), 1) << "a failure alone ends nothing";
       }},
      {"a passcode ends when its number is found to be another's",
       [](GuardTrial& trial) {
         trial.Observe(trial.Send("one", "+1"), {EventKind::kChallengeDead},
                       ErrorCode::kDuplicateMemberPhoneNumber);
         EXPECT_EQ(trial.Ended(), 1);
         EXPECT_EQ(trial.Proved(1), 0);
       }},
      {"a passcode ends when another one replaces it",
       [](GuardTrial& trial) {
         const AdmissionId first = trial.Send("one", "+1");
         trial.Send("one", "+1", "US", first);
         EXPECT_EQ(trial.Ended(), 1);
         trial.Advance(minutes(2));
         EXPECT_EQ(trial.Ended(), 2);
         // Also one of another region, and one that was never admitted here ends nothing.
         const AdmissionId there = trial.Send("two", "+2", "CA");
         trial.Send("two", "+3", "US", there);
         EXPECT_EQ(trial.Ended("CA"), 1);
         trial.Send("three", "+4", "CA", NewUuid());
         EXPECT_EQ(trial.Ended("CA"), 1);
       }},
      {"a replaced passcode that had ended stays where it was",
       [](GuardTrial& trial) {
         const AdmissionId first = trial.Send("one", "+1");
         trial.Advance(hours(1));
         trial.Send("one", "+1", "US", first);
         trial.Advance(hours(23) + minutes(2));
         EXPECT_EQ(trial.Ended(), 1);
       }},
      {"a void passcode ends when its life does, and so does one seen to be expired",
       [](GuardTrial& trial) {
         trial.Observe(trial.Send("one", "+1"),
                       {EventKind::kDeliveryFailed, EventKind::kChallengeDead},
                       ErrorCode::kDownstreamCarrierRejected);
         trial.Observe(trial.Send("two", "+2"), {EventKind::kChallengeDead},
                       ErrorCode::kUnableToAuthOtpCode);
         EXPECT_EQ(trial.Ended(), 0);
         trial.Advance(minutes(2));
         EXPECT_EQ(trial.Ended(), 2);
       }},
      {"the window counts from the end",
       [](GuardTrial& trial) {
         trial.Send("expires", "+1");
         trial.FailTooOften(trial.Send("fails", "+2"));
         trial.Advance(hours(24) - minutes(1));
         EXPECT_EQ(trial.Ended(), 2);
         trial.Advance(minutes(1));
         EXPECT_EQ(trial.Ended(), 1);
         trial.Advance(minutes(1));
         EXPECT_EQ(trial.Ended(), 1);
         trial.Advance(minutes(1));
         EXPECT_EQ(trial.Ended(), 0);
       }},
      {"a proof leaves with its passcode",
       [](GuardTrial& trial) {
         const AdmissionId late = trial.Send("one", "+1");
         trial.Send("silent", "+2");
         trial.Advance(minutes(3));
         trial.Prove(late);  // by a host whose clock is behind
         EXPECT_EQ(trial.Ended(), 2);
         EXPECT_EQ(trial.Proved(2), 1);
         trial.Advance(hours(24) - minutes(2));
         EXPECT_EQ(trial.Proved(2), 1);
         trial.Advance(minutes(1));
         EXPECT_EQ(trial.Ended(), 0);
         trial.FailTooOften(trial.Send("silent", "+2"));
         EXPECT_EQ(trial.Proved(1), 0);
         trial.Prove(trial.Send("one", "+1"));
         EXPECT_EQ(trial.Proved(2), 1) << "the one before counts no more";
       }},
      {"what was returned leaves no trace",
       [](GuardTrial& trial) {
         const AdmissionId live = trial.Send("one", "+1");
         const AdmissionId ended = trial.Send("one", "+1");
         const AdmissionId kept = trial.Send("one", "+1");
         trial.FailTooOften(ended);
         trial.Return(live);
         trial.Return(ended);
         EXPECT_EQ(trial.Ended(), 0);
         trial.Advance(minutes(2));
         EXPECT_EQ(trial.Ended(), 1);
         trial.Prove(live);
         trial.Prove(ended);
         EXPECT_EQ(trial.Ended(), 1);
         EXPECT_EQ(trial.Proved(1), 0);
         trial.Return(kept);
         EXPECT_EQ(trial.Ended(), 0);
       }},
      {"what was returned proves nothing, and its number may prove again",
       [](GuardTrial& trial) {
         const AdmissionId proved = trial.Send("one", "+1");
         trial.Prove(proved);
         trial.FailTooOften(trial.Send("silent", "+2"));
         EXPECT_EQ(trial.Proved(2), 1);
         trial.Return(proved);
         EXPECT_EQ(trial.Ended(), 1);
         EXPECT_EQ(trial.Proved(1), 0);
         trial.Prove(trial.Send("one", "+1"));
         EXPECT_EQ(trial.Proved(2), 1);
       }},
      {"only passcodes that were admitted prove anything",
       [](GuardTrial& trial) {
         for (int i = 0; i < 10; ++i) {
           trial.FailTooOften(trial.Send(MemberNo(i), NumberNo(i)));
           trial.Prove(NewUuid());
           trial.Prove(ChallengeId());  // an import
         }
         const AdmissionId live = trial.Send("one", "+1");
         trial.Observe(live, {EventKind::kAuthenticated});  // of a number verified before
         EXPECT_EQ(trial.Ended(), 10);
         EXPECT_EQ(trial.Proved(10), 0);
       }},
      {"what is observed twice counts once",
       [](GuardTrial& trial) {
         const AdmissionId one = trial.Send("one", "+1");
         trial.FailTooOften(trial.Send("silent", "+2"));
         for (int i = 0; i < 3; ++i) trial.Prove(one);
         EXPECT_EQ(trial.Ended(), 2);
         EXPECT_EQ(trial.Proved(2), 1);
         trial.FailTooOften(one);
         EXPECT_EQ(trial.Proved(2), 1);
       }},
      {"regions and Organizations do not mix",
       [](GuardTrial& trial) {
         trial.FailTooOften(trial.Send("one", "+1"));
         trial.FailTooOften(trial.Send("one", "+1", "CA"));
         trial.Prove(trial.Send("two", "+1", "CA"));
         EXPECT_EQ(trial.Ended(), 1);
         EXPECT_EQ(trial.Proved(1), 0);
         EXPECT_EQ(trial.Ended("CA"), 2);
         EXPECT_EQ(trial.Proved(2, "CA"), 1);
       }},
      {"the share is not rounded",
       [](GuardTrial& trial) {
         for (int i = 0; i < 2; ++i) trial.Prove(trial.Send(MemberNo(i), NumberNo(i)));
         trial.FailTooOften(trial.Send("silent", "+2"));
         Quota quota = trial.Conversion("nobody", "+3");
         quota.min_ended = 3;
         quota.max = 66;
         EXPECT_EQ(trial.Ask({quota}).kind, Kind::kAdmitted);
         quota.max = 67;
         EXPECT_EQ(trial.Ask({quota}).kind, Kind::kTooFewAuthenticated) << "66.7 % are fewer";
         quota.max = 0;
         quota.min_ended = 1;
         EXPECT_EQ(trial.Ask({quota}).kind, Kind::kAdmitted);
       }},
      {"too many wins over too few, and the longest wait is told",
       [](GuardTrial& trial) {
         Quota conversion = trial.Conversion("nobody", "+1");
         conversion.min_ended = 1;
         Quota number = NewOrganizationQuota(1);
         Quota region = NewOrganizationQuota(1);
         trial.guard().Admit(NewUuid(), {number});
         trial.FailTooOften(trial.Send("silent", "+2"));
         trial.Advance(minutes(10));
         trial.guard().Admit(NewUuid(), {region});
         const auto expect = [&](const Quotas& quotas, Kind kind, Duration wait) {
           const Admission refused = trial.Ask(quotas);
           EXPECT_EQ(refused.kind, kind);
           EXPECT_LE(refused.retry_after, wait);
           EXPECT_GT(refused.retry_after, wait - minutes(1));
         };
         const Duration until_it_leaves = hours(24) - minutes(10);
         expect({conversion}, Kind::kTooFewAuthenticated, until_it_leaves);
         expect({number}, Kind::kTooMany, minutes(50));
         expect({number, region}, Kind::kTooMany, minutes(60));
         expect({region, number}, Kind::kTooMany, minutes(60));
         expect({conversion, number}, Kind::kTooMany, until_it_leaves);
         expect({number, conversion}, Kind::kTooMany, until_it_leaves);
       }},
      {"a refusal of one quota takes nothing of the others",
       [](GuardTrial& trial) {
         Quota number = NewOrganizationQuota(1);
         trial.guard().Admit(NewUuid(), {number});
         const AdmissionId live = trial.Send("one", "+1");
         Quota conversion = trial.Conversion("one", "+1");
         conversion.replaces = live;
         EXPECT_EQ(trial.Ask({number, conversion}).kind, Kind::kTooMany);
         EXPECT_EQ(trial.Ended(), 0) << "nothing was replaced";
         trial.Advance(minutes(2));
         EXPECT_EQ(trial.Ended(), 1) << "nothing was sent";
       }},
      {"a limit that was lowered says when there is room again",
       [](GuardTrial& trial) {
         Quota quota = NewOrganizationQuota(3);
         for (int i = 0; i < 3; ++i) {
           trial.guard().Admit(NewUuid(), {quota});
           trial.Advance(minutes(10));
         }
         quota.max = 2;
         const Admission refused = trial.Ask({quota});
         EXPECT_EQ(refused.kind, Kind::kTooMany);
         EXPECT_LE(refused.retry_after, minutes(40));
         EXPECT_GT(refused.retry_after, minutes(39));
         quota = NewOrganizationQuota(0);
         EXPECT_EQ(trial.Ask({quota}).kind, Kind::kTooMany);
         EXPECT_EQ(trial.Ask({quota}).retry_after, hours(1));
       }},
  };
  return scenarios;
}

inline void PlayGuardScenarios(const GuardUnderTest& sut) {
  for (const GuardScenario& scenario : GuardScenarios()) {
    SCOPED_TRACE(scenario.name);
    GuardTrial trial(sut);
    scenario.play(trial);
  }
}

// Few Members, few numbers, small figures: whatever happens, the guard answers as the model.
inline void PlayGuardStory(const GuardUnderTest& sut, uint32_t seed, int steps) {
  using std::chrono::hours;
  using std::chrono::minutes;
  std::mt19937 draw(seed);
  const auto below = [&](uint32_t n) { return static_cast<uint32_t>(draw() % n); };
  GuardTrial trial(sut);
  GuardModel model;
  Instant now = Instant::FromUnixMillis(1767225600000);
  std::vector<AdmissionId> sends;
  std::map<std::string, AdmissionId> latest;
  int answers[3] = {};
  for (int step = 0; step < steps; ++step) {
    SCOPED_TRACE("step " + std::to_string(step) + " of seed " + std::to_string(seed));
    const uint32_t what = below(100);
    if (what < 30) {
      static const Duration kSteps[] = {minutes(1), minutes(1), minutes(2), minutes(20),
                                        hours(1),   hours(5),   hours(24)};
      const Duration by = kSteps[std::min(below(7), below(7))];
      trial.Advance(by);
      now = now + by;
    } else if (what < 70 || sends.empty()) {
      const std::string member = MemberNo(static_cast<int>(below(5)));
      const std::string number = NumberNo(static_cast<int>(below(6)));
      const char* const region = below(5) == 0 ? "CA" : "US";
      Quota conversion = trial.Conversion(member, number, region);
      conversion.min_ended = 4;
      conversion.max = 40;
      if (below(3) > 0) conversion.replaces = latest[member];
      Quota address;
      address.address = trial.organization().str().substr(12) + number;
      address.max = 3;
      address.window = hours(1);
      Quota organization = NewOrganizationQuota(6);
      organization.organization_id = trial.organization();
      const AdmissionId id = NewUuid();
      const Quotas quotas = {address, organization, conversion};
      const Admission expected = model.Admit(id, quotas, now);
      const Admission answer = trial.guard().Admit(id, quotas);
      ASSERT_EQ(static_cast<int>(answer.kind), static_cast<int>(expected.kind));
      ASSERT_LE(answer.retry_after, expected.retry_after);
      ASSERT_GE(answer.retry_after + minutes(1), expected.retry_after);
      ++answers[static_cast<int>(answer.kind)];
      if (answer.kind != Admission::Kind::kAdmitted) continue;
      sends.push_back(id);
      latest[member] = id;
    } else {
      const size_t back = below(8) % sends.size();
      const AdmissionId id = sends[sends.size() - 1 - back];
      EventList events;
      events.organization_id = trial.organization();
      events.member_id = "somebody";
      Event event;
      event.challenge_id = id;
      event.region = "US";
      const auto add = [&](EventKind kind) {
        event.kind = kind;
        events.Add(event);
      };
      if (what < 80) {
        add(EventKind::kAuthenticated);
        add(EventKind::kNumberVerified);
      } else if (what < 85) {
        add(EventKind::kFailure);
        if (below(2) == 0) add(EventKind::kChallengeDead);
      } else if (what < 90) {
        if (below(2) == 0) event.reason = ErrorCode::kDuplicateMemberPhoneNumber;
        add(EventKind::kChallengeDead);
      } else {
        const auto settlement = below(2) == 0 ? Settlement::kReturned : Settlement::kSpent;
        model.Settle(id, settlement);
        trial.guard().Settle(id, settlement);
        if (settlement == Settlement::kReturned)
          sends.erase(std::find(sends.begin(), sends.end(), id));
      }
      model.Observe(events, now);
      trial.guard().Observe(&events);
    }
  }
  for (const int count : answers) EXPECT_GT(count, steps / 100);
}

}  // namespace otpcore

#endif  // OTPCORE_TESTS_CONFORMANCE_GUARD_CONVERSIONS_H_
