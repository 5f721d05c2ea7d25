// SPDX-License-Identifier: Apache-2.0
// Owners beside strangers who know their password, for as long as it takes to show: what was tried
// on earlier rules, and a year of a whole population.
//
// OTPCORE_OWNERS sets how many owners live through the year.
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <queue>
#include <random>
#include <vector>

#include "figures.h"
#include "fixture.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Somebody with the password of one Member: an owner, or a stranger.
class Person {
 public:
  Person(World& world, const Member& member, std::string device)
      : world_(world), member_(member), device_(std::move(device)) {}

  // Primary authentication, then the step. True: a code was sent, or one is still good.
  bool SignIn() {
    Session session = World::PrimarySession();
    session.id = "sign-in " + std::to_string(reinterpret_cast<uintptr_t>(this)) + " " +
                 std::to_string(++sign_ins_);
    session_ = world_.Intermediate(member_, session);
    auto step = On<MfaStepRequest>(member_);
    step.session_id = session.id.str();
    step.device = device_;
    return world_.engine.Run(step).mfa_required->secondary_auth_initiated;
  }
  bool Send() {
    auto send = On<SendSmsOtpRequest>(member_);
    send.session = session_;
    send.device = device_;
    return world_.engine.Run(send).ok();
  }
  std::string Try(const std::string& code) {
    AuthenticateFields fields = World::AuthenticateRequest(member_, code);
    fields.session = session_;
    fields.device = device_;
    return ErrorTypeOf(world_.Run(fields));
  }
  std::string TryWrong() { return Try(World::Wrong(world_.Code())); }

 private:
  World& world_;
  const Member member_;
  const std::string device_;
  SessionArguments session_;
  int sign_ins_ = 0;
};

struct Owned {
  explicit Owned(const Policy& policy = Policy::Default()) : world(policy) {
    auto enroll = On<UpdateMemberRequest>(member, Actor::Host());
    enroll.mfa_enrolled = true;
    EXPECT_EQ(ErrorTypeOf(world.engine.Run(enroll)), "");
    // The two run in different seconds of the day.
    world.clock.Advance(hours(24) + seconds(1));
  }
  Person Owner() { return {world, member, "the laptop of the owner"}; }
  Person OwnerElsewhere() { return {world, member, ""}; }
  Person Stranger() { return {world, member, ""}; }

  World world;
  Member member = world.MakeVerifiedMember(world.MakeOrganization());
};

TEST(Owners, WhoMistypeOnceADayAreNeverRefused) {  // L-05
  Owned owned;
  Person owner = owned.OwnerElsewhere();
  int refused = 0;
  for (int day = 0; day < 365; ++day, owned.world.clock.Advance(hours(24))) {
    refused += !owner.SignIn();
    refused += owner.TryWrong() != "otp_code_not_found";
    refused += owner.Try(owned.world.Code()) != "";
  }
  EXPECT_EQ(refused, 0);
}

TEST(Owners, OnAKnownDeviceAreNeverRefusedWhateverAStrangerFails) {  // DV-03
  Owned owned;
  Person owner = owned.Owner();
  ASSERT_TRUE(owner.SignIn());
  ASSERT_EQ(owner.Try(owned.world.Code()), "");
  Person elsewhere = owned.OwnerElsewhere();
  Person stranger = owned.Stranger();
  int tries = 0;
  int refused = 0;
  int refused_elsewhere = 0;
  int guesses = 0;
  for (int hour = 0; hour < 24 * 84; ++hour, owned.world.clock.Advance(hours(1))) {
    if (stranger.SignIn()) guesses += stranger.TryWrong() == "otp_code_not_found";
    if (hour % 12 != 0) continue;
    owned.world.clock.Advance(minutes(10));
    ++tries;
    refused += !owner.SignIn() || owner.Try(owned.world.Code()) != "";
    refused_elsewhere += !elsewhere.SignIn() || elsewhere.Try(owned.world.Code()) != "";
  }
  EXPECT_EQ(tries, 168);
  EXPECT_EQ(refused, 0);
  EXPECT_GT(refused_elsewhere, 100) << "the lock holds for everybody else";
  EXPECT_LE(guesses, GuessesPerYear(owned.world.config->policy()));
}

