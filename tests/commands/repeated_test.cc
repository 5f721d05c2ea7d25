// SPDX-License-Identifier: Apache-2.0
// C-07: a command that is repeated under its operation id answers as it did and does nothing,
// whatever the answer was. With another request, or too late, it is refused and does nothing.
#include <functional>
#include <vector>

#include "fixture.h"
#include "otpcore/testing/authenticator.h"
#include "stepper.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr char kAnotherRequest[] = "the operation id was used for another request";
constexpr char kAnotherCommand[] = "the operation id was used for another command";
constexpr char kTooLongAgo[] = "the operation id was used too long ago";
constexpr char kKeyGone[] = "the key of the operation id's request is gone";

// A change of one field.
template <typename Request>
using Changes = std::vector<std::function<void(Request*)>>;
template <typename Make>
using RequestOf = std::decay_t<decltype(std::declval<Make>()())>;

class RepeatedTest : public ::testing::Test {
 protected:
  CallOptions Latest() const {
    CallOptions options;
    options.operation_id.bytes[0] = operations;
    return options;
  }
  CallOptions NextOperation() {
    ++operations;
    return Latest();
  }
  template <typename Request>
  auto Run(const Request& request, const CallOptions& options) {
    return world.engine.Run(request, options);
  }

  // Runs a request that is refused for `detail`, and changes nothing.
  template <typename Request>
  void ExpectRefused(const Request& request, const CallOptions& options, const char* detail) {
    world.ResetCounts();
    const auto refused = Run(request, options);
    EXPECT_EQ(ErrorTypeOf(refused), "bad_request");
    EXPECT_EQ(refused.error().detail(), detail);
    EXPECT_EQ(refused.events().size(), 0u);
    ExpectNothingDone();
  }
  void ExpectNothingDone() {
    EXPECT_EQ(world.store.commits(), 0);
    EXPECT_EQ(world.sink.deliveries(), 0);
    EXPECT_EQ(world.sessions.applies(), 0);
  }

  // Runs the request, and then again: as it is, with each field changed, and after the life of an
  // operation. None of it does anything.
  template <typename Make>
  void ExpectRepeatable(const Make& make, const std::string& outcome,
                        const Changes<RequestOf<Make>>& changes) {
    const CallOptions options = NextOperation();
    SCOPED_TRACE("operation " + std::to_string(operations));
    EXPECT_EQ(ErrorTypeOf(Run(make(), options)), outcome);
    const Instant begin = world.clock.Now();
    ExpectRecorded(make, outcome, options);
    for (size_t i = 0; i < changes.size(); ++i) {
      SCOPED_TRACE("change " + std::to_string(i));
      auto changed = make();
      changes[i](&changed);
      ExpectRefused(changed, options, kAnotherRequest);
    }
    const Duration life = world.config->policy().operation_life;
    for (const Duration side : {life, -life}) {  // a clock may step back
      world.clock.Set(begin + side - (side > Duration(0) ? milliseconds(1) : milliseconds(-1)));
      ExpectRecorded(make, outcome, options);
      world.clock.Set(begin + side);
      ExpectRefused(make(), options, kTooLongAgo);
    }
    world.clock.Set(begin);
    ExpectRecorded(make, outcome, options);
  }
  template <typename Make>
  void ExpectRecorded(const Make& make, const std::string& outcome, const CallOptions& options) {
    world.ResetCounts();
    const auto again = Run(make(), options);
    EXPECT_EQ(ErrorTypeOf(again), outcome);
    EXPECT_EQ(again.events().size(), 0u) << "what is told once is told";
    EXPECT_EQ(world.store.commits(), 0);
    EXPECT_EQ(world.sink.deliveries(), 0);
  }

