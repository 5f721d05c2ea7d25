// SPDX-License-Identifier: Apache-2.0
// World: everything a test of code around otpcore needs, ready-made.
//
//   World world;
//   Member ada = world.MakeVerifiedMember(world.MakeOrganization());
//   MySignIn sign_in(world.engine);  // and the test is about this
//
// Every port is a double behind a wrapper that injects faults when told to (faults.h).
#ifndef OTPCORE_TESTING_WORLD_H_
#define OTPCORE_TESTING_WORLD_H_

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "otpcore/adapters/memory_sessions.h"
#include "otpcore/adapters/no_guard.h"
#include "otpcore/engine/engine.h"
#include "otpcore/storage/memory_store.h"
#include "otpcore/testing/authenticator.h"
#include "otpcore/testing/doubles.h"
#include "otpcore/testing/faults.h"
#include "otpcore/testing/faulty_guard.h"
#include "otpcore/testing/scripted_random.h"
#include "otpcore/testing/setup_failure.h"

namespace otpcore {
namespace testing {

// Numbers that pass the default policy.
inline constexpr char kNumber[] = "+14155550123";
inline constexpr char kOtherNumber[] = "+16502530000";

// A key ring that everybody knows: for tests only.
inline KeyRing TestKeys(uint32_t id = 7) {
  std::array<uint8_t, 32> bytes{};
  bytes.fill(static_cast<uint8_t>(id));
  return KeyRing(id, DigestKey(bytes));
}

// A Config with TestKeys. A senseless policy fails the test with the reason.
inline std::unique_ptr<const Config> TestConfig(Policy policy = Policy::Default()) {
  std::string problem;
  auto config = Config::Create(std::move(policy), TestKeys(), {}, &problem);
  if (config == nullptr) SetupFailed(problem);
  return config;
}

// Sealing keys that everybody knows: for tests only.
inline SealingKeyRing TestSealingKeys(uint32_t id = 1) {
  std::array<uint8_t, 32> bytes{};
  bytes.fill(static_cast<uint8_t>(0xE0 + id));
  return SealingKeyRing(id, SealingKey(bytes));
}
// A Config with which TOTP works: also TestSealingKeys, and an issuer.
inline std::unique_ptr<const Config> TestTotpConfig(Policy policy = Policy::Default()) {
  if (policy.totp_issuer.empty()) policy.totp_issuer = "Acme Bank";
  std::string problem;
  auto config = Config::Create(std::move(policy), TestKeys(), TestSealingKeys(), {}, &problem);
  if (config == nullptr) SetupFailed(problem);
  return config;
}

// "" for success, else the wire name of the error.
inline std::string ErrorTypeOf(const ReplyBase& reply) {
  return reply.ok() ? "" : std::string(reply.error().error_type());
}

// A request about `member`: its two ids are filled in.
template <typename Request>
Request On(const Member& member) {
  Request request;
  request.organization_id = member.organization_id.str();
  request.member_id = member.member_id.str();
  return request;
}
// The same for a request that says whose act it is: On<DeleteTotpRequest>(ada, Actor::Host()).
template <typename Request>
Request On(const Member& member, Actor actor) {
  return Request{member.organization_id.str(), member.member_id.str(), std::move(actor)};
}

// A code of as many digits that is not `code`; another for each `variant` from 1 to 9.
inline std::string WrongCode(std::string code, int variant = 1) {
  if (code.empty()) SetupFailed("there is no code to be wrong about");
  code.back() = static_cast<char>('0' + (code.back() - '0' + variant) % 10);
  return code;
}

// One host with all its ports. Thread-safe as far as the hooks of the wrappers are.
struct World {
  explicit World(Policy policy = Policy::Default(), uint64_t seed = 1)
      : World(TestConfig(std::move(policy)), seed) {}
  explicit World(std::unique_ptr<const Config> the_config, uint64_t seed = 1)
      : config(std::move(the_config)), random(seed) {}

