// The fixture most tests stand on: one engine over the memory store, with a virtual clock, seeded
// randomness and an inbox.
#ifndef OTPCORE_TESTS_FIXTURE_H_
#define OTPCORE_TESTS_FIXTURE_H_

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "otpcore/otpcore.h"
#include "otpcore/testing/doubles.h"
#include "otpcore/testing/faults.h"

namespace otpcore {

inline constexpr char kNumber[] = "+14155550123";
inline constexpr char kOtherNumber[] = "+16502530000";

inline KeyRing TestKeys(uint32_t id = 7) {
  std::array<uint8_t, 32> bytes{};
  bytes.fill(static_cast<uint8_t>(id));
  return KeyRing(id, DigestKey(bytes));
}

inline std::unique_ptr<const Config> TestConfig(Policy policy = Policy::Default()) {
  std::string problem;
  auto config = Config::Create(std::move(policy), TestKeys(), {}, &problem);
  EXPECT_NE(config, nullptr) << problem;
  return config;
}

template <typename Response>
std::string ErrorTypeOf(const Reply<Response>& reply) {
  return reply.result ? "" : std::string(reply.result.error().error_type());
}

template <typename Response>
ErrorCode CodeOf(const Reply<Response>& reply) {
  return reply.result ? ErrorCode::kOk : reply.result.error().code();
}

// An AuthenticateSmsOtpRequest that can be sent again: the real one holds a secret and cannot be
// copied.
struct AuthenticateFields {
  std::string organization_id;
  std::string member_id;
  std::optional<std::string> code;
  SessionArguments session = {};
  std::optional<int> session_duration_minutes = {};
  std::string set_mfa_enrollment = {};
  bool set_default_mfa = false;

  AuthenticateSmsOtpRequest Request() const {
    AuthenticateSmsOtpRequest request;
    request.organization_id = organization_id;
    request.member_id = member_id;
    if (code) request.code.emplace(*code);
    request.session = session;
    request.session_duration_minutes = session_duration_minutes;
    request.set_mfa_enrollment = set_mfa_enrollment;
    request.set_default_mfa = set_default_mfa;
    return request;
  }
};

struct World {
  explicit World(Policy policy = Policy::Default(), uint64_t seed = 1)
      : config(TestConfig(std::move(policy))), random(seed) {}

  std::unique_ptr<const Config> config;
  testing::VirtualClock clock;
  testing::SeededRandom random;
  MemoryStore memory;
  testing::FaultyStore store{memory};
  MemorySessionDirectory directory{clock};
  testing::FaultySessions sessions{directory};
  testing::SmsInbox inbox;
  Engine engine{*config, {clock, random, store, sessions, inbox}};

  Organization MakeOrganization(CreateOrganizationRequest request = {}) {
    if (request.organization_name.empty()) request.organization_name = "Acme";
    auto reply = engine.Run(std::move(request));
    EXPECT_EQ(ErrorTypeOf(reply), "");
    return reply.result ? reply.result->organization : Organization();
  }

  Member MakeMember(const Organization& organization, CreateMemberRequest request = {}) {
    request.organization_id = organization.organization_id.str();
    if (request.email_address.empty())
      request.email_address = "person" + std::to_string(++people_) + "@example.com";
    auto reply = engine.Run(std::move(request));
    EXPECT_EQ(ErrorTypeOf(reply), "");
    return reply.result ? reply.result->member : Member();
  }

  // A session of `member`, as primary authentication leaves it.
  SessionArguments Intermediate(const Member& member, Session session = PrimarySession()) {
    return AddSession(SessionCredential::Kind::kIntermediateToken, member, session);
  }
  SessionArguments Full(const Member& member, Session session = PrimarySession()) {
    return AddSession(SessionCredential::Kind::kSessionToken, member, session);
  }
  static Session PrimarySession() {
    Session session;
    session.has_primary_factor = true;
    return session;
  }

