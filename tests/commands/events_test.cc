// SPDX-License-Identifier: Apache-2.0
// The whole audit log of each command: kinds with their reasons, in order, at the time of the
// decision and about the Member (V-01); and that `updated_at` follows what is shown.
#include <algorithm>
#include <vector>

#include "fixture.h"

namespace otpcore {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Strings = std::vector<std::string>;

class EventsTest : public ::testing::Test {
 protected:
  // "kind" or "kind: error_type", after what all of them have in common was checked.
  template <typename Response>
  Strings LogOf(const Reply<Response>& reply) {
    Strings log;
    for (const Event& event : reply.events()) {
      EXPECT_EQ(event.at, world.clock.Now());
      log.push_back(std::string(NameOf(event.kind)));
      if (event.reason != ErrorCode::kOk)
        log.back() += ": " + std::string(Error(event.reason).error_type());
    }
    EXPECT_EQ(reply.events().organization_id, organization.organization_id);
    EXPECT_EQ(reply.events().member_id, member.member_id);
    return log;
  }
  std::string Code() {
    EXPECT_EQ(ErrorTypeOf(world.Send(member)), "");
    return world.Code();
  }
  void Link() { ASSERT_EQ(ErrorTypeOf(world.Send(member, kNumber)), ""); }
  template <typename Request>
  Strings Log() {
    return LogOf(world.engine.Run(OnByHost<Request>(member)));
  }
  // The Member as commands leave it, a second after everything before.
  template <typename Response>
  void ExpectUpdatedNow(const Reply<Response>& reply) {
    ASSERT_TRUE(reply.ok());
    EXPECT_EQ(reply.member().updated_at, world.clock.Now());
    world.clock.Advance(seconds(1));
  }