  std::unique_ptr<const Config> config;
  VirtualClock clock;
  SeededRandom random;
  ScriptedRandom codes{random, config->policy().passcode_digits};  // codes.NextCode("123456")
  MemoryStore memory;
  MemorySessionDirectory directory{clock};
  SmsInbox inbox;

  // What the engine sees of them.
  FaultyClock faulty_clock{clock};
  FaultyRandom faulty_random{codes};
  FaultyStore store{memory};
  FaultySessions sessions{directory};
  FaultySink sink{inbox};
  FaultyGuard guard;  // grants every quota; to test L-06 and L-07, guard.set_inner(…) a real one
  Engine engine{*config, {faulty_clock, faulty_random, store, sessions, sink, guard}};

  // ---- Builders ----

  // They pass by the wrappers, the inbox and the script of `codes`: no fault hits a builder, no
  // guard hears of it. The call after it is the first of each wrapper. A builder that is refused
  // throws (setup_failure.h). What the request leaves out is made up.
  Organization MakeOrganization(CreateOrganizationRequest request = {}) {
    if (request.organization_name.empty()) request.organization_name = "Acme";
    return Keep(Made(request, "an Organization")).organization();
  }
  Member MakeMember(const Organization& organization, CreateMemberRequest request = {}) {
    request.organization_id = organization.organization_id.str();
    if (request.email_address.empty())
      request.email_address = "person" + std::to_string(++people_) + "@example.com";
    return Keep(Made(request, "a Member")).member();
  }
  // A Member whose number was linked and verified by a passcode so long ago that its limits on
  // sends do not remember it. Moves the clock on by that time, ten minutes under the default
  // policy.
  Member MakeVerifiedMember(const Organization& organization, const std::string& number = kNumber) {
    const Member member = MakeMember(organization);
    Keep(Made(SendRequest(member, number), "a passcode"));
    const std::string code = CodeIn(builders_inbox_.messages().back().body, Digits());
    const Member verified = Keep(Made(ProofRequest(member, code), "a verified number")).member();
    const Policy& policy = config->policy();
    clock.Advance(std::max(policy.sends_window, policy.send_interval_min));
    return verified;
  }

  // A Member whose authenticator app was scanned and proved. `app` has `clock`; it shows the codes
  // and notes the recovery codes down. Needs TestTotpConfig. Moves the clock on by two minutes, so
  // that the code on the display is a new one.
  Member MakeTotpMember(const Organization& organization, AuthenticatorApp* app) {
    const Member member = MakeMember(organization);
    const auto created = Made(On<CreateTotpRequest>(member, Actor::Host()), "a TOTP registration");
    app->Scan(created.uri);
    app->NoteRecoveryCodes(created.recovery_codes);
    auto proof = On<AuthenticateTotpRequest>(member);
    proof.code.emplace(app->Code());
    proof.session = Intermediate(member);
    const Member proved = Keep(Made(proof, "a proved app")).member();
    clock.Advance(std::chrono::minutes(2));
    return proved;
  }

  // A session of `member` as primary authentication leaves it: an intermediate one, or a full one.
  // It has an id of its own, unless the one given has.
  SessionArguments Intermediate(const Member& member, Session session = PrimarySession()) {
    return AddSession(SessionCredential::Kind::kIntermediateToken, member, session);
  }
  SessionArguments Full(const Member& member, Session session = PrimarySession()) {
    return AddSession(SessionCredential::Kind::kSessionToken, member, session);
  }
  // The new session that an effect asks for, as a host would make it: a full one of kCreate and
  // kUpgrade, an intermediate one of kCreateIntermediate.
  SessionArguments GiveSession(const SessionEffect& effect) {
    Session session;
    session.organization_id = effect.organization_id;
    session.member_id = effect.member_id;
    session.factors.Add(effect.proof.kind, effect.proof.at);
    if (effect.proof.kind == FactorKind::kEmailPasscode)
      session.email_address = effect.proof.address;
    using Kind = SessionCredential::Kind;
    return AddSession(effect.kind == SessionEffect::Kind::kCreateIntermediate
                          ? Kind::kIntermediateToken
                          : Kind::kSessionToken,
                      session);
  }
  // An intermediate session of no Member, whose person has proved the address by a passcode, as
  // AuthenticateDiscoveryPasscode leaves it.
  SessionArguments Discovered(const std::string& email_address) {
    SessionEffect effect;
    effect.kind = SessionEffect::Kind::kCreateIntermediate;
    effect.proof.kind = FactorKind::kEmailPasscode;
    effect.proof.address = email_address;
    effect.proof.at = clock.Now();
    return GiveSession(effect);
  }
  static Session PrimarySession() {
    Session session;
    session.factors.Add(FactorKind::kHostPrimary, Instant::FromUnixMillis(1));
    return session;
  }