  // The changes of the fields that requests have in common. Organization and Member stay the same
  // ones, by another name.
  template <typename Request>
  Changes<Request> Renamed() {
    return {[](Request* r) { r->organization_id = "acme"; },
            [](Request* r) { r->member_id = "ada"; }};
  }
  template <typename Request>
  Changes<Request> And(Changes<Request> some, const Changes<Request>& more) {
    some.insert(some.end(), more.begin(), more.end());
    return some;
  }
  // Of a request whose session is `world.Full(…)`.
  template <typename Request>
  Changes<Request> OfSession() {
    const SessionArguments other = world.Full(member);
    const SessionArguments foreign = world.Full(stranger);
    return {[](Request* r) { std::swap(r->session.session_token, r->session.session_jwt); },
            [](Request* r) {
              std::swap(r->session.session_token, r->session.intermediate_session_token);
            },
            [other](Request* r) { r->session = other; },
            [foreign](Request* r) { r->session = foreign; }};
  }
  // Of a request by Actor::Person(`session`), which has a session token.
  template <typename Request>
  Changes<Request> OfActor(const SessionArguments& session) {
    const SessionArguments jwt = {"", "", session.session_token};
    const SessionArguments intermediate = {session.session_token, "", ""};
    const auto by = [](const SessionArguments& given) {
      return [given](Request* r) { r->actor = Actor::Person(given); };
    };
    return {by(jwt), by(intermediate), by(world.Full(member)), by(world.Full(stranger)),
            [](Request* r) { r->actor = Actor::Host(); }};
  }
  template <typename Request>
  void ExpectRepeatable() {
    ExpectRepeatable([&] { return On<Request>(member); }, "", Renamed<Request>());
    const auto another = [&](auto request) {
      if (!std::is_same_v<decltype(request), Request>)
        ExpectRefused(request, Latest(), kAnotherCommand);
    };
    another(On<UnlockMemberRequest>(member));
    another(On<UpdateMemberRequest>(member, Actor::Host()));
    another(On<DeleteMemberRequest>(member));
    another(On<MfaStepRequest>(member));
  }
  // An authenticate that keeps its session: a repeated one finds it consumed otherwise.
  void ExpectProofRepeatable(const std::string& code, const std::string& outcome) {
    using Request = AuthenticateSmsOtpRequest;
    AuthenticateFields fields = World::AuthenticateRequest(member, code);
    fields.session = world.Full(member);
    ExpectRepeatable([fields] { return fields.Request(); }, outcome,
                     And(And(Renamed<Request>(), OfSession<Request>()),
                         {[&](Request* r) { r->code.emplace(World::Wrong(code)); },
                          [&](Request* r) { r->code.emplace(code + " "); },
                          [](Request* r) { r->session_duration_minutes = 60; },
                          [](Request* r) { r->set_mfa_enrollment = "enroll"; },
                          [](Request* r) { r->set_default_mfa = true; },
                          [](Request* r) { r->device = "a device of Ada's"; },
                          [](Request* r) { r->remember_device = true; }}));
  }
  void ExpectSendRepeatable() {
    using Request = SendSmsOtpRequest;
    ExpectRepeatable(
        [session = world.Full(member), this] {
          SendSmsOtpRequest send = Send();
          send.session = session;
          return send;
        },
        "",
        And(And(Renamed<Request>(), OfSession<Request>()),
            {[](Request* r) { r->mfa_phone_number = kOtherNumber; },
             [](Request* r) { r->mfa_phone_number = ""; }, [](Request* r) { r->locale = "en"; },
             [](Request* r) { r->session = {}; }, [](Request* r) { r->channel = Channel::kVoice; },
             [](Request* r) { r->device = "a device of Ada's"; }}));
  }
  std::string Code() {
    EXPECT_EQ(ErrorTypeOf(world.Send(member)), "");
    return world.Code();
  }
  SendSmsOtpRequest Send() {
    auto send = On<SendSmsOtpRequest>(member);
    send.mfa_phone_number = kNumber;
    return send;
  }

  RepeatedTest() : RepeatedTest(testing::TestConfig()) {}
  explicit RepeatedTest(std::unique_ptr<const Config> config) : world(std::move(config)) {}

  World world;
  Organization organization = world.MakeOrganization(Named());
  Member member = world.MakeMember(organization, Verifiable());
  Member stranger = world.MakeMember(organization);
  uint8_t operations = 0;

 private:
  static CreateOrganizationRequest Named() {
    CreateOrganizationRequest create;
    create.organization_slug = "acme";
    return create;
  }
  static CreateMemberRequest Verifiable() {
    CreateMemberRequest create;
    create.external_id = "ada";
    create.email_address_verified = true;
    return create;
  }
};

// ---- Each command, with each of its fields changed ----

TEST_F(RepeatedTest, SendAndAuthenticate) {  // C-07
  ExpectSendRepeatable();
  ExpectProofRepeatable(world.Code(), "");
  world.clock.Advance(minutes(10));
  ExpectSendRepeatable();
  ExpectProofRepeatable(World::Wrong(world.Code()), "otp_code_not_found");
  world.clock.Advance(minutes(2));
  ExpectProofRepeatable(world.Code(), "unable_to_auth_otp_code");
}

TEST_F(RepeatedTest, AuthenticateWhoseNumberAnotherMemberProvedFirst) {  // C-07, A-08
  ASSERT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "");
  world.clock.Advance(minutes(1));
  const std::string code = Code();
  world.clock.Advance(minutes(1));  // the lease is over, the passcode is not
  ASSERT_EQ(ErrorTypeOf(world.Send(stranger, kNumber)), "");
  ASSERT_EQ(ErrorTypeOf(world.Authenticate(stranger, world.Code())), "");
  ExpectProofRepeatable(code, "duplicate_member_phone_number");
}

