// SPDX-License-Identifier: Apache-2.0
// A factor that the library does not have, to show what a factor brings and that nothing else
// changes for it: codes on a printed scratch card, each good for one sign-in. docs/design.md ("How
// to add a factor") follows the parts of this file.
//
// Two things of a real factor cannot lie in a test. Its kind would be an enumerator and its row
// would stand in kFactorTable; here the kind is the next free number, so a session keeps it but
// does not count it as a second factor. Its state would be fields of MemberRecord, with a part in
// the codec; here it is bytes in the Member's name, which the commands used below leave alone.
#include <cstring>

#include "commands/find_member.h"
#include "commands/prove_factor.h"
#include "commands/request_fields.h"
#include "fixture.h"
#include "otpcore/testing/matchers.h"

namespace otpcore {

// ---- The numbers and the row ----

constexpr auto kScratchCode = static_cast<FactorKind>(kFactorKindCount);
constexpr auto kAuthenticateScratchCode = static_cast<CommandKind>(200);
constexpr FactorTraits kScratchCodeRow = {
    kScratchCode,
    true,
    MfaMethod::kTotp,  // allowed by whoever allows TOTP
    false,
    "scratch_code",
    "printed_card",
    "scratch-card",
    {ErrorCode::kInvalidRecoveryCode, ErrorCode::kRecoveryCodesNotFound,
     ErrorCode::kUnableToAuthenticateRecoveryCode, ErrorCode::kTotpCodeAlreadyAuthenticated,
     ErrorCode::kExpiredTotp}};

// ---- The fields ----

constexpr size_t kCardCodes = 3;
constexpr size_t kCardDigits = 8;

struct ScratchCard {
  Uuid id;
  int64_t until_ms = 0;  // 0: its end was seen
  uint64_t used = 0;     // bit i: the code at index i was used
  std::array<std::array<uint8_t, 16>, kCardCodes> digests{};
};
using PackedCard = std::array<char, sizeof(ScratchCard)>;

PackedCard PackCard(const ScratchCard& card) {
  PackedCard bytes;
  std::memcpy(bytes.data(), &card, sizeof card);
  return bytes;
}
std::optional<ScratchCard> CardOf(const MemberRecord& member) {
  ScratchCard card;
  if (member.name.size() != sizeof card) return std::nullopt;
  std::memcpy(&card, member.name.data(), sizeof card);
  return card;
}

// ---- The rules: pure ----

std::array<uint8_t, 16> DigestScratchCode(const KeyRing& keys, const MemberRecord& member,
                                          const Uuid& card, const Passcode& code) {
  ChallengeId bound_to;
  bound_to.bytes = card.bytes;
  const PasscodeBinding binding = {kScratchCode, member.organization_id, member.member_id, "",
                                   bound_to};
  return DigestPasscode(*keys.Find(keys.current_id()), keys.current_id(), binding, code).bytes;
}

// What ProveFactor asks of a factor.
class ScratchCode {
 public:
  ScratchCode(const CallContext& context, const Passcode& code) : context_(context), code_(code) {}

  const FactorTraits& traits() const { return kScratchCodeRow; }
  bool pending(const FoundMember&) const { return false; }

  bool Judge(const FoundMember& found, const Facts& facts, Verdict* verdict, Decision*) {
    const std::optional<ScratchCard> card = CardOf(found.member);
    *verdict = WhyNotCompared(card, facts.now);
    if (*verdict != Verdict::kMatch) return true;
    const auto digest = DigestScratchCode(context_.config->keys(), found.member, card->id, code_);
    *verdict = Verdict::kWrong;
    for (size_t i = 0; i < kCardCodes; ++i) {
      if (card->digests[i] != digest) continue;
      *verdict = (card->used >> i & 1) != 0 ? Verdict::kUsedStep : Verdict::kMatch;
      index_ = i;
    }
    return true;
  }

  Error Accept(const Facts& facts, FoundMember* found, Decision* decision) {
    ScratchCard card = *CardOf(found->member);
    card.used |= uint64_t{1} << index_;
    Keep(card, found);
    AddEvent(PhoneFactor(), EventKind::kAuthenticated, facts.now, ErrorCode::kOk, decision);
    return ErrorCode::kOk;
  }
  void Fail(const Facts&, FoundMember*, Decision*) {}  // the ledger alone counts
  void Expire(const Facts&, FoundMember* found, Decision*) {
    ScratchCard gone;
    gone.id = CardOf(found->member)->id;
    Keep(gone, found);
  }

