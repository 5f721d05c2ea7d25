// SPDX-License-Identifier: Apache-2.0
// What proving any second factor has in common, with a factor that finds what a test tells it to:
// each verdict's answer, and what success leaves (A-03, A-10, TO-09, RC-03).
#include "commands/prove_factor.h"

#include "fixture.h"

namespace otpcore {
namespace {

struct ToldFactor {
  FactorKind kind;
  Verdict verdict;

  const FactorTraits& traits() const { return TraitsOf(kind); }
  bool pending(const FoundMember&) const { return false; }
  bool Judge(const FoundMember&, const Facts&, Verdict* found, Decision*) {
    *found = verdict;
    return true;
  }
  Error Accept(const Facts&, FoundMember*, Decision*) { return ErrorCode::kOk; }
  void Fail(const Facts&, FoundMember*, Decision*) {}
  void Expire(const Facts&, FoundMember*, Decision*) {}
  FactorProof Proof(const MemberRecord&) const {
    FactorProof proof;
    proof.kind = kind;
    return proof;
  }
  void WriteMore(const FoundMember&, Decision*) {}
  int tries_left(const MemberRecord&) const { return 3; }
  int weight() const { return 1; }
  ChallengeId challenge_id(const MemberRecord&) const { return {}; }
};

struct ToldCommand final : Command {
  ToldCommand(const CallContext& the_context, const CheckedProof& the_proof, ToldFactor the_factor)
      : own_context(the_context), checked(the_proof), factor(the_factor) {}
  const CallContext& context() const override { return own_context; }
  size_t entropy_bytes() const override { return kEntropyForRun; }
  void Plan(const Facts& facts, Decision* decision) const override {
    ToldFactor fresh = factor;
    ProveFactor(own_context, checked, facts, fresh, decision);
  }
  CallContext own_context;
  CheckedProof checked;
  ToldFactor factor;
};

class ProveFactorTest : public ::testing::Test {
 protected:
  Error Prove(FactorKind kind, Verdict verdict, bool set_default_mfa = false) {
    CallContext context;
    context.config = world.config.get();
    context.operation_id.bytes[0] = ++operations;
    context.kind = CommandKind::kAuthenticateSmsOtp;
    CheckedProof checked;
    const SessionArguments session = world.Full(member);
    EXPECT_TRUE(CheckProofTarget(context, member.organization_id.str(), member.member_id.str(),
                                 session, &checked)
                    .ok());
    EXPECT_TRUE(CheckProofOptions("", std::nullopt, "", &checked).ok());
    checked.set_default_mfa = set_default_mfa;
    const ToldCommand command(context, checked, {kind, verdict});
    Operation operation(command);
    const Ports ports = {world.clock,    world.random, world.store,
                         world.sessions, world.inbox,  world.guard};
    Need need = operation.Start();
    while (!std::holds_alternative<Done>(need)) need = MeetNeed(need, ports, &operation);
    EXPECT_EQ(operation.conclusion().fault, Fault::kNone);
    return operation.conclusion().answer().error;
  }
  MfaMethod DefaultMethod() { return world.RecordOf(member)->default_mfa_method; }

  World world;
  Member member = world.MakeMember(world.MakeOrganization());
  uint8_t operations = 0;
};

TEST_F(ProveFactorTest, AFactorThatIsAMethodBecomesTheFirstDefault) {
  EXPECT_TRUE(Prove(FactorKind::kTotp, Verdict::kMatch).ok());
  EXPECT_EQ(DefaultMethod(), MfaMethod::kTotp);
  EXPECT_TRUE(Prove(FactorKind::kSmsPasscode, Verdict::kMatch).ok());
  EXPECT_EQ(DefaultMethod(), MfaMethod::kTotp) << "there is one";
  EXPECT_TRUE(Prove(FactorKind::kSmsPasscode, Verdict::kMatch, true).ok());
  EXPECT_EQ(DefaultMethod(), MfaMethod::kSmsOtp);
}

TEST_F(ProveFactorTest, ARecoveryCodeIsNoMethod) {
  EXPECT_TRUE(Prove(FactorKind::kRecoveryCode, Verdict::kMatch, true).ok());
  EXPECT_EQ(DefaultMethod(), MfaMethod::kNone);
}

TEST_F(ProveFactorTest, CountsAWrongCodeAndNothingElse) {
  const Verdict verdicts[] = {Verdict::kSuperseded, Verdict::kUsedStep, Verdict::kMalformed,
                              Verdict::kExpired,    Verdict::kDead,     Verdict::kNone,
                              Verdict::kKeyGone};
  for (const Verdict verdict : verdicts) {
    EXPECT_FALSE(Prove(FactorKind::kSmsPasscode, verdict).ok());
    EXPECT_EQ(world.RecordOf(member)->failures.in_a_row, 0) << static_cast<int>(verdict);
  }
  EXPECT_EQ(Prove(FactorKind::kSmsPasscode, Verdict::kWrong).code(), ErrorCode::kOtpCodeNotFound);
  EXPECT_EQ(world.RecordOf(member)->failures.in_a_row, 1);
  EXPECT_TRUE(Prove(FactorKind::kSmsPasscode, Verdict::kMatch).ok());
  EXPECT_EQ(world.RecordOf(member)->failures.in_a_row, 0);
}

TEST(VerdictError, IsTheFactorsOwnOrSaysWhatIsWrong) {
  const FactorTraits& sms = TraitsOf(FactorKind::kSmsPasscode);
  const std::pair<Verdict, ErrorCode> rows[] = {
      {Verdict::kMatch, sms.errors.wrong},
      {Verdict::kWrong, sms.errors.wrong},
      {Verdict::kNone, sms.errors.none},
      {Verdict::kSuperseded, sms.errors.used},
      {Verdict::kUsedStep, sms.errors.used},
      {Verdict::kExpired, sms.errors.dead},
      {Verdict::kDead, sms.errors.dead},
      {Verdict::kMalformed, sms.errors.malformed},
      {Verdict::kKeyGone, ErrorCode::kInternalServerError},
      {static_cast<Verdict>(99), ErrorCode::kInternalServerError},
  };
  for (const auto& [verdict, error] : rows)
    EXPECT_EQ(VerdictError(verdict, sms).code(), error) << static_cast<int>(verdict);
}

}  // namespace
}  // namespace otpcore