TEST_F(RepeatedTest, MfaStep) {  // C-07, P-05
  using Request = MfaStepRequest;
  auto record = *world.RecordOf(member);
  record.status = MemberStatus::kPending;
  world.Put(record);
  ExpectRepeatable(
      [session = world.Full(member), this] {
        auto step = On<MfaStepRequest>(member);
        step.session = session;
        return step;
      },
      "",
      And(And(Renamed<Request>(), OfSession<Request>()),
          {[](Request* r) { r->locale = "xx"; }, [](Request* r) { r->session = {}; },
           [](Request* r) { r->session_id = "to come"; },
           [](Request* r) { r->channel = Channel::kVoice; },
           [](Request* r) { r->device = "a device of Ada's"; }}));
  EXPECT_EQ(world.RecordOf(member)->mark.command, CommandKind::kMfaStep);
  EXPECT_EQ(world.RecordOf(member)->mark.answer, 0);
}

TEST_F(RepeatedTest, ReportDelivery) {  // C-07, D-06
  using Request = ReportDeliveryRequest;
  ASSERT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "");
  auto record = *world.RecordOf(member);
  record.challenge.issued_by = 0;  // so that the mark becomes the report's
  world.Put(record);
  ExpectRepeatable(
      [challenge = record.challenge.id, this] {
        auto report = On<ReportDeliveryRequest>(member);
        report.challenge_id = challenge;
        report.delivery.kind = Delivery::Kind::kRejected;
        return report;
      },
      "",
      And(Renamed<Request>(), {[](Request* r) { r->challenge_id.bytes[0] ^= 1; },
                               [](Request* r) { r->delivery.kind = Delivery::Kind::kUnavailable; },
                               [](Request* r) { r->delivery.unsubscribed = true; }}));
}

TEST_F(RepeatedTest, UpdateMember) {  // C-07
  using Request = UpdateMemberRequest;
  const SessionArguments session = world.Full(member);
  ExpectRepeatable(
      [session, this] {
        auto update = On<UpdateMemberRequest>(member, Actor::Person(session));
        update.name = "Ada";
        return update;
      },
      "",
      And(And(Renamed<Request>(), OfActor<Request>(session)),
          {[](Request* r) { r->name = "Eve"; }, [](Request* r) { r->name = ""; },
           [](Request* r) { r->email_address = "eve@example.com"; },
           [](Request* r) { r->email_address_verified = false; },
           [](Request* r) { r->email_address_verified = true; },
           [](Request* r) { r->external_id = "eve"; }, [](Request* r) { r->is_breakglass = false; },
           [](Request* r) { r->mfa_enrolled = false; },
           [](Request* r) { r->mfa_phone_number = kNumber; },
           [](Request* r) { r->default_mfa_method = "totp"; }}));
}

TEST_F(RepeatedTest, FactorsOfAMember) {  // C-07
  ASSERT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "");
  const SessionArguments session = world.Full(member);
  using Delete = DeleteMfaPhoneNumberRequest;
  ExpectRepeatable([&] { return On<Delete>(member, Actor::Person(session)); }, "",
                   And(Renamed<Delete>(), OfActor<Delete>(session)));
  auto set = On<SetTotpRegistrationRequest>(member, Actor::Person(session));
  set.totp_registration_id = "totp-1";
  using Set = SetTotpRegistrationRequest;
  ExpectRepeatable([&] { return set; }, "",
                   And(And(Renamed<Set>(), OfActor<Set>(session)),
                       {[](Set* r) { r->totp_registration_id = "totp-2"; },
                        [](Set* r) { r->totp_registration_id = ""; }}));
  ExpectRepeatable<UnlockMemberRequest>();
}

TEST_F(RepeatedTest, LeavingAndComingBack) {  // C-07, M-04
  ExpectRepeatable<DeleteMemberRequest>();
  ExpectRepeatable<ReactivateMemberRequest>();
  ExpectRepeatable([&] { return On<PurgeMemberRequest>(member); }, "", {[](PurgeMemberRequest* r) {
                     r->organization_id = "acme";
                   }});  // has no other id
}

