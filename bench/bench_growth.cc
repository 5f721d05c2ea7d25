// SPDX-License-Identifier: Apache-2.0
// Work per command as a Member's past grows: passcodes sent before, failures before. How it grows
// with the Members is shown by bench_commands at several N.
#include <initializer_list>

#include "bench/bench_main.h"
#include "bench/world.h"

namespace otpcore {
namespace bench {
namespace {

using State = benchmark::State;

void SendToAll(World& world, Stopwatch* watch) {
  std::vector<SendSmsOtpRequest> requests(world.size());
  for (size_t i = 0; i < world.size(); ++i) requests[i] = World::Send(i);
  world.clock().Advance(std::chrono::hours(8));
  Reply<SendSmsOtp> reply;
  size_t sent = 0;
  if (watch != nullptr) watch->Start();
  for (const auto& request : requests) {
    world.engine().Run(request, {}, &reply);
    sent += reply.ok();
  }
  if (watch != nullptr) watch->Stop(requests.size());
  Require(sent == requests.size(), "a send was refused");
}

// Sends to Members who got `before` passcodes already.
void RunResends(size_t before, State& state) {
  World world(16);
  for (size_t i = 0; i < before; ++i) SendToAll(world, nullptr);
  Stopwatch watch;
  for (auto _ : state) {
    for (int round = 0; round < 32; ++round) SendToAll(world, &watch);
    watch.EndIteration(state);
  }
  watch.Report(state);
}

// Wrong codes of Members whose ledger holds `before` failures, all of them long ago. It never holds
// more than Policy::rolling_failures.
void RunFailures(int before, State& state) {
  World world(kChunk);
  Stopwatch watch;
  std::vector<AuthenticateSmsOtpRequest> requests(kChunk);
  Reply<AuthenticateSmsOtp> reply;
  for (auto _ : state) {
    for (int round = 0; round < 8; ++round) {
      for (size_t i = 0; i < kChunk; ++i) {
        world.GiveLiveChallenge(i);
        world.Edit(i, [&](MemberRecord* record) {
          const Instant long_ago = world.clock().Now() - std::chrono::hours(24 * 31);
          for (int failure = 0; failure < before; ++failure)
            record->failures.recent.Push(long_ago + std::chrono::minutes(failure), 25);
        });
        requests[i] = world.Authenticate(i, kWrongCode, i);
      }
      size_t counted = 0;
      watch.Start();
      for (const auto& request : requests) {
        world.engine().Run(request, {}, &reply);
        counted += reply.error().code() == ErrorCode::kOtpCodeNotFound;
      }
      watch.Stop(kChunk);
      Require(counted == kChunk, "a wrong code was not counted");
    }
    watch.EndIteration(state);
  }
  watch.Report(state);
}

}  // namespace

std::vector<Case> Cases(size_t) {
  std::vector<Case> cases;
  for (const size_t before : std::initializer_list<size_t>{1, 10, 100, 1000, 10000})
    cases.push_back({"resends_" + std::to_string(before),
                     [before](State& state) { RunResends(before, state); }});
  for (const int before : {0, 1, 5, 10, 25})
    cases.push_back({"failures_" + std::to_string(before),
                     [before](State& state) { RunFailures(before, state); }});
  return cases;
}

}  // namespace bench
}  // namespace otpcore
