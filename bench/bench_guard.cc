// SPDX-License-Identifier: Apache-2.0
// MemorySendGuard under attack: a flood of sends to unverified numbers, admitted or refused, from
// few Organizations or many, with an empty memory or a full one. --members: how many numbers are
// remembered.
#include <algorithm>
#include <memory>
#include <optional>

#include "bench/bench_main.h"
#include "bench/world.h"

namespace otpcore {
namespace bench {
namespace {

using State = benchmark::State;

const Duration kHour = std::chrono::hours(1);

// What a send to an unverified number asks for under the default policy.
Quotas QuotasOf(size_t organization, size_t number) {
  const Policy policy;
  const EntityId id = EntityId::Organization(Environment::kTest, UuidOf(1, organization));
  using Subject = Quota::Subject;
  return {{Subject::kAddress, {}, NumberOf(number), {}, policy.number_sends_max, 0, kHour},
          {Subject::kRegion, id, {}, "US", policy.region_sends_max, 0, kHour},
          {Subject::kOrganization, id, {}, {}, policy.organization_sends_max, 0, kHour},
          {Subject::kConversion, id, NumberOf(number), "US", policy.conversion_percent_min,
           policy.conversion_ended_min, std::chrono::hours(24), policy.passcode_life,
           EntityId::Member(Environment::kTest, UuidOf(2, number))}};
}

struct Flood {
  size_t organizations;  // that the attack is spread over
  size_t numbers;
  size_t per_hour;        // sends in one hour of the guard's clock
  size_t remembered = 0;  // numbers in the guard's memory before it starts
  size_t keys_max = 1000000;
};

// A guard under one flood. Made at its first use and kept, since filling it takes longer than
// measuring.
struct Siege {
  explicit Siege(const Flood& the_flood)
      : flood(the_flood), guard(clock, Options(the_flood.keys_max)) {
    for (size_t i = 0; i < flood.remembered; ++i)
      guard.Admit(NextOperation(), {QuotasOf(0, i + 1)[0]});
  }
  static MemorySendGuard::Options Options(size_t keys_max) {
    MemorySendGuard::Options options;
    options.keys_max = keys_max;
    return options;
  }
  OperationId NextOperation() { return UuidOf(8, ++operations); }

  const Flood flood;
  testing::VirtualClock clock;
  MemorySendGuard guard;
  size_t operations = 0;
};

// Reports beside the time how many of the sends were admitted, and the longest that a chunk of them
// took: a guard that tidies up makes some caller wait for it.
void RunFlood(Siege& siege, State& state) {
  const Flood& flood = siege.flood;
  Stopwatch watch;
  size_t admitted = 0;
  size_t asked = 0;
  int64_t worst = 0;
  std::vector<Quotas> quotas(kChunk);
  std::vector<OperationId> ids(kChunk);
  for (auto _ : state) {
    for (size_t i = 0; i < kChunk; ++i, ++asked) {
      quotas[i] = QuotasOf(asked % flood.organizations, asked % flood.numbers);
      ids[i] = siege.NextOperation();
    }
    siege.clock.Advance(kHour * kChunk / flood.per_hour);
    watch.Start();
    for (size_t i = 0; i < kChunk; ++i)
      admitted += siege.guard.Admit(ids[i], quotas[i]).kind == Admission::Kind::kAdmitted;
    watch.Stop(kChunk);
    watch.EndIteration(state);
    worst = std::max(worst, watch.LastNanos());
  }
  watch.Report(state);
  state.counters["worst_us"] = static_cast<double>(worst) / 1000;
  state.counters["admitted_share"] = static_cast<double>(admitted) / static_cast<double>(asked);
}

}  // namespace

std::vector<Case> Cases(size_t members) {
  const auto flood = [](const Flood& one) {
    auto siege = std::make_shared<std::optional<Siege>>();
    return [one, siege](State& state) {
      if (!*siege) siege->emplace(one);
      RunFlood(**siege, state);
    };
  };
  return {
      // Within every quota: what an honest send pays.
      {"calm", flood({1000, 100000, 3000})},
      // One Organization: refused by its quotas after the first hundred an hour.
      {"one_organization", flood({1, 100000, 1000000})},
      // One number through many Organizations.
      {"one_number", flood({1000, 1, 1000000})},
      // Everything at once, with many numbers remembered but room for more.
      {"many_remembered", flood({1000, 100000, 1000000, members})},
      // The memory is full: each call is refused, and few of them may tidy it all up.
      {"memory_full", flood({1000, 100000, 1000000, members, 2 * members})},
  };
}

}  // namespace bench
}  // namespace otpcore