TEST(Owners, GetACodeThoughAStrangerSignsInAllDay) {  // P-02, S-21, L-06
  Owned owned;
  Person known = owned.Owner();
  ASSERT_TRUE(known.SignIn());
  ASSERT_EQ(known.Try(owned.world.Code()), "");
  owned.world.clock.Advance(hours(24));
  Person elsewhere = owned.OwnerElsewhere();
  Person stranger = owned.Stranger();
  const auto sent = [&] { return owned.world.inbox.messages().size(); };
  const size_t before = sent();
  int got_code = 0;
  int succeeded = 0;
  int succeeded_elsewhere = 0;
  for (int minute = 0; minute < 23 * 60; ++minute, owned.world.clock.Advance(minutes(1))) {
    std::ignore = stranger.SignIn();
    std::ignore = stranger.Send();
    if (minute % 30 != 0) continue;
    owned.world.clock.Advance(seconds(10));
    if (minute % 360 == 0) {  // as often as a person may
      got_code += known.SignIn();
      succeeded += known.Try(owned.world.Code()) == "";
    }
    succeeded_elsewhere += elsewhere.SignIn() && elsewhere.Try(owned.world.Code()) == "";
  }
  EXPECT_EQ(got_code, 4);
  EXPECT_EQ(succeeded, 4);
  EXPECT_GT(succeeded_elsewhere, 0);
  std::printf("%zu SMS that day, 720 under the rules before\n", sent() - before);
  EXPECT_LE(sent() - before, 15u + 4u);
}

TEST(Owners, AreNotFloodedByAGatewayThatRejects) {  // D-02
  Owned owned;
  int calls = 0;
  for (int i = 0; i < 5000; ++i) {
    owned.world.inbox.Script({Delivery::Kind::kRejected, false});
    const std::string type = ErrorTypeOf(owned.world.Send(owned.member));
    calls += type == "downstream_carrier_error";
  }
  EXPECT_EQ(calls, 5 + 2) << "at one instant";
  for (int i = 0; i < 24 * 60; ++i) {
    owned.world.clock.Advance(minutes(1));
    owned.world.inbox.Script({Delivery::Kind::kRejected, false});
    const std::string type = ErrorTypeOf(owned.world.Send(owned.member));
    calls += type == "downstream_carrier_error";
  }
  EXPECT_LE(calls, 2 * (15 + 4)) << "within a day, and at its end the first have left";
}

TEST(Owners, AreNotFloodedByReportsThatComeLate) {  // D-02, D-06
  Owned owned;
  int sent = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto reply = owned.world.Send(owned.member);
    if (!reply.ok()) continue;
    ++sent;
    ReportDeliveryRequest report;
    report.organization_id = owned.member.organization_id.str();
    report.member_id = owned.member.member_id.str();
    report.challenge_id = owned.world.RecordOf(owned.member)->challenge.id;
    report.delivery.kind = Delivery::Kind::kRejected;
    ASSERT_TRUE(owned.world.engine.Run(report).applied);
  }
  EXPECT_EQ(sent, 5 + 2) << "at one instant";
}

