// SPDX-License-Identifier: Apache-2.0
// Every allocation of a command fails once (B-18): what is stored is then what it was, or what the
// command would have made of it; nothing leaks, and the engine goes on.
//
// libphonenumber is left out: the Member's number is verified, so that nothing is parsed.
#include "failing_allocations.h"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "fixture.h"

namespace otpcore {
namespace {

constexpr char kMailAddress[] = "person1@example.com";
constexpr char kNewAddress[] = "somebody.new@example.com";

struct Scene {
  Scene() {
    fields = World::AuthenticateRequest(member, "");
    fields.session = world.Full(member);
    options.request_id = "request";
    options.operation_id.bytes[0] = 9;
  }
  // Sends; the code is on the phone then.
  void Prepare() {
    EXPECT_EQ(ErrorTypeOf(world.Send(member)), "");
    fields.code = world.Code();
  }
  std::string Stored() { return testing::LoadFrom(world.memory, watched).bytes; }
  std::string Send() { return ErrorTypeOf(engine.Run(send, options)); }
  std::string Authenticate() { return ErrorTypeOf(engine.Run(fields.Request(), options)); }
  // Makes a Member of this address when nobody has it.
  std::string SendMail(const std::string& address) {
    SendEmailPasscodeRequest request;
    request.organization_id = member.organization_id.str();
    request.email_address = address;
    request.just_in_time = JustInTime::kAllow;
    return ErrorTypeOf(engine.Run(request, options));
  }
  std::string ProveMail() {
    AuthenticateEmailPasscodeRequest request;
    request.organization_id = member.organization_id.str();
    request.email_address = kMailAddress;
    request.code.emplace(*fields.code);
    return ErrorTypeOf(engine.Run(request, options));
  }
  void PrepareMail(bool right = true) {
    SendEmailPasscodeRequest request;
    request.organization_id = member.organization_id.str();
    request.email_address = kMailAddress;
    EXPECT_EQ(ErrorTypeOf(world.engine.Run(request)), "");
    fields.code = right ? world.inbox.LastCode() : World::Wrong(world.inbox.LastCode());
  }
  // Outside any Organization.
  std::string Discover() {
    SendDiscoveryPasscodeRequest request;
    request.email_address = kMailAddress;
    return ErrorTypeOf(engine.Run(request, options));
  }
  std::string ProveDiscovered() {
    AuthenticateDiscoveryPasscodeRequest request;
    request.email_address = kMailAddress;
    request.code.emplace(*fields.code);
    return ErrorTypeOf(engine.Run(request, options));
  }
  void PrepareDiscovered(bool right = true) {
    watched = RecordKey::Discovery(kMailAddress);
    SendDiscoveryPasscodeRequest request;
    request.email_address = kMailAddress;
    EXPECT_EQ(ErrorTypeOf(world.engine.Run(request)), "");
    fields.code = right ? world.inbox.LastCode() : World::Wrong(world.inbox.LastCode());
  }
  // With a session that the directory knows for ever, so that a repetition finds it.
  std::string Exchange(const std::string& address) {
    Session session;
    session.id = "session-of-nobody";
    session.factors.Add(FactorKind::kEmailPasscode, world.clock.Now());
    session.email_address = address;
    lasting.session = session;
    ExchangeIntermediateSessionRequest request;
    request.organization_id = member.organization_id.str();
    request.intermediate_session_token = "token";
    request.just_in_time = JustInTime::kAllow;
    return ErrorTypeOf(exchanging.Run(request, options));
  }
  void Change(const std::function<void(MemberRecord*)>& change) {
    auto record = *world.RecordOf(member);
    change(&record);
    world.Put(record);
  }

