// SPDX-License-Identifier: Apache-2.0
// What a port that fails does to a command, at each step: the documented error, and nothing changed
// that should not (C-06, C-08, R-02, K-12).
#include "fixture.h"

namespace otpcore {
namespace {

using ApplyFault = testing::FaultySessions::ApplyFault;
using CommitFault = testing::FaultyStore::CommitFault;

class FaultTest : public ::testing::Test {
 protected:
  World world;
  Organization organization = world.MakeOrganization();
  Member fresh = world.MakeMember(organization);
  Member verified = world.MakeVerifiedMember(organization, kOtherNumber);
};

TEST_F(FaultTest, ALoadThatFailsChangesNothing) {
  Policy policy;
  policy.allowed_regions = {"GB"};
  World british(policy);
  const Member member = british.MakeMember(british.MakeOrganization());
  // The claim of a number that is not spelled in its canonical form takes a second load.
  const std::string number = "+4407400123456";
  for (int failing = 1; failing <= 2; ++failing) {
    british.store.ResetCounts();
    british.store.fail_load = [failing](int call) { return call == failing; };
    const Revision before = british.RevisionOf(member);
    const auto reply = british.Send(member, number);
    EXPECT_EQ(ErrorTypeOf(reply), "server_unavailable") << failing;
    EXPECT_EQ(reply.error().error_class(), ErrorClass::kRetry);
    EXPECT_EQ(british.RevisionOf(member), before);
  }
  british.store.fail_load = nullptr;
  EXPECT_EQ(ErrorTypeOf(british.Send(member, number)), "");

  std::ignore = world.Send(verified);
  const std::string code = world.inbox.LastCode();
  world.store.fail_load = [](int) { return true; };
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(verified, code)), "server_unavailable");
  world.store.fail_load = nullptr;
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(verified, code)), "");
  EXPECT_EQ(ErrorTypeOf(world.Send(fresh, kNumber)), "");
}

TEST_F(FaultTest, ACommitThatSurelyFailedChangesAndSendsNothing) {
  world.store.commit_fault = [](int) { return CommitFault::kUnavailable; };
  const Revision before = world.RevisionOf(fresh);
  const int deliveries = world.inbox.deliveries();
  EXPECT_EQ(ErrorTypeOf(world.Send(fresh, kNumber)), "server_unavailable");
  EXPECT_EQ(world.RevisionOf(fresh), before);
  EXPECT_EQ(world.inbox.deliveries(), deliveries);
}

TEST_F(FaultTest, ConflictsAreRetriedWithAFreshPasscodeAndThenGivenUp) {
  const int deliveries = world.inbox.deliveries();
  int conflicts = 3;
  world.store.commit_fault = [&](int) {
    return conflicts-- > 0 ? CommitFault::kConflict : CommitFault::kNone;
  };
  const int fills = world.random.fills();
  EXPECT_EQ(ErrorTypeOf(world.Send(verified)), "");
  EXPECT_EQ(world.random.fills() - fills, 4) << "anew for each attempt";
  EXPECT_EQ(world.inbox.deliveries(), deliveries + 1);
  world.store.commit_fault = [](int) { return CommitFault::kConflict; };
  EXPECT_EQ(ErrorTypeOf(world.Send(verified)), "server_unavailable");
  EXPECT_EQ(world.inbox.deliveries(), deliveries + 1);
}

TEST_F(FaultTest, AnUnknownCommitIsNeitherDecidedNorDeliveredTwice) {  // C-08
  for (const CommitFault fault : {CommitFault::kUnknownApplied, CommitFault::kUnknownLost}) {
    bool first = true;
    world.store.commit_fault = [&](int) {
      return std::exchange(first, false) ? fault : CommitFault::kNone;
    };
    const int deliveries = world.inbox.deliveries();
    EXPECT_EQ(ErrorTypeOf(world.Send(verified)), "");
    EXPECT_EQ(world.inbox.deliveries(), deliveries + 1);
    const std::string code = world.inbox.LastCode();
    first = true;
    EXPECT_EQ(ErrorTypeOf(world.Authenticate(verified, World::Wrong(code))), "otp_code_not_found");
    EXPECT_EQ(world.RecordOf(verified)->challenge.failures, 1);
    first = true;
    EXPECT_EQ(ErrorTypeOf(world.Authenticate(verified, code)), "");
    EXPECT_EQ(ErrorTypeOf(world.Authenticate(verified, code)), "unable_to_auth_otp_code");
  }
}

TEST_F(FaultTest, AnUnknownCommitThatStaysUnknownAcceptsNobody) {  // C-08, K-10
  std::ignore = world.Send(verified);
  const std::string code = world.inbox.LastCode();
  AuthenticateFields request = World::AuthenticateRequest(verified, code);
  request.session = world.Intermediate(verified);
  // Applied, but the store is gone when the driver looks.
  world.store.ResetCounts();
  world.store.commit_fault = [](int) { return CommitFault::kUnknownApplied; };
  world.store.fail_load = [](int call) { return call > 1; };
  CallOptions options;
  options.operation_id.bytes[3] = 1;
  EXPECT_EQ(ErrorTypeOf(world.Run(request, options)), "server_unavailable");
  world.store.commit_fault = nullptr;
  world.store.fail_load = nullptr;
  // The client repeats: the recorded outcome, with its session effect (C-07).
  const auto again = world.Run(request, options);
  EXPECT_EQ(ErrorTypeOf(again), "");
  EXPECT_EQ(again.session_effect.proof.address, Address(kOtherNumber));
  // Another operation finds the passcode used.
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(verified, code)), "unable_to_auth_otp_code");
}