// The new Member's id is made of the operation's, so another request finds the same Member.
TEST_F(RepeatedTest, CreateMember) {  // C-07
  using Request = CreateMemberRequest;
  const auto make = [&] {
    CreateMemberRequest create;
    create.organization_id = organization.organization_id.str();
    create.email_address = "bob@example.com";
    return create;
  };
  const OperationId first = {{1}};
  const std::string own_id =
      EntityId::Member(Environment::kTest, UuidFromRandom(first.bytes.data())).str();
  ExpectRepeatable(
      make, "",
      {[](Request* r) { r->organization_id = "acme"; },
       [](Request* r) { r->email_address = "eve@example.com"; },
       [](Request* r) { r->name = "Bob"; }, [&](Request* r) { r->member_id = own_id; },
       [](Request* r) { r->external_id = "bob"; },
       [](Request* r) { r->email_address_verified = true; },
       [](Request* r) { r->is_breakglass = true; }, [](Request* r) { r->mfa_enrolled = true; },
       [](Request* r) { r->create_member_as_pending = true; },
       [](Request* r) { r->invited = true; }, [](Request* r) { r->mfa_phone_number = kNumber; },
       [](Request* r) { r->mfa_phone_number_verified = true; },
       [](Request* r) { r->totp_registration_id = "totp-1"; },
       [](Request* r) { r->default_mfa_method = "totp"; }});
}

TEST_F(RepeatedTest, Organizations) {  // C-07
  using Create = CreateOrganizationRequest;
  const OperationId first = {{1}};
  const std::string id =
      EntityId::Organization(Environment::kTest, UuidFromRandom(first.bytes.data())).str();
  const auto create = [] {
    CreateOrganizationRequest request;
    request.organization_name = "New";
    request.organization_slug = "new";
    return request;
  };
  ExpectRepeatable(create, "",
                   {[](Create* r) { r->organization_name = "Newer"; },
                    [&](Create* r) { r->organization_id = id; },
                    [](Create* r) { r->organization_slug = "newer"; },
                    [](Create* r) { r->organization_external_id = "new-1"; },
                    [](Create* r) { r->mfa_policy = "OPTIONAL"; },
                    [](Create* r) { r->mfa_methods = "ALL_ALLOWED"; },
                    [](Create* r) { r->allowed_mfa_methods = {"totp"}; }});

  using Update = UpdateOrganizationRequest;
  const auto update = [&] {
    UpdateOrganizationRequest request;
    request.organization_id = id;
    request.allowed_mfa_methods = {"totp", "sms_otp"};
    return request;
  };
  ExpectRepeatable(update, "",
                   {[](Update* r) { r->organization_id = "new"; },
                    [](Update* r) { r->organization_name = "Newer"; },
                    [](Update* r) { r->organization_slug = "newer"; },
                    [](Update* r) { r->organization_external_id = "new-1"; },
                    [](Update* r) { r->mfa_policy = "OPTIONAL"; },
                    [](Update* r) { r->mfa_methods = "ALL_ALLOWED"; },
                    [](Update* r) {
                      r->allowed_mfa_methods = {"sms_otp", "totp"};
                    },
                    [](Update* r) { r->allowed_mfa_methods = {"totp"}; },
                    [](Update* r) { r->allowed_mfa_methods->clear(); },
                    [](Update* r) { r->allowed_mfa_methods.reset(); }});
  ExpectRefused(DeleteOrganizationRequest{id}, Latest(), kAnotherCommand);

  // Its slug is free afterwards, so it is found by its id alone.
  ExpectRepeatable([&] { return DeleteOrganizationRequest{id}; }, "", {});
}

// ---- TOTP ----

std::unique_ptr<const Config> TotpConfig() {
  Policy policy;
  policy.totp_issuer = "Acme";
  std::array<uint8_t, 32> bytes{};
  bytes.fill(0xE1);
  return Config::Create(policy, TestKeys(), SealingKeyRing(1, SealingKey(bytes)));
}

class RepeatedTotpTest : public RepeatedTest {
 protected:
  RepeatedTotpTest() : RepeatedTest(TotpConfig()) {}
  testing::AuthenticatorApp app{world.clock};
};