// Whoever has the password and the cookie of a known device guesses there as well.
TEST(Owners, AStolenDeviceAdmitsWhatTheBoundSays) {  // DV-04
  Owned owned;
  Person owner = owned.Owner();
  Person thief = owned.Owner();
  ASSERT_TRUE(owner.SignIn());
  ASSERT_EQ(owner.Try(owned.world.Code()), "");
  constexpr int kDays = 100;
  int64_t guesses = 0;
  for (int day = 0; day < kDays; ++day) {
    owned.world.clock.Advance(hours(24));
    // Nine a day, in codes of their own: the tenth would make it an unknown device.
    for (int i = 0; i < 9; ++i) {
      if (i % 4 == 0) {
        owned.world.clock.Advance(minutes(10));
        ASSERT_TRUE(thief.SignIn() && thief.Send());
      }
      guesses += thief.TryWrong() == "otp_code_not_found";
    }
    owned.world.clock.Advance(minutes(10));
    ASSERT_TRUE(owner.SignIn() && owner.Send());
    ASSERT_EQ(owner.Try(owned.world.Code()), "");
  }
  EXPECT_EQ(guesses, 9 * kDays);
  const Policy policy;
  const int64_t bound = GuessesPerYear(policy, {0, 0, 1, kDays}) - GuessesPerYear(policy);
  EXPECT_EQ(bound, 10 * (kDays + 1));
  EXPECT_LE(guesses, bound);
}

// ---- A year of a population ----

// A host's clock: right, or a little off.
class SkewedClock final : public Clock {
 public:
  SkewedClock(Clock& clock, Duration skew) : clock_(clock), skew_(skew) {}
  Instant Now() override { return clock_.Now() + skew_; }

 private:
  Clock& clock_;
  const Duration skew_;
};

enum class Stranger { kNone, kGuesses, kFloods, kDoesEither };

// What was seen, for all owners of one kind.
struct Tally {
  int64_t owners = 0;
  int64_t sign_ins = 0;
  int64_t on_known_device = 0;
  int64_t refused = 0;           // of these the owner could not sign in
  int64_t refused_on_known = 0;  // on a device that was known
  int64_t guesses = 0;           // of strangers, compared
  int64_t most_guesses = 0;      // at one account, but for those that its unlocks admit again
  int64_t sms = 0;
};

// One owner and, perhaps, a stranger beside them: a year in a world of their own.
class Year {
 public:
  Year(Stranger stranger, uint64_t seed)
      : stranger_kind_(stranger),
        draw_(seed),
        world_(Policy::Default(), seed),
        member_(world_.MakeVerifiedMember(world_.MakeOrganization())) {
    auto enroll = On<UpdateMemberRequest>(member_, Actor::Host());
    enroll.mfa_enrolled = true;
    std::ignore = world_.engine.Run(enroll);
    for (const int skew : {0, 3, -3}) {
      clocks_.push_back(std::make_unique<SkewedClock>(world_.clock, seconds(skew)));
      hosts_.push_back(std::make_unique<Engine>(
          *world_.config, Ports{*clocks_.back(), world_.random, world_.store, world_.sessions,
                                world_.inbox, world_.guard}));
    }
    devices_ = {NewDevice(), NewDevice()};
  }

  void Run(Tally* tally) {
    tally_ = tally;
    ++tally->owners;
    const Instant start = world_.clock.Now();
    const Instant end = start + hours(24 * 365);
    Instant owner_at = start + Duration(static_cast<int64_t>(draw_() % 86400000));
    // The owner has signed in on both devices before somebody learns the password.
    Instant stranger_at =
        stranger_kind_ == Stranger::kNone ? end : start + hours(24 * 14) + minutes(draw_() % 1440);
    while (std::min(owner_at, stranger_at) < end) {
      if (owner_at <= stranger_at) {
        world_.clock.Set(std::max(world_.clock.Now(), owner_at));
        OwnerSignsIn();
        owner_at = world_.clock.Now() + hours(6) +
                   Duration(static_cast<int64_t>(draw_() % (36 * 3600000)));
      } else {
        world_.clock.Set(std::max(world_.clock.Now(), stranger_at));
        stranger_at = world_.clock.Now() + StrangerActs();
      }
    }
    tally->sms += static_cast<int64_t>(world_.inbox.messages().size());
    // An unlock lets the burst begin anew (L-09).
    tally->most_guesses = std::max(tally->most_guesses,
                                   guesses_ - unlocks_ * (Policy::Default().rolling_failures + 1));
    tally->guesses += guesses_;
  }

