// SPDX-License-Identifier: Apache-2.0
// The commands on TOTP registrations and recovery codes through Engine + MemoryStore, beside
// liboath's bare comparison of a code with the same window.
#ifdef OTPCORE_HAVE_LIBOATH
#include <oath.h>
#endif

#include "bench/bench_main.h"
#include "bench/run_commands.h"
#include "bench/world.h"
#include "otpcore/testing/world.h"

namespace otpcore {
namespace bench {
namespace {

constexpr std::chrono::seconds kStep{30};
constexpr char kSecretText[] = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
constexpr char kSecretBytes[] = "12345678901234567890";  // what that text says
constexpr char kRecoveryCode[] = "abcd-efgh-jkmn";
constexpr char kWrongRecoveryCode[] = "0000-0000-0000";

SealingKeyRing BenchSealingKeys() {
  std::array<uint8_t, 32> bytes{};
  bytes.fill(0x5A);
  return SealingKeyRing(1, SealingKey(bytes));
}
Policy TotpPolicy() {
  Policy policy;
  policy.totp_issuer = "Acme";
  return policy;
}

// The lower half of the Members has an active registration, all with one secret, each sealed for
// its own Member, and recovery codes. The upper half has none.
class TotpWorld {
 public:
  explicit TotpWorld(size_t members)
      : config_(Config::Create(TotpPolicy(), KeyRing(1, BenchKey()), BenchSealingKeys())),
        engine_(*config_, {clock_, random_, store_, sessions_, sink_, guard_}),
        with_app_(members / 2),
        without_app_(members - members / 2) {
    WorldOptions options;
    options.numbers = false;
    Populate(store_, BenchKey(), 0, members, clock_.Now(), options);
    for (size_t member = 0; member < members / 2; ++member)
      Require(engine_.Run(Migrate(member)).ok(), "an import was refused");
    upper_half_ = members / 2;
  }

  Engine& engine() { return engine_; }
  size_t NextWithApp() {
    if (with_app_.RoundEnded()) clock_.Advance(kStep);  // a step is good once
    return with_app_.Next();
  }
  size_t NextWithout() { return upper_half_ + without_app_.Next(); }

  MigrateTotpRequest Migrate(size_t member) const {
    auto request = On<MigrateTotpRequest>(member);
    request.secret.emplace(kSecretText);
    request.recovery_codes.Add(kRecoveryCode);
    for (int i = 1; i < 10; ++i) request.recovery_codes.Add("abcd-efgh-jkm" + std::to_string(i));
    return request;
  }
  AuthenticateTotpRequest Authenticate(size_t member, size_t place, bool right) {
    const TotpSecret secret(reinterpret_cast<const uint8_t*>(kSecretBytes),
                            sizeof kSecretBytes - 1);
    const Passcode code = TotpCodeAt(secret, {}, TotpStepAt(clock_.Now(), {}));
    std::string text(code.Reveal(SecretAccess("the display of the app")));
    if (!right) text[0] = text[0] == '9' ? '0' : static_cast<char>(text[0] + 1);
    auto request = On<AuthenticateTotpRequest>(member);
    request.code.emplace(text);
    request.session = SessionOf(member, place);
    return request;
  }
  UseRecoveryCodeRequest UseCode(size_t member, size_t place, const char* code) {
    auto request = On<UseRecoveryCodeRequest>(member);
    request.recovery_code.emplace(code);
    request.session = SessionOf(member, place);
    return request;
  }
  template <typename Request>
  static Request On(size_t member) {
    return testing::On<Request>(MemberAt(member));
  }
  template <typename Request>
  static Request OnByHost(size_t member) {
    return testing::On<Request>(MemberAt(member), Actor::Host());
  }
  // Fit to be measured again: no failure, and every recovery code good.
  void Renew(size_t member) {
    EditRecord(store_, member, [](MemberRecord* record) {
      record->failures = FailureLedger();
      record->recovery.used = 0;
    });
  }

