// SPDX-License-Identifier: Apache-2.0
// The pure plans, with everything they need already answered: no port is called. Beside them what
// they cannot do without: one draw and one digest.
#include <utility>

#include "bench/bench_main.h"
#include "bench/floor2.h"
#include "bench/world.h"

namespace otpcore {
namespace bench {
namespace {

constexpr size_t kCallsEach =
    1024;  // of one iteration: reading the clock costs each of them nothing

// A command that is planned, with all its facts.
template <typename C>
struct Planned {
  Planned(World& world, typename C::Request the_request)
      : request(std::move(the_request)), command(ContextOf(world.config(), UuidOf(7, 1)), request) {
    const Ports ports = {world.clock(),    world.random(), world.store(),
                         world.sessions(), world.sink(),   world.guard()};
    Plan();
    Require(decision.kind == Decision::Kind::kLoad, "the plan loads nothing");
    const Loaded loaded = MeetLoad(
        {facts.records.Batch(), decision.session, &facts.entropy, C::kEntropyBytes}, ports);
    Require(loaded.ok && facts.records.TakeBatch(), "nothing is loaded");
    facts.now = loaded.now;
    facts.epoch = loaded.epoch;
    facts.session = loaded.session;
    facts.has_entropy = loaded.has_entropy;
    Plan();
    Require(decision.kind == Decision::Kind::kCommit, "the plan does not commit");
  }
  void Plan() {
    decision.Clear();
    C::Plan(command.context(), command.checked(), facts, &decision);
  }

  const typename C::Request request;
  const CommandFor<C> command;
  Facts facts;
  Decision decision{&facts.records};
};

template <typename Run>
void Repeat(benchmark::State& state, const Run& run) {
  Stopwatch watch;
  for (auto _ : state) {
    watch.Start();
    for (size_t i = 0; i < kCallsEach; ++i) run();
    watch.Stop(kCallsEach);
    watch.EndIteration(state);
  }
  watch.Report(state);
}

template <typename C>
void RunPlans(Planned<C>& planned, benchmark::State& state) {
  Repeat(state, [&] {
    planned.Plan();
    benchmark::DoNotOptimize(planned.decision);
  });
}

template <typename C>
void RunChecks(const Planned<C>& planned, benchmark::State& state) {
  Repeat(state, [&] {
    typename C::Checked checked;
    benchmark::DoNotOptimize(C::Check(planned.command.context(), planned.request, &checked));
    benchmark::DoNotOptimize(checked);
  });
}

struct Everything {
  static AuthenticateSmsOtpRequest Proof(World& world, const char* code) {
    world.GiveLiveChallenge(1);
    return world.Authenticate(1, code, 0);
  }
  World world{2};
  Planned<SendSmsOtp> send{world, World::Send(0)};
  Planned<AuthenticateSmsOtp> right{world, Proof(world, kRightCode)};
  Planned<AuthenticateSmsOtp> wrong{world, Proof(world, kWrongCode)};
};

constexpr SecretAccess kAccess("the floor draws from the same bytes and digests with the same key");

void RunDigests(const Everything& all, int digests, bool draw, benchmark::State& state) {
  const KeptMember record = MemberOf(0, all.send.facts.now);
  const PackedId organization = PackedIdOf(record.organization_id);
  const PackedId member = PackedIdOf(record.member_id);
  const DigestKey key = BenchKey();
  char code[7] = "000000";
  Repeat(state, [&] {
    if (draw) Draw(all.send.facts.entropy.draws.Reveal(kAccess), code);
    for (int i = 0; i < digests; ++i) {
      benchmark::DoNotOptimize(code);
      benchmark::DoNotOptimize(OneBlockDigest(key.Reveal(kAccess), organization, member,
                                              record.phone.number, record.challenge.id, {code, 6}));
    }
  });
}

// The library's own draw and digest: they wipe, check the generator and are exactly uniform.
void RunOwnDrawAndDigest(const Everything& all, benchmark::State& state) {
  const KeptMember record = MemberOf(0, all.send.facts.now);
  const DigestKey key = BenchKey();
  Repeat(state, [&] {
    Passcode code;
    benchmark::DoNotOptimize(DrawPasscode(all.send.facts.entropy.draws.Reveal(kAccess), 6, &code));
    benchmark::DoNotOptimize(
        DigestPasscode(key, 1,
                       {FactorKind::kSmsPasscode, record.organization_id, record.member_id,
                        record.phone.number, record.challenge.id},
                       code));
  });
}

}  // namespace

std::vector<Case> Cases(size_t) {
  static Everything all;
  using State = benchmark::State;
  return {
      {"draw_and_digest", [](State& state) { RunDigests(all, 1, true, state); }},
      {"own_draw_and_digest", [](State& state) { RunOwnDrawAndDigest(all, state); }},
      {"check_send", [](State& state) { RunChecks(all.send, state); }},
      {"plan_send", [](State& state) { RunPlans(all.send, state); }},
      {"digest", [](State& state) { RunDigests(all, 1, false, state); }},
      {"check_right", [](State& state) { RunChecks(all.right, state); }},
      {"plan_right", [](State& state) { RunPlans(all.right, state); }},
      {"two_digests", [](State& state) { RunDigests(all, 2, false, state); }},
      {"plan_wrong", [](State& state) { RunPlans(all.wrong, state); }},
  };
}

}  // namespace bench
}  // namespace otpcore
