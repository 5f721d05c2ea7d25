// SPDX-License-Identifier: Apache-2.0
// Whose act it is: what a stolen password, or a host that forgets to say, does not reach (C-10,
// S-12).
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#include "fixture.h"
#include "otpcore/testing/authenticator.h"
#include "otpcore/testing/matchers.h"

namespace otpcore {
namespace {

using testing::FailsWith;
using testing::Succeeds;

// ---- A request that does not say whose act it is ----

template <typename Request, typename = void>
struct CompilesWithoutActor : std::false_type {};
template <typename Request>
struct CompilesWithoutActor<Request, std::void_t<decltype(Request{std::string(), std::string()})>>
    : std::true_type {};
template <typename Request, typename = void>
struct CompilesWithActor : std::false_type {};
template <typename Request>
struct CompilesWithActor<
    Request, std::void_t<decltype(Request{std::string(), std::string(), Actor::Host()})>>
    : std::true_type {};

template <typename Request>
constexpr bool kNeedsActor =
    !std::is_default_constructible_v<Request> && !CompilesWithoutActor<Request>::value &&
    CompilesWithActor<Request>::value;

TEST(ActorType, AForgottenOneDoesNotCompile) {  // C-10
  static_assert(!std::is_default_constructible_v<Actor>);
  static_assert(kNeedsActor<DeleteMfaPhoneNumberRequest>);
  static_assert(kNeedsActor<UpdateMemberRequest>);
  static_assert(kNeedsActor<SetTotpRegistrationRequest>);
  static_assert(kNeedsActor<CreateTotpRequest>);
  static_assert(kNeedsActor<DeleteTotpRequest>);
  static_assert(kNeedsActor<GetRecoveryCodesRequest>);
  static_assert(kNeedsActor<RotateRecoveryCodesRequest>);
  static_assert(kNeedsActor<StartPhoneChangeRequest>);
  static_assert(kNeedsActor<FinishPhoneChangeRequest>);
  // What is the host's alone takes none, and what a person proves takes their session.
  static_assert(std::is_default_constructible_v<UnlockMemberRequest>);
  static_assert(CompilesWithoutActor<DeleteMemberRequest>::value);
}

TEST(ActorType, NeitherAHostHasASessionNorAPersonNone) {  // C-10
  EXPECT_TRUE(Actor::Host().is_host());
  EXPECT_EQ(Actor::Host().session(), nullptr);
  const Actor nobody = Actor::Person({});
  EXPECT_FALSE(nobody.is_host()) << "a session that got lost makes nobody the host";
  ASSERT_NE(nobody.session(), nullptr);
  EXPECT_EQ(Actor::Person({"", "token", ""}).session()->session_token, "token");
}

// ---- A stolen password ----

using Change = std::function<void(UpdateMemberRequest*)>;
struct Field {
  const char* name;
  Change set;
};
const std::vector<Field>& HostsFields() {
  static const std::vector<Field>* const fields = new std::vector<Field>{
      {"is_breakglass", [](UpdateMemberRequest* r) { r->is_breakglass = true; }},
      {"is_breakglass, as it is", [](UpdateMemberRequest* r) { r->is_breakglass = false; }},
      {"email_address_verified", [](UpdateMemberRequest* r) { r->email_address_verified = true; }},
      {"external_id", [](UpdateMemberRequest* r) { r->external_id = "mine"; }},
  };
  return *fields;
}
const std::vector<Field>& OwnFields() {
  static const std::vector<Field>* const fields = new std::vector<Field>{
      {"email_address", [](UpdateMemberRequest* r) { r->email_address = "eve@example.com"; }},
      {"mfa_enrolled", [](UpdateMemberRequest* r) { r->mfa_enrolled = false; }},
      {"mfa_enrolled, as it is", [](UpdateMemberRequest* r) { r->mfa_enrolled = true; }},
      {"mfa_phone_number", [](UpdateMemberRequest* r) { r->mfa_phone_number = kOtherNumber; }},
      {"default_mfa_method", [](UpdateMemberRequest* r) { r->default_mfa_method = "sms_otp"; }},
  };
  return *fields;
}

class Actors : public ::testing::Test {
 protected:
  // A Member whom an administrator has enrolled with a number that nobody has proved.
  Member MakeEnrolled(World* in, const Organization& of) {
    CreateMemberRequest create;
    create.mfa_enrolled = true;
    create.mfa_phone_number = kNumber;
    return in->MakeMember(of, create);
  }
  Actor Password(World* in, const Member& member, bool full) {
    return Actor::Person(full ? in->Full(member) : in->Intermediate(member));
  }
  Actor WithFactor(World* in, const Member& member) {
    Session session = World::PrimarySession();
    session.factors.Add(FactorKind::kSmsPasscode, in->clock.Now());
    return Actor::Person(in->Full(member, session));
  }
  Reply<UpdateMember> Update(World* in, const Member& member, const Actor& actor,
                             const Change& change) {
    auto request = On<UpdateMemberRequest>(member, actor);
    change(&request);
    return in->engine.Run(request);
  }
  // All that weakens or adds a factor.
  void ExpectAllRefused(World* in, const Member& member, const Actor& actor) {
    const Revision before = in->RevisionOf(member);
    for (const Field& field : OwnFields())
      EXPECT_THAT(Update(in, member, actor, field.set), FailsWith("insufficient_factors"))
          << field.name;
    EXPECT_THAT(in->engine.Run(On<DeleteMfaPhoneNumberRequest>(member, actor)),
                FailsWith("insufficient_factors"));
    EXPECT_THAT(in->engine.Run(On<CreateTotpRequest>(member, actor)),
                FailsWith("insufficient_factors"));
    EXPECT_THAT(in->engine.Run(On<DeleteTotpRequest>(member, actor)),
                FailsWith("insufficient_factors"));
    EXPECT_THAT(in->engine.Run(On<GetRecoveryCodesRequest>(member, actor)),
                FailsWith("insufficient_factors"));
    EXPECT_THAT(in->engine.Run(On<RotateRecoveryCodesRequest>(member, actor)),
                FailsWith("insufficient_factors"));
    auto set = On<SetTotpRegistrationRequest>(member, actor);
    set.totp_registration_id = "mine";
    EXPECT_THAT(in->engine.Run(set), FailsWith("insufficient_factors"));
    EXPECT_EQ(in->RevisionOf(member), before);
  }

