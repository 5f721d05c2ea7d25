// SPDX-License-Identifier: Apache-2.0
// 64 threads on one passcode, over and over (B-14). Every answer is kept with when its call began
// and ended; what they say must fit one order of the calls.
//
// OTPCORE_ROUNDS sets the number of rounds of each test.
#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "barrier.h"
#include "figures.h"
#include "fixture.h"

namespace otpcore {
namespace {

constexpr int kThreads = 64;
constexpr int kFailuresMax = 5;

struct Attempt {
  uint64_t began = 0;  // of one counter that all threads share
  uint64_t ended = 0;
  std::string error_type;
};

// "" when one order of the attempts on one passcode explains all of them: failures, each before
// the attempt that ends it (the success or the last failure), then nothing but refusals.
std::string Explain(const std::vector<Attempt>& attempts) {
  const Attempt* success = nullptr;
  int failures = 0;
  uint64_t latest_begin = 0;  // of a failure
  uint64_t earliest_refusal = UINT64_MAX;
  for (const Attempt& attempt : attempts) {
    if (attempt.error_type.empty()) {
      if (success != nullptr) return "two attempts succeeded";
      success = &attempt;
    } else if (attempt.error_type == "otp_code_not_found") {
      ++failures;
      latest_begin = std::max(latest_begin, attempt.began);
    } else if (attempt.error_type == "unable_to_auth_otp_code") {
      earliest_refusal = std::min(earliest_refusal, attempt.ended);
    } else {
      return "an attempt answered " + attempt.error_type;
    }
  }
  const bool refused = earliest_refusal != UINT64_MAX;
  if (failures > kFailuresMax || (success != nullptr && failures >= kFailuresMax))
    return std::to_string(failures) + " guesses were admitted";
  if (refused && success == nullptr && failures < kFailuresMax)
    return "an attempt was refused on a passcode that nothing had ended";
  if (success != nullptr && latest_begin > success->ended)
    return "a guess was counted after the success";
  if (refused && earliest_refusal < (success != nullptr ? success->began : latest_begin))
    return "an attempt was refused before the passcode was ended";
  return "";
}

class Contention : public ::testing::Test {
 protected:
  // `code_of(thread, right)`: what each thread types. `check(attempts)`: about one round.
  template <typename CodeOf, typename Check>
  void RunRounds(int64_t rounds, const CodeOf& code_of, const Check& check) {
    for (int64_t done = 0; done < rounds && !HasFatalFailure();) {
      const int64_t some = std::min<int64_t>(rounds - done, 500);  // then a world with less in it
      RunInOneWorld(some, code_of, check);
      done += some;
    }
  }

 private:
  template <typename CodeOf, typename Check>
  void RunInOneWorld(int64_t rounds, const CodeOf& code_of, const Check& check) {
    World world;
    const Member member = world.MakeVerifiedMember(world.MakeOrganization());
    std::vector<SessionArguments> sessions;
    for (int i = 0; i < kThreads; ++i) sessions.push_back(world.Full(member));
    std::vector<Attempt> attempts(kThreads);
    std::atomic<uint64_t> ticks{0};
    std::string right;
    Barrier barrier(kThreads + 1);
    std::atomic<bool> over{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        for (barrier.Wait(); !over; barrier.Wait()) {
          AuthenticateFields fields = World::AuthenticateRequest(member, code_of(i, right));
          fields.session = sessions[static_cast<size_t>(i)];
          Attempt& attempt = attempts[static_cast<size_t>(i)];
          attempt.began = ++ticks;
          do {  // a contended call may give up; a client then tries again
            attempt.error_type = ErrorTypeOf(world.Run(fields));
          } while (attempt.error_type == "server_unavailable");
          attempt.ended = ++ticks;
          barrier.Wait();
        }
      });
    }
    for (int64_t round = 0; round < rounds; ++round) {
      auto record = *world.RecordOf(member);
      record.failures = FailureLedger();  // what the host's unlock would do
      record.sends = {};
      world.Put(record);
      EXPECT_EQ(ErrorTypeOf(world.Send(member)), "");
      right = world.Code();
      barrier.Wait();
      barrier.Wait();
      check(attempts);
      if (HasFailure()) break;
    }
    over = true;
    barrier.Wait();
    for (std::thread& thread : threads) thread.join();
  }
};

int64_t Rounds() { return Figure("OTPCORE_ROUNDS", 200, 1000); }

int64_t Count(const std::vector<Attempt>& attempts, const std::string& error_type) {
  return std::count_if(attempts.begin(), attempts.end(),
                       [&](const Attempt& a) { return a.error_type == error_type; });
}

TEST_F(Contention, TheRightCodeFromAllThreadsSucceedsOnceEachRound) {  // A-02, B-14
  RunRounds(
      Rounds(), [](int, const std::string& right) { return right; },
      [](const std::vector<Attempt>& attempts) {
        EXPECT_EQ(Explain(attempts), "");
        EXPECT_EQ(Count(attempts, ""), 1);
        EXPECT_EQ(Count(attempts, "unable_to_auth_otp_code"), kThreads - 1);
      });
}

TEST_F(Contention, WrongCodesFromAllThreadsAreAdmittedUpToTheLimit) {  // A-13, L-01, B-14
  RunRounds(
      Rounds(),
      [](int thread, const std::string& right) { return World::Wrong(right, 1 + thread % 9); },
      [](const std::vector<Attempt>& attempts) {
        EXPECT_EQ(Explain(attempts), "");
        EXPECT_EQ(Count(attempts, "otp_code_not_found"), kFailuresMax);
      });
}

TEST_F(Contention, RightAndWrongCodesTogetherFitOneOrder) {  // K-09, B-14
  int64_t successes = 0;
  RunRounds(
      Rounds(),
      [](int thread, const std::string& right) {
        return thread % 8 == 0 ? right : World::Wrong(right, 1 + thread % 9);
      },
      [&](const std::vector<Attempt>& attempts) {
        EXPECT_EQ(Explain(attempts), "");
        successes += Count(attempts, "");
      });
  EXPECT_GT(successes, 0);
}

TEST(Explain, FindsWhatNoOrderExplains) {  // the check can fail
  const std::string wrong = "otp_code_not_found";
  const std::string dead = "unable_to_auth_otp_code";
  EXPECT_EQ(Explain({{1, 4, wrong}, {2, 3, ""}, {5, 6, dead}}), "");
  EXPECT_EQ(Explain({{1, 2, ""}, {3, 4, ""}}), "two attempts succeeded");
  EXPECT_EQ(Explain({{1, 2, ""}, {3, 4, wrong}}), "a guess was counted after the success");
  EXPECT_EQ(Explain({{1, 2, dead}, {3, 4, ""}}),
            "an attempt was refused before the passcode was ended");
  EXPECT_EQ(Explain({{1, 2, dead}, {3, 4, wrong}}),
            "an attempt was refused on a passcode that nothing had ended");
  EXPECT_EQ(Explain(std::vector<Attempt>(6, {1, 2, wrong})), "6 guesses were admitted");
}

}  // namespace
}  // namespace otpcore