 private:
  bool Chance(uint32_t of_a_thousand) { return draw_() % 1000 < of_a_thousand; }
  Engine& AnyHost() { return *hosts_[draw_() % hosts_.size()]; }
  std::string NewDevice() { return "a device of the owner, number " + std::to_string(++made_); }
  bool IsKnown(const std::string& device) const { return known_.count(device) != 0; }

  struct SignIn {
    std::string id;
    SessionArguments session;
    std::string device;
  };
  SignIn Begin(const std::string& device, bool* initiated) {
    SignIn sign_in;
    sign_in.id = "session " + std::to_string(++sessions_);
    sign_in.device = device;
    Session session = World::PrimarySession();
    session.id = sign_in.id;
    sign_in.session = world_.Intermediate(member_, session);
    auto step = On<MfaStepRequest>(member_);
    step.session_id = sign_in.id;
    step.device = device;
    const auto reply = AnyHost().Run(step);
    *initiated = reply.ok() && reply.mfa_required && reply.mfa_required->secondary_auth_initiated;
    return sign_in;
  }
  bool Resend(const SignIn& sign_in) {
    auto send = On<SendSmsOtpRequest>(member_);
    send.session = sign_in.session;
    send.device = sign_in.device;
    return AnyHost().Run(send).ok();
  }
  std::string Try(const SignIn& sign_in, const std::string& code) {
    AuthenticateFields fields = World::AuthenticateRequest(member_, code);
    fields.session = sign_in.session;
    fields.device = sign_in.device;
    return ErrorTypeOf(AnyHost().Run(fields.Request()));
  }

  // Who is refused on one device takes the other.
  void OwnerSignsIn() {
    if (Chance(3)) LosePhone();
    if (Chance(1)) devices_[draw_() % 2] = NewDevice();
    const size_t at_hand = Chance(700) ? 0 : 1;
    ++tally_->sign_ins;
    tally_->on_known_device += IsKnown(devices_[at_hand]);
    tally_->refused += !SucceedsOn(devices_[at_hand]) && !SucceedsOn(devices_[1 - at_hand]);
  }
  // A person: 3 of 100 codes are mistyped, some ask for another SMS, some let it get old.
  bool SucceedsOn(const std::string& device) {
    const bool was_known = IsKnown(device);
    bool initiated = false;
    const SignIn sign_in = Begin(device, &initiated);
    bool in = false;
    bool has_code = initiated;
    for (int i = 0; i < 6 && !in; ++i) {
      if (!has_code || Chance(30)) {
        has_code = Resend(sign_in) || has_code;
        if (!has_code) break;
      }
      world_.clock.Advance(seconds(5 + draw_() % 40));
      if (Chance(5)) world_.clock.Advance(minutes(3));  // called away
      const bool typo = Chance(30);
      const std::string type = Try(sign_in, typo ? World::Wrong(world_.Code()) : world_.Code());
      in = type.empty();
      if (type == "unable_to_auth_otp_code") has_code = false;
      if (type == "user_lock_limit_reached") break;
    }
    tally_->refused_on_known += !in && was_known;
    if (in) known_[device] = world_.clock.Now();
    return in;
  }
  // Support knows who calls: it has the password changed, so that no stranger knows it for a month,
  // unlocks and deletes the number, and the owner enrols the new one.
  void LosePhone() {
    stranger_is_out_until_ = world_.clock.Now() + hours(24 * 30);
    ++unlocks_;
    ASSERT_EQ(ErrorTypeOf(world_.engine.Run(On<UnlockMemberRequest>(member_))), "");
    ASSERT_EQ(
        ErrorTypeOf(world_.engine.Run(On<DeleteMfaPhoneNumberRequest>(member_, Actor::Host()))),
        "");
    known_.clear();
    auto send = On<SendSmsOtpRequest>(member_);
    send.mfa_phone_number = kOtherNumber;
    ASSERT_EQ(ErrorTypeOf(AnyHost().Run(send)), "");
    world_.clock.Advance(seconds(10));
    AuthenticateFields fields = World::AuthenticateRequest(member_, world_.Code());
    fields.session = world_.Intermediate(member_);
    fields.device = devices_[0];
    ASSERT_EQ(ErrorTypeOf(AnyHost().Run(fields.Request())), "");
    known_[devices_[0]] = world_.clock.Now();
    world_.clock.Advance(minutes(11));
  }

