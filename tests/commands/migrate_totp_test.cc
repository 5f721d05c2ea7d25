// SPDX-License-Identifier: Apache-2.0
// Imports of registrations, and keys that are rotated: rules TO-18 … TO-20, TO-24, TO-26, RC-10.
#include "fixture.h"
#include "otpcore/testing/authenticator.h"
#include "otpcore/testing/matchers.h"
#include "rotated_keys.h"

namespace otpcore {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::FailsWith;
using testing::HasEvent;
using testing::Succeeds;
using Texts = std::vector<std::string>;

// RFC 6238's seed of 20 bytes, and the URI that an app took it from.
constexpr char kSecret[] = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

Texts TextsOf(const RecoveryCodes& codes) {
  Texts texts;
  for (size_t i = 0; i < codes.size(); ++i)
    texts.emplace_back(codes[i].Reveal(SecretAccess("a test")));
  return texts;
}

class MigrateTotpTest : public ::testing::Test {
 protected:
  explicit MigrateTotpTest(Policy policy = {}) : world(TotpConfig(std::move(policy))) {
    app.Scan(std::string("otpauth://totp/Old:ada?secret=") + kSecret);
  }
  MigrateTotpRequest Import(const Member& who, const std::string& secret = kSecret,
                            const Texts& codes = {}) {
    auto request = On<MigrateTotpRequest>(who);
    request.secret.emplace(secret);
    for (const std::string& code : codes) request.recovery_codes.Add(code);
    return request;
  }
  Reply<AuthenticateTotp> Try(Engine& engine, const Member& who, const std::string& code) {
    auto request = On<AuthenticateTotpRequest>(who);
    request.code.emplace(code);
    request.session = world.Intermediate(who);
    return engine.Run(request);
  }
  Reply<UseRecoveryCode> Use(Engine& engine, const Member& who, const std::string& code) {
    auto request = On<UseRecoveryCodeRequest>(who);
    request.recovery_code.emplace(code);
    request.session = world.Intermediate(who);
    return engine.Run(request);
  }
  // The same ports, and keys added to those that the World has.
  std::unique_ptr<const Config> Rotated(const Policy& policy) {
    return ConfigWith(policy, RotatedKeys(), RotatedSealingKeys());
  }
  Engine With(const Config& config) {
    return Engine(
        config, {world.clock, world.random, world.store, world.sessions, world.inbox, world.guard});
  }
  CallOptions Once() {
    CallOptions options;
    options.operation_id.bytes.fill(5);
    return options;
  }

