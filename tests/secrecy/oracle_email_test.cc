// SPDX-License-Identifier: Apache-2.0
// No oracle by e-mail (EM-14, EM-23, B-15): who may try without having shown anything hears the
// same bytes of the safe form whoever has the address, or nobody; and of a dead passcode the right
// code and a wrong one make no difference to anything that can be seen.
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "oracle.h"

namespace otpcore {
namespace {

using std::chrono::minutes;

constexpr char kAddress[] = "ada@example.com";

// ---- The safe form (EM-23) ----

// What a host answers to somebody who has shown nothing: of a success of send the request id alone.
std::string SafeText(const std::string& request_id, ErrorCode safe) {
  if (safe == ErrorCode::kOk) return request_id;
  const Error error(safe);
  return request_id + '|' + std::string(error.error_type()) + '|' + std::string(error.message()) +
         '|' + std::to_string(error.retry_after().count());
}

// Whoever the address may belong to, and what became of them.
struct Standing {
  const char* name;
  JustInTime word;
  std::function<void(World*, const Organization&, CreateMemberRequest)> reach;
};

Member Make(World* world, const Organization& organization, CreateMemberRequest request) {
  return world->MakeMember(organization, std::move(request));
}
SendEmailPasscodeRequest To(const Organization& organization) {
  SendEmailPasscodeRequest request;
  request.organization_id = organization.organization_id.str();
  request.email_address = kAddress;
  return request;
}
// The code that arrives; empty: none does.
std::string SendTo(World* world, const Organization& organization) {
  return ErrorTypeOf(world->engine.Run(To(organization))).empty() ? world->inbox.LastCode() : "";
}
std::string Prove(World* world, const Organization& organization, const std::string& code) {
  AuthenticateEmailPasscodeRequest request;
  request.organization_id = organization.organization_id.str();
  request.email_address = kAddress;
  request.code.emplace(code);
  CallOptions options;
  options.request_id = "request";
  const auto reply = world->engine.Run(request, std::move(options));
  EXPECT_FALSE(reply.ok());
  return SafeText(reply.request_id(), SafeAuthenticateEmailError(reply.error().code()));
}
void Change(World* world, const Member& member, const std::function<void(MemberRecord*)>& change) {
  auto record = *world->RecordOf(member);
  change(&record);
  world->Put(record);
}

const std::vector<Standing>& Standings() {
  using O = Organization;
  using R = CreateMemberRequest;
  static const std::vector<Standing> all = {
      {"nobody, and the host makes a Member", JustInTime::kAllow,
       [](World*, const O&, const R&) {}},
      {"nobody", JustInTime::kNotAllowed, [](World*, const O&, const R&) {}},
      {"nobody, and not this address", JustInTime::kAddressNotAllowed,
       [](World*, const O&, const R&) {}},
      {"active", JustInTime::kAllow, [](World* w, const O& o, R r) { Make(w, o, std::move(r)); }},
      {"active and verified", JustInTime::kAllow,
       [](World* w, const O& o, R r) {
         r.email_address_verified = true;
         Make(w, o, std::move(r));
       }},
      {"invited", JustInTime::kAllow,
       [](World* w, const O& o, R r) {
         r.invited = true;
         Make(w, o, std::move(r));
       }},
      {"pending", JustInTime::kAllow,
       [](World* w, const O& o, R r) {
         r.create_member_as_pending = true;
         Make(w, o, std::move(r));
       }},
      {"deleted", JustInTime::kNotAllowed,
       [](World* w, const O& o, R r) {
         EXPECT_EQ(ErrorTypeOf(w->engine.Run(On<DeleteMemberRequest>(Make(w, o, std::move(r))))),
                   "");
       }},
      {"deleted, with a passcode", JustInTime::kAllow,
       [](World* w, const O& o, R r) {
         const Member member = Make(w, o, std::move(r));
         SendTo(w, o);
         EXPECT_EQ(ErrorTypeOf(w->engine.Run(On<DeleteMemberRequest>(member))), "");
       }},
      {"has a passcode", JustInTime::kAllow,
       [](World* w, const O& o, R r) {
         Make(w, o, std::move(r));
         SendTo(w, o);
       }},
      {"has used one", JustInTime::kAllow,
       [](World* w, const O& o, R r) {
         Make(w, o, std::move(r));
         AuthenticateEmailPasscodeRequest request;
         request.organization_id = o.organization_id.str();
         request.email_address = kAddress;
         request.code.emplace(SendTo(w, o));
         EXPECT_EQ(ErrorTypeOf(w->engine.Run(request)), "");
       }},
      {"has let one expire", JustInTime::kAllow,
       [](World* w, const O& o, R r) {
         Make(w, o, std::move(r));
         SendTo(w, o);
         w->clock.Advance(minutes(20));
       }},
      {"at the limit of sends", JustInTime::kAllow,
       [](World* w, const O& o, R r) {
         Make(w, o, std::move(r));
         while (!SendTo(w, o).empty()) {
         }
       }},
      {"locked", JustInTime::kAllow,
       [](World* w, const O& o, R r) {
         const Member member = Make(w, o, std::move(r));
         SendTo(w, o);
         Change(w, member, [w](MemberRecord* record) {
           record->email.failures.locked_until = w->clock.Now() + minutes(30);
         });
       }},
      {"locked for good", JustInTime::kAllow,
       [](World* w, const O& o, R r) {
         const Member member = Make(w, o, std::move(r));
         SendTo(w, o);
         Change(w, member, [](MemberRecord* record) { record->email.failures.disabled = true; });
       }},
      {"no mail arrives there", JustInTime::kAllow,
       [](World* w, const O& o, R r) {
         Make(w, o, std::move(r));
         w->inbox.Script({Delivery::Kind::kRejected, false});
       }},
      {"the gateway is down", JustInTime::kAllow,
       [](World* w, const O& o, R r) {
         Make(w, o, std::move(r));
         w->inbox.Script({Delivery::Kind::kUnavailable, false});
       }},
  };
  return all;
}

struct Place {
  World world;
  Organization organization = world.MakeOrganization();
};

CreateMemberRequest Ada() {
  CreateMemberRequest request;
  request.email_address = kAddress;
  return request;
}

TEST(EmailOracle, ASendAnswersWithTheSameBytesWhoeverHasTheAddress) {  // EM-23
  for (const bool restricted : {false, true}) {
    for (const Standing& standing : Standings()) {
      Place place;
      standing.reach(&place.world, place.organization, Ada());
      if (restricted) {
        UpdateOrganizationRequest update;
        update.organization_id = place.organization.organization_id.str();
        update.auth_methods = "RESTRICTED";
        update.allowed_auth_methods = {"sso"};
        ASSERT_EQ(ErrorTypeOf(place.world.engine.Run(update)), "");
      }
      SendEmailPasscodeRequest request = To(place.organization);
      request.just_in_time = standing.word;
      for (int i = 0; i < 3; ++i) {  // the sends before show in nothing either
        CallOptions options;
        options.request_id = "request";
        const auto reply = place.world.engine.Run(request, std::move(options));
        EXPECT_EQ(SafeText(reply.request_id(), SafeSendEmailError(reply.error().code())), "request")
            << standing.name << ": " << ErrorTypeOf(reply);
      }
    }
  }
}

TEST(EmailOracle, AWrongCodeAnswersWithTheSameBytesWhoeverHasTheAddress) {  // EM-14, EM-23
  const std::string expected = SafeText("request", ErrorCode::kUnableToAuthOtpCode);
  for (const Standing& standing : Standings()) {
    Place place;
    standing.reach(&place.world, place.organization, Ada());
    const auto& messages = place.world.inbox.messages();
    const std::string wrong =
        messages.empty() ? "123456" : World::Wrong(place.world.inbox.LastCode());
    for (const std::string& code : {wrong, wrong + "0", wrong.substr(1)})
      EXPECT_EQ(Prove(&place.world, place.organization, code), expected) << standing.name;
  }
}

// What is no secret is said: the request's faults, the Organization's and an outage.
TEST(EmailOracle, TheSafeFormHidesNothingElse) {  // EM-23
  for (const ErrorCode code :
       {ErrorCode::kBadRequest, ErrorCode::kInvalidEmail, ErrorCode::kInvalidLocale,
        ErrorCode::kInvalidExpirationOtp, ErrorCode::kOrganizationNotFound,
        ErrorCode::kServerUnavailable, ErrorCode::kInternalServerError})
    EXPECT_EQ(SafeSendEmailError(code), code);
  for (const ErrorCode code :
       {ErrorCode::kBadRequest, ErrorCode::kInvalidEmail, ErrorCode::kInvalidCode,
        ErrorCode::kOrganizationNotFound, ErrorCode::kSessionNotFound,
        ErrorCode::kMemberSessionMemberIdMismatch, ErrorCode::kServerUnavailable})
    EXPECT_EQ(SafeAuthenticateEmailError(code), code);
}

// ---- Dead passcodes ----

class MailScene {
 public:
  MailScene() { code = SendTo(&place.world, place.organization); }
  // Everything that follows from one try.
  std::string Try(const std::string& text) {
    World& world = place.world;
    AuthenticateEmailPasscodeRequest request;
    request.organization_id = place.organization.organization_id.str();
    request.email_address = kAddress;
    request.code.emplace(text);
    RecordingStore store(world.store);
    Engine engine(*world.config,
                  {world.clock, world.random, store, world.sessions, world.inbox, world.guard});
    const int fills = world.random.fills();
    const std::string reply = TextOf(engine.Run(request));
    const testing::StoredRecord stored = testing::LoadFrom(world.memory, World::KeyOf(member));
    return reply + '\n' + store.calls + '\n' + stored.bytes + '\n' +
           std::to_string(stored.revision) + '\n' + std::to_string(world.random.fills() - fills);
  }
  Place place;
  Member member = Make(&place.world, place.organization, Ada());
  std::string code;
};

struct MailState {
  const char* name;
  std::function<void(MailScene*)> reach;
  int digests_each;  // of a try
};

const std::vector<MailState>& DeadStates() {
  static const std::vector<MailState> states = {
      {"locked",
       [](MailScene* s) {
         Change(&s->place.world, s->member, [s](MemberRecord* record) {
           record->email.failures.locked_until = s->place.world.clock.Now() + minutes(30);
         });
       },
       0},
      {"disabled",
       [](MailScene* s) {
         Change(&s->place.world, s->member,
                [](MemberRecord* record) { record->email.failures.disabled = true; });
       },
       0},
      {"exhausted",
       [](MailScene* s) {
         for (int i = 0; i < 5; ++i) s->Try(World::Wrong(s->code, 1 + i));
       },
       1},
      {"used", [](MailScene* s) { s->Try(s->code); }, 1},
      {"expired, not yet seen", [](MailScene* s) { s->place.world.clock.Advance(minutes(10)); }, 1},
      {"void",
       [](MailScene* s) {
         auto report = On<ReportDeliveryRequest>(s->member);
         report.challenge_id = s->place.world.RecordOf(s->member)->email.challenge.id;
         report.delivery.kind = Delivery::Kind::kRejected;
         EXPECT_EQ(ErrorTypeOf(s->place.world.engine.Run(report)), "");
       },
       1},
      {"of before a restore", [](MailScene* s) { s->place.world.memory.BeginEpoch(2); }, 1},
      {"from the future", [](MailScene* s) { s->place.world.clock.Advance(-minutes(2)); }, 1},
      {"the address in another spelling",
       [](MailScene* s) {
         auto update = On<UpdateMemberRequest>(s->member, Actor::Host());
         update.email_address = "ADA@example.com";
         EXPECT_EQ(ErrorTypeOf(s->place.world.engine.Run(update)), "");
       },
       1},
      {"deleted",
       [](MailScene* s) {
         EXPECT_EQ(ErrorTypeOf(s->place.world.engine.Run(On<DeleteMemberRequest>(s->member))), "");
       },
       1},
  };
  return states;
}

TEST(EmailOracle, ADeadPasscodeAnswersRightAndWrongAlikeInEveryByte) {  // EM-12, A-03, A-06
  for (const MailState& state : DeadStates()) {
    MailScene one;
    MailScene two;
    state.reach(&one);
    state.reach(&two);
    ASSERT_EQ(one.code, two.code) << state.name;
    // Twice: what is written at the first try must not tell them apart at the second.
    for (int round = 0; round < 2; ++round) {
      digests = 0;
      const std::string right = one.Try(one.code);
      EXPECT_EQ(digests, state.digests_each) << state.name;
      const std::string wrong = two.Try(World::Wrong(two.code));
      EXPECT_EQ(digests, 2 * state.digests_each) << state.name;
      EXPECT_EQ(right, wrong) << state.name;
    }
  }
}

// By e-mail: an address that nobody has, a Member without a passcode, one with a dead one and a
// wrong code of a live one cost a digest each, and a store call of each kind but for the failure.
TEST(EmailOracle, AnAddressThatNobodyHasCostsTheSameDigest) {  // EM-14, B-15
  World world;
  const Organization organization = world.MakeOrganization();
  const auto make = [&](const char* address) {
    CreateMemberRequest create;
    create.email_address = address;
    return world.MakeMember(organization, create);
  };
  const auto send = [&](const char* address) {
    SendEmailPasscodeRequest request;
    request.organization_id = organization.organization_id.str();
    request.email_address = address;
    EXPECT_EQ(ErrorTypeOf(world.engine.Run(request)), "");
    return world.inbox.LastCode();
  };
  const auto prove = [&](const char* address, const std::string& code) {
    AuthenticateEmailPasscodeRequest request;
    request.organization_id = organization.organization_id.str();
    request.email_address = address;
    request.code.emplace(code);
    digests = 0;
    return ErrorTypeOf(world.engine.Run(request));
  };
  make("none@example.com");
  make("used@example.com");
  make("live@example.com");
  const std::string used = send("used@example.com");
  ASSERT_EQ(prove("used@example.com", used), "");
  const std::string live = send("live@example.com");
  EXPECT_EQ(prove("live@example.com", World::Wrong(live)), "otp_code_not_found");
  EXPECT_EQ(digests, 1);
  EXPECT_EQ(prove("nobody@example.com", "123456"), "otp_code_not_found");
  EXPECT_EQ(digests, 1);
  EXPECT_EQ(prove("none@example.com", "123456"), "otp_code_not_found");
  EXPECT_EQ(digests, 1);
  EXPECT_EQ(prove("none@example.com", "1234567"), "otp_code_not_found") << "another length";
  EXPECT_EQ(digests, 1);
  for (const std::string& code : {used, World::Wrong(used)}) {
    EXPECT_EQ(prove("used@example.com", code), "unable_to_auth_otp_code");
    EXPECT_EQ(digests, 1);
  }
}

// Passes all calls on and remembers what kind of record they are about, and how long it is.
class KindsStore final : public Store {
 public:
  explicit KindsStore(Store& inner) : inner_(inner) {}
  LoadResult Load(LoadBatch& batch) override {
    calls += "load ";
    for (size_t i = 0; i < batch.size(); ++i) Add(batch.key(i));
    return inner_.Load(batch);
  }
  CommitOutcome Commit(const Changes& changes) override {
    calls += "commit ";
    for (const Write& write : changes.writes) {
      Add(*write.key);
      calls += '@' + std::to_string(write.expected) + ' ' + std::to_string(write.record.size());
    }
    return inner_.Commit(changes);
  }
  std::string calls;