  FactorProof Proof(const MemberRecord& member) const {
    FactorProof proof;
    proof.kind = kScratchCode;
    proof.id = CardOf(member)->id;
    return proof;
  }
  void WriteMore(const FoundMember&, Decision*) {}
  int weight() const { return 1; }
  ChallengeId challenge_id(const MemberRecord&) const { return {}; }
  int tries_left(const MemberRecord&) const { return 0; }

 private:
  // kMatch: compare.
  Verdict WhyNotCompared(const std::optional<ScratchCard>& card, Instant now) const {
    if (!card) return Verdict::kNone;
    if (card->until_ms == 0) return Verdict::kDead;
    if (now.unix_millis() >= card->until_ms) return Verdict::kExpired;
    return code_.size() == kCardDigits ? Verdict::kMatch : Verdict::kMalformed;
  }
  // The texts of a record are views: these bytes live until the record is written.
  void Keep(const ScratchCard& card, FoundMember* found) {
    packed_ = PackCard(card);
    found->member.name = {packed_.data(), packed_.size()};
  }

  const CallContext& context_;
  const Passcode& code_;
  size_t index_ = 0;
  PackedCard packed_{};
};

// ---- The command ----

struct AuthenticateScratchCodeRequest {
  std::string organization_id = {};
  std::string member_id = {};
  TypedCode code = {};
  SessionArguments session = {};
};

struct AuthenticateScratchCode : ProvesFactor {
  static constexpr CommandKind kKind = kAuthenticateScratchCode;
  static constexpr size_t kEntropyBytes = kEntropyForRun;
  using Request = AuthenticateScratchCodeRequest;
  struct Checked : CheckedProof {
    Passcode code;
  };
  static Error Check(const CallContext& context, const Request& request, Checked* checked) {
    const Error error = CheckProofTarget(context, request.organization_id, request.member_id,
                                         request.session, checked);
    if (!error.ok()) return error;
    Result<Passcode> code = ReadTypedCode(request.code);
    if (!code) return kScratchCodeRow.errors.malformed;
    checked->code = *std::move(code);
    return CheckProofOptions("", std::nullopt, "", checked);
  }
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag) {
    AddAll<4>(request, checked, tag);
  }
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision) {
    ScratchCode factor(context, checked.code);
    ProveFactor(context, checked, facts, factor, decision);
  }
};
template <>
struct CommandOf<AuthenticateScratchCodeRequest> : IsCommand<AuthenticateScratchCode> {};

// ---- What it is like from outside ----

namespace {

using testing::FailsWith;
using testing::FailsWithCode;
using testing::HasEvent;
using testing::Succeeds;

constexpr const char* kCodes[kCardCodes] = {"40912377", "00000001", "73519482"};

class ToyFactor : public ::testing::Test {
 protected:
  ToyFactor() { GiveCard(member); }

  void GiveCard(const Member& to) {
    auto record = *world.RecordOf(to);
    ScratchCard card;
    card.id.bytes.fill(0x5C);
    card.until_ms = (world.clock.Now() + std::chrono::hours(24 * 100)).unix_millis();
    for (size_t i = 0; i < kCardCodes; ++i)
      card.digests[i] =
          DigestScratchCode(world.config->keys(), record, card.id, Passcode(kCodes[i]));
    const PackedCard packed = PackCard(card);
    record.name = {packed.data(), packed.size()};
    world.Put(record);
  }
  AuthenticateScratchCodeRequest Request(const std::string& code, const SessionArguments& session) {
    auto request = On<AuthenticateScratchCodeRequest>(member);
    request.code.Append(code);
    request.session = session;
    return request;
  }
  // With a new intermediate session.
  Reply<AuthenticateScratchCode> Scratch(const std::string& code, CallOptions options = {}) {
    return world.engine.Run(Request(code, world.Intermediate(member)), std::move(options));
  }
  Reply<AuthenticateSmsOtp> WrongSms() {
    EXPECT_THAT(world.Send(member), Succeeds());
    return world.Authenticate(member, World::Wrong(world.Code()));
  }
  int FailuresInARow() { return world.RecordOf(member)->failures.in_a_row; }
  Session SessionOf(const std::string& token) {
    return *world.directory.Find({SessionCredential::Kind::kSessionToken, token}).session;
  }