  World world;
  testing::AuthenticatorApp app{world.clock};
  Organization organization = world.MakeOrganization();
  Member ada = world.MakeMember(organization);
};

class UnreadableMigrateTotp : public MigrateTotpTest {
 protected:
  static Policy Unreadable() {
    Policy policy;
    policy.recovery_codes_readable = false;
    return policy;
  }
  UnreadableMigrateTotp() : MigrateTotpTest(Unreadable()) {}
};

// ---- Import ----

TEST_F(MigrateTotpTest, IsActiveAtOnce) {  // TO-18, TO-20, RC-12
  const auto reply = world.engine.Run(Import(ada));
  ASSERT_THAT(reply, Succeeds());
  EXPECT_THAT(reply, HasEvent(EventKind::kTotpImported));
  EXPECT_THAT(reply, HasEvent(EventKind::kDefaultMethodChanged));
  EXPECT_EQ(reply.events().begin()->codes_left, 10);
  EXPECT_EQ(reply.recovery_codes.size(), 10u) << "a set is made";
  EXPECT_EQ(reply.member().totp_registration_id.view(), reply.totp_registration_id.view());
  EXPECT_EQ(reply.member().default_mfa_method, MfaMethod::kTotp);
  EXPECT_FALSE(reply.member().mfa_enrolled);
  EXPECT_THAT(Try(world.engine, ada, app.Code()), Succeeds());
  EXPECT_THAT(Use(world.engine, ada, TextsOf(reply.recovery_codes)[3]), Succeeds());
  EXPECT_THAT(world.engine.Run(Import(ada)), FailsWith("active_totp_exists"));
}

TEST_F(MigrateTotpTest, ReplacesAPendingOneAndKeepsADefault) {  // TO-18, TO-02, DV-06
  ASSERT_THAT(world.Send(ada, kNumber), Succeeds());
  auto proof = World::AuthenticateRequest(ada, world.Code());
  proof.session = world.Intermediate(ada);
  proof.device = "a device of Ada's";
  ASSERT_THAT(world.Run(proof), Succeeds());
  Session shown = World::PrimarySession();
  shown.factors.Add(FactorKind::kSmsPasscode, world.clock.Now());
  ASSERT_THAT(world.engine.Run(On<CreateTotpRequest>(ada, Actor::Person(world.Full(ada, shown)))),
              Succeeds());
  const auto reply = world.engine.Run(Import(ada));
  ASSERT_THAT(reply, Succeeds());
  EXPECT_THAT(reply, HasEvent(EventKind::kDeviceForgotten));
  EXPECT_EQ(reply.member().default_mfa_method, MfaMethod::kSmsOtp);
  EXPECT_THAT(Try(world.engine, ada, app.Code()), Succeeds());
}

TEST_F(MigrateTotpTest, IsRefusedAsCreateIs) {  // TO-18, S-08, S-13, TO-25
  const auto no_key = Config::Create(world.config->policy(), TestKeys());
  EXPECT_THAT(With(*no_key).Run(Import(ada)), FailsWith("internal_server_error"));
  const auto no_issuer = Config::Create(Policy(), TestKeys(), TestSealingKeys());
  EXPECT_THAT(With(*no_issuer).Run(Import(ada)), FailsWith("internal_server_error"));
  auto external = On<SetTotpRegistrationRequest>(ada, Actor::Host());
  external.totp_registration_id = "totp-1";
  ASSERT_THAT(world.engine.Run(external), Succeeds());
  EXPECT_THAT(world.engine.Run(Import(ada)), FailsWith("active_totp_exists"));
  UpdateOrganizationRequest sms_only;
  sms_only.organization_id = organization.organization_id.str();
  sms_only.mfa_methods = "RESTRICTED";
  sms_only.allowed_mfa_methods = {{"sms_otp"}};
  ASSERT_THAT(world.engine.Run(sms_only), Succeeds());
  EXPECT_THAT(world.engine.Run(Import(ada)),
              FailsWith("operation_restricted_by_organization_mfa_methods"));
  auto record = *world.RecordOf(ada);
  record.status = MemberStatus::kInvited;
  world.Put(record);
  EXPECT_THAT(world.engine.Run(Import(ada)), FailsWith("action_available_only_for_active_members"));
}

TEST_F(MigrateTotpTest, TakesSecretsAsOtherSystemsExportThem) {  // TO-19
  EXPECT_THAT(world.engine.Run(Import(ada, "gezd gnbv-gy3t qojq gezd gnbv gy3t qojq====")),
              Succeeds());
  EXPECT_THAT(Try(world.engine, ada, app.Code()), Succeeds());
  const Member bob = world.MakeMember(organization);
  for (const char* secret : {"", "GEZDGNBVGY3TQOJQ", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ8"})
    EXPECT_THAT(world.engine.Run(Import(bob, secret)), FailsWith("bad_request")) << secret;
  EXPECT_THAT(world.engine.Run(On<MigrateTotpRequest>(bob)), FailsWith("bad_request"));
  Policy policy;
  policy.totp_import_bytes_min = 10;
  const auto lenient = TotpConfig(policy);
  EXPECT_THAT(With(*lenient).Run(Import(bob, "GEZDGNBVGY3TQOJQ")), Succeeds());
}

TEST_F(MigrateTotpTest, TakesOtherParametersFromTheHost) {  // TO-20, TO-04
  auto request = Import(ada);
  request.parameters = {TotpAlgorithm::kSha256, 8, 30};
  ASSERT_THAT(world.engine.Run(request), Succeeds());
  EXPECT_EQ(world.RecordOf(ada)->totp.parameters.digits, 8);
  const Member bob = world.MakeMember(organization);
  auto seven = Import(bob);
  seven.parameters.digits = 7;
  EXPECT_THAT(world.engine.Run(seven), FailsWith("bad_request"));
  Policy policy = Policy::Strict();
  const auto strict = TotpConfig(policy);
  EXPECT_THAT(With(*strict).Run(Import(bob)), FailsWith("bad_request")) << "6 digits are forbidden";
}

TEST_F(MigrateTotpTest, ImportsTheCodesThatTheMemberHas) {  // RC-10, TO-20, RC-12
  const Texts codes = {"22o0-E6E9-plwt", "I4L3 DXYT URMX", "1234567890"};
  const auto reply = world.engine.Run(Import(ada, kSecret, codes));
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(TextsOf(reply.recovery_codes), codes);
  EXPECT_THAT(reply, HasEvent(EventKind::kRecoveryCodesLow)) << "three";
  EXPECT_THAT(Use(world.engine, ada, "2200e6e9p1wt"), Succeeds());
  const auto get = world.engine.Run(On<GetRecoveryCodesRequest>(ada, Actor::Host()));
  EXPECT_EQ(TextsOf(get.recovery_codes), Texts(codes.begin() + 1, codes.end())) << "as imported";
  const Member bob = world.MakeMember(organization);
  for (const Texts& bad : {Texts{"short"}, Texts{"abcdefgh", "ABCD-EFGH"}, Texts(17, "abcdefgh"),
                           Texts{std::string(90, 'a')}})
    EXPECT_THAT(world.engine.Run(Import(bob, kSecret, bad)), FailsWith("bad_request")) << bad[0];
}

TEST_F(MigrateTotpTest, ARepeatedOneShowsTheSameCodes) {  // C-07, TO-20
  const auto first = world.engine.Run(Import(ada), Once());
  const Revision before = world.RevisionOf(ada);
  const auto again = world.engine.Run(Import(ada), Once());
  ASSERT_THAT(again, Succeeds());
  EXPECT_EQ(TextsOf(again.recovery_codes), TextsOf(first.recovery_codes));
  EXPECT_EQ(again.totp_registration_id.view(), first.totp_registration_id.view());
  EXPECT_EQ(world.RevisionOf(ada), before);
  auto other = Import(ada);
  other.secret.emplace(std::string(kSecret).replace(0, 1, "M"));
  EXPECT_THAT(world.engine.Run(other, Once()), FailsWith("bad_request"));
  EXPECT_THAT(world.engine.Run(Import(ada, kSecret, {"abcdefgh"}), Once()),
              FailsWith("bad_request"));
}

TEST_F(UnreadableMigrateTotp, ShowsDrawnCodesOnce) {  // RC-15
  const auto first = world.engine.Run(Import(ada), Once());
  ASSERT_THAT(first, Succeeds());
  EXPECT_EQ(first.recovery_codes.size(), 10u);
  EXPECT_TRUE(world.RecordOf(ada)->recovery.sealed_codes.empty());
  const auto again = world.engine.Run(Import(ada), Once());
  ASSERT_THAT(again, Succeeds());
  EXPECT_TRUE(again.recovery_codes.empty());
  EXPECT_THAT(Use(world.engine, ada, TextsOf(first.recovery_codes)[9]), Succeeds());
}

TEST(MigrateTotpIds, SayTheEnvironment) {  // TO-02
  for (const Environment environment : {Environment::kTest, Environment::kLive}) {
    Policy policy;
    policy.environment = environment;
    policy.totp_issuer = "Acme Bank";
    MessageConfig messages;
    messages.brand = "Acme";
    World world(Config::Create(policy, testing::TestKeys(), testing::TestSealingKeys(), messages));
    auto request = On<MigrateTotpRequest>(world.MakeMember(world.MakeOrganization()));
    request.secret.emplace(kSecret);
    const auto reply = world.engine.Run(request);
    ASSERT_THAT(reply, Succeeds());
    const bool test = environment == Environment::kTest;
    EXPECT_EQ(reply.totp_registration_id.view().substr(0, 17),
              test ? "member-totp-test-" : "member-totp-live-");
  }
}

TEST_F(MigrateTotpTest, NamesAMember) {  // C-03
  auto request = Import(ada);
  request.member_id = "a b";
  EXPECT_THAT(world.engine.Run(request), FailsWith("invalid_id"));
}

// ---- Keys that are rotated ----

TEST_F(MigrateTotpTest, ASuccessSealsAnewWhatAnOldKeySealed) {  // TO-24
  const auto config = Rotated(world.config->policy());
  Engine engine = With(*config);
  const Member bob = world.MakeMember(organization);
  ASSERT_THAT(world.engine.Run(Import(ada)), Succeeds());
  const auto imported = world.engine.Run(Import(bob));
  const auto by_app = Try(engine, ada, app.Code());
  ASSERT_THAT(by_app, Succeeds());
  EXPECT_THAT(by_app, HasEvent(EventKind::kResealed));
  const auto by_code = Use(engine, bob, TextsOf(imported.recovery_codes)[0]);
  ASSERT_THAT(by_code, Succeeds());
  EXPECT_THAT(by_code, HasEvent(EventKind::kResealed));
  for (const Member& who : {ada, bob}) {
    EXPECT_EQ(SealingKeyIdOf(world.RecordOf(who)->totp.sealed_secret), 52u);
    EXPECT_EQ(SealingKeyIdOf(world.RecordOf(who)->recovery.sealed_codes), 52u);
  }
  const auto retired = ConfigWith(world.config->policy(), RotatedKeys(), NewSealingKeyOnly());
  Engine later = With(*retired);
  world.clock.Advance(seconds(60));
  EXPECT_THAT(Try(later, ada, app.Code()), Succeeds());
  EXPECT_THAT(Try(later, bob, app.Code()), Succeeds());
  EXPECT_THAT(later.Run(On<GetRecoveryCodesRequest>(bob, Actor::Host())), Succeeds());
}

TEST_F(MigrateTotpTest, ASuccessStandsThoughTheCopyDoesNotOpen) {  // TO-24, TO-23
  ASSERT_THAT(world.engine.Run(Import(ada)), Succeeds());
  auto record = *world.RecordOf(ada);
  std::string damaged(record.recovery.sealed_codes);
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  record.recovery.sealed_codes = damaged;
  world.Put(record);
  const auto config = Rotated(world.config->policy());
  Engine engine = With(*config);
  const auto reply = Try(engine, ada, app.Code());
  ASSERT_THAT(reply, Succeeds());
  EXPECT_THAT(reply, HasEvent(EventKind::kKeyMissing));
  EXPECT_EQ(SealingKeyIdOf(world.RecordOf(ada)->totp.sealed_secret), 52u);
  EXPECT_EQ(SealingKeyIdOf(world.RecordOf(ada)->recovery.sealed_codes), 1u);
}

// ---- Drift ----

// A phone that is 25 seconds slow is right again and again; the window never moves after it.
TEST_F(MigrateTotpTest, NoDriftIsRemembered) {  // TO-26
  ASSERT_THAT(world.engine.Run(Import(ada)), Succeeds());
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(Try(world.engine, ada, app.Code(-1)), Succeeds());
    world.clock.Advance(minutes(2));
    EXPECT_THAT(Try(world.engine, ada, app.Code(-2)), FailsWith("unable_to_authenticate_totp"));
    EXPECT_THAT(Try(world.engine, ada, app.Code(1)), Succeeds()) << "as far ahead as ever";
    world.clock.Advance(minutes(2));
  }
}

}  // namespace
}  // namespace otpcore
