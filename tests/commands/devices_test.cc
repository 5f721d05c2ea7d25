// SPDX-License-Identifier: Apache-2.0
// Known devices (rules DV-01 … DV-03, DV-05, DV-06).
#include "fixture.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr char kLaptop[] = "the laptop of Ada";
constexpr char kPhone[] = "the phone of Ada";

class DevicesTest : public ::testing::Test {
 protected:
  explicit DevicesTest(const Policy& policy = Policy::Default()) : world(policy) {}

  std::string Send(const std::string& device) {
    auto request = On<SendSmsOtpRequest>(member);
    request.device = device;
    return ErrorTypeOf(world.engine.Run(request));
  }
  Reply<AuthenticateSmsOtp> Try(const std::string& code, const std::string& device,
                                bool remember = false) {
    AuthenticateFields fields = World::AuthenticateRequest(member, code);
    fields.session = world.Intermediate(member);
    fields.device = device;
    fields.remember_device = remember;
    return world.Run(fields);
  }
  std::string Fail(const std::string& device) {
    return ErrorTypeOf(Try(World::Wrong(world.Code()), device));
  }
  // The Member succeeds there, some minutes later.
  void MakeKnown(const std::string& device, bool remember = false) {
    world.clock.Advance(minutes(10));
    ASSERT_EQ(Send(device), "");
    ASSERT_EQ(ErrorTypeOf(Try(world.Code(), device, remember)), "");
  }
  size_t Known() { return world.RecordOf(member)->devices.size(); }
  // What a stranger with the password does.
  void LockOut() {
    world.clock.Advance(minutes(10));
    for (int i = 0; i < 10; ++i) {
      if (i % 5 == 0) {
        ASSERT_EQ(Send(""), "");
      }
      ASSERT_EQ(Fail(""), "otp_code_not_found");
    }
    ASSERT_EQ(Send(""), "user_lock_limit_reached");
  }
  Reply<MfaStep> Step(const std::string& device) {
    auto step = On<MfaStepRequest>(member);
    step.device = device;
    return world.engine.Run(step);
  }

  World world;
  Organization organization = world.MakeOrganization();
  Member member = world.MakeVerifiedMember(organization);
};

TEST_F(DevicesTest, AreNamedBySixteenTo128Bytes) {  // DV-01
  for (const size_t size : {size_t{1}, size_t{15}, size_t{129}}) {
    const std::string device(size, 'x');
    EXPECT_EQ(Send(device), "bad_request") << size;
    EXPECT_EQ(ErrorTypeOf(Try("000000", device)), "bad_request") << size;
    EXPECT_EQ(ErrorTypeOf(Step(device)), "bad_request") << size;
  }
  for (const size_t size : {size_t{0}, size_t{16}, size_t{128}}) {
    EXPECT_EQ(Send(std::string(size, 'x')), "") << size;
    EXPECT_EQ(ErrorTypeOf(Try(world.Code(), std::string(size, 'x'))), "") << size;
  }
  EXPECT_EQ(Known(), 2u);
}

TEST_F(DevicesTest, ASuccessMakesOneKnownAndNothingElseDoes) {  // DV-02
  ASSERT_EQ(Send(kLaptop), "");
  EXPECT_EQ(Fail(kLaptop), "otp_code_not_found");
  EXPECT_EQ(Known(), 0u);
  const auto reply = Try(world.Code(), kLaptop);
  EXPECT_TRUE(reply.events().Has(EventKind::kDeviceKnown));
  EXPECT_EQ(Known(), 1u);
  world.clock.Advance(minutes(1));
  ASSERT_EQ(Send(kLaptop), "");
  EXPECT_FALSE(Try(world.Code(), kLaptop).events().Has(EventKind::kDeviceKnown)) << "already";
  ASSERT_EQ(Known(), 1u);
  EXPECT_EQ(world.RecordOf(member)->devices[0].succeeded_at, world.clock.Now());
}