TEST_F(RepeatedTotpTest, EachCommand) {  // C-07, TO-06
  using Create = CreateTotpRequest;
  const SessionArguments session = world.Full(member);
  const auto create = [&] { return On<CreateTotpRequest>(member, Actor::Person(session)); };
  ExpectRepeatable(create, "",
                   And(And(Renamed<Create>(), OfActor<Create>(session)),
                       {[](Create* r) { r->expiration_minutes = 60; }}));
  app.Scan(Run(create(), Latest()).uri);

  using Proof = AuthenticateTotpRequest;
  const std::string code = app.Code();
  const auto proof = [session = world.Full(member), code, this] {
    auto request = On<AuthenticateTotpRequest>(member);
    request.code.emplace(code);
    request.session = session;
    return request;
  };
  ExpectRepeatable(proof, "",
                   And(And(Renamed<Proof>(), OfSession<Proof>()),
                       {[&](Proof* r) { r->code.emplace(app.WrongCode()); },
                        [](Proof* r) { r->session_duration_minutes = 60; },
                        [](Proof* r) { r->set_mfa_enrollment = "enroll"; },
                        [](Proof* r) { r->set_default_mfa = true; },
                        [](Proof* r) { r->device = "a device of Ada's"; },
                        [](Proof* r) { r->remember_device = true; }}));
  ExpectRefused(On<UnlockMemberRequest>(member), Latest(), kAnotherCommand);

  using Rotate = RotateRecoveryCodesRequest;
  ExpectRepeatable([&] { return On<Rotate>(member, Actor::Host()); }, "", Renamed<Rotate>());
  app.NoteRecoveryCodes(Run(On<Rotate>(member, Actor::Host()), Latest()).recovery_codes);

  using Use = UseRecoveryCodeRequest;
  const auto use = [session = world.Full(member), typed = app.TakeRecoveryCode(), this] {
    auto request = On<Use>(member);
    request.recovery_code.emplace(typed);
    request.session = session;
    return request;
  };
  ExpectRepeatable(use, "",
                   And(And(Renamed<Use>(), OfSession<Use>()),
                       {[&](Use* r) { r->recovery_code.emplace(app.recovery_codes().front()); },
                        [](Use* r) { r->session_duration_minutes = 60; },
                        [](Use* r) { r->device = "a device of Ada's"; },
                        [](Use* r) { r->remember_device = true; }}));

  using Delete = DeleteTotpRequest;
  Session shown = World::PrimarySession();
  shown.factors.Add(FactorKind::kTotp, world.clock.Now());
  const SessionArguments with_totp = world.Full(member, shown);
  ExpectRepeatable([&] { return On<DeleteTotpRequest>(member, Actor::Person(with_totp)); }, "",
                   And(Renamed<Delete>(), OfActor<Delete>(with_totp)));

  using Migrate = MigrateTotpRequest;
  const auto migrate = [this] {
    auto request = On<Migrate>(member);
    request.secret.emplace("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    request.recovery_codes.Add("abcd-efgh");
    return request;
  };
  ExpectRepeatable(migrate, "",
                   And(Renamed<Migrate>(),
                       {[](Migrate* r) { r->secret.emplace("MEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"); },
                        [](Migrate* r) { r->recovery_codes = RecoveryCodes(); },
                        [](Migrate* r) { r->recovery_codes.Add("bbcd-efgh"); },
                        [](Migrate* r) { r->parameters.digits = 8; },
                        [](Migrate* r) { r->parameters.algorithm = TotpAlgorithm::kSha256; }}));
}

TEST_F(RepeatedTest, ChangesOfPhone) {  // C-07, E-04
  member = world.MakeVerifiedMember(organization);
  auto named = On<UpdateMemberRequest>(member, Actor::Host());
  named.external_id = "eve";
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(named)), "");
  Session session = World::PrimarySession();
  session.factors.Add(FactorKind::kSmsPasscode, world.clock.Now());
  const SessionArguments shown = world.Full(member, session);
  const auto by_name = [](auto* request) { request->member_id = "eve"; };

  using Start = StartPhoneChangeRequest;
  const auto start = [&] {
    auto request = On<Start>(member, Actor::Person(shown));
    request.mfa_phone_number = kOtherNumber;
    return request;
  };
  ExpectRepeatable(
      start, "",
      And(OfActor<Start>(shown),
          {by_name, [](Start* r) { r->organization_id = "acme"; },
           [](Start* r) { r->mfa_phone_number = "+16135550187"; },
           [](Start* r) { r->locale = "en"; }, [](Start* r) { r->channel = Channel::kVoice; }}));
  using Finish = FinishPhoneChangeRequest;
  const std::string code = world.Code();
  const auto finish = [&](const std::string& text) {
    return [&, text] {
      auto request = On<Finish>(member, Actor::Person(shown));
      request.code.emplace(text);
      return request;
    };
  };
  const Changes<Finish> changes =
      And(OfActor<Finish>(shown), {by_name, [](Finish* r) { r->organization_id = "acme"; },
                                   [&](Finish* r) { r->code.emplace(code + " "); }});
  ExpectRepeatable(finish(World::Wrong(code)), "otp_code_not_found", changes);
  ExpectRepeatable(finish(code), "", changes);
  ExpectRefused(On<UnlockMemberRequest>(member), Latest(), kAnotherCommand);
  EXPECT_EQ(world.RecordOf(member)->phone.number, kOtherNumber);
}

// ---- What an operation is known by ----