TEST_F(FaultTest, ADirectoryThatFailsAnswersServerUnavailable) {
  std::ignore = world.Send(verified);
  const std::string code = world.inbox.LastCode();
  const Revision before = world.RevisionOf(verified);
  world.sessions.fail_find = [](int) { return true; };
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(verified, code)), "server_unavailable");
  EXPECT_EQ(world.RevisionOf(verified), before);
  world.sessions.fail_find = nullptr;

  // The passcode is used, but the session could not be changed: nobody is let in.
  world.sessions.apply_fault = [](int) { return ApplyFault::kRefused; };
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(verified, code)), "server_unavailable");
  world.sessions.apply_fault = nullptr;
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(verified, code)), "unable_to_auth_otp_code");
}

TEST_F(FaultTest, WithoutEntropyNothingIsChangedOrSent) {
  CallOptions options;
  options.request_id = "request-id-test-1";
  options.operation_id.bytes[0] = 1;
  world.random.set_failing(true);
  const Revision before = world.RevisionOf(fresh);
  const int deliveries = world.inbox.deliveries();
  const auto reply = world.Send(fresh, kNumber, options);
  EXPECT_EQ(ErrorTypeOf(reply), "internal_server_error");
  EXPECT_EQ(reply.request_id(), "request-id-test-1");  // C-05
  EXPECT_EQ(ErrorTypeOf(world.Send(fresh, kNumber)), "internal_server_error");
  EXPECT_EQ(world.RevisionOf(fresh), before);
  EXPECT_EQ(world.inbox.deliveries(), deliveries);
}

TEST_F(FaultTest, AGeneratorThatIsStuckIssuesNothing) {
  CallOptions options;
  options.operation_id.bytes[0] = 1;
  world.random.set_stuck(0xFF);
  const Revision before = world.RevisionOf(fresh);
  EXPECT_EQ(ErrorTypeOf(world.Send(fresh, kNumber, options)), "internal_server_error");
  EXPECT_EQ(world.RevisionOf(fresh), before);
}

TEST_F(FaultTest, AChallengeWhoseKeyIsGoneCountsNothing) {
  std::ignore = world.Send(verified);
  const std::string code = world.inbox.LastCode();
  const auto rotated = Config::Create(Policy::Default(), TestKeys(8));
  Engine later(*rotated,
               {world.clock, world.random, world.store, world.sessions, world.inbox, world.guard});
  AuthenticateFields request = World::AuthenticateRequest(verified, code);
  request.session = world.Intermediate(verified);
  const Revision before = world.RevisionOf(verified);
  EXPECT_EQ(ErrorTypeOf(later.Run(request.Request())), "internal_server_error");
  EXPECT_EQ(world.RevisionOf(verified), before);
  EXPECT_EQ(ErrorTypeOf(world.Run(request)), "");
}

TEST_F(FaultTest, KeysRotateWhileOldChallengesLive) {
  std::ignore = world.Send(verified);
  const std::string code = world.inbox.LastCode();
  KeyRing keys = TestKeys(7);
  std::array<uint8_t, 32> added{};
  added.fill(8);
  keys.Add(8, DigestKey(added));
  const auto rotated = Config::Create(Policy::Default(), std::move(keys));
  Engine later(*rotated,
               {world.clock, world.random, world.store, world.sessions, world.inbox, world.guard});
  AuthenticateFields request = World::AuthenticateRequest(verified, code);
  request.session = world.Intermediate(verified);
  EXPECT_EQ(ErrorTypeOf(later.Run(request.Request())), "");
}

TEST_F(FaultTest, AFirstSendIsOneLoadAndOneCommitToo) {
  world.store.ResetCounts();
  ASSERT_EQ(ErrorTypeOf(world.Send(fresh, kNumber)), "");
  EXPECT_EQ(world.store.loads(), 1);
  EXPECT_EQ(world.store.commits(), 1);
}

TEST_F(FaultTest, AMembersNameThatLeadsNowhereIsOneLoad) {  // C-01
  auto get = On<GetMemberRequest>(fresh);
  get.member_id = "nobody";
  world.store.ResetCounts();
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(get)), "member_not_found");
  EXPECT_EQ(world.store.loads(), 1);
}

// The second one looks for a slug that is spelled otherwise (C-02).
TEST_F(FaultTest, AnOrganizationsNameThatLeadsNowhereIsTwoLoads) {  // C-01
  auto get = On<GetMemberRequest>(fresh);
  get.organization_id = "nowhere";
  world.store.ResetCounts();
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(get)), "organization_not_found");
  EXPECT_EQ(world.store.loads(), 2);
}

TEST_F(FaultTest, AnUpdateThatKeepsTheNamesIsOneLoad) {
  auto update = On<UpdateMemberRequest>(fresh, Actor::Host());
  update.email_address = fresh.email_address;
  update.name = "Ada";
  world.store.ResetCounts();
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(update)), "");
  EXPECT_EQ(world.store.loads(), 1);
}

TEST_F(FaultTest, ASendToAVerifiedNumberIsOneLoadAndOneCommit) {
  world.store.ResetCounts();
  ASSERT_EQ(ErrorTypeOf(world.Send(verified)), "");
  EXPECT_EQ(world.store.loads(), 1);
  EXPECT_EQ(world.store.commits(), 1);
  const std::string code = world.inbox.LastCode();
  for (const std::string& text : {World::Wrong(code), code}) {
    world.store.ResetCounts();
    std::ignore = world.Authenticate(verified, text);
    EXPECT_EQ(world.store.loads(), 1);
    EXPECT_EQ(world.store.commits(), 1);
  }
}

}  // namespace
}  // namespace otpcore