TEST_F(DevicesTest, TheRecordHasAKeyedTagOfIt) {  // DV-02
  MakeKnown(kLaptop);
  const KnownDevice first = world.RecordOf(member)->devices[0];
  EXPECT_EQ(first.key_id, 7u);
  const Member other = world.MakeMember(organization);
  ASSERT_EQ(ErrorTypeOf(world.Send(other, kOtherNumber)), "");
  AuthenticateFields fields = World::AuthenticateRequest(other, world.Code());
  fields.session = world.Intermediate(other);
  fields.device = kLaptop;
  ASSERT_EQ(ErrorTypeOf(world.Run(fields)), "");
  EXPECT_NE(world.RecordOf(other)->devices[0].tag, first.tag) << "of another Member";
}

TEST_F(DevicesTest, FourAreKeptAndTheOneThatSucceededLongestAgoLeaves) {  // DV-02
  const std::string name = "a device of Ada, ";
  for (int i = 0; i < 4; ++i) MakeKnown(name + std::to_string(i));
  MakeKnown(name + "0");
  MakeKnown(name + "4");
  EXPECT_EQ(Known(), 4u);
  LockOut();
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(Send(name + std::to_string(i)), i == 1 ? "user_lock_limit_reached" : "") << i;
}

TEST_F(DevicesTest, AreKnownForNinetyDaysAfterASuccess) {  // DV-02
  MakeKnown(kLaptop);
  world.clock.Advance(hours(24 * 90) - minutes(11));
  LockOut();  // ten minutes later
  EXPECT_EQ(Send(kLaptop), "");
  world.clock.Advance(minutes(1));
  EXPECT_EQ(Send(kLaptop), "user_lock_limit_reached");
}

TEST_F(DevicesTest, OneOfAClockFarAheadIsNotKnownForEver) {  // DV-02, T-02
  MakeKnown(kLaptop);
  auto record = *world.RecordOf(member);
  record.devices[0].succeeded_at = world.clock.Now() + hours(24 * 90);
  world.Put(record);
  LockOut();  // ten minutes later
  EXPECT_EQ(Send(kLaptop), "");
  record = *world.RecordOf(member);
  record.devices[0].succeeded_at = world.clock.Now() + hours(24 * 90);
  world.Put(record);
  EXPECT_EQ(Send(kLaptop), "user_lock_limit_reached");
}

struct NoDevices : DevicesTest {
  NoDevices() : DevicesTest(Off()) {}
  static Policy Off() {
    Policy policy;
    policy.device_life = Duration(0);
    return policy;
  }
};
TEST_F(NoDevices, AreKnownWhereTheirLifeIsZero) {  // DV-02
  MakeKnown(kLaptop);
  EXPECT_EQ(Known(), 0u);
}

TEST_F(DevicesTest, LocksDoNotStopAKnownOneAndItEndsNone) {  // DV-03
  MakeKnown(kLaptop);
  LockOut();
  ASSERT_EQ(Send(kLaptop), "");
  const auto reply = Try(world.Code(), kLaptop);
  EXPECT_EQ(ErrorTypeOf(reply), "");
  EXPECT_TRUE(reply.member().is_locked) << "for everybody else";
  const FailureLedger failures = world.RecordOf(member)->failures;
  EXPECT_EQ(failures.since_success, 0) << "L-03 begins again";
  EXPECT_EQ(failures.locks_in_a_row, 1) << "L-02 does not while a lock stands";
  EXPECT_EQ(failures.recent.count, 10);
  EXPECT_EQ(Send(""), "user_lock_limit_reached");
  EXPECT_EQ(Send(kPhone), "user_lock_limit_reached") << "not known";

  auto record = *world.RecordOf(member);
  record.failures.disabled = true;
  world.Put(record);
  world.clock.Advance(minutes(2));
  ASSERT_EQ(Send(kLaptop), "");
  EXPECT_EQ(ErrorTypeOf(Try(world.Code(), kLaptop)), "");
  EXPECT_TRUE(world.RecordOf(member)->failures.disabled);
}