  World world;
  Organization organization = world.MakeOrganization();
  Member member = world.MakeVerifiedMember(organization);
};

TEST_F(ToyFactor, ARightCodeUpgradesAnIntermediateSession) {
  const auto reply = Scratch(kCodes[1]);
  ASSERT_THAT(reply, Succeeds());
  const SessionEffect& effect = reply.session_effect;
  EXPECT_EQ(effect.kind, SessionEffect::Kind::kUpgrade);
  EXPECT_EQ(effect.member_id, member.member_id);
  EXPECT_EQ(effect.duration, std::chrono::minutes(60));
  EXPECT_EQ(effect.proof.kind, kScratchCode);
  EXPECT_EQ(effect.proof.id.bytes[0], 0x5C);
  EXPECT_TRUE(effect.proof.address.empty());
  EXPECT_EQ(effect.proof.at, world.clock.Now());
  EXPECT_EQ(reply.member().default_mfa_method, MfaMethod::kSmsOtp) << "as its row says";
}

TEST_F(ToyFactor, AFullSessionCarriesWhatItProved) {
  const SessionArguments session = world.Full(member);
  const auto reply = world.engine.Run(Request(kCodes[0], session));
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply.session_effect.kind, SessionEffect::Kind::kExtend);
  const FactorSet factors = SessionOf(session.session_token).factors;
  EXPECT_EQ(factors.LastShown(kScratchCode), world.clock.Now());
  EXPECT_TRUE(factors.HasPrimary());
  EXPECT_FALSE(factors.Has(FactorKind::kSmsPasscode));
}

TEST_F(ToyFactor, EveryCodeIsGoodOnceAndAUsedOneCostsNothing) {
  for (const char* code : kCodes) {
    EXPECT_THAT(Scratch(code), Succeeds());
    const Revision before = world.RevisionOf(member);
    EXPECT_THAT(Scratch(code), FailsWithCode(kScratchCodeRow.errors.used));
    EXPECT_EQ(world.RevisionOf(member), before);
  }
  EXPECT_EQ(CardOf(*world.RecordOf(member))->used, 7u);
}

TEST_F(ToyFactor, OfTwoRequestsWithOneCodeOneSucceeds) {
  std::string inner;
  world.store.before_commit = [&](const Changes&) {
    if (inner.empty()) inner = "?" + ErrorTypeOf(Scratch(kCodes[2]));
  };
  EXPECT_THAT(Scratch(kCodes[2]), FailsWithCode(kScratchCodeRow.errors.used));
  EXPECT_EQ(inner, "?");
}

// ---- The ledger is the Member's, whatever the factor ----

TEST_F(ToyFactor, WrongCodesOfBothFactorsLockTogether) {  // A-04, L-02
  const int failures = world.config->policy().lock_after_failures;
  for (int i = 1; i < failures; ++i) {
    if (i % 2 != 0) {
      EXPECT_THAT(Scratch("99999999"), FailsWithCode(kScratchCodeRow.errors.wrong));
    } else {
      world.clock.Advance(std::chrono::minutes(10));  // the limits on sends are not at issue
      EXPECT_THAT(WrongSms(), FailsWith("otp_code_not_found"));
    }
    EXPECT_EQ(FailuresInARow(), i);
  }
  const auto last = Scratch("99999999");
  EXPECT_THAT(last, HasEvent(EventKind::kFailure));
  EXPECT_THAT(last, HasEvent(EventKind::kLocked));
  EXPECT_THAT(Scratch(kCodes[0]), FailsWith("user_lock_limit_reached"));
  EXPECT_THAT(world.Authenticate(member, "123456"), FailsWith("user_lock_limit_reached"));
  EXPECT_THAT(world.Send(member), FailsWith("user_lock_limit_reached"));
  world.clock.Advance(world.config->policy().lock_duration);
  EXPECT_THAT(Scratch(kCodes[0]), Succeeds());
}

TEST_F(ToyFactor, ASuccessForgivesTheFailuresInARowOfBoth) {  // L-02, L-05
  EXPECT_THAT(WrongSms(), FailsWith("otp_code_not_found"));
  EXPECT_THAT(Scratch("99999999"), FailsWithCode(kScratchCodeRow.errors.wrong));
  EXPECT_EQ(FailuresInARow(), 2);
  EXPECT_THAT(Scratch(kCodes[0]), Succeeds());
  EXPECT_EQ(FailuresInARow(), 0);
  EXPECT_EQ(world.RecordOf(member)->failures.recent.count, 2) << "the rolling budget stays";
}

TEST_F(ToyFactor, LeavesALivePasscodeAlone) {
  ASSERT_THAT(world.Send(member), Succeeds());
  EXPECT_THAT(Scratch(kCodes[0]), Succeeds());
  EXPECT_THAT(Scratch("99999999"), FailsWithCode(kScratchCodeRow.errors.wrong));
  EXPECT_EQ(world.RecordOf(member)->challenge.failures, 0);
  EXPECT_THAT(world.Authenticate(member, world.Code()), Succeeds());
}

// ---- What is free, and what comes before the code ----