  World world;
  MemorySendGuard guard{world.clock};
  // The inbox is a double that keeps text; the sink here keeps nothing.
  struct Sink final : MessageSink {
    Delivery Deliver(const Message&) override {
      ++deliveries;
      return answer;
    }
    Delivery answer;
    int deliveries = 0;
  } sink;
  Engine engine{*world.config,
                {world.clock, world.random, world.store, world.sessions, sink, guard}};
  struct Lasting final : SessionDirectory {
    FindResult Find(const SessionCredential&) override { return {true, session}; }
    bool Apply(const SessionEffect&) override { return true; }
    Session session;
  } lasting;
  Engine exchanging{*world.config, {world.clock, world.random, world.store, lasting, sink, guard}};
  Member member = world.MakeVerifiedMember(world.MakeOrganization());
  RecordKey watched = World::KeyOf(member);  // of the record that the call is about
  SendSmsOtpRequest send = {member.organization_id.str(), member.member_id.str(), "", "", {}};
  AuthenticateFields fields;
  CallOptions options;
};

struct Call {
  const char* name;
  std::function<void(Scene*)> prepare;
  std::function<std::string(Scene*)> run;
};

const std::vector<Call>& Calls() {
  static const std::vector<Call> calls = {
      {"send", [](Scene*) {}, [](Scene* s) { return s->Send(); }},
      {"send, not delivered", [](Scene* s) { s->sink.answer.kind = Delivery::Kind::kUnavailable; },
       [](Scene* s) { return s->Send(); }},
      {"send, refused",
       [](Scene* s) {
         for (int i = 0; i < 5; ++i) s->Prepare();
       },
       [](Scene* s) { return s->Send(); }},
      {"authenticate, right", [](Scene* s) { s->Prepare(); },
       [](Scene* s) { return s->Authenticate(); }},
      {"authenticate, with an intermediate token",
       [](Scene* s) {
         s->Prepare();
         s->fields.session = s->world.Intermediate(s->member);
       },
       [](Scene* s) { return s->Authenticate(); }},
      {"authenticate, wrong",
       [](Scene* s) {
         s->Prepare();
         s->fields.code = World::Wrong(*s->fields.code);
       },
       [](Scene* s) { return s->Authenticate(); }},
      {"authenticate, locked",
       [](Scene* s) {
         s->Prepare();
         auto record = *s->world.RecordOf(s->member);
         record.failures.disabled = true;
         s->world.Put(record);
       },
       [](Scene* s) { return s->Authenticate(); }},
      {"send by e-mail", [](Scene*) {}, [](Scene* s) { return s->SendMail(kMailAddress); }},
      {"send by e-mail, to who is verified",
       [](Scene* s) {
         s->Change([](MemberRecord* record) { record->email_address_verified = true; });
       },
       [](Scene* s) { return s->SendMail(kMailAddress); }},
      {"send by e-mail, not delivered",
       [](Scene* s) { s->sink.answer.kind = Delivery::Kind::kUnavailable; },
       [](Scene* s) { return s->SendMail(kMailAddress); }},
      {"send by e-mail, makes a Member",
       [](Scene* s) {
         s->watched = RecordKey::Member(
             s->member.organization_id,
             EntityId::Member(Environment::kTest,
                              UuidFromRandom(s->options.operation_id.bytes.data())));
       },
       [](Scene* s) { return s->SendMail(kNewAddress); }},
      {"authenticate by e-mail, right", [](Scene* s) { s->PrepareMail(); },
       [](Scene* s) { return s->ProveMail(); }},
      {"authenticate by e-mail, right, with an SMS",
       [](Scene* s) {
         s->PrepareMail();
         s->Change([](MemberRecord* record) { record->mfa_enrolled = true; });
       },
       [](Scene* s) { return s->ProveMail(); }},
      {"authenticate by e-mail, wrong", [](Scene* s) { s->PrepareMail(false); },
       [](Scene* s) { return s->ProveMail(); }},
      {"send outside Organizations",
       [](Scene* s) { s->watched = RecordKey::Discovery(kMailAddress); },
       [](Scene* s) { return s->Discover(); }},
      {"send outside Organizations, not delivered",
       [](Scene* s) {
         s->watched = RecordKey::Discovery(kMailAddress);
         s->sink.answer.kind = Delivery::Kind::kUnavailable;
       },
       [](Scene* s) { return s->Discover(); }},
      {"authenticate outside, right", [](Scene* s) { s->PrepareDiscovered(); },
       [](Scene* s) { return s->ProveDiscovered(); }},
      {"authenticate outside, wrong", [](Scene* s) { s->PrepareDiscovered(false); },
       [](Scene* s) { return s->ProveDiscovered(); }},
      {"exchange", [](Scene*) {}, [](Scene* s) { return s->Exchange(kMailAddress); }},
      {"exchange, makes a Member",
       [](Scene* s) {
         s->watched = RecordKey::Member(
             s->member.organization_id,
             EntityId::Member(Environment::kTest,
                              UuidFromRandom(s->options.operation_id.bytes.data())));
       },
       [](Scene* s) { return s->Exchange(kNewAddress); }},
      {"get", [](Scene*) {},
       [](Scene* s) {
         return ErrorTypeOf(s->engine.Run(
             GetMemberRequest{s->member.organization_id.str(), s->member.member_id.str()}));
       }},
  };
  return calls;
}

// How the call ends when nothing fails, and what each of its commits leaves behind.
struct Reference {
  std::string answer;
  std::vector<std::string> states;
};

Reference RunUndisturbed(const Call& call) {
  Reference reference;
  Scene scene;
  call.prepare(&scene);
  scene.world.store.before_commit = [&](const Changes& changes) {
    reference.states.emplace_back(changes.writes.front().record);
  };
  reference.answer = call.run(&scene);
  return reference;
}

// Runs `call` with its `which`-th allocation failing. False: it has fewer than that.
bool FailOnce(const Call& call, int which, const Reference& reference) {
  Scene scene;
  call.prepare(&scene);
  const std::string before = scene.Stored();
  bool threw = false;
  allocations.FailAt(which);
  try {
    call.run(&scene);
  } catch (const std::bad_alloc&) {
    threw = true;
  }
  allocations.Stop();
  EXPECT_EQ(threw, allocations.failed) << call.name << " " << which << ": somebody hid it";
  const std::string after = scene.Stored();
  const auto& states = reference.states;
  const bool committed = std::find(states.begin(), states.end(), after) != states.end();
  EXPECT_TRUE(after == before || committed) << call.name << " " << which;
  // The client repeats, and hears what was decided. Only a send whose report was lost counts as
  // sent: then nobody knows better (D-06).
  const std::string again = call.run(&scene);
  const bool report_lost = committed && after != states.back();
  EXPECT_EQ(again, report_lost ? "" : reference.answer) << call.name << " " << which;
  if (!report_lost && !states.empty()) {
    EXPECT_EQ(scene.Stored().size(), states.back().size());
  }
  return threw;
}

TEST(FailingAllocations, LeaveTheStateUnchangedOrCommitted) {  // B-18
  for (const Call& call : Calls()) {
    const Reference reference = RunUndisturbed(call);
    int which = 1;
    while (FailOnce(call, which, reference)) ++which;
    std::printf("%-42s %3d allocations failed, one at a time\n", call.name, which - 1);
    EXPECT_GT(which, 1);
  }
}

TEST(FailingAllocations, LeakNothing) {  // B-18
  for (const Call& call : Calls()) {
    RunUndisturbed(call);  // what libraries keep for ever from their first use on is there then
    for (int which = 1;; ++which) {
      const int64_t live = allocations.live;
      bool threw = false;
      {
        Scene scene;
        call.prepare(&scene);
        allocations.FailAt(which);
        try {
          call.run(&scene);
        } catch (const std::bad_alloc&) {
          threw = true;
        }
        allocations.Stop();
      }
      EXPECT_EQ(allocations.live, live) << call.name << " " << which;
      if (!threw) break;
    }
  }
}

// Passcodes that nobody types in pile up nowhere, and the work stays the same: the allocations of
// each send are counted, and those of the last are those of the first.
TEST(BoundedWork, AMillionUnverifiedSendsLeaveTheSameSizeAndTakeTheSameWork) {  // B-17, threat 37
  const int sends = std::getenv("OTPCORE_DEEP") != nullptr ? 1000000 : 20000;
  Scene scene;
  const Member member = scene.world.MakeMember(scene.world.MakeOrganization());
  SendSmsOtpRequest request = {
      member.organization_id.str(), member.member_id.str(), kOtherNumber, "", {}};
  Engine engine(*scene.world.config, {scene.world.clock, scene.world.random, scene.world.store,
                                      scene.world.sessions, scene.sink, scene.world.guard});
  std::vector<int64_t> work;
  size_t size = 0;
  int64_t live = 0;
  size_t records = 0;
  for (int i = 0; i < sends; ++i) {
    const int64_t made = allocations.made;
    const auto reply = engine.Run(request);
    const int64_t took = allocations.made - made;
    ASSERT_EQ(ErrorTypeOf(reply), "") << i;
    scene.world.clock.Advance(std::chrono::minutes(100));  // 14.4 a day
    const size_t now = testing::LoadFrom(scene.world.memory, World::KeyOf(member)).bytes.size();
    // The first ones link the number and fill the ledgers.
    if (i == 100) {
      size = now;
      work.push_back(took);
      records = scene.world.memory.size();
      live = allocations.live;
    }
    if (i > 100) {
      ASSERT_EQ(now, size) << i;
      ASSERT_EQ(took, work.back()) << i;
      ASSERT_EQ(allocations.live, live) << i;
    }
  }
  EXPECT_EQ(scene.sink.deliveries, sends);
  EXPECT_EQ(scene.world.memory.size(), records);
  std::printf("%d sends: %zu bytes, %d allocations each\n", sends, size,
              static_cast<int>(work.back()));
}

// A guard remembers no more failures than it takes to know that they are too many.
TEST(BoundedWork, FailuresBeyondTheLimitTakeNoMemory) {  // B-17, L-08
  testing::VirtualClock clock;
  MemorySendGuard guard(clock);
  Event failure;
  failure.kind = EventKind::kFailure;
  int64_t work = 0;
  for (int i = 0; i < 20000; ++i) {
    EventList events;
    events.organization_id = "acme";
    events.Add(failure);
    const int64_t made = allocations.made;
    guard.Observe(&events);
    if (i == 1000) work = allocations.made - made;
    if (i > 1000) {
      ASSERT_EQ(allocations.made - made, work) << "the list grows: " << i;
    }
  }
}

// A commit of a new record, often of a new Organization, and of one that changes its length. The
// tables under them grow: a growth that fails leaves both records as they were.
TEST(FailingAllocations, AStoreThatCannotGrowKeepsWhatItHas) {  // B-18, K-05
  constexpr size_t kRecords = 3000;
  MemoryStore store;
  std::vector<testing::StoredRecord> kept;
  int failures = 0;
  for (size_t i = 0; i < kRecords; ++i) {
    const RecordKey key =
        RecordKey::MemberEmail("organization" + std::to_string(i / 4), std::to_string(i));
    std::vector<testing::StoredWrite> writes;
    if (i > 0) {
      writes.push_back({kept.back().key, kept.back().revision,
                        std::string(20 + 8 * (i % 60), static_cast<char>('b' + i % 20))});
    }
    writes.push_back({key, 0, std::string(20, 'a')});
    for (int which = 1;; ++which) {
      allocations.FailAt(which);
      bool threw = false;
      try {
        EXPECT_EQ(testing::CommitTo(store, writes), CommitOutcome::kCommitted);
      } catch (const std::bad_alloc&) {
        threw = true;
      }
      allocations.Stop();
      if (!threw) break;
      ++failures;
      ASSERT_EQ(store.size(), i);
      if (i > 0) {
        const auto now = testing::LoadFrom(store, kept.back().key);
        ASSERT_EQ(now.revision, kept.back().revision);
        ASSERT_EQ(now.bytes, kept.back().bytes);
      }
    }
    if (i > 0) kept.back() = testing::LoadFrom(store, kept.back().key);
    kept.push_back(testing::LoadFrom(store, key));
    ASSERT_EQ(kept.back().bytes, writes.back().record);
    if (i > 0) {
      ASSERT_EQ(kept[i - 1].bytes, writes.front().record);
    }
  }
  EXPECT_EQ(store.size(), kRecords);
  for (const testing::StoredRecord& record : kept) {
    const auto now = testing::LoadFrom(store, record.key);
    ASSERT_EQ(now.revision, record.revision);
    ASSERT_EQ(now.bytes, record.bytes);
  }
  EXPECT_GT(failures, 1000);
  std::printf("%zu new records, %d allocations failed\n", kRecords, failures);
}

TEST(FailingAllocations, AGuardTakesAllQuotasOrNone) {  // B-18, L-07
  for (int which = 1;; ++which) {
    testing::VirtualClock clock;
    MemorySendGuard guard(clock);
    Quota number;
    number.address = kNumber;
    number.max = 2;
    number.window = std::chrono::hours(1);
    Quota region = number;
    region.subject = Quota::Subject::kRegion;
    region.organization_id = "acme";
    region.region = "US";
    Quota conversion = region;
    conversion.subject = Quota::Subject::kConversion;
    conversion.max = 100;
    conversion.min_ended = 3;
    conversion.window = std::chrono::hours(24);
    conversion.life = std::chrono::minutes(2);
    OperationId operation;
    const auto ask = [&](uint8_t id, int failing = 1000000) {
      operation.bytes[0] = id;
      conversion.member_id = "a-member-whose-id-is-longer-than-a-string-" + std::to_string(id);
      conversion.replaces.bytes[0] = static_cast<uint8_t>(id - 1);
      const Quotas quotas = {number, region, conversion};
      allocations.FailAt(failing);
      Admission admission;
      try {
        admission = guard.Admit(operation, quotas);
      } catch (const std::bad_alloc&) {
        admission.kind = Admission::Kind::kUnreachable;
      }
      allocations.Stop();
      return admission.kind;
    };
    const bool threw = ask(1, which) == Admission::Kind::kUnreachable;
    EXPECT_TRUE(threw || which > 1);
    // Asked again, the same operation takes one of each; then one more fits and no third.
    EXPECT_EQ(ask(1), Admission::Kind::kAdmitted) << which;
    EXPECT_EQ(ask(2), Admission::Kind::kAdmitted) << which;
    EXPECT_EQ(ask(3), Admission::Kind::kTooMany) << which;
    EXPECT_EQ(guard.size(), 5u) << which;
    clock.Advance(std::chrono::hours(1));
    const auto ended = [&](int count) {
      conversion.min_ended = count;
      return guard.Admit({{9}}, {conversion}).kind == Admission::Kind::kTooFewAuthenticated;
    };
    EXPECT_TRUE(ended(2)) << which;
    EXPECT_FALSE(ended(3)) << which;
    if (!threw) break;
  }
}

}  // namespace
}  // namespace otpcore