TEST_F(DevicesTest, FailuresOnAKnownOneCountThereOnly) {  // DV-03
  MakeKnown(kLaptop);
  for (int i = 0; i < 9; ++i) {
    if (i % 4 == 0) {
      ASSERT_EQ(Send(kLaptop), "");
    }
    const auto reply = Try(World::Wrong(world.Code()), kLaptop);
    EXPECT_EQ(ErrorTypeOf(reply), "otp_code_not_found");
    EXPECT_TRUE(reply.events().Has(EventKind::kFailure));
  }
  EXPECT_EQ(world.RecordOf(member)->failures.recent.count, 0);
  EXPECT_EQ(world.RecordOf(member)->failures.since_success, 0);
  EXPECT_EQ(world.RecordOf(member)->devices[0].failures, 9);
  const auto tenth = Try(World::Wrong(world.Code()), kLaptop);
  EXPECT_EQ(ErrorTypeOf(tenth), "otp_code_not_found");
  EXPECT_TRUE(tenth.events().Has(EventKind::kDeviceForgotten));
  EXPECT_EQ(Known(), 0u);
  EXPECT_EQ(world.RecordOf(member)->failures.recent.count, 0) << "counted there";
  EXPECT_EQ(Fail(kLaptop), "otp_code_not_found");
  EXPECT_EQ(world.RecordOf(member)->failures.recent.count, 1) << "counted as everybody's";
}

TEST_F(DevicesTest, ASuccessRestartsTheCountOfTheDevice) {  // DV-03
  MakeKnown(kLaptop);
  for (int round = 0; round < 3; ++round) {
    world.clock.Advance(minutes(10));
    for (int i = 0; i < 9; ++i) {
      if (i % 4 == 0) {
        ASSERT_EQ(Send(kLaptop), "");
      }
      ASSERT_EQ(Fail(kLaptop), "otp_code_not_found");
    }
    ASSERT_EQ(ErrorTypeOf(Try(world.Code(), kLaptop)), "");
  }
  EXPECT_EQ(Known(), 1u);
}

TEST_F(DevicesTest, AKnownOneHasSendsOfItsOwn) {  // DV-03, L-06
  MakeKnown(kLaptop);
  world.clock.Advance(minutes(10));
  for (int i = 0; i < 5; ++i) ASSERT_EQ(Send(""), "");
  EXPECT_EQ(Send(""), "too_many_requests");
  for (int i = 0; i < 5; ++i) ASSERT_EQ(Send(kLaptop), "");
  EXPECT_EQ(Send(kLaptop), "too_many_requests");
}

TEST_F(DevicesTest, ASendFromAnUnknownOneLeavesItsCodeAlone) {  // S-21
  MakeKnown(kLaptop);
  ASSERT_EQ(Send(kLaptop), "");
  const std::string code = world.Code();
  world.clock.Advance(minutes(2) - Duration(1));
  for (const std::string device : {"", kPhone}) {
    auto request = On<SendSmsOtpRequest>(member);
    request.device = device;
    const auto refused = world.engine.Run(request);
    EXPECT_EQ(ErrorTypeOf(refused), "too_many_requests");
    EXPECT_EQ(refused.error().retry_after(), Duration(1)) << "until it ends";
    EXPECT_TRUE(refused.events().Has(EventKind::kRefusedByLimit));
  }
  EXPECT_EQ(ErrorTypeOf(Try(code, kLaptop)), "");
  EXPECT_EQ(Send(""), "") << "it is used";
}

TEST_F(DevicesTest, ItsCodeIsProtectedNoLongerThanItLives) {  // S-21
  MakeKnown(kLaptop);
  ASSERT_EQ(Send(kLaptop), "");
  world.clock.Advance(minutes(2));
  EXPECT_EQ(Send(""), "");
}

TEST_F(DevicesTest, ACodeThatWasSentElsewhereIsTakenOnAKnownOne) {  // DV-02, S-21
  MakeKnown(kLaptop);
  world.clock.Advance(minutes(10));
  ASSERT_EQ(Send(""), "");
  EXPECT_EQ(ErrorTypeOf(Try(world.Code(), kLaptop)), "");
  EXPECT_EQ(world.RecordOf(member)->challenge.device, 0u);
}