// A refusal is no outcome that is recorded, though a clock anomaly was written with it.
TEST_F(RepeatedTest, ARefusalThatWasWrittenIsJudgedAnew) {  // C-07, T-02
  auto record = *world.RecordOf(member);
  record.failures.locked_at = world.clock.Now() + hours(24 * 3650);
  record.failures.locked_until = record.failures.locked_at + hours(1);
  world.Put(record);
  const CallOptions options = NextOperation();
  const auto refused = world.engine.Run(Send(), options);
  EXPECT_EQ(ErrorTypeOf(refused), "user_lock_limit_reached");
  EXPECT_TRUE(refused.events().Has(EventKind::kClockAnomaly));
  world.clock.Advance(hours(1));
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(Send(), options)), "");
  EXPECT_EQ(world.inbox.deliveries(), 1);
}

// To another Member the operation is a new one: it is judged by its own right.
TEST_F(RepeatedTest, AtAnotherMemberIsNoRepetition) {  // C-07
  const std::string code = [&] {
    EXPECT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "");
    return world.Code();
  }();
  AuthenticateFields proof = World::AuthenticateRequest(member, code);
  proof.session = world.Full(member);
  const CallOptions options = NextOperation();
  ASSERT_EQ(ErrorTypeOf(world.Run(proof, options)), "");
  world.ResetCounts();
  AuthenticateFields foreign = World::AuthenticateRequest(stranger, code);
  foreign.session = world.Full(stranger);
  EXPECT_EQ(ErrorTypeOf(world.Run(foreign, options)), "otp_code_not_found");
  ExpectNothingDone();
}

// Only the latest operation is known.
TEST_F(RepeatedTest, AfterAnotherOperationIsNoRepetition) {  // C-07
  const CallOptions first = NextOperation();
  ASSERT_EQ(ErrorTypeOf(Run(On<UnlockMemberRequest>(member), first)), "");
  ASSERT_EQ(ErrorTypeOf(Run(On<UnlockMemberRequest>(member), NextOperation())), "");
  world.ResetCounts();
  ASSERT_EQ(ErrorTypeOf(Run(On<UnlockMemberRequest>(member), first)), "");
  EXPECT_EQ(world.store.commits(), 1) << "decided again";
}

// An id that the engine drew for itself is never looked for, even where a record has it.
TEST_F(RepeatedTest, WithoutAnIdIsDecidedAgain) {  // C-07
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(On<UnlockMemberRequest>(member))), "");
  auto record = *world.RecordOf(member);
  EXPECT_TRUE(record.mark.id.empty());
  EXPECT_EQ(record.mark.request, 0u);
  EXPECT_EQ(record.mark.request_key, 0u);
  EXPECT_EQ(record.mark.at, Instant());
  record.mark.id = kNotRepeatable;
  record.mark.at = world.clock.Now();
  world.Put(record);
  world.ResetCounts();
  auto update = On<UpdateMemberRequest>(member, Actor::Host());
  update.name = "Ada";
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(update)), "");
  EXPECT_EQ(world.store.commits(), 1);
}

TEST_F(RepeatedTest, TheLifeOfAnOperationIsThePolicys) {  // C-07
  Policy policy;
  policy.operation_life = minutes(1);
  World brief(policy);
  const Member ada = brief.MakeMember(brief.MakeOrganization());
  const CallOptions options = NextOperation();
  ASSERT_EQ(ErrorTypeOf(brief.engine.Run(On<UnlockMemberRequest>(ada), options)), "");
  brief.clock.Advance(minutes(1));
  EXPECT_EQ(brief.engine.Run(On<UnlockMemberRequest>(ada), options).error().detail(), kTooLongAgo);
  // The refusal has not made it any younger.
  brief.clock.Advance(-milliseconds(1));
  EXPECT_EQ(ErrorTypeOf(brief.engine.Run(On<UnlockMemberRequest>(ada), options)), "");
}

// Text that is empty is absent, and false where nothing can be absent is as good as nothing.
TEST_F(RepeatedTest, AnAbsentFieldIsTheSameAsAnEmptyOne) {  // C-03, C-07
  auto update = On<UpdateMemberRequest>(member, Actor::Host());
  update.name = "Ada";
  const CallOptions options = NextOperation();
  ASSERT_EQ(ErrorTypeOf(Run(update, options)), "");
  update.email_address = std::string();
  EXPECT_EQ(ErrorTypeOf(Run(update, options)), "");
  update.mfa_enrolled = false;
  ExpectRefused(update, options, kAnotherRequest);
}

// ---- Keys ----

