// SPDX-License-Identifier: Apache-2.0
// Heap blocks of commands and of pure plans, counted and pinned (B-18): the usual command takes
// none, from the request to the reply, the MemoryStore included. A program of its own, since it
// replaces operator new.
//
// `otpcore_allocations_test --update` prints the table of today.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

#include "fixture.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OTPCORE_SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OTPCORE_SANITIZED
#endif

namespace otpcore {
namespace {

struct Pinned {
  const char* what;
  int blocks;
};
constexpr Pinned kPinned[] = {
    {"check and plan of send", 0},
    {"check and plan of authenticate, right", 0},
    {"check and plan of authenticate, wrong", 0},
    {"send", 0},
    {"send, the reply is used again", 0},
    {"send, with ids of the host", 0},
    {"authenticate, right", 0},
    {"authenticate, wrong", 0},
    {"authenticate, locked", 0},
    // The directory's own: a text for each look-up.
    {"authenticate, right, with MemorySessionDirectory", 2},
    {"send by e-mail", 0},
    {"authenticate by e-mail, right", 0},
    {"authenticate by e-mail, right, with the SMS of the MFA step", 0},
    {"authenticate by e-mail, wrong", 0},
    {"authenticate by e-mail, locked", 0},
    {"authenticate by e-mail, an address that nobody has", 0},
    {"send outside Organizations", 0},
    {"authenticate outside Organizations, right", 0},
    {"authenticate outside Organizations, wrong", 0},
};

thread_local int allocations = 0;

void* Allocate(size_t size) {
  ++allocations;
  if (void* const block = std::malloc(size == 0 ? 1 : size)) return block;
  throw std::bad_alloc();
}

}  // namespace
}  // namespace otpcore

#ifndef OTPCORE_SANITIZED
void* operator new(size_t size) { return otpcore::Allocate(size); }
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, size_t) noexcept { std::free(block); }
#endif

namespace otpcore {
namespace {

// Keeps one passcode, without the heap.
class Phone final : public MessageSink {
 public:
  Delivery Deliver(const Message& message) override {
    passcode_ = message.passcode.Duplicate();
    channel_ = message.channel;
    return {};
  }
  std::string Code() const {
    return std::string(passcode_.Reveal(SecretAccess("this is the phone")));
  }
  Channel channel() const { return channel_; }

 private:
  Channel channel_ = Channel::kSms;
  Passcode passcode_;
};

// Knows one session, without the heap: what a session directory costs is the host's.
class OneSession final : public SessionDirectory {
 public:
  FindResult Find(const SessionCredential&) override { return {true, session}; }
  bool Apply(const SessionEffect&) override { return true; }
  Session session;
};

// The usual command: ids of the generated shape, a verified number, an email address and a session
// token of usual length. The Member has been here for a while: the ledgers are full, so the record
// has every size that it will have, and the store has a place for each.
class Scene {
 public:
  explicit Scene(bool with_directory = false) : with_directory_(with_directory) {
    CreateMemberRequest request;
    request.email_address = kAddress;
    member_ = world_.MakeMember(world_.MakeOrganization(), request);
    EXPECT_EQ(ErrorTypeOf(world_.Send(member_, kNumber)), "");
    EXPECT_EQ(ErrorTypeOf(world_.Authenticate(member_, world_.Code())), "");
    session_.session = World::PrimarySession();
    session_.session.organization_id = member_.organization_id;
    session_.session.member_id = member_.member_id;
    world_.directory.Add({SessionCredential::Kind::kSessionToken, kToken}, session_.session,
                         Instant::Max());
    for (int round = 0; round < kFailureTimesMax; ++round) {
      AuthenticateWrong();
      AuthenticateRight();
      MailWrong();
      MailRight();
      DiscoveryWrong();
      DiscoveryRight();
    }
    MailRightWithSms();
    AuthenticateLocked();
    MailLocked();
    for (int round = 0; round < 2; ++round) {
      Send();
      MailSend();
      DiscoverySend();
    }
  }