TEST_F(DevicesTest, AKnownOneReplacesAnyCode) {  // S-21
  MakeKnown(kLaptop);
  MakeKnown(kPhone);
  ASSERT_EQ(Send(kLaptop), "");
  EXPECT_EQ(Send(kPhone), "");
  EXPECT_EQ(Send(kLaptop), "");
}

TEST_F(DevicesTest, OfOneThatIsForgottenTheCodeIsProtectedNoMore) {  // S-21, DV-06
  MakeKnown(kLaptop);
  ASSERT_EQ(Send(kLaptop), "");
  ASSERT_EQ(Send(""), "too_many_requests");
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(On<ForgetDevicesRequest>(member))), "");
  EXPECT_EQ(Send(""), "");
}

TEST_F(DevicesTest, AReportGivesTheSendBackToTheDevice) {  // D-02, DV-03
  MakeKnown(kLaptop);
  world.clock.Advance(minutes(10));
  for (int i = 0; i < 3; ++i) {
    world.inbox.Script({Delivery::Kind::kRejected, false});
    EXPECT_EQ(Send(kLaptop), "downstream_carrier_error");
  }
  const auto record = *world.RecordOf(member);
  EXPECT_EQ(record.devices[0].sends.count, 1) << "two of three are given back";
  EXPECT_EQ(record.devices[0].sends.given_back.count, 2);
  EXPECT_EQ(record.sends.given_back.count, 0);
}

TEST_F(DevicesTest, AReportFindsTheDeviceAmongOthersOrGivesNothingBack) {  // D-02, DV-06
  MakeKnown(kLaptop);
  MakeKnown(kPhone);
  const auto report = [&] {
    auto late = On<ReportDeliveryRequest>(member);
    late.challenge_id = world.RecordOf(member)->challenge.id;
    late.delivery.kind = Delivery::Kind::kRejected;
    return world.engine.Run(late).applied;
  };
  world.clock.Advance(minutes(10));
  ASSERT_EQ(Send(kPhone), "");
  EXPECT_TRUE(report());
  EXPECT_EQ(world.RecordOf(member)->devices[0].sends.given_back.count, 0);
  EXPECT_EQ(world.RecordOf(member)->devices[1].sends.given_back.count, 1);
  ASSERT_EQ(Send(kPhone), "");
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(On<ForgetDevicesRequest>(member))), "");
  EXPECT_TRUE(report());
  EXPECT_EQ(world.RecordOf(member)->challenge.state, ChallengeState::kVoid);
  EXPECT_EQ(world.RecordOf(member)->sends.given_back.count, 0);
}

// ---- Remembering ----

struct Remembering : DevicesTest {
  explicit Remembering(bool where_required = false) : DevicesTest(On(where_required)) {
    auto enroll = testing::On<UpdateMemberRequest>(member, Actor::Host());
    enroll.mfa_enrolled = true;
    EXPECT_EQ(ErrorTypeOf(world.engine.Run(enroll)), "");
  }
  static Policy On(bool where_required) {
    Policy policy;
    policy.remember_life = hours(24 * 30);
    policy.remember_where_required = where_required;
    return policy;
  }
  void RequireForAll() {
    UpdateOrganizationRequest update;
    update.organization_id = organization.organization_id.str();
    update.mfa_policy = "REQUIRED_FOR_ALL";
    EXPECT_EQ(ErrorTypeOf(world.engine.Run(update)), "");
  }
};