  World world;
  Organization organization = world.MakeOrganization();
  Member member = world.MakeMember(organization);
};

TEST_F(EventsTest, OfAnEnrolment) {  // V-01
  EXPECT_EQ(LogOf(world.Send(member, kNumber)), (Strings{"number_linked", "sent"}));
  EXPECT_EQ(LogOf(world.Send(member)), (Strings{"sent"}));
  EXPECT_EQ(LogOf(world.Authenticate(member, world.Code())),
            (Strings{"authenticated", "number_verified", "default_method_changed"}));
  EXPECT_EQ(LogOf(world.Authenticate(member, Code())), (Strings{"authenticated"}));
  EXPECT_EQ(Log<DeleteMfaPhoneNumberRequest>(),
            (Strings{"number_unlinked", "default_method_changed"}));
}

TEST_F(EventsTest, OfFailures) {  // V-01, A-03, A-04, A-13
  Policy policy;
  policy.challenge_failures_max = 2;
  policy.lock_after_failures = 3;
  const auto config = TestConfig(policy);
  Engine strict(*config,
                {world.clock, world.random, world.store, world.sessions, world.inbox, world.guard});
  const auto log = [&](const std::string& code) {
    AuthenticateFields fields = World::AuthenticateRequest(member, code);
    fields.session = world.Intermediate(member);
    return LogOf(strict.Run(fields.Request()));
  };
  Link();
  const std::string old = world.Code();
  std::string code = Code();
  EXPECT_EQ(log(old), Strings()) << "a superseded code is no failure";
  EXPECT_EQ(log(World::Wrong(code)), (Strings{"failure: otp_code_not_found"}));
  EXPECT_EQ(log(World::Wrong(code)),
            (Strings{"failure: otp_code_not_found", "challenge_dead: unable_to_auth_otp_code"}));
  EXPECT_EQ(log(code), Strings());
  code = Code();
  EXPECT_EQ(log(World::Wrong(code)),
            (Strings{"failure: otp_code_not_found", "locked: user_lock_limit_reached"}));
  EXPECT_EQ(log(code), (Strings{"refused_by_limit: user_lock_limit_reached"}));
  EXPECT_EQ(LogOf(world.Send(member)), (Strings{"refused_by_limit: user_lock_limit_reached"}));
  EXPECT_EQ(Log<UnlockMemberRequest>(), (Strings{"unlocked"}));
  world.clock.Advance(minutes(2));
  EXPECT_EQ(log(code), (Strings{"challenge_dead: unable_to_auth_otp_code"}));
  EXPECT_EQ(log(code), Strings());
}

// The events of one passcode have its id, all others none.
TEST_F(EventsTest, OfOnePasscodeCarryItsId) {  // V-01
  using Kinds = std::vector<EventKind>;
  const auto ids_of = [&](const EventList& events, const Kinds& kinds) {
    const ChallengeId id = world.RecordOf(member)->challenge.id;
    EXPECT_FALSE(id.empty());
    ASSERT_GE(events.size(), kinds.size());
    for (const Event& event : events) {
      const bool about_it = std::find(kinds.begin(), kinds.end(), event.kind) != kinds.end();
      EXPECT_EQ(event.challenge_id, about_it ? id : ChallengeId()) << NameOf(event.kind);
    }
  };
  ids_of(world.Send(member, kNumber).events(), {EventKind::kSent});
  std::string code = world.Code();
  ids_of(world.Authenticate(member, World::Wrong(code)).events(), {EventKind::kFailure});
  for (int i = 2; i < 5; ++i) std::ignore = world.Authenticate(member, World::Wrong(code));
  ids_of(world.Authenticate(member, World::Wrong(code)).events(),
         {EventKind::kFailure, EventKind::kChallengeDead});
  code = Code();
  world.clock.Advance(minutes(2));
  ids_of(world.Authenticate(member, code).events(), {EventKind::kChallengeDead});
  world.inbox.Script({Delivery::Kind::kRejected, false});
  ids_of(world.Send(member).events(),
         {EventKind::kSent, EventKind::kDeliveryFailed, EventKind::kChallengeDead});
  code = Code();
  ids_of(world.Authenticate(member, code).events(),
         {EventKind::kAuthenticated, EventKind::kNumberVerified});
  world.clock.Advance(minutes(10));
  code = Code();
  ids_of(world.Authenticate(member, code).events(), {EventKind::kAuthenticated});
}

TEST_F(EventsTest, OfAnImportCarryNoPasscodesId) {  // V-01
  CreateMemberRequest import;
  import.organization_id = organization.organization_id.str();
  import.email_address = "eve@example.com";
  import.mfa_phone_number = kOtherNumber;
  import.mfa_phone_number_verified = true;
  const auto imported = world.engine.Run(import);
  ASSERT_TRUE(imported.events().Has(EventKind::kNumberVerified));
  for (const Event& event : imported.events()) EXPECT_TRUE(event.challenge_id.empty());
}

TEST_F(EventsTest, OfSendsThatAreRefusedOrLost) {  // V-01, D-02 … D-05, L-06
  using Kind = Delivery::Kind;
  const auto lost = [&](Kind kind, bool unsubscribed = false) {
    world.inbox.Script({kind, unsubscribed});
    return LogOf(world.Send(member, kNumber));
  };
  const std::string carrier = "downstream_carrier_error";
  EXPECT_EQ(lost(Kind::kRejected),
            (Strings{"number_linked", "sent", "delivery_failed: " + carrier,
                     "challenge_dead: " + carrier, "number_unlinked: " + carrier}));
  EXPECT_EQ(lost(Kind::kUnknown),
            (Strings{"number_linked", "sent", "delivery_failed: " + carrier}));
  const std::string opted_out = "unsubscribed_phone_number";
  EXPECT_EQ(lost(Kind::kRejected, true),
            (Strings{"sent", "delivery_failed: " + opted_out, "challenge_dead: " + opted_out}));
  for (int i = 1; i < 5; ++i) EXPECT_EQ(LogOf(world.Send(member)), (Strings{"sent"}));
  EXPECT_EQ(LogOf(world.Send(member)), (Strings{"refused_by_limit: too_many_requests"}));
}

TEST_F(EventsTest, OfANumberThatGivesWay) {  // V-01, M-08, A-08
  const Member owner = world.MakeMember(organization);
  Link();
  world.clock.Advance(minutes(2));
  const std::string code = Code();
  ASSERT_EQ(ErrorTypeOf(world.Send(owner, kNumber)), "");
  ASSERT_EQ(ErrorTypeOf(world.Authenticate(owner, world.Code())), "");
  EXPECT_EQ(LogOf(world.Authenticate(member, code)),
            (Strings{"challenge_dead: duplicate_member_phone_number"}));
  EXPECT_EQ(LogOf(world.Send(member, kOtherNumber)),
            (Strings{"number_unlinked", "number_linked", "sent"}));
}

TEST_F(EventsTest, OfAMemberThatComesAndGoes) {  // V-01, M-04, A-09
  CreateMemberRequest create;
  create.organization_id = organization.organization_id.str();
  create.email_address = "ada@example.com";
  create.member_id = "ada";
  create.mfa_phone_number = kNumber;
  create.mfa_phone_number_verified = true;
  member.member_id = "ada";
  EXPECT_EQ(LogOf(world.engine.Run(create)),
            (Strings{"created", "number_linked", "number_verified"}));
  for (const bool news : {true, false}) {
    AuthenticateFields fields = World::AuthenticateRequest(member, Code());
    fields.session = world.Intermediate(member);
    fields.set_mfa_enrollment = "enroll";
    EXPECT_EQ(LogOf(world.Run(fields)),
              news ? (Strings{"authenticated", "enrolled", "default_method_changed"})
                   : Strings{"authenticated"});
  }
  EXPECT_EQ(Log<DeleteMemberRequest>(),
            (Strings{"number_unlinked", "default_method_changed", "unenrolled", "deleted"}));
}

TEST_F(EventsTest, AnOrganizationSaysWhenItWasMadeAndUpdated) {  // V-01, M-01
  CreateOrganizationRequest create;
  create.organization_name = "Globex";
  const auto made = world.engine.Run(create);
  ASSERT_EQ(ErrorTypeOf(made), "");
  const Instant created = world.clock.Now();
  EXPECT_EQ(made.organization().created_at, created);
  EXPECT_EQ(made.organization().updated_at, created);
  ASSERT_EQ(made.events().size(), 1u);
  EXPECT_EQ(made.events().begin()->kind, EventKind::kOrganizationCreated);
  EXPECT_EQ(made.events().begin()->at, created);
  EXPECT_EQ(made.events().organization_id, made.organization().organization_id);

  world.clock.Advance(seconds(1));
  UpdateOrganizationRequest update;
  update.organization_id = made.organization().organization_id.str();
  const auto updated = world.engine.Run(update);
  EXPECT_EQ(updated.organization().created_at, created);
  EXPECT_EQ(updated.organization().updated_at, world.clock.Now());
  world.clock.Advance(seconds(1));
  const auto deleted = world.engine.Run(DeleteOrganizationRequest{update.organization_id});
  EXPECT_EQ(deleted.organization().created_at, created);
  EXPECT_EQ(deleted.organization().updated_at, world.clock.Now());
}

TEST_F(EventsTest, AMemberSaysWhenItWasLastUpdated) {
  world.clock.Advance(seconds(1));
  const Instant created = member.created_at;
  ExpectUpdatedNow(world.Send(member, kNumber));
  ExpectUpdatedNow(world.Authenticate(member, world.Code()));
  ExpectUpdatedNow(world.Authenticate(member, Code()));
  ExpectUpdatedNow(world.engine.Run(On<UpdateMemberRequest>(member, Actor::Host())));
  ExpectUpdatedNow(world.engine.Run(On<SetTotpRegistrationRequest>(member, Actor::Host())));
  ExpectUpdatedNow(world.engine.Run(On<UnlockMemberRequest>(member)));
  ExpectUpdatedNow(world.engine.Run(On<DeleteMfaPhoneNumberRequest>(member, Actor::Host())));
  Link();
  world.clock.Advance(seconds(1));
  auto report = On<ReportDeliveryRequest>(member);  // unlinks it again
  report.challenge_id = world.RecordOf(member)->challenge.id;
  report.delivery.kind = Delivery::Kind::kRejected;
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(report)), "");
  EXPECT_EQ(world.RecordOf(member)->updated_at, world.clock.Now());
  world.clock.Advance(seconds(1));
  ExpectUpdatedNow(world.engine.Run(On<DeleteMemberRequest>(member)));
  auto record = *world.RecordOf(member);
  record.email_address_verified = true;
  world.Put(record);
  ExpectUpdatedNow(world.engine.Run(On<ReactivateMemberRequest>(member)));
  record = *world.RecordOf(member);
  record.status = MemberStatus::kPending;
  world.Put(record);
  ExpectUpdatedNow(world.engine.Run(On<MfaStepRequest>(member)));
  ExpectUpdatedNow(world.engine.Run(On<PurgeMemberRequest>(member)));
  EXPECT_EQ(world.RecordOf(member)->created_at, created);
}