  int MailSend() {
    world_.clock.Advance(std::chrono::minutes(3));
    SendEmailPasscodeRequest request;
    request.organization_id = member_.organization_id.str();
    request.email_address = kAddress;
    return Count([&] { EXPECT_TRUE(engine_.Run(request).ok()); });
  }
  int MailRight() {
    MailSend();
    return Mail(kAddress, phone_.Code(), ErrorCode::kOk);
  }
  int MailRightWithSms() {
    const auto enroll = [this](bool enrolled) {
      auto record = *world_.RecordOf(member_);
      record.mfa_enrolled = enrolled;
      world_.Put(record);
    };
    world_.clock.Advance(std::chrono::hours(1));
    MailSend();
    enroll(true);
    session_.session.factors = FactorSet();
    const int count = Mail(kAddress, phone_.Code(), ErrorCode::kOk);
    EXPECT_EQ(phone_.channel(), Channel::kSms);
    session_.session.factors = World::PrimarySession().factors;
    enroll(false);
    return count;
  }
  int MailWrong() {
    world_.clock.Advance(std::chrono::hours(72));  // so that no limit is met
    MailSend();
    return Mail(kAddress, World::Wrong(phone_.Code()), ErrorCode::kOtpCodeNotFound);
  }
  int MailLocked() {
    MailSend();
    const auto lock = [this](Instant until) {
      auto record = *world_.RecordOf(member_);
      record.email.failures.locked_until = until;
      world_.Put(record);
    };
    lock(world_.clock.Now() + std::chrono::hours(1));
    const int count = Mail(kAddress, phone_.Code(), ErrorCode::kEmailLockLimitReached);
    lock(Instant());
    return count;
  }
  // Outside any Organization.
  int DiscoverySend() {
    world_.clock.Advance(std::chrono::minutes(3));
    SendDiscoveryPasscodeRequest request;
    request.email_address = kAddress;
    return Count([&] { EXPECT_TRUE(engine_.Run(request).ok()); });
  }
  int DiscoveryRight() {
    DiscoverySend();
    return Discovered(phone_.Code(), ErrorCode::kOk);
  }
  int DiscoveryWrong() {
    world_.clock.Advance(std::chrono::hours(72));  // so that no limit is met
    DiscoverySend();
    return Discovered(World::Wrong(phone_.Code()), ErrorCode::kOtpCodeNotFound);
  }
  int MailOfNobody() {
    return Mail("nobody.at.all@example.com", "123456", ErrorCode::kOtpCodeNotFound);
  }

  int Send() {
    world_.clock.Advance(std::chrono::minutes(3));
    const SendSmsOtpRequest request = SendRequest();
    return Count([&] { EXPECT_TRUE(engine_.Run(request).ok()); });
  }
  int SendIntoTheSameReply() {
    world_.clock.Advance(std::chrono::minutes(3));
    const SendSmsOtpRequest request = SendRequest();
    Reply<SendSmsOtp> reply;
    engine_.Run(request, {}, &reply);
    return Count([&] {
      engine_.Run(request, {}, &reply);
      EXPECT_TRUE(reply.ok());
    });
  }
  // As a Member gets them whose host always gives ids.
  int SendWithIdsAgain() {
    SendWithIds();
    return SendWithIds();
  }
  int SendWithIds() {
    world_.clock.Advance(std::chrono::minutes(3));
    const SendSmsOtpRequest request = SendRequest();
    CallOptions options;
    options.request_id = "request-id-test-0123456789abcdef-of-the-host";
    options.operation_id.bytes[0] = ++operations_;
    return Count([&] { EXPECT_TRUE(engine_.Run(request, std::move(options)).ok()); });
  }
  int AuthenticateRight() {
    Send();
    return Authenticate(phone_.Code(), ErrorCode::kOk);
  }
  int AuthenticateWrong() {
    world_.clock.Advance(std::chrono::hours(48));  // so that no limit is met
    Send();
    return Authenticate(World::Wrong(phone_.Code()), ErrorCode::kOtpCodeNotFound);
  }
  int AuthenticateLocked() {
    Send();
    auto record = *world_.RecordOf(member_);
    record.failures.locked_until = world_.clock.Now() + std::chrono::hours(1);
    world_.Put(record);
    const int count = Authenticate(phone_.Code(), ErrorCode::kUserLockLimitReached);
    record = *world_.RecordOf(member_);
    record.failures.locked_until = Instant();
    world_.Put(record);
    return count;
  }
  int PlanSend() {
    world_.clock.Advance(std::chrono::minutes(3));
    return CountPlan<SendSmsOtp>(SendRequest());
  }
  int PlanAuthenticate(bool right) {
    Send();
    const std::string code = phone_.Code();
    return CountPlan<AuthenticateSmsOtp>(ProofRequest(right ? code : World::Wrong(code)));
  }

 private:
  static constexpr char kToken[] = "session-token-of-a-usual-length-000";

  static constexpr char kAddress[] = "ada.lovelace@example.com";