  Reply<SendSmsOtpResponse> Send(const Member& member, const std::string& number = "",
                                 CallOptions options = {}) {
    SendSmsOtpRequest request;
    request.organization_id = member.organization_id.str();
    request.member_id = member.member_id.str();
    request.mfa_phone_number = number;
    return engine.Run(std::move(request), std::move(options));
  }

  static AuthenticateFields AuthenticateRequest(const Member& member, const std::string& code) {
    AuthenticateFields fields;
    fields.organization_id = member.organization_id.str();
    fields.member_id = member.member_id.str();
    fields.code = code;
    return fields;
  }
  Reply<AuthenticateSmsOtpResponse> Run(const AuthenticateFields& fields,
                                        CallOptions options = {}) {
    return engine.Run(fields.Request(), std::move(options));
  }
  // With a new intermediate session.
  Reply<AuthenticateSmsOtpResponse> Authenticate(const Member& member, const std::string& code,
                                                 CallOptions options = {}) {
    AuthenticateFields fields = AuthenticateRequest(member, code);
    fields.session = Intermediate(member);
    return Run(fields, std::move(options));
  }

  // The record as the store has it now; absent when there is none.
  std::optional<MemberRecord> RecordOf(const Member& member) {
    const RecordKey key = {RecordKind::kMember, member.organization_id, member.member_id.view()};
    const Store::LoadResult loaded = memory.Load({key});
    const auto* record = std::get_if<MemberRecord>(&loaded.records.front().record);
    return record == nullptr ? std::nullopt : std::optional<MemberRecord>(*record);
  }
  Revision RevisionOf(const Member& member) {
    const RecordKey key = {RecordKind::kMember, member.organization_id, member.member_id.view()};
    return memory.Load({key}).records.front().revision;
  }
  // Puts a record straight into the store: states that would take many commands to reach.
  void Put(MemberRecord record) {
    const RecordKey key = {RecordKind::kMember, record.organization_id, record.member_id.view()};
    Changes changes;
    const Revision revision = memory.Load({key}).records.front().revision;
    changes.writes.push_back({key, revision, std::move(record)});
    EXPECT_EQ(memory.Commit(changes), CommitOutcome::kCommitted);
  }
  std::optional<PhoneClaim> ClaimOf(const Organization& organization, const std::string& number) {
    const RecordKey key = {RecordKind::kPhoneClaim, organization.organization_id, number};
    const Store::LoadResult loaded = memory.Load({key});
    const auto* claim = std::get_if<PhoneClaim>(&loaded.records.front().record);
    return claim == nullptr ? std::nullopt : std::optional<PhoneClaim>(*claim);
  }

  // The code on the phone.
  std::string Code() const {
    return inbox.LastCode(static_cast<size_t>(config->policy().passcode_digits));
  }
  // A code of as many digits that is not `code`.
  static std::string Wrong(std::string code, int variant = 1) {
    code.back() = static_cast<char>('0' + (code.back() - '0' + variant) % 10);
    return code;
  }

  // A Member whose number is verified, ten minutes ago, so that no window remembers it.
  Member MakeVerifiedMember(const Organization& organization, const std::string& number = kNumber) {
    const Member member = MakeMember(organization);
    EXPECT_EQ(ErrorTypeOf(Send(member, number)), "");
    EXPECT_EQ(ErrorTypeOf(Authenticate(member, Code())), "");
    clock.Advance(std::chrono::minutes(10));
    store.ResetCounts();
    return member;
  }

 private:
  SessionArguments AddSession(SessionCredential::Kind kind, const Member& member, Session session) {
    session.organization_id = member.organization_id;
    session.member_id = member.member_id;
    const std::string value = "credential-" + std::to_string(++credentials_);
    directory.Add({kind, value}, session, clock.Now() + std::chrono::hours(24 * 365));
    SessionArguments arguments;
    (kind == SessionCredential::Kind::kIntermediateToken ? arguments.intermediate_session_token
                                                         : arguments.session_token) = value;
    return arguments;
  }
  std::atomic<int> people_{0};
  std::atomic<int> credentials_{0};
};

}  // namespace otpcore

#endif  // OTPCORE_TESTS_FIXTURE_H_