  World world{TotpConfig()};
  Organization organization = world.MakeOrganization();
};

TEST_F(Actors, APasswordChangesNothingButTheName) {  // C-10, S-12
  const Member ada = world.MakeVerifiedMember(organization);
  for (const bool full : {false, true}) {
    const Actor actor = Password(&world, ada, full);
    ExpectAllRefused(&world, ada, actor);
    for (const Field& field : HostsFields())
      EXPECT_THAT(Update(&world, ada, actor, field.set), FailsWith("unauthorized_action"))
          << field.name;
    const Change rename = [](UpdateMemberRequest* r) { r->name = "Eve"; };
    const auto renamed = Update(&world, ada, actor, rename);
    ASSERT_THAT(renamed, Succeeds());
    EXPECT_EQ(renamed.member().name, "Eve");
    EXPECT_THAT(Update(&world, ada, actor,
                       [&](UpdateMemberRequest* r) {
                         rename(r);
                         r->mfa_enrolled = false;
                       }),
                FailsWith("insufficient_factors"))
        << "a name covers nothing else";
  }
}

TEST_F(Actors, TheFactorThatIsThereReachesAllButTheHostsFields) {  // C-10
  const Member ada = world.MakeVerifiedMember(organization);
  const Actor owner = WithFactor(&world, ada);
  for (const Field& field : HostsFields())
    EXPECT_THAT(Update(&world, ada, owner, field.set), FailsWith("unauthorized_action"))
        << field.name;
  const auto moved = Update(&world, ada, owner, OwnFields()[0].set);
  ASSERT_THAT(moved, Succeeds());
  EXPECT_EQ(moved.member().email_address, "eve@example.com");
  EXPECT_FALSE(moved.member().email_address_verified);
  EXPECT_THAT(Update(&world, ada, owner, OwnFields()[1].set), Succeeds());
  EXPECT_THAT(world.engine.Run(On<DeleteMfaPhoneNumberRequest>(ada, owner)), Succeeds());
  for (const Field& field : HostsFields())
    EXPECT_THAT(Update(&world, ada, Actor::Host(), field.set), Succeeds()) << field.name;
}

TEST_F(Actors, WithoutAFactorThePrimaryOneIsAllThereIsToShow) {  // C-10, M-05
  const Member bob = world.MakeMember(organization);
  const Actor actor = Password(&world, bob, true);
  for (const Field& field : HostsFields())
    EXPECT_THAT(Update(&world, bob, actor, field.set), FailsWith("unauthorized_action"))
        << field.name;
  for (const Field& field : OwnFields()) {
    const bool needs_factor = std::string(field.name) == "default_mfa_method";
    EXPECT_EQ(ErrorTypeOf(Update(&world, bob, actor, field.set)),
              needs_factor ? "default_mfa_member_missing_factor" : "")
        << field.name;
  }
  EXPECT_FALSE(world.RecordOf(bob)->phone.linked_by_host);
  EXPECT_THAT(world.engine.Run(On<DeleteMfaPhoneNumberRequest>(bob, actor)), Succeeds())
      << "a typo of their own";
}

TEST_F(Actors, TheSessionComesFirstThenWhatIsTheHostsThenTheFactor) {  // C-10
  const Member ada = world.MakeVerifiedMember(organization);
  const Member bob = world.MakeMember(organization);
  const auto both = [](UpdateMemberRequest* r) {
    r->is_breakglass = true;
    r->mfa_enrolled = false;
  };
  EXPECT_THAT(Update(&world, ada, Actor::Person({}), both), FailsWith("no_session_arguments"));
  EXPECT_THAT(Update(&world, ada, Actor::Person({"", "a", "b"}), both),
              FailsWith("too_many_session_arguments"));
  EXPECT_THAT(Update(&world, ada, Actor::Person({"", "gone", ""}), both),
              FailsWith("session_not_found"));
  EXPECT_THAT(Update(&world, ada, Password(&world, bob, true), both),
              FailsWith("member_session_member_id_mismatch"));
  const auto refused = Update(&world, ada, Password(&world, ada, true), both);
  EXPECT_THAT(refused, FailsWith("unauthorized_action"));
  EXPECT_EQ(refused.error().http_status(), 403);
  const auto lacking = Update(&world, ada, Password(&world, ada, true), OwnFields()[1].set);
  EXPECT_THAT(lacking, FailsWith("insufficient_factors"));
  EXPECT_EQ(lacking.error().http_status(), 401);
  // The factor comes before what the record says.
  auto record = *world.RecordOf(ada);
  record.status = MemberStatus::kInvited;
  world.Put(record);
  EXPECT_THAT(Update(&world, ada, Password(&world, ada, true), OwnFields()[3].set),
              FailsWith("insufficient_factors"));
  EXPECT_THAT(Update(&world, ada, WithFactor(&world, ada), OwnFields()[3].set),
              FailsWith("action_available_only_for_active_members"));
}

// ---- A number that an administrator gave ----

TEST_F(Actors, APasswordDoesNotEndAnEnrolmentByAnAdministrator) {  // S-12
  const Member ada = MakeEnrolled(&world, organization);
  for (const bool full : {false, true}) ExpectAllRefused(&world, ada, Password(&world, ada, full));
  // It is no factor for anything else: it cannot be preferred, and its own passcode proves it in a
  // session that has shown the password only.
  auto prefer = On<UpdateMemberRequest>(ada, Actor::Host());
  prefer.default_mfa_method = "sms_otp";
  EXPECT_THAT(world.engine.Run(prefer), FailsWith("default_mfa_member_missing_factor"));
  ASSERT_THAT(world.Send(ada), Succeeds());
  ASSERT_THAT(world.Authenticate(ada, world.Code()), Succeeds());
  EXPECT_THAT(Update(&world, ada, WithFactor(&world, ada), OwnFields()[1].set), Succeeds());
}

TEST_F(Actors, ANumberThatTheHostAddsLaterCountsToo) {  // S-12
  const Member ada = world.MakeMember(organization);
  auto give = On<UpdateMemberRequest>(ada, Actor::Host());
  give.mfa_phone_number = kNumber;
  ASSERT_THAT(world.engine.Run(give), Succeeds());
  ExpectAllRefused(&world, ada, Password(&world, ada, true));
  // The host takes it back, and the person gives one of their own.
  ASSERT_THAT(world.engine.Run(On<DeleteMfaPhoneNumberRequest>(ada, Actor::Host())), Succeeds());
  ASSERT_THAT(world.Send(ada, kNumber), Succeeds());
  EXPECT_THAT(world.engine.Run(On<DeleteMfaPhoneNumberRequest>(ada, Password(&world, ada, false))),
              Succeeds());
}

TEST_F(Actors, ANumberThatTheHostImportedCountsAsAnyOther) {  // S-12, E-02
  CreateMemberRequest import;
  import.mfa_enrolled = import.mfa_phone_number_verified = true;
  import.mfa_phone_number = kNumber;
  const Member ada = world.MakeMember(organization, import);
  ASSERT_TRUE(ada.mfa_phone_number_verified);
  ExpectAllRefused(&world, ada, Password(&world, ada, true));
}

TEST_F(Actors, ANumberThatSomebodyElseHasProvedCountsNoLonger) {  // S-07, S-12
  const Member ada = MakeEnrolled(&world, organization);
  const Member owner = world.MakeMember(organization);
  world.clock.Advance(std::chrono::minutes(2));
  ASSERT_THAT(world.Send(owner, kNumber), Succeeds());
  ExpectAllRefused(&world, ada, Password(&world, ada, true));  // a lease takes nothing away
  ASSERT_THAT(world.Authenticate(owner, world.Code()), Succeeds());
  const Actor actor = Password(&world, ada, true);
  EXPECT_THAT(Update(&world, ada, actor, OwnFields()[3].set), Succeeds()) << "another number";
  EXPECT_EQ(world.RecordOf(ada)->phone.number, kOtherNumber);
  EXPECT_FALSE(world.RecordOf(ada)->phone.linked_by_host);
  EXPECT_THAT(world.engine.Run(On<DeleteMfaPhoneNumberRequest>(ada, actor)), Succeeds());
}

TEST_F(Actors, ANumberOfTheHostsGivesWayToTheHostOnly) {  // M-08, S-12
  Policy policy;
  policy.replace_pending_number = true;
  World lenient(TotpConfig(policy));
  const Member ada = MakeEnrolled(&lenient, lenient.MakeOrganization());
  const auto send = [&](const SessionArguments& session, const char* number) {
    auto request = On<SendSmsOtpRequest>(ada);
    request.mfa_phone_number = number;
    request.session = session;
    return lenient.engine.Run(request);
  };
  EXPECT_THAT(send({}, kOtherNumber), FailsWith("insufficient_factors")) << "on behalf of nobody";
  EXPECT_THAT(send(lenient.Intermediate(ada), kOtherNumber), FailsWith("insufficient_factors"));
  EXPECT_THAT(send({}, kNumber), Succeeds()) << "no linking";
  EXPECT_EQ(lenient.RecordOf(ada)->phone.number, kNumber);
  ExpectAllRefused(&lenient, ada, Password(&lenient, ada, true));
  EXPECT_THAT(Update(&lenient, ada, Actor::Host(), OwnFields()[3].set), Succeeds());
  EXPECT_TRUE(lenient.RecordOf(ada)->phone.linked_by_host);
  // With a factor of another day the person may.
  EXPECT_THAT(send(*WithFactor(&lenient, ada).session(), kNumber), Succeeds());
  EXPECT_FALSE(lenient.RecordOf(ada)->phone.linked_by_host);
  EXPECT_THAT(send({}, kOtherNumber), Succeeds()) << "one that the host did not link";
}

TEST_F(Actors, AnAppThatWasPlantedBeforeIsNotActivated) {  // TO-16, S-12
  const Member ada = world.MakeMember(organization);
  const auto planted = world.engine.Run(On<CreateTotpRequest>(ada, Password(&world, ada, true)));
  ASSERT_THAT(planted, Succeeds());
  testing::AuthenticatorApp app{world.clock};
  app.Scan(planted.uri);
  auto give = On<UpdateMemberRequest>(ada, Actor::Host());
  give.mfa_phone_number = kNumber;
  ASSERT_THAT(world.engine.Run(give), Succeeds());
  const auto activate = [&] {
    auto proof = On<AuthenticateTotpRequest>(ada);
    proof.code.emplace(app.Code());
    proof.session = world.Full(ada);
    return world.engine.Run(proof);
  };
  EXPECT_THAT(activate(), FailsWith("insufficient_factors"));
  ASSERT_THAT(world.engine.Run(On<DeleteMfaPhoneNumberRequest>(ada, Actor::Host())), Succeeds());
  EXPECT_THAT(activate(), Succeeds());
}

// ---- Acts on behalf of nobody ----

TEST_F(Actors, NobodyAddsAnAppBesideAFactor) {  // C-10, TO-01
  const Member ada = world.MakeVerifiedMember(organization);
  const auto create = [&](const Actor& actor) {
    return world.engine.Run(On<CreateTotpRequest>(ada, actor));
  };
  EXPECT_THAT(create(Actor::Host()), FailsWith("insufficient_factors"));
  EXPECT_THAT(create(WithFactor(&world, ada)), Succeeds());
  EXPECT_THAT(create(Actor::Host()), FailsWith("insufficient_factors"));
  ASSERT_THAT(world.engine.Run(On<DeleteMfaPhoneNumberRequest>(ada, Actor::Host())), Succeeds());
  EXPECT_THAT(create(Actor::Host()), Succeeds()) << "the host deletes the factor first";
  const Member enrolled = MakeEnrolled(&world, organization);
  EXPECT_THAT(world.engine.Run(On<CreateTotpRequest>(enrolled, Actor::Host())), Succeeds())
      << "a pending number is no active factor";
}

TEST_F(Actors, NobodyLinksANumberBesideAnApp) {  // C-10, S-12
  CreateMemberRequest with_app;
  with_app.totp_registration_id = "totp-1";
  const Member ada = world.MakeMember(organization, with_app);
  EXPECT_THAT(world.Send(ada, kNumber), FailsWith("insufficient_factors"));
  auto send = On<SendSmsOtpRequest>(ada);
  send.mfa_phone_number = kNumber;
  send.session = world.Full(ada);
  EXPECT_THAT(world.engine.Run(send), FailsWith("insufficient_factors"));
  send.session = *WithFactor(&world, ada).session();
  EXPECT_THAT(world.engine.Run(send), Succeeds());
}

TEST(ActorType, TheIdsAreReadBeforeThePersonIsMissed) {  // C-10, C-03
  World world;
  DeleteMfaPhoneNumberRequest request{"", "m", Actor::Person({})};
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(request)), "bad_request");
  request.organization_id = "o";
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(request)), "no_session_arguments");
}

}  // namespace
}  // namespace otpcore
