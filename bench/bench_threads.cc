// SPDX-License-Identifier: Apache-2.0
// One thread and two, on different Members of one store, beside a control without locks that does
// about as much work: what the machine itself loses by running two threads shows there too.
#include <algorithm>
#include <atomic>
#include <thread>

#include "bench/bench_main.h"
#include "bench/floor2.h"
#include "bench/world.h"

namespace otpcore {
namespace bench {
namespace {

using State = benchmark::State;

constexpr size_t kCommandsEach = 2048;  // of one iteration and thread

// Waits until all threads of the case are here, so that they work at the same time. Spinning: there
// are no more threads than cores.
void MeetAll(const State& state) {
  static std::atomic<int> arrivals[3];  // by number of threads
  const int threads = state.threads();
  std::atomic<int>& arrived = arrivals[threads];
  const int ticket = arrived.fetch_add(1);
  const int all = (ticket / threads + 1) * threads;
  while (arrived.load() < all) std::this_thread::yield();
}

// Work without locks and without memory of others: as many digests as take about as long as a send.
void RunControl(State& state) {
  constexpr size_t kDigestsEach = 4;
  const KeptMember record = MemberOf(static_cast<size_t>(state.thread_index()), Instant());
  const PackedId organization = PackedIdOf(record.organization_id);
  const PackedId member = PackedIdOf(record.member_id);
  const std::array<uint8_t, 32> key{};
  Stopwatch watch;
  for (auto _ : state) {
    MeetAll(state);
    watch.Start();
    for (size_t i = 0; i < kCommandsEach * kDigestsEach; ++i)
      benchmark::DoNotOptimize(OneBlockDigest(key.data(), organization, member, record.phone.number,
                                              record.challenge.id, "271828"));
    watch.Stop(kCommandsEach);
    watch.EndIteration(state);
  }
  watch.Report(state);
}

// Each thread has its own share of the Members.
void RunSends(World& world, State& state) {
  const size_t share = world.size() / static_cast<size_t>(state.threads());
  const size_t first = share * static_cast<size_t>(state.thread_index());
  Require(share >= kCommandsEach, "too few members");
  Walk walk(share);
  Stopwatch watch;
  std::vector<SendSmsOtpRequest> requests(kCommandsEach);
  Reply<SendSmsOtp> reply;
  for (auto _ : state) {
    for (auto& request : requests) request = World::Send(first + walk.Next());
    MeetAll(state);
    // Whatever was sent before is out of every window.
    if (state.thread_index() == 0) world.clock().Advance(std::chrono::hours(8));
    MeetAll(state);
    size_t sent = 0;
    watch.Start();
    for (const auto& request : requests) {
      world.engine().Run(request, {}, &reply);
      sent += reply.ok();
    }
    watch.Stop(kCommandsEach);
    Require(sent == kCommandsEach, "a send was refused");
    watch.EndIteration(state);
  }
  watch.Report(state);
}

}  // namespace

std::vector<Case> Cases(size_t members) {
  static World world(std::max(members, 2 * kCommandsEach));
  const auto send = [](State& state) { RunSends(world, state); };
  return {{"control_1", RunControl, 1},
          {"control_2", RunControl, 2},
          {"send_1", send, 1},
          {"send_2", send, 2}};
}

}  // namespace bench
}  // namespace otpcore
