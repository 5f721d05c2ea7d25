// SPDX-License-Identifier: Apache-2.0
// The pure decisions, with everything they need already answered: no port is called. Beside them
// what they cannot do without: one draw and one digest.
#include "bench/bench_main.h"
#include "bench/floor.h"
#include "bench/world.h"

namespace otpcore {
namespace bench {
namespace {

constexpr size_t kCallsEach =
    1024;  // of one iteration: reading the clock costs each of them nothing
constexpr SecretAccess kAccess("the floor draws from the same bytes as the plan");

// A call that is planned, with all its facts.
template <typename C>
struct Planned {
  CallContext context;
  typename C::Request request;
  Facts facts;
};

template <typename C>
void Answer(World& world, size_t member, Planned<C>* planned) {
  planned->context.config = &world.config();
  planned->context.operation_id = UuidOf(7, 1);
  planned->facts.now = world.clock().Now();
  planned->facts.records =
      world.store()
          .Load({{RecordKind::kOrganization, {}, OrganizationIdOf(member)}, MemberKeyOf(member)})
          .records;
  planned->facts.has_entropy =
      world.random().Fill(planned->facts.entropy.RevealMutable(kAccess), Entropy::size());
}

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
void RunPlans(const Planned<C>& planned, benchmark::State& state) {
  Require(std::holds_alternative<Commit>(C::Plan(planned.context, planned.request, planned.facts)),
          "the plan does not commit");
  Repeat(state, [&] {
    benchmark::DoNotOptimize(C::Plan(planned.context, planned.request, planned.facts));
  });
}

struct Everything {
  World world{2};
  Planned<SendSmsOtp> send;
  Planned<AuthenticateSmsOtp> right;
  Planned<AuthenticateSmsOtp> wrong;
  Everything() {
    send.request = World::Send(0);
    Answer(world, 0, &send);
    world.GiveLiveChallenge(1);
    for (auto [planned, code] : {std::pair(&right, kRightCode), std::pair(&wrong, kWrongCode)}) {
      planned->request = world.Authenticate(1, code, 0);
      Answer(world, 1, planned);
      planned->facts.session = world.sessions()[0];
    }
  }
};

void RunDigests(const Everything& all, int digests, bool draw, benchmark::State& state) {
  const MemberRecord record = MemberOf(0, all.send.facts.now);
  const DigestKey key = BenchKey();
  char code[7] = "000000";
  Repeat(state, [&] {
    if (draw) Draw(all.send.facts.entropy.Reveal(kAccess), code);
    for (int i = 0; i < digests; ++i) {
      benchmark::DoNotOptimize(code);
      benchmark::DoNotOptimize(Digest(key.Reveal(kAccess), record.organization_id.view(),
                                      record.member_id.view(), record.phone.number.view(),
                                      record.challenge.id, {code, 6}));
    }
  });
}

// The library's own draw and digest: they wipe, check the generator and are exactly uniform.
void RunOwnDrawAndDigest(const Everything& all, benchmark::State& state) {
  const MemberRecord record = MemberOf(0, all.send.facts.now);
  const DigestKey key = BenchKey();
  Repeat(state, [&] {
    const auto code = DrawPasscode(all.send.facts.entropy.Reveal(kAccess), 6);
    benchmark::DoNotOptimize(DigestPasscode(
        key, 1,
        {record.organization_id, record.member_id, record.phone.number, record.challenge.id},
        *code));
  });
}

}  // namespace

std::vector<Case> Cases(size_t) {
  static Everything all;
  using State = benchmark::State;
  return {
      {"draw_and_digest", [](State& state) { RunDigests(all, 1, true, state); }},
      {"own_draw_and_digest", [](State& state) { RunOwnDrawAndDigest(all, state); }},
      {"plan_send", [](State& state) { RunPlans(all.send, state); }},
      {"digest", [](State& state) { RunDigests(all, 1, false, state); }},
      {"plan_right", [](State& state) { RunPlans(all.right, state); }},
      {"two_digests", [](State& state) { RunDigests(all, 2, false, state); }},
      {"plan_wrong", [](State& state) { RunPlans(all.wrong, state); }},
  };
}

}  // namespace bench
}  // namespace otpcore