 private:
  static Member MemberAt(size_t member) {
    Member ids;
    ids.organization_id = OrganizationIdOf(member);
    ids.member_id = MemberIdOf(member);
    return ids;
  }
  SessionArguments SessionOf(size_t member, size_t place) {
    sessions_[place].organization_id = OrganizationIdOf(member);
    sessions_[place].member_id = MemberIdOf(member);
    sessions_[place].factors.Add(FactorKind::kHostPrimary, Instant::FromUnixMillis(1));
    SessionArguments session;
    session.session_token = ChunkSessions::Token(place);
    return session;
  }

  std::unique_ptr<const Config> config_;
  testing::VirtualClock clock_;
  BufferedRandom random_;
  MemoryStore store_;
  ChunkSessions sessions_;
  NoopSink sink_;
  NoGuard guard_;
  Engine engine_;
  Walk with_app_;
  Walk without_app_;
  size_t upper_half_ = 0;
};

#ifdef OTPCORE_HAVE_LIBOATH
// With the secret at hand, the window of one step either side, and nothing else.
void RunLiboath(bool right, benchmark::State& state) {
  Require(oath_init() == OATH_OK, "liboath does not start");
  constexpr time_t kNow = 1700000000;
  char code[7];
  Require(
      oath_totp_generate(kSecretBytes, sizeof kSecretBytes - 1, kNow, 30, 0, 6, code) == OATH_OK,
      "liboath has no code");
  if (!right) code[0] = code[0] == '9' ? '0' : static_cast<char>(code[0] + 1);
  const int expected = right ? 0 : OATH_INVALID_OTP;
  Stopwatch watch;
  for (auto _ : state) {
    for (size_t chunk = 0; chunk < kChunksEach; ++chunk) {
      size_t as_expected = 0;
      watch.Start();
      for (size_t i = 0; i < kChunk; ++i)
        as_expected += oath_totp_validate(kSecretBytes, sizeof kSecretBytes - 1, kNow, 30, 0, 1,
                                          code) == expected;
      watch.Stop(kChunk);
      Require(as_expected == kChunk, "liboath answered otherwise");
    }
    watch.EndIteration(state);
  }
  watch.Report(state);
}
#endif

// Few Members: their records have had every size that they take, and the store has room for each.
void Settle(TotpWorld& world, size_t members) {
  constexpr size_t kFew = 4096;
  if (members > kFew) return;
  const auto run = [&world](const auto& request) { return world.engine().Run(request).ok(); };
  for (int pass = 0; pass < 2; ++pass) {
    const auto for_all = [&](const auto& one) {
      for (size_t i = 0; i < members / 2; ++i) {
        one(world.NextWithApp());
      }
      for (size_t i = 0; i < members / 2; ++i) world.Renew(world.NextWithApp());
    };
    for_all([&](size_t member) {
      Require(run(world.Authenticate(member, 0, true)), "a right code was refused");
    });
    for_all([&](size_t member) {
      Require(!run(world.Authenticate(member, 0, false)), "a wrong code was taken");
    });
    for_all([&](size_t member) {
      Require(run(world.UseCode(member, 0, kRecoveryCode)), "a recovery code was refused");
    });
    for_all([&](size_t member) {
      Require(!run(world.UseCode(member, 0, kWrongRecoveryCode)), "a wrong code was taken");
    });
    for (const bool made : {true, false, false}) {
      for (size_t i = 0; i < members - members / 2; ++i) {
        const size_t member = world.NextWithout();
        Require(
            made ? run(TotpWorld::OnByHost<CreateTotpRequest>(member)) && run(world.Migrate(member))
                 : run(TotpWorld::OnByHost<DeleteTotpRequest>(member)) ||
                       run(TotpWorld::OnByHost<CreateTotpRequest>(member)),
            "a registration was refused");
      }
    }
  }
}

}  // namespace

std::vector<Case> Cases(size_t members) {
  static TotpWorld world(members);
  Settle(world, members);
  const auto with_app = [] { return world.NextWithApp(); };
  const auto without = [] { return world.NextWithout(); };
  const auto renew = [](size_t member) { world.Renew(member); };
  const auto leave = [](size_t) {};
  using State = benchmark::State;
  std::vector<Case> cases = {
      {"totp_right",
       [=](State& state) {
         RunCommands<AuthenticateTotp>(
             world.engine(), state, ErrorCode::kOk, with_app,
             [](size_t member, size_t i) { return world.Authenticate(member, i, true); }, leave);
       }},
      {"totp_wrong",
       [=](State& state) {
         RunCommands<AuthenticateTotp>(
             world.engine(), state, ErrorCode::kUnableToAuthenticateTotp, with_app,
             [](size_t member, size_t i) { return world.Authenticate(member, i, false); }, renew);
       }},
      {"recovery_right",
       [=](State& state) {
         RunCommands<UseRecoveryCode>(
             world.engine(), state, ErrorCode::kOk, with_app,
             [](size_t member, size_t i) { return world.UseCode(member, i, kRecoveryCode); },
             renew);
       }},
      {"recovery_wrong",
       [=](State& state) {
         RunCommands<UseRecoveryCode>(
             world.engine(), state, ErrorCode::kUnableToAuthenticateRecoveryCode, with_app,
             [](size_t member, size_t i) { return world.UseCode(member, i, kWrongRecoveryCode); },
             renew);
       }},
      {"codes_get",
       [=](State& state) {
         RunCommands<GetRecoveryCodes>(
             world.engine(), state, ErrorCode::kOk, with_app,
             [](size_t member, size_t) {
               return TotpWorld::OnByHost<GetRecoveryCodesRequest>(member);
             },
             leave);
       }},
      {"totp_create",
       [=](State& state) {
         RunCommands<CreateTotp>(
             world.engine(), state, ErrorCode::kOk, without,
             [](size_t member, size_t) { return TotpWorld::OnByHost<CreateTotpRequest>(member); },
             leave);
       }},
      {"totp_migrate",
       [=](State& state) {
         RunCommands<MigrateTotp>(
             world.engine(), state, ErrorCode::kOk, without,
             [](size_t member, size_t) { return world.Migrate(member); },
             [](size_t member) {
               Require(world.engine().Run(TotpWorld::OnByHost<DeleteTotpRequest>(member)).ok(),
                       "a deletion was refused");
             });
       }},
      {"totp_delete",
       [=](State& state) {
         RunCommands<DeleteTotp>(
             world.engine(), state, ErrorCode::kOk, without,
             [](size_t member, size_t) {
               Require(world.engine().Run(world.Migrate(member)).ok(), "an import was refused");
               return TotpWorld::OnByHost<DeleteTotpRequest>(member);
             },
             leave);
       }},
      {"codes_rotate",  // the last one: the codes that the others know are gone
       [=](State& state) {
         RunCommands<RotateRecoveryCodes>(
             world.engine(), state, ErrorCode::kOk, with_app,
             [](size_t member, size_t) {
               return TotpWorld::OnByHost<RotateRecoveryCodesRequest>(member);
             },
             [](size_t member) {
               Require(world.engine().Run(TotpWorld::OnByHost<DeleteTotpRequest>(member)).ok() &&
                           world.engine().Run(world.Migrate(member)).ok(),
                       "an import was refused");
             });
       }},
  };
#ifdef OTPCORE_HAVE_LIBOATH
  cases.insert(cases.begin(), {"oath_right", [](State& state) { RunLiboath(true, state); }});
  cases.insert(cases.begin() + 2, {"oath_wrong", [](State& state) { RunLiboath(false, state); }});
#endif
  return cases;
}

}  // namespace bench
}  // namespace otpcore