TEST_F(RepeatedTest, AfterTheKeyWasRotated) {  // C-07, R-03
  const auto config_with = [](std::initializer_list<uint32_t> ids) {
    KeyRing keys;
    for (const uint32_t id : ids) {
      std::array<uint8_t, 32> bytes{};
      bytes.fill(static_cast<uint8_t>(id));
      keys.Add(id, DigestKey(bytes));
    }
    return Config::Create(Policy(), std::move(keys));
  };
  const auto run = [&](const Config& config, const auto& request, const CallOptions& options) {
    Engine engine(
        config, {world.clock, world.random, world.store, world.sessions, world.inbox, world.guard});
    const auto reply = engine.Run(request, options);
    return reply.ok() ? "" : std::string(reply.error().detail());
  };
  const auto old_key = config_with({7});
  const auto both_keys = config_with({7, 8});
  const auto new_key = config_with({8});
  auto update = On<UpdateMemberRequest>(member, Actor::Host());
  update.name = "Ada";
  auto other = update;
  other.name = "Eve";

  const CallOptions before = NextOperation();
  ASSERT_EQ(run(*old_key, update, before), "");
  EXPECT_EQ(world.RecordOf(member)->mark.request_key, 7u);
  world.ResetCounts();
  EXPECT_EQ(run(*both_keys, update, before), "") << "checked with the key that the mark names";
  EXPECT_EQ(run(*both_keys, other, before), kAnotherRequest);
  EXPECT_EQ(run(*new_key, update, before), kKeyGone);
  ExpectNothingDone();

  const CallOptions after = NextOperation();
  ASSERT_EQ(run(*both_keys, update, after), "");
  EXPECT_EQ(world.RecordOf(member)->mark.request_key, 8u);
  world.ResetCounts();
  EXPECT_EQ(run(*new_key, update, after), "");
  EXPECT_EQ(run(*old_key, update, after), kKeyGone);
  ExpectNothingDone();
}

// ---- Sessions ----

// A repeated success is given to a session that may be served still, and to no other.
TEST_F(RepeatedTest, AProofNeedsItsSessionAndItsMethodStill) {  // C-07, S-11, A-12, S-13
  ASSERT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "");
  AuthenticateFields proof = World::AuthenticateRequest(member, world.Code());
  proof.session = world.Full(member);
  const SessionCredential credential = {SessionCredential::Kind::kSessionToken,
                                        proof.session.session_token};
  const CallOptions options = NextOperation();
  ASSERT_EQ(ErrorTypeOf(world.Run(proof, options)), "");
  const Session session = *world.directory.Find(credential).session;
  const auto repeat = [&](const Session& found, Duration life) {
    world.directory.Add(credential, found, world.clock.Now() + life);
    world.ResetCounts();
    const auto reply = world.Run(proof, options);
    EXPECT_EQ(world.store.commits(), 0);
    EXPECT_EQ(world.sessions.applies(), reply.ok() ? 1 : 0);
    EXPECT_EQ(reply.events().size(), 0u);
    return ErrorTypeOf(reply);
  };
  EXPECT_EQ(repeat(session, hours(1)), "");
  EXPECT_EQ(repeat(session, Duration(0)), "session_not_found");
  Session other = session;
  other.member_id = stranger.member_id;
  EXPECT_EQ(repeat(other, hours(1)), "member_session_member_id_mismatch");
  Session weak = session;
  weak.factors = FactorSet();
  weak.factors.Add(FactorKind::kSmsPasscode, world.clock.Now());
  EXPECT_EQ(repeat(weak, hours(1)), "action_available_only_once_primary_authentication_is_met");

  UpdateOrganizationRequest restrict;
  restrict.organization_id = "acme";
  restrict.mfa_methods = "RESTRICTED";
  restrict.allowed_mfa_methods = {"totp"};
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(restrict)), "");
  EXPECT_EQ(repeat(session, hours(1)), "operation_restricted_by_organization_mfa_methods");
}

// The token is gone because of the success. What the method is allowed for still counts.
TEST_F(RepeatedTest, AProofWithATokenThatItConsumed) {  // C-07, A-12, S-13
  ASSERT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "");
  AuthenticateFields proof = World::AuthenticateRequest(member, world.Code());
  proof.session = world.Intermediate(member);
  const CallOptions options = NextOperation();
  ASSERT_EQ(ErrorTypeOf(world.Run(proof, options)), "");
  world.ResetCounts();
  const auto again = world.Run(proof, options);
  EXPECT_EQ(ErrorTypeOf(again), "");
  EXPECT_EQ(again.session_effect.kind, SessionEffect::Kind::kUpgrade);
  ExpectNothingDone();
  AuthenticateFields made_up = proof;
  made_up.session.intermediate_session_token = "made up";
  ExpectRefused(made_up.Request(), options, kAnotherRequest);

  UpdateOrganizationRequest restrict;
  restrict.organization_id = "acme";
  restrict.mfa_methods = "RESTRICTED";
  restrict.allowed_mfa_methods = {"totp"};
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(restrict)), "");
  EXPECT_EQ(ErrorTypeOf(world.Run(proof, options)),
            "operation_restricted_by_organization_mfa_methods");
}

