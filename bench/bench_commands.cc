// SPDX-License-Identifier: Apache-2.0
// Send and authenticate through Engine + MemoryStore + a sink that does nothing, each beside its
// two floors in the same run.
#include <algorithm>

#include "bench/bench_main.h"
#include "bench/floor.h"
#include "bench/floor2.h"
#include "bench/world.h"

namespace otpcore {
namespace bench {
namespace {

constexpr size_t kChunksEach = 16;  // of one iteration
constexpr size_t kPreparedMax =
    1 << 17;  // more than a cache holds, so that what preparing left there is gone

// Five sends fit into ten minutes: one round over all Members each three minutes keeps within that.
void KeepWithinSendLimit(World& world, Walk& walk) {
  if (walk.RoundEnded()) world.clock().Advance(std::chrono::hours(8));
}

// The functions that bench/profile.sh and bench/instructions.py look into.
[[gnu::noinline]] bool MeasuredSend(Engine& engine, const SendSmsOtpRequest& request,
                                    Reply<SendSmsOtp>* reply) {
  engine.Run(request, {}, reply);
  return reply->ok();
}
[[gnu::noinline]] ErrorCode MeasuredAuthenticate(Engine& engine,
                                                 const AuthenticateSmsOtpRequest& request,
                                                 Reply<AuthenticateSmsOtp>* reply) {
  engine.Run(request, {}, reply);
  return reply->error().code();
}
template <typename AFloor>
[[gnu::noinline]] bool MeasuredFloorSend(AFloor& floor, const SendSmsOtpRequest& request,
                                         Instant now) {
  return floor.Send(request.organization_id, request.member_id, now);
}
template <typename AFloor>
[[gnu::noinline]] bool MeasuredFloorAuthenticate(AFloor& floor, const SendSmsOtpRequest& request,
                                                 const char* code, Instant now) {
  return floor.Authenticate(request.organization_id, request.member_id, code, now);
}

void RunSends(World& world, Engine& engine, benchmark::State& state) {
  static Walk walk(world.size() / 2);
  Stopwatch watch;
  std::vector<SendSmsOtpRequest> requests(kChunk);
  Reply<SendSmsOtp> reply;
  for (auto _ : state) {
    for (size_t chunk = 0; chunk < kChunksEach; ++chunk) {
      KeepWithinSendLimit(world, walk);
      for (auto& request : requests) request = World::Send(walk.Next());
      size_t sent = 0;
      watch.Start();
      for (const auto& request : requests) sent += MeasuredSend(engine, request, &reply);
      watch.Stop(requests.size());
      Require(sent == requests.size(), "a send was refused");
    }
    watch.EndIteration(state);
  }
  watch.Report(state);
}

template <typename AFloor>
void RunFloorSends(AFloor& floor, size_t members, benchmark::State& state) {
  static Walk walk(members / 2);
  const Instant now = testing::VirtualClock().Now();
  Stopwatch watch;
  std::vector<SendSmsOtpRequest> requests(kChunk);
  for (auto _ : state) {
    for (size_t chunk = 0; chunk < kChunksEach; ++chunk) {
      for (auto& request : requests) request = World::Send(walk.Next());
      size_t sent = 0;
      watch.Start();
      for (const auto& request : requests) sent += MeasuredFloorSend(floor, request, now);
      watch.Stop(requests.size());
      Require(sent == requests.size(), "the floor does not know a Member");
    }
    watch.EndIteration(state);
  }
  watch.Report(state);
}

// The upper half of the Members, for the lower one is sent to. They get a fresh challenge in
// blocks, outside the clock, and answer it in the same order. What is left of a block serves the
// next case, as long as it lives.
template <typename Prepare, typename RunOne>
void InBlocks(size_t members, Clock& clock, benchmark::State& state, const Prepare& prepare,
              const RunOne& run_chunk) {
  static Walk walk(members - members / 2);
  static std::vector<size_t> prepared;
  static Instant prepared_at;
  const size_t block = std::min(members / 2, kPreparedMax) / kChunk * kChunk;
  Require(block > 0, "too few members");
  Stopwatch watch;
  for (auto _ : state) {
    for (size_t chunk = 0; chunk < kChunksEach; ++chunk) {
      if (prepared.empty() || prepared_at != clock.Now()) {
        prepared.clear();
        for (size_t i = 0; i < block; ++i) prepared.push_back(members / 2 + walk.Next());
        for (const size_t member : prepared) prepare(member);
        std::reverse(prepared.begin(), prepared.end());  // taken from the back
        prepared_at = clock.Now();
      }
      run_chunk(&prepared[prepared.size() - kChunk], watch);
      prepared.resize(prepared.size() - kChunk);
    }
    watch.EndIteration(state);
  }
  watch.Report(state);
}

void RunAuthenticates(World& world, const char* code, benchmark::State& state) {
  const ErrorCode expected = code == kRightCode ? ErrorCode::kOk : ErrorCode::kOtpCodeNotFound;
  std::vector<AuthenticateSmsOtpRequest> requests(kChunk);
  Reply<AuthenticateSmsOtp> reply;
  InBlocks(
      world.size(), world.clock(), state, [&](size_t member) { world.GiveLiveChallenge(member); },
      [&](const size_t* members, Stopwatch& watch) {
        for (size_t i = 0; i < kChunk; ++i)
          requests[i] = world.Authenticate(members[kChunk - 1 - i], code, i);
        size_t as_expected = 0;
        watch.Start();
        for (const auto& request : requests)
          as_expected += MeasuredAuthenticate(world.engine(), request, &reply) == expected;
        watch.Stop(kChunk);
        Require(as_expected == kChunk, "an authenticate was answered otherwise");
      });
}

template <typename AFloor>
void RunFloorAuthenticates(AFloor& floor, size_t size, const char* code, benchmark::State& state) {
  testing::VirtualClock clock;
  const Instant now = clock.Now();
  std::vector<SendSmsOtpRequest> requests(kChunk);  // for their two ids
  InBlocks(
      size, clock, state, [&](size_t member) { floor.GiveLiveChallenge(member, now); },
      [&](const size_t* members, Stopwatch& watch) {
        for (size_t i = 0; i < kChunk; ++i) requests[i] = World::Send(members[kChunk - 1 - i]);
        size_t right = 0;
        watch.Start();
        for (const auto& request : requests)
          right += MeasuredFloorAuthenticate(floor, request, code, now);
        watch.Stop(kChunk);
        Require(right == (code == kRightCode ? kChunk : 0), "the floor judged a code wrongly");
      });
}

// Few Members come into the state that they stay in: their records have had every size that they
// take, and the store has room for each. Many Members reach it while they are measured.
void Settle(World& world) {
  constexpr size_t kFew = 4096;
  if (world.size() > kFew) return;
  const auto for_all = [&world](const auto& run) {
    for (size_t member = 0; member < world.size(); ++member) run(member);
  };
  for (int pass = 0; pass < 2; ++pass) {
    for (int round = 0; round < Policy::Default().sends_max + 1; ++round) {
      world.clock().Advance(std::chrono::hours(8));
      for_all([&](size_t member) {
        Require(world.engine().Run(World::Send(member)).ok(), "a send was refused");
      });
    }
    for (const char* const code : {kRightCode, kWrongCode}) {
      for_all([&](size_t member) { world.GiveLiveChallenge(member); });
      for_all([&](size_t member) {
        const bool right = world.engine().Run(world.Authenticate(member, code, 0)).ok();
        Require(right == (code == kRightCode), "an authenticate was answered otherwise");
      });
    }
  }
  world.clock().Advance(std::chrono::hours(8));
}

}  // namespace

std::vector<Case> Cases(size_t members) {
  static World world(members);
  static Floor floor(members);
  static Floor2 floor2(members);
  static SodiumRandom sodium;
  static Engine with_sodium(world.config(), {world.clock(), sodium, world.store(), world.sessions(),
                                             world.sink(), world.guard()});
  Settle(world);
  using State = benchmark::State;
  return {
      {"floor_send", [members](State& state) { RunFloorSends(floor, members, state); }},
      {"floor2_send", [members](State& state) { RunFloorSends(floor2, members, state); }},
      {"send", [](State& state) { RunSends(world, world.engine(), state); }},
      {"send_default_random", [](State& state) { RunSends(world, with_sodium, state); }},
      {"floor_right",
       [members](State& state) { RunFloorAuthenticates(floor, members, kRightCode, state); }},
      {"floor2_right",
       [members](State& state) { RunFloorAuthenticates(floor2, members, kRightCode, state); }},
      {"right", [](State& state) { RunAuthenticates(world, kRightCode, state); }},
      {"floor_wrong",
       [members](State& state) { RunFloorAuthenticates(floor, members, kWrongCode, state); }},
      {"floor2_wrong",
       [members](State& state) { RunFloorAuthenticates(floor2, members, kWrongCode, state); }},
      {"wrong", [](State& state) { RunAuthenticates(world, kWrongCode, state); }},
  };
}

}  // namespace bench
}  // namespace otpcore
