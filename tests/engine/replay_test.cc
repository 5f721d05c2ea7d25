// SPDX-License-Identifier: Apache-2.0
// 64 threads on four hosts give one code of an app, or one recovery code, all at once: it is used
// up once (TO-10, RC-06, A-02).
//
// OTPCORE_ROUNDS sets the number of rounds of each test.
#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "barrier.h"
#include "figures.h"
#include "fixture.h"
#include "otpcore/testing/authenticator.h"

namespace otpcore {
namespace {

constexpr int kThreads = 64;
constexpr size_t kHosts = 4;

class Replay : public ::testing::Test {
 protected:
  Replay() : world(TotpConfig()) {
    for (size_t i = 0; i < kHosts; ++i)
      hosts.push_back(std::make_unique<Engine>(
          *world.config,
          Ports{world.clock, world.random, world.store, world.sessions, world.inbox, world.guard}));
    for (int i = 0; i < kThreads; ++i) sessions.push_back(world.Full(ada));
  }

  // Each round `prepare()` says what to type, all threads give it as a `Request`, in the field that
  // `code` names, and `check(answers)` sees the types of their errors, sorted.
  template <typename Request, typename Code, typename Prepare, typename Check>
  void RunRounds(Code code, const Prepare& prepare, const Check& check) {
    std::vector<std::string> answers(kThreads);
    std::string typed;
    std::atomic<bool> over{false};
    Barrier barrier(kThreads + 1);
    std::vector<std::thread> threads;
    for (size_t i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        for (barrier.Wait(); !over; barrier.Wait()) {
          auto request = On<Request>(ada);
          (request.*code).emplace(typed);
          request.session = sessions[i];
          do {  // a contended call may give up; a client then tries again
            answers[i] = ErrorTypeOf(hosts[i % kHosts]->Run(request));
          } while (answers[i] == "server_unavailable");
          barrier.Wait();
        }
      });
    }
    const int64_t rounds = Figure("OTPCORE_ROUNDS", 200, 1000);
    for (int64_t round = 0; round < rounds && !HasFailure(); ++round) {
      typed = prepare();
      barrier.Wait();
      barrier.Wait();
      std::sort(answers.begin(), answers.end());
      EXPECT_EQ(std::count(answers.begin(), answers.end(), ""), 1);
      check(answers);
    }
    over = true;
    barrier.Wait();
    for (std::thread& thread : threads) thread.join();
  }

  World world;
  testing::AuthenticatorApp app{world.clock};
  const Member ada = world.MakeTotpMember(world.MakeOrganization(), &app);
  std::vector<std::unique_ptr<Engine>> hosts;
  std::vector<SessionArguments> sessions;
};

TEST_F(Replay, OneCodeOfAnAppSucceedsOnce) {  // TO-10
  RunRounds<AuthenticateTotpRequest>(
      &AuthenticateTotpRequest::code,
      [&] {
        world.clock.Advance(std::chrono::seconds(30));
        return app.Code();
      },
      [](const std::vector<std::string>& answers) {
        EXPECT_EQ(std::count(answers.begin(), answers.end(), "totp_code_already_authenticated"),
                  kThreads - 1);
      });
}

TEST_F(Replay, OneRecoveryCodeSucceedsOnce) {  // RC-06
  RunRounds<UseRecoveryCodeRequest>(
      &UseRecoveryCodeRequest::recovery_code,
      [&] {
        auto record = *world.RecordOf(ada);
        record.failures = FailureLedger();  // what the host's unlock would do
        world.Put(record);
        if (app.recovery_codes().size() < 2) {  // of a set that is used up another error tells
          const auto rotated = world.engine.Run(On<RotateRecoveryCodesRequest>(ada, Actor::Host()));
          EXPECT_EQ(ErrorTypeOf(rotated), "");
          app.NoteRecoveryCodes(rotated.recovery_codes);
        }
        return app.TakeRecoveryCode();
      },
      [](const std::vector<std::string>& answers) {
        // Wrong from then on, until the lock of L-02.
        EXPECT_EQ(
            std::count(answers.begin(), answers.end(), "unable_to_authenticate_recovery_code"), 10);
        EXPECT_EQ(std::count(answers.begin(), answers.end(), "user_lock_limit_reached"),
                  kThreads - 11);
      });
}

}  // namespace
}  // namespace otpcore