TEST_F(Remembering, ARememberedDeviceIsSparedTheStep) {  // DV-05
  MakeKnown(kLaptop);
  EXPECT_FALSE(Step(kLaptop).member_authenticated) << "known, but nobody asked for it";
  MakeKnown(kLaptop, true);
  const auto spared = Step(kLaptop);
  EXPECT_TRUE(spared.member_authenticated);
  EXPECT_FALSE(spared.mfa_required);
  EXPECT_TRUE(spared.events().Has(EventKind::kMfaSpared));
  EXPECT_FALSE(Step("").member_authenticated);
  EXPECT_FALSE(Step(kPhone).member_authenticated);
  world.clock.Advance(hours(24 * 30) - Duration(1));
  EXPECT_TRUE(Step(kLaptop).member_authenticated);
  world.clock.Advance(Duration(1));
  EXPECT_FALSE(Step(kLaptop).member_authenticated);
}

TEST_F(Remembering, ALaterSuccessThatDoesNotAskKeepsTheEarlierTime) {  // DV-05
  MakeKnown(kLaptop, true);
  world.clock.Advance(hours(24 * 20));
  MakeKnown(kLaptop);
  EXPECT_TRUE(Step(kLaptop).member_authenticated);
  world.clock.Advance(hours(24 * 10));
  EXPECT_FALSE(Step(kLaptop).member_authenticated);
}

TEST_F(Remembering, OneOfAClockFarAheadIsNotForEver) {  // DV-05, T-02
  MakeKnown(kLaptop, true);
  auto record = *world.RecordOf(member);
  record.devices[0].remembered_at = world.clock.Now() + hours(24 * 30);
  world.Put(record);
  EXPECT_FALSE(Step(kLaptop).member_authenticated);
}

TEST_F(Remembering, NotWhereAllMustUnlessThePolicySaysSo) {  // DV-05
  MakeKnown(kLaptop, true);
  RequireForAll();
  EXPECT_FALSE(Step(kLaptop).member_authenticated);
}

struct RememberingWhereRequired : Remembering {
  RememberingWhereRequired() : Remembering(true) {}
};
TEST_F(RememberingWhereRequired, ThePolicySaysSo) {  // DV-05
  MakeKnown(kLaptop, true);
  RequireForAll();
  EXPECT_TRUE(Step(kLaptop).member_authenticated);
}

TEST_F(DevicesTest, NoneIsSparedByDefault) {  // DV-05
  MakeKnown(kLaptop, true);
  auto enroll = On<UpdateMemberRequest>(member, Actor::Host());
  enroll.mfa_enrolled = true;
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(enroll)), "");
  EXPECT_FALSE(Step(kLaptop).member_authenticated);
}

// ---- Forgetting ----

TEST_F(DevicesTest, AreForgottenByWhatChangesTheFactors) {  // DV-06
  const auto expect_forgotten = [&](const ReplyBase& reply, const char* what) {
    ASSERT_EQ(ErrorTypeOf(reply), "") << what;
    EXPECT_EQ(Known(), 0u) << what;
    EXPECT_TRUE(reply.events().Has(EventKind::kDeviceForgotten)) << what;
  };
  MakeKnown(kLaptop);
  auto update = On<UpdateMemberRequest>(member, Actor::Host());
  update.mfa_enrolled = true;
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(update)), "");
  EXPECT_EQ(Known(), 1u) << "to enrol takes nothing away";
  update.mfa_enrolled = false;
  expect_forgotten(world.engine.Run(update), "unenrolled");
  MakeKnown(kLaptop);
  expect_forgotten(world.engine.Run(On<UnlockMemberRequest>(member)), "unlocked");
  MakeKnown(kLaptop);
  expect_forgotten(world.engine.Run(On<ForgetDevicesRequest>(member)), "asked for");
  MakeKnown(kLaptop);
  auto totp = On<SetTotpRegistrationRequest>(member, Actor::Host());
  totp.totp_registration_id = "totp-1";
  expect_forgotten(world.engine.Run(totp), "TOTP added");
  MakeKnown(kLaptop);
  expect_forgotten(world.engine.Run(On<DeleteMfaPhoneNumberRequest>(member, Actor::Host())),
                   "number deleted");
}