 private:
  void Add(const RecordKey& key) { calls += std::to_string(static_cast<int>(key.kind())) + ' '; }
  Store& inner_;
};

// All that a send, a wrong code and the right one say and do outside Organizations.
std::string TextOfDiscovery(World* world) {
  Message message;  // whatever the gateway was to answer to others
  message.challenge_id.bytes[0] = 1;
  world->inbox.Deliver(message);
  KindsStore store(world->store);
  Engine engine(*world->config,
                {world->clock, world->random, store, world->sessions, world->inbox, world->guard});
  const auto options = [] {
    CallOptions with;
    with.request_id = "request";
    return with;
  };
  SendDiscoveryPasscodeRequest send;
  send.email_address = kAddress;
  digests = 0;
  std::string text = TextOf(engine.Run(send, options())) + '\n';
  const std::string code = world->inbox.LastCode();
  for (const std::string& typed : {World::Wrong(code), code, code}) {
    AuthenticateDiscoveryPasscodeRequest prove;
    prove.email_address = kAddress;
    prove.code.emplace(typed);
    text += TextOf(engine.Run(prove, options())) + '\n';
  }
  return text + std::to_string(digests) + '\n' + store.calls;
}

TEST(EmailOracle, OutsideOrganizationsNobodyLearnsWhoHasAnAddress) {  // EM-24, EM-26, B-15
  for (const Standing& standing : Standings()) {
    Place place;
    standing.reach(&place.world, place.organization, Ada());
    World fresh;
    fresh.clock.Advance(place.world.clock.Now() - fresh.clock.Now());
    const std::string expected = TextOfDiscovery(&fresh);
    EXPECT_EQ(TextOfDiscovery(&place.world), expected) << standing.name;
    // Nothing but the record of the address is read or written.
    EXPECT_NE(expected.find("\nload 8 commit 8 @0 "), std::string::npos) << expected;
  }
}

// Outside Organizations too, and a send looks the same whether or not there was one before.
TEST(EmailOracle, AnAddressThatNobodyAskedForCostsTheSameDigest) {  // EM-14, EM-24, EM-26, B-15
  World world;
  const auto send = [&](const char* address) {
    SendDiscoveryPasscodeRequest request;
    request.email_address = address;
    digests = 0;
    EXPECT_EQ(ErrorTypeOf(world.engine.Run(request)), "");
    EXPECT_EQ(digests, 1);
    return world.inbox.LastCode();
  };
  const auto prove = [&](const char* address, const std::string& code) {
    AuthenticateDiscoveryPasscodeRequest request;
    request.email_address = address;
    request.code.emplace(code);
    digests = 0;
    return ErrorTypeOf(world.engine.Run(request));
  };
  const std::string used = send("used@example.com");
  ASSERT_EQ(prove("used@example.com", used), "");
  EXPECT_EQ(digests, 1);
  const std::string live = send("live@example.com");
  EXPECT_EQ(prove("live@example.com", World::Wrong(live)), "otp_code_not_found");
  EXPECT_EQ(digests, 1);
  EXPECT_EQ(prove("nobody@example.com", "123456"), "otp_code_not_found");
  EXPECT_EQ(digests, 1);
  EXPECT_EQ(prove("live@example.com", "1234567"), "otp_code_not_found") << "another length";
  EXPECT_EQ(digests, 1);
  for (const std::string& code : {used, World::Wrong(used)}) {
    EXPECT_EQ(prove("used@example.com", code), "unable_to_auth_otp_code");
    EXPECT_EQ(digests, 1);
  }
}

}  // namespace
}  // namespace otpcore