  // ---- Commands with the usual arguments ----

  Reply<SendSmsOtp> Send(const Member& member, const std::string& number = "",
                         CallOptions options = {}) {
    return engine.Run(SendRequest(member, number), std::move(options));
  }
  // With a new intermediate session.
  Reply<AuthenticateSmsOtp> Authenticate(const Member& member, const std::string& code,
                                         CallOptions options = {}) {
    return engine.Run(ProofRequest(member, code), std::move(options));
  }

  // The code in the newest SMS; "" when there is none.
  std::string Code() const { return inbox.LastCode(Digits()); }

  // The next call of each port is the first again.
  void ResetCounts() {
    faulty_clock.ResetCounts();
    faulty_random.ResetCounts();
    store.ResetCounts();
    sessions.ResetCounts();
    sink.ResetCounts();
    guard.ResetCounts();
  }

 private:
  template <typename Request>
  Reply<CommandOfT<Request>> Made(const Request& request, const std::string& what) {
    Engine builder(*config, {clock, random, memory, directory, builders_inbox_, builders_guard_});
    auto reply = builder.Run(request);
    if (!reply.ok()) SetupFailed(what + " cannot be had: " + ErrorTypeOf(reply));
    ResetCounts();
    return reply;
  }
  // Members and Organizations are views into their replies: these stay as long as the World.
  const ReplyBase& Keep(const ReplyBase& reply) {
    const std::lock_guard<std::mutex> lock(kept_mutex_);
    return *kept_.emplace_back(std::make_unique<ReplyBase>(reply));
  }
  static SendSmsOtpRequest SendRequest(const Member& member, const std::string& number) {
    auto request = On<SendSmsOtpRequest>(member);
    request.mfa_phone_number = number;
    return request;
  }
  AuthenticateSmsOtpRequest ProofRequest(const Member& member, const std::string& code) {
    auto request = On<AuthenticateSmsOtpRequest>(member);
    request.code.emplace(code);
    request.session = Intermediate(member);
    return request;
  }
  SessionArguments AddSession(SessionCredential::Kind kind, const Member& member, Session session) {
    session.organization_id = member.organization_id;
    session.member_id = member.member_id;
    return AddSession(kind, session);
  }
  SessionArguments AddSession(SessionCredential::Kind kind, Session session) {
    const std::string value = "credential-" + std::to_string(++credentials_);
    if (session.id.empty()) session.id = value;
    directory.Add({kind, value}, session, clock.Now() + std::chrono::hours(24 * 365));
    SessionArguments arguments;
    (kind == SessionCredential::Kind::kIntermediateToken ? arguments.intermediate_session_token
                                                         : arguments.session_token) = value;
    return arguments;
  }
  size_t Digits() const { return static_cast<size_t>(config->policy().passcode_digits); }
  SmsInbox builders_inbox_;
  NoGuard builders_guard_;
  std::mutex kept_mutex_;
  std::deque<std::unique_ptr<ReplyBase>> kept_;
  std::atomic<int> people_{0};
  std::atomic<int> credentials_{0};
};

}  // namespace testing
}  // namespace otpcore

#endif  // OTPCORE_TESTING_WORLD_H_