TEST_F(ToyFactor, AnswersFromItsRowWithoutCountingAnything) {  // A-03 … A-05
  const auto answer = [&](const char* code, ErrorCode error) {
    EXPECT_THAT(Scratch(code), FailsWithCode(error)) << code;
    EXPECT_EQ(FailuresInARow(), 0) << code;
  };
  answer("scratch", kScratchCodeRow.errors.malformed);
  answer("123456", kScratchCodeRow.errors.malformed);
  world.clock.Advance(std::chrono::hours(24 * 100));
  const Revision before = world.RevisionOf(member);
  answer(kCodes[0], kScratchCodeRow.errors.dead);
  const Revision seen = world.RevisionOf(member);
  EXPECT_NE(seen, before) << "the first sight of the end is written";
  answer(kCodes[0], kScratchCodeRow.errors.dead);
  EXPECT_EQ(world.RevisionOf(member), seen);
  auto record = *world.RecordOf(member);
  record.name = {};
  world.Put(record);
  answer(kCodes[0], kScratchCodeRow.errors.none);
}

TEST_F(ToyFactor, TheStepsBeforeTheCodeAreThoseOfEveryFactor) {  // S-08, S-11, S-13
  EXPECT_THAT(world.engine.Run(Request(kCodes[0], {})), FailsWith("no_session_arguments"));
  EXPECT_THAT(world.engine.Run(Request(kCodes[0], world.Full(member, Session()))),
              FailsWith("action_available_only_once_primary_authentication_is_met"));
  const Member other = world.MakeMember(organization);
  EXPECT_THAT(world.engine.Run(Request(kCodes[0], world.Full(other))),
              FailsWith("member_session_member_id_mismatch"));
  UpdateOrganizationRequest sms_only;
  sms_only.organization_id = organization.organization_id.str();
  sms_only.mfa_methods = "RESTRICTED";
  sms_only.allowed_mfa_methods = {{"sms_otp"}};
  ASSERT_THAT(world.engine.Run(sms_only), Succeeds());
  EXPECT_THAT(Scratch(kCodes[0]), FailsWith("operation_restricted_by_organization_mfa_methods"));
  EXPECT_EQ(FailuresInARow(), 0);
}

// ---- Operations ----

TEST_F(ToyFactor, ARepeatedOperationIsAnsweredAsTheFirst) {  // C-07
  const SessionArguments session = world.Full(member);
  CallOptions once;
  once.operation_id.bytes.fill(1);
  ASSERT_THAT(world.engine.Run(Request(kCodes[0], session), once), Succeeds());
  const Revision before = world.RevisionOf(member);
  const auto again = world.engine.Run(Request(kCodes[0], session), once);
  ASSERT_THAT(again, Succeeds());
  EXPECT_EQ(again.session_effect.proof.kind, kScratchCode);
  EXPECT_EQ(again.session_effect.proof.id.bytes[0], 0x5C);
  EXPECT_EQ(again.events().size(), 0u);

  EXPECT_THAT(world.engine.Run(Request(kCodes[1], session), once), FailsWith("bad_request"));

  once.operation_id.bytes.fill(2);
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(world.engine.Run(Request("99999999", session), once),
                FailsWithCode(kScratchCodeRow.errors.wrong));
  }
  EXPECT_EQ(FailuresInARow(), 1) << "and is counted once";
  EXPECT_GT(world.RevisionOf(member), before);

  auto sms = World::AuthenticateRequest(member, "123456");
  sms.session = session;
  EXPECT_THAT(world.Run(sms, once), FailsWith("bad_request")) << "another command's";
}

TEST_F(ToyFactor, ACommitInDoubtIsCleared) {  // C-08
  world.store.commit_fault = [](int) { return testing::FaultyStore::CommitFault::kUnknownApplied; };
  EXPECT_THAT(Scratch(kCodes[0]), Succeeds());
  EXPECT_EQ(CardOf(*world.RecordOf(member))->used, 1u);
}

TEST_F(ToyFactor, EventsTellTheAuditLog) {  // V-01
  const auto kinds = [](const ReplyBase& reply) {
    std::string names;
    for (const Event& event : reply.events()) names += std::string(NameOf(event.kind)) + " ";
    return names;
  };
  const auto right = Scratch(kCodes[0]);
  EXPECT_EQ(kinds(right), "authenticated ");
  EXPECT_EQ(right.events().member_id, member.member_id);
  EXPECT_TRUE(right.events().begin()->last_digits.empty()) << "no number is involved";
  const auto wrong = Scratch("99999999");
  EXPECT_EQ(kinds(wrong), "failure ");
  EXPECT_EQ(wrong.events().begin()->reason, kScratchCodeRow.errors.wrong);
  EXPECT_EQ(kinds(Scratch(kCodes[0])), "") << "a used code";
}

}  // namespace
}  // namespace otpcore