TEST_F(EventsTest, OfAnSmsThatFailedThoughNobodyCouldWriteItDown) {  // V-01, P-04, D-06
  ASSERT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "");
  auto enroll = testing::On<UpdateMemberRequest>(member, Actor::Host());
  enroll.mfa_enrolled = true;
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(enroll)), "");
  const Strings log = {"sent", "delivery_failed: downstream_carrier_error"};
  world.store.fail_load = [](int call) { return call == 3; };  // the report's
  for (const bool step : {false, true}) {
    world.clock.Advance(std::chrono::minutes(2));
    world.inbox.Script({Delivery::Kind::kRejected, false});
    world.ResetCounts();
    EventList events;
    if (step) {
      const auto reply = world.engine.Run(testing::On<MfaStepRequest>(member));
      ASSERT_EQ(LogOf(reply), log);
      events = reply.events();
    } else {
      const auto reply = world.Send(member);
      ASSERT_EQ(LogOf(reply), log);
      events = reply.events();
    }
    const Event& failed = *(events.begin() + 1);
    EXPECT_EQ(failed.last_digits.view(), "23");
    EXPECT_EQ(failed.region.view(), "US");
  }
}

TEST_F(EventsTest, OfAStepWhoseSmsIsRefusedByALimit) {  // V-01, P-04
  auto enroll = testing::On<UpdateMemberRequest>(member, Actor::Host());
  enroll.mfa_enrolled = true;
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(enroll)), "");
  for (int i = 0; i < 5; ++i) ASSERT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "");
  world.clock.Advance(std::chrono::minutes(2));
  EXPECT_EQ(
      LogOf(world.engine.Run(testing::On<MfaStepRequest>(member))),
      Strings({"refused_by_limit: too_many_requests", "mfa_sms_not_sent: too_many_requests"}));
}

TEST_F(EventsTest, OfAMemberWhoIsEnrolledFromTheStart) {  // V-01
  CreateMemberRequest enrolled;
  enrolled.mfa_enrolled = true;
  enrolled.organization_id = organization.organization_id.str();
  enrolled.email_address = "eve@example.com";
  EXPECT_TRUE(world.engine.Run(enrolled).events().Has(EventKind::kEnrolled));
}

}  // namespace
}  // namespace otpcore
