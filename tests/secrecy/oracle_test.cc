// SPDX-License-Identifier: Apache-2.0
// No oracle: while a Member is locked or no passcode is live, the right code and a wrong one make
// no difference to anything that can be seen (A-03, A-06, B-15), and no digest is made at all.
//
// Two worlds are brought into the same state, byte for byte; one is given the right code, the other
// a wrong one. This program is linked with --wrap, so that each digest libsodium makes is counted.
#include <sodium.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "oracle.h"

int otpcore::digests = 0;

extern "C" {
// NOLINTNEXTLINE: the linker's names
int __real_crypto_generichash_final(crypto_generichash_state* state, unsigned char* out,
                                    size_t size);
// NOLINTNEXTLINE: the linker's names
int __wrap_crypto_generichash_final(crypto_generichash_state* state, unsigned char* out,
                                    size_t size) {
  ++otpcore::digests;
  return __real_crypto_generichash_final(state, out, size);
}
}

namespace otpcore {
namespace {

using std::chrono::minutes;

// A Member with a passcode on the phone.
class Scene {
 public:
  Scene() {
    EXPECT_EQ(ErrorTypeOf(world.Send(member)), "");
    code = world.Code();
  }
  // Everything that follows from one try.
  std::string Try(const std::string& text) {
    AuthenticateFields fields = World::AuthenticateRequest(member, text);
    fields.session = session;
    RecordingStore store(world.store);
    Engine engine(*world.config,
                  {world.clock, world.random, store, world.sessions, world.inbox, world.guard});
    const int finds = world.sessions.finds();
    const int fills = world.random.fills();
    const std::string reply = TextOf(engine.Run(fields.Request()));
    const testing::StoredRecord stored = testing::LoadFrom(world.memory, World::KeyOf(member));
    return reply + '\n' + store.calls + '\n' + stored.bytes + '\n' +
           std::to_string(stored.revision) + '\n' + std::to_string(world.sessions.finds() - finds) +
           ' ' + std::to_string(world.random.fills() - fills);
  }
  void Change(const std::function<void(MemberRecord*)>& change) {
    auto record = *world.RecordOf(member);
    change(&record);
    world.Put(record);
  }

