// SPDX-License-Identifier: Apache-2.0
// Two Members race for one number: every interleaving of load, commit, session change and delivery
// of the two is run, not a sample of them (S-07, A-08, K-05).
#include "stepper.h"

namespace otpcore {
namespace {

using std::chrono::minutes;

// One Member's side: a send, then the code it brought.
class Racer {
 public:
  Racer(World& world, const Member& member, uint64_t first_operation)
      : world_(world), member_(member), operation_(first_operation) {}

  bool done() const { return stage_ == 2 && (!command_ || command_->done()); }
  const std::string& outcome() const { return outcome_; }

  void Step() {
    if (!command_) Begin();
    if (!command_->done()) command_->Step();
    while (command_ && command_->done() && stage_ < 2) {
      outcome_ = command_->error_type();
      ++stage_;
      command_.reset();
      // A send that was refused leaves nothing to type.
      if (!outcome_.empty()) stage_ = 2;
    }
  }

 private:
  void Begin() {
    if (stage_ == 0) {
      auto send = On<SendSmsOtpRequest>(member_);
      send.mfa_phone_number = kNumber;
      command_.emplace(world_, std::move(send), operation_++);
      return;
    }
    std::string code;
    for (const testing::ReceivedMessage& sms : world_.inbox.messages()) {
      const auto record = *world_.RecordOf(member_);
      if (sms.challenge_id == record.challenge.id) code = testing::CodeIn(sms.body);
    }
    AuthenticateFields fields = World::AuthenticateRequest(member_, code);
    fields.session = world_.Intermediate(member_);
    command_.emplace(world_, fields.Request(), operation_++);
  }

  World& world_;
  const Member member_;
  int stage_ = 0;  // 0: sending, 1: proving, 2: over
  uint64_t operation_;
  std::optional<Stepper> command_;
  std::string outcome_;
};

enum class Start { kNone, kBothPending };

struct Outcome {
  std::string outcome[2];
  EnrollmentState state[2];
  bool permanent_claim_of_verified = false;
};

// Runs one schedule: bit i says who takes step i; when one is done the other goes on. `*used` gets
// the number of steps taken while both had something to do.
Outcome Run(Start start, uint32_t schedule, int* used) {
  World world;
  const Organization organization = world.MakeOrganization();
  const Member members[2] = {world.MakeMember(organization), world.MakeMember(organization)};
  if (start == Start::kBothPending) {
    for (const Member& member : members) {
      EXPECT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "");
      world.clock.Advance(minutes(2));  // the lease lapses
    }
  }
  Racer racers[2] = {{world, members[0], 100}, {world, members[1], 200}};
  *used = 0;
  while (!racers[0].done() || !racers[1].done()) {
    int who = racers[0].done() ? 1 : 0;
    if (!racers[0].done() && !racers[1].done()) who = (schedule >> (*used)++) & 1;
    racers[who].Step();
  }
  Outcome result;
  for (int i = 0; i < 2; ++i) {
    result.outcome[i] = racers[i].outcome();
    result.state[i] = world.RecordOf(members[i])->phone.state;
    const auto claim = world.ClaimOf(organization, kNumber);
    if (result.state[i] == EnrollmentState::kVerified)
      result.permanent_claim_of_verified =
          claim && claim->permanent && claim->member_id == members[i].member_id;
  }
  return result;
}

void Enumerate(Start start, uint32_t expected_runs) {
  uint32_t runs = 0;
  int winners[2] = {0, 0};
  // Depth first over schedules: after a run that used n choices, flip the last 0 among them.
  uint32_t schedule = 0;
  for (;;) {
    int used = 0;
    const Outcome result = Run(start, schedule, &used);
    ++runs;
    const int winner = result.state[0] == EnrollmentState::kVerified ? 0 : 1;
    ASSERT_EQ(result.state[winner], EnrollmentState::kVerified) << schedule;
    ASSERT_NE(result.state[1 - winner], EnrollmentState::kVerified) << schedule;
    ASSERT_EQ(result.outcome[winner], "") << schedule;
    ASSERT_EQ(result.outcome[1 - winner], "duplicate_member_phone_number") << schedule;
    ASSERT_TRUE(result.permanent_claim_of_verified) << schedule;
    ++winners[winner];

    uint32_t path = schedule & ((used >= 32 ? 0u : (1u << used)) - 1u);
    int last = used - 1;
    while (last >= 0 && ((path >> last) & 1u) != 0) --last;
    if (last < 0) break;
    path &= (1u << last) - 1u;
    schedule = path | (1u << last);
  }
  EXPECT_GT(winners[0], 0);
  EXPECT_GT(winners[1], 0);
  EXPECT_EQ(runs, expected_runs);
}

// Who comes second commits too: to ask costs a send (S-19).
TEST(ClaimRace, ForANumberNobodyHas) { Enumerate(Start::kNone, 266); }

TEST(ClaimRace, ForANumberPendingWithBoth) { Enumerate(Start::kBothPending, 4010); }

}  // namespace
}  // namespace otpcore