  int Mail(const char* address, const std::string& code, ErrorCode expected) {
    AuthenticateEmailPasscodeRequest request;
    request.organization_id = member_.organization_id.str();
    request.email_address = address;
    request.code.emplace(code);
    return Count([&] { EXPECT_EQ(CodeOf(engine_.Run(request)), expected); });
  }
  int Discovered(const std::string& code, ErrorCode expected) {
    AuthenticateDiscoveryPasscodeRequest request;
    request.email_address = kAddress;
    request.code.emplace(code);
    return Count([&] { EXPECT_EQ(CodeOf(engine_.Run(request)), expected); });
  }
  SendSmsOtpRequest SendRequest() const {
    return {member_.organization_id.str(), member_.member_id.str(), "", "", {}};
  }
  AuthenticateSmsOtpRequest ProofRequest(const std::string& code) const {
    AuthenticateFields fields{member_.organization_id.str(), member_.member_id.str(), code};
    fields.session.session_token = kToken;
    return fields.Request();
  }
  template <typename Work>
  static int Count(const Work& work) {
    const int before = allocations;
    work();
    return allocations - before;
  }
  int Authenticate(const std::string& code, ErrorCode expected) {
    const AuthenticateSmsOtpRequest request = ProofRequest(code);
    return Count([&] { EXPECT_EQ(CodeOf(engine_.Run(request)), expected); });
  }
  // Check, the plan that loads, and the plan that commits.
  template <typename C>
  int CountPlan(const typename C::Request& request) {
    const CallContext context = ContextOf(*world_.config, kNotRepeatable);
    Facts facts;
    Decision decision(&facts.records);
    const auto plan = [&](const CommandFor<C>& command) {
      decision.Clear();
      command.Plan(facts, &decision);
    };
    const int before = allocations;
    const CommandFor<C> command(context, request);
    plan(command);
    int count = allocations - before;
    EXPECT_EQ(decision.kind, Decision::Kind::kLoad);
    const Loaded loaded = MeetLoad(
        {facts.records.Batch(), decision.session, &facts.entropy, C::kEntropyBytes}, ports_);
    EXPECT_TRUE(loaded.ok && facts.records.TakeBatch());
    facts.now = loaded.now;
    facts.epoch = loaded.epoch;
    facts.session = loaded.session;
    facts.has_entropy = loaded.has_entropy;
    count += Count([&] { plan(command); });
    EXPECT_EQ(decision.kind, Decision::Kind::kCommit);
    return count;
  }

  const bool with_directory_;
  World world_;
  Phone phone_;
  OneSession session_;
  const Ports ports_{
      world_.clock,  world_.random,
      world_.memory, with_directory_ ? static_cast<SessionDirectory&>(world_.directory) : session_,
      phone_,        world_.guard};
  Engine engine_{*world_.config, ports_};
  Member member_;
  uint8_t operations_ = 0;
};

int Measure(const std::string& what) {
  Scene scene(what.find("MemorySessionDirectory") != what.npos);
  if (what == "check and plan of send") return scene.PlanSend();
  if (what == "check and plan of authenticate, right") return scene.PlanAuthenticate(true);
  if (what == "check and plan of authenticate, wrong") return scene.PlanAuthenticate(false);
  if (what == "send") return scene.Send();
  if (what == "send, the reply is used again") return scene.SendIntoTheSameReply();
  if (what == "send, with ids of the host") return scene.SendWithIdsAgain();
  if (what == "authenticate, right") return scene.AuthenticateRight();
  if (what == "authenticate, wrong") return scene.AuthenticateWrong();
  if (what == "authenticate, locked") return scene.AuthenticateLocked();
  if (what == "authenticate, right, with MemorySessionDirectory") return scene.AuthenticateRight();
  if (what == "send by e-mail") return scene.MailSend();
  if (what == "authenticate by e-mail, right") return scene.MailRight();
  if (what == "authenticate by e-mail, right, with the SMS of the MFA step")
    return scene.MailRightWithSms();
  if (what == "authenticate by e-mail, wrong") return scene.MailWrong();
  if (what == "authenticate by e-mail, locked") return scene.MailLocked();
  if (what == "send outside Organizations") return scene.DiscoverySend();
  if (what == "authenticate outside Organizations, right") return scene.DiscoveryRight();
  if (what == "authenticate outside Organizations, wrong") return scene.DiscoveryWrong();
  if (what == "authenticate by e-mail, an address that nobody has") return scene.MailOfNobody();
  ADD_FAILURE() << what;
  return 0;
}

TEST(Allocations, OfEachCommandAreThosePinned) {
#ifdef OTPCORE_SANITIZED
  GTEST_SKIP() << "operator new is the sanitizer's";
#endif
  for (const Pinned& pinned : kPinned)
    EXPECT_EQ(Measure(pinned.what), pinned.blocks) << pinned.what;
}

TEST(Allocations, AreTheSameEachTime) {
#ifdef OTPCORE_SANITIZED
  GTEST_SKIP() << "operator new is the sanitizer's";
#endif
  Scene scene;
  const int send = scene.Send();
  const int right = scene.AuthenticateRight();
  const int wrong = scene.AuthenticateWrong();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(scene.Send(), send);
    EXPECT_EQ(scene.AuthenticateRight(), right);
    EXPECT_EQ(scene.AuthenticateWrong(), wrong);
  }
}

// What is counted is what operator new gives out: without this a count of none would mean nothing.
TEST(Allocations, AreCounted) {
#ifdef OTPCORE_SANITIZED
  GTEST_SKIP() << "operator new is the sanitizer's";
#endif
  const int before = allocations;
  const auto kept = std::make_unique<std::array<char, 100>>();
  EXPECT_EQ(allocations - before, 1) << static_cast<const void*>(kept.get());
}

void PrintToday() {
  for (const Pinned& pinned : kPinned)
    std::printf("    {\"%s\", %d},\n", pinned.what, Measure(pinned.what));
}

}  // namespace
}  // namespace otpcore

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (argc > 1 && std::strcmp(argv[1], "--update") == 0) {
    otpcore::PrintToday();
    return 0;
  }
  return RUN_ALL_TESTS();
}