TEST_F(DevicesTest, AreForgottenBeforeTheSuccessMakesItsOwnKnown) {  // DV-06, DV-02
  const Member other = world.MakeMember(organization);
  ASSERT_EQ(ErrorTypeOf(world.Send(other, kOtherNumber)), "");
  AuthenticateFields fields = World::AuthenticateRequest(other, world.Code());
  fields.session = world.Intermediate(other);
  fields.device = kLaptop;
  ASSERT_EQ(ErrorTypeOf(world.Run(fields)), "") << "a factor is added";
  ASSERT_EQ(world.RecordOf(other)->devices.size(), 1u);
  ASSERT_EQ(ErrorTypeOf(world.Send(other)), "");
  fields.code = world.Code();
  fields.session = world.Intermediate(other);
  fields.device = kPhone;
  fields.set_mfa_enrollment = "enroll";
  ASSERT_EQ(ErrorTypeOf(world.Run(fields)), "");
  ASSERT_EQ(world.RecordOf(other)->devices.size(), 2u);
  ASSERT_EQ(ErrorTypeOf(world.Send(other)), "");
  fields.code = world.Code();
  fields.session = world.Intermediate(other);
  fields.set_mfa_enrollment = "unenroll";
  ASSERT_EQ(ErrorTypeOf(world.Run(fields)), "");
  EXPECT_EQ(world.RecordOf(other)->devices.size(), 1u) << "only that of the success";
}

TEST_F(DevicesTest, StayWhenAPendingNumberGoes) {  // DV-06
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(On<DeleteMfaPhoneNumberRequest>(member, Actor::Host()))),
            "");
  auto totp = On<SetTotpRegistrationRequest>(member, Actor::Host());
  totp.totp_registration_id = "totp-1";
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(totp)), "");
  auto record = *world.RecordOf(member);
  record.devices.Add().tag = 5;
  world.Put(record);
  auto link = On<UpdateMemberRequest>(member, Actor::Host());
  link.mfa_phone_number = kOtherNumber;
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(link)), "");
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(On<DeleteMfaPhoneNumberRequest>(member, Actor::Host()))),
            "");
  EXPECT_EQ(Known(), 1u) << "no factor went";
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(On<DeleteMemberRequest>(member))), "");
  EXPECT_EQ(Known(), 0u);
}

// ---- Keys ----

TEST(Devices, AreKnownUnderAnOldKeyAndNotedUnderTheNewOne) {  // DV-02, R-03
  World world;
  const Member member = world.MakeVerifiedMember(world.MakeOrganization());
  const auto sign_in = [&](const Config& config, const char* device = kLaptop) {
    Engine engine(
        config, {world.clock, world.random, world.store, world.sessions, world.inbox, world.guard});
    auto send = On<SendSmsOtpRequest>(member);
    send.device = device;
    const std::string sent = ErrorTypeOf(engine.Run(send));
    if (!sent.empty()) return sent;
    AuthenticateFields fields = World::AuthenticateRequest(member, world.Code());
    fields.session = world.Full(member);
    fields.device = device;
    return ErrorTypeOf(engine.Run(fields.Request()));
  };
  ASSERT_EQ(sign_in(*world.config), "");
  ASSERT_EQ(sign_in(*world.config, kPhone), "");
  KeyRing both = TestKeys(7);
  std::array<uint8_t, 32> bytes{};
  bytes.fill(9);
  both.Add(9, DigestKey(bytes));
  const auto rotated = Config::Create(Policy::Default(), std::move(both));
  ASSERT_EQ(sign_in(*rotated), "");
  EXPECT_EQ(world.RecordOf(member)->devices[0].key_id, 9u);
  EXPECT_EQ(world.RecordOf(member)->devices[1].key_id, 7u);
  ASSERT_EQ(sign_in(*rotated, kPhone), "");
  ASSERT_EQ(world.RecordOf(member)->devices.size(), 2u);
  EXPECT_EQ(world.RecordOf(member)->devices[1].key_id, 9u);
  // The old key has gone: what it had tagged is unknown.
  ASSERT_EQ(sign_in(*world.config), "");
  EXPECT_EQ(world.RecordOf(member)->devices.size(), 3u);
}

}  // namespace
}  // namespace otpcore