// Other commands need a session that is there too. A recorded failure gives nothing, and needs
// none.
TEST_F(RepeatedTest, OtherCommandsNeedTheirSessionStill) {  // C-07, S-11
  SendSmsOtpRequest send = Send();
  send.session = world.Intermediate(member);
  const CallOptions options = NextOperation();
  ASSERT_EQ(ErrorTypeOf(Run(send, options)), "");
  AuthenticateFields wrong = World::AuthenticateRequest(member, World::Wrong(world.Code()));
  wrong.session = send.session;
  const SessionCredential credential = {SessionCredential::Kind::kIntermediateToken,
                                        send.session.intermediate_session_token};
  const Session session = *world.directory.Find(credential).session;
  world.directory.Add(credential, session, world.clock.Now());
  EXPECT_EQ(ErrorTypeOf(Run(send, options)), "intermediate_session_not_found");

  world.directory.Add(credential, session, world.clock.Now() + hours(1));
  ASSERT_EQ(ErrorTypeOf(world.Run(wrong, NextOperation())), "otp_code_not_found");
  world.directory.Add(credential, session, world.clock.Now());
  EXPECT_EQ(ErrorTypeOf(world.Run(wrong, Latest())), "otp_code_not_found");
}

// ---- Retries after something went wrong ----

TEST_F(RepeatedTest, AfterACrashAtEachStep) {  // C-07, C-08
  for (int steps = 0; steps <= 3; ++steps) {
    SCOPED_TRACE(steps);
    World crashing;
    const Member ada = crashing.MakeVerifiedMember(crashing.MakeOrganization());
    ASSERT_EQ(ErrorTypeOf(crashing.Send(ada)), "");
    AuthenticateFields proof = World::AuthenticateRequest(ada, crashing.Code());
    proof.session = crashing.Full(ada);
    CallOptions options;
    options.operation_id.bytes[0] = 9;
    options.operation_id.bytes[15] = 1;  // as the stepper makes it
    {
      Stepper host(crashing, proof.Request(), 9);
      for (int i = 0; i < steps; ++i) host.Step();
    }
    AuthenticateFields other = proof;
    other.set_default_mfa = true;
    if (steps >= 2) {
      EXPECT_EQ(ErrorTypeOf(crashing.Run(other, options)), "bad_request");
    }
    EXPECT_EQ(ErrorTypeOf(crashing.Run(proof, options)), "");
    const auto session =
        crashing.directory
            .Find({SessionCredential::Kind::kSessionToken, proof.session.session_token})
            .session;
    EXPECT_TRUE(session->factors.Has(FactorKind::kSmsPasscode));
  }
}

TEST_F(RepeatedTest, AfterACommitWhoseOutcomeIsUnknown) {  // C-07, C-08
  using Fault = testing::FaultyStore::CommitFault;
  for (const Fault fault : {Fault::kUnknownApplied, Fault::kUnknownLost}) {
    auto update = On<UpdateMemberRequest>(member, Actor::Host());
    update.name = fault == Fault::kUnknownLost ? "Ada" : "Eve";
    const CallOptions options = NextOperation();
    world.ResetCounts();
    world.store.commit_fault = [fault](int) { return fault; };
    world.store.fail_load = [](int call) { return call > 1; };
    EXPECT_EQ(ErrorTypeOf(Run(update, options)), "server_unavailable");
    world.store.commit_fault = nullptr;
    world.store.fail_load = nullptr;
    const Revision before = world.RevisionOf(member);
    EXPECT_EQ(ErrorTypeOf(Run(update, options)), "");
    EXPECT_EQ(world.RevisionOf(member) == before, fault == Fault::kUnknownApplied);
    EXPECT_EQ(world.RecordOf(member)->name, update.name);
  }
}

// The report of the delivery takes the place of the send in the record, and with it its request.
TEST_F(RepeatedTest, ASendWhoseDeliveryFailed) {  // C-07, D-06
  world.sink.delivery_fault = [](int) { return testing::FaultySink::DeliveryFault::kRejected; };
  const CallOptions options = NextOperation();
  const Instant sent = world.clock.Now();
  EXPECT_EQ(ErrorTypeOf(Run(Send(), options)), "downstream_carrier_error");
  EXPECT_EQ(ErrorTypeOf(Run(Send(), options)), "downstream_carrier_error");
  SendSmsOtpRequest other = Send();
  other.locale = "de";
  ExpectRefused(other, options, kAnotherRequest);
  world.clock.Set(sent + hours(24));
  ExpectRefused(Send(), options, kTooLongAgo);
}

}  // namespace
}  // namespace otpcore
