// SPDX-License-Identifier: Apache-2.0
// Many threads on one Member: what must hold however they interleave (A-02, A-13, S-10, K-09).
#include <atomic>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "fixture.h"

namespace otpcore {
namespace {

constexpr int kThreads = 8;

template <typename Work>
void InThreads(const Work& work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back([&work, i] { work(i); });
  for (std::thread& thread : threads) thread.join();
}

class Concurrency : public ::testing::Test {
 protected:
  Concurrency() : world(ManySends()) {}
  static Policy ManySends() {
    Policy policy;
    policy.sends_max = policy.sends_day_max = 16;
    policy.passcode_digits = 10;  // so that no two of a test are the same
    return policy;
  }
  // A contended operation may give up; a client then tries again.
  template <typename Call>
  static std::string Insist(const Call& call) {
    std::string type;
    do {
      type = ErrorTypeOf(call());
    } while (type == "server_unavailable");
    return type;
  }

  // What the host's unlock would do: no round sees the failures of those before it.
  void ForgetFailures() {
    auto record = *world.RecordOf(member);
    record.failures = FailureLedger();
    world.Put(record);
  }

  World world;
  Organization organization = world.MakeOrganization();
  Member member = world.MakeVerifiedMember(organization);
};

TEST_F(Concurrency, TheRightCodeSucceedsOnceHoweverOftenItIsGiven) {
  for (int round = 0; round < 100; ++round) {
    ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
    const std::string code = world.Code();
    std::atomic<int> successes{0};
    std::atomic<int> used{0};
    InThreads([&](int) {
      const std::string type = Insist([&] { return world.Authenticate(member, code); });
      successes += type.empty();
      used += type == "unable_to_auth_otp_code";
    });
    ASSERT_EQ(successes, 1);
    ASSERT_EQ(used, kThreads - 1);
    world.clock.Advance(std::chrono::hours(2));
  }
}

TEST_F(Concurrency, ParallelGuessesShareOneBudget) {  // A-13, L-01
  for (int round = 0; round < 10; ++round) {
    ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
    const std::string code = world.Code();
    std::atomic<int> admitted{0};
    InThreads([&](int thread) {
      for (int i = 0; i < 4; ++i) {
        const std::string wrong = World::Wrong(code, 1 + (thread + i) % 9);
        admitted +=
            Insist([&] { return world.Authenticate(member, wrong); }) == "otp_code_not_found";
      }
    });
    ASSERT_EQ(admitted, 5);
    ASSERT_EQ(world.RecordOf(member)->challenge.failures, 5);
    ASSERT_EQ(world.RecordOf(member)->challenge.state, ChallengeState::kExhausted);
    ForgetFailures();
    world.clock.Advance(std::chrono::minutes(10));
  }
}

TEST_F(Concurrency, SendsAndGuessesLeaveOneLiveChallengeAndOneSuccessEach) {  // S-10, A-02
  for (int round = 0; round < 20; ++round) {
    const size_t before = world.inbox.messages().size();
    std::mutex mutex;
    std::map<std::string, int> successes;  // by code
    std::atomic<int> sent{0};
    InThreads([&](int thread) {
      for (int i = 0; i < 2; ++i) {
        if (thread % 2 == 0) {
          sent += Insist([&] { return world.Send(member); }).empty();
          continue;
        }
        const std::string code = world.Code();
        if (Insist([&] { return world.Authenticate(member, code); }).empty()) {
          const std::lock_guard<std::mutex> lock(mutex);
          ++successes[code];
        }
      }
    });
    // One SMS for each send that was answered with success, and at most one success for each code.
    ASSERT_EQ(sent, kThreads);
    ASSERT_EQ(world.inbox.messages().size() - before, static_cast<size_t>(sent.load()));
    for (const auto& [code, times] : successes) ASSERT_EQ(times, 1) << code;
    // Of all these passcodes only that of the stored challenge can be right now.
    const auto left = *world.RecordOf(member);
    const std::vector<testing::ReceivedMessage> messages = world.inbox.messages();
    for (size_t i = before; i < messages.size(); ++i) {
      world.Put(left);
      ForgetFailures();
      const std::string code = testing::CodeIn(messages[i].body, 10);
      const bool is_left = left.challenge.state == ChallengeState::kLive &&
                           messages[i].challenge_id == left.challenge.id;
      const std::string type = ErrorTypeOf(world.Authenticate(member, code));
      ASSERT_EQ(type.empty(), is_left) << type;
    }
    ForgetFailures();
    world.clock.Advance(std::chrono::hours(24));
  }
}

}  // namespace
}  // namespace otpcore