  // Returns how long they wait.
  Duration StrangerActs() {
    if (world_.clock.Now() < stranger_is_out_until_)
      return stranger_is_out_until_ - world_.clock.Now();
    const bool guesses = stranger_kind_ == Stranger::kGuesses ||
                         (stranger_kind_ == Stranger::kDoesEither && draw_() % 2 == 0);
    bool initiated = false;
    const SignIn sign_in = Begin("", &initiated);
    if (!guesses) {
      std::ignore = Resend(sign_in);
      return minutes(20);
    }
    if (!initiated && !Resend(sign_in)) return minutes(30);
    for (int i = 0; i < 5; ++i) {
      const std::string type = Try(sign_in, World::Wrong(world_.Code()));
      if (type != "otp_code_not_found") break;
      ++guesses_;
    }
    return minutes(30);
  }

  const Stranger stranger_kind_;
  std::mt19937_64 draw_;
  World world_;
  const Member member_;
  std::vector<std::unique_ptr<SkewedClock>> clocks_;
  std::vector<std::unique_ptr<Engine>> hosts_;
  std::vector<std::string> devices_;
  std::map<std::string, Instant> known_;
  Tally* tally_ = nullptr;
  int made_ = 0;
  int sessions_ = 0;
  int64_t guesses_ = 0;
  int64_t unlocks_ = 0;
  Instant stranger_is_out_until_;
};

Tally YearOf(Stranger stranger, int64_t owners) {
  Tally tally;
  for (int64_t i = 0; i < owners; ++i) {
    Year year(stranger, static_cast<uint64_t>(i + 1));
    year.Run(&tally);
  }
  return tally;
}

TEST(Population, LivesAYearBesideStrangers) {  // L-05, L-06, L-09, DV-03, P-02, S-21
  const int64_t owners = Figure("OTPCORE_OWNERS", 40, 700);
  const int64_t bound = GuessesPerYear(Policy::Default());
  const struct {
    Stranger stranger;
    const char* name;
    int64_t share;  // of the owners
  } rows[] = {{Stranger::kNone, "nobody", 4},
              {Stranger::kGuesses, "a guesser", 1},
              {Stranger::kFloods, "a flooder", 1},
              {Stranger::kDoesEither, "either", 1}};
  std::printf("%-10s %8s %9s %9s %9s %9s %9s\n", "beside", "sign-ins", "refused", "known",
              "refused", "guesses", "SMS/day");
  for (const auto& row : rows) {
    const Tally tally = YearOf(row.stranger, std::max<int64_t>(1, owners * row.share / 7));
    std::printf("%-10s %8lld %9lld %9lld %9lld %9lld %9.2f\n", row.name,
                static_cast<long long>(tally.sign_ins), static_cast<long long>(tally.refused),
                static_cast<long long>(tally.on_known_device),
                static_cast<long long>(tally.refused_on_known),
                static_cast<long long>(tally.most_guesses),
                static_cast<double>(tally.sms) / static_cast<double>(tally.owners) / 365);
    EXPECT_EQ(tally.refused_on_known, 0) << row.name;
    EXPECT_LE(tally.most_guesses, bound) << row.name;
    if (row.stranger == Stranger::kNone) {
      EXPECT_LE(tally.refused * 100000, tally.sign_ins) << "10 of 10^6";
    }
  }
}

}  // namespace
}  // namespace otpcore