  World world;
  Member member = world.MakeVerifiedMember(world.MakeOrganization());
  SessionArguments session = world.Full(member);
  std::string code;
};

struct State {
  const char* name;
  std::function<void(Scene*)> reach;
};

const std::vector<State>& DeadStates() {
  static const std::vector<State> states = {
      {"locked",
       [](Scene* s) {
         s->Change([s](MemberRecord* record) {
           record->failures.locked_until = s->world.clock.Now() + minutes(30);
         });
       }},
      {"disabled",
       [](Scene* s) { s->Change([](MemberRecord* record) { record->failures.disabled = true; }); }},
      {"locked by ten failures",
       [](Scene* s) {
         for (int i = 0; i < 10; ++i) {
           if (i == 5) {
             EXPECT_EQ(ErrorTypeOf(s->world.Send(s->member)), "");
             s->code = s->world.Code();
           }
           s->Try(World::Wrong(s->code, 1 + i % 9));
         }
       }},
      {"exhausted",
       [](Scene* s) {
         for (int i = 0; i < 5; ++i) s->Try(World::Wrong(s->code, 1 + i));
       }},
      {"used", [](Scene* s) { s->Try(s->code); }},
      {"expired, not yet seen", [](Scene* s) { s->world.clock.Advance(minutes(2)); }},
      {"expired, seen",
       [](Scene* s) {
         s->world.clock.Advance(minutes(2));
         s->Try("000000");
       }},
      {"void",
       [](Scene* s) {
         auto report = On<ReportDeliveryRequest>(s->member);
         report.challenge_id = s->world.RecordOf(s->member)->challenge.id;
         report.delivery.kind = Delivery::Kind::kRejected;
         EXPECT_EQ(ErrorTypeOf(s->world.engine.Run(report)), "");
       }},
      {"number deleted",
       [](Scene* s) {
         auto request = On<DeleteMfaPhoneNumberRequest>(s->member, Actor::Host());
         EXPECT_EQ(ErrorTypeOf(s->world.engine.Run(request)), "");
       }},
      {"of before a restore", [](Scene* s) { s->world.memory.BeginEpoch(2); }},
      {"from the future", [](Scene* s) { s->world.clock.Advance(-minutes(1)); }},
  };
  return states;
}

TEST(Oracle, ADeadPasscodeAnswersRightAndWrongAlikeInEveryByte) {
  for (const State& state : DeadStates()) {
    Scene one;
    Scene two;
    state.reach(&one);
    state.reach(&two);
    ASSERT_EQ(one.code, two.code) << state.name;
    digests = 0;
    // Twice: what is written at the first try must not tell them apart at the second.
    for (int round = 0; round < 2; ++round) {
      const std::string right = one.Try(one.code);
      const std::string wrong = two.Try(World::Wrong(two.code));
      EXPECT_EQ(right, wrong) << state.name;
    }
    EXPECT_EQ(digests, 0) << state.name;
  }
}

TEST(Oracle, ALivePasscodeIsComparedOnceAndWithTheSupersededOneOnlyIfItIsWrong) {
  Scene scene;
  digests = 0;
  scene.Try(World::Wrong(scene.code));
  EXPECT_EQ(digests, 2) << "the superseded one is that of the enrolment, which was used";
  EXPECT_EQ(ErrorTypeOf(scene.world.Send(scene.member)), "");
  digests = 0;
  const std::string wrong = scene.Try(World::Wrong(scene.world.Code()));
  EXPECT_EQ(digests, 2);
  const std::string right = scene.Try(scene.world.Code());
  EXPECT_EQ(digests, 3);
  EXPECT_NE(right, wrong);
}

TEST(Oracle, MalformedCodesCostNoDigest) {
  Scene scene;
  digests = 0;
  for (const char* text : {"", "12345", "1234567", "12345a", "١٢٣٤٥"}) scene.Try(text);
  EXPECT_EQ(digests, 0);
}

// Which digit is wrong changes no time: Welch's t over many tries, wrong in the first digit against
// wrong in the last. Reported and never judged: on a shared machine a time proves nothing (deep).
TEST(Oracle, TheTimeOfAWrongCodeIsReported) {
  const char* const deep = std::getenv("OTPCORE_DEEP");
  const int tries = deep != nullptr && std::string(deep) == "2" ? 2000000 : 2000;
  std::array<uint8_t, 32> bytes{};
  bytes.fill(7);
  const DigestKey key(bytes);
  const EntityId organization = "organization";
  const EntityId member = "member";
  const PasscodeBinding binding = {FactorKind::kSmsPasscode, organization, member, kNumber, {}};
  const PasscodeDigest expected = DigestPasscode(key, 1, binding, Passcode("123456"));
  const std::string_view texts[2] = {"923456", "123459"};
  double mean[2] = {0, 0};
  double squares[2] = {0, 0};
  double count[2] = {0, 0};
  uint64_t random = 1;
  int equal = 0;
  for (int i = 0; i < tries; ++i) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    const size_t group = random >> 63;
    const TypedCode typed(texts[group]);
    const auto begin = std::chrono::steady_clock::now();
    const auto code = ReadTypedCode(typed);
    equal += DigestsEqual(DigestPasscode(key, 1, binding, *code), expected);
    const auto took = std::chrono::steady_clock::now() - begin;
    const double nanos = static_cast<double>(took.count());
    if (nanos > 20000) continue;  // the scheduler, not the code
    count[group] += 1;
    const double delta = nanos - mean[group];
    mean[group] += delta / count[group];
    squares[group] += delta * (nanos - mean[group]);
  }
  EXPECT_EQ(equal, 0);
  const double variance =
      squares[0] / (count[0] - 1) / count[0] + squares[1] / (count[1] - 1) / count[1];
  std::printf("wrong first digit %.1f ns, wrong last digit %.1f ns, %d tries, t = %.2f\n", mean[0],
              mean[1], tries, (mean[0] - mean[1]) / std::sqrt(variance));
}

}  // namespace
}  // namespace otpcore
