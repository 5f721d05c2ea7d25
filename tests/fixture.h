// SPDX-License-Identifier: Apache-2.0
// The fixture most tests stand on: otpcore::testing's World, with a look into its records.
#ifndef OTPCORE_TESTS_FIXTURE_H_
#define OTPCORE_TESTS_FIXTURE_H_

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "otpcore/otpcore.h"
#include "otpcore/testing/records.h"
#include "otpcore/testing/world.h"

namespace otpcore {

using testing::ErrorTypeOf;
using testing::kNumber;
using testing::kOtherNumber;
using testing::On;
using testing::TestConfig;
using testing::TestKeys;
using testing::TestSealingKeys;

// A request about `member`: the host's, where it says whose act it is (C-10).
template <typename Request, typename = void>
struct TakesActor : std::false_type {};
template <typename Request>
struct TakesActor<Request, std::void_t<decltype(Request::actor)>> : std::true_type {};
template <typename Request>
Request OnByHost(const Member& member) {
  if constexpr (TakesActor<Request>::value) {
    return On<Request>(member, Actor::Host());
  } else {
    return On<Request>(member);
  }
}
// Whoever `session` names; without an argument the host.
inline Actor ActorOf(const SessionArguments& session) {
  const bool names_one = !session.intermediate_session_token.empty() ||
                         !session.session_token.empty() || !session.session_jwt.empty();
  return names_one ? Actor::Person(session) : Actor::Host();
}

// A Config with which TOTP works.
inline std::unique_ptr<const Config> TotpConfig(Policy policy = {}) {
  return testing::TestTotpConfig(std::move(policy));
}

inline ErrorCode CodeOf(const ReplyBase& reply) { return reply.error().code(); }

// Four digits, so that a test can measure luck. The rolling budget is as strict as it can be and
// success_per_year_max as high: only so is a policy with such short codes accepted (L-09). 81
// guesses a year.
inline Policy FourDigits() {
  Policy policy;
  policy.passcode_digits = 4;
  policy.rolling_failures = 7;
  policy.rolling_window = std::chrono::hours(24 * 40);
  policy.rolling_lock = std::chrono::hours(24 * 5);
  policy.success_per_year_max = 1e-2;
  return policy;
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
  std::string device = {};
  bool remember_device = false;

  AuthenticateSmsOtpRequest Request() const {
    AuthenticateSmsOtpRequest request;
    request.organization_id = organization_id;
    request.member_id = member_id;
    if (code) request.code.emplace(*code);
    request.session = session;
    request.session_duration_minutes = session_duration_minutes;
    request.set_mfa_enrollment = set_mfa_enrollment;
    request.set_default_mfa = set_default_mfa;
    request.device = device;
    request.remember_device = remember_device;
    return request;
  }
};

// The World that ships, and what only tests of the core itself look at: its records.
struct World : testing::World {
  using testing::World::World;

  static AuthenticateFields AuthenticateRequest(const Member& member, const std::string& code) {
    AuthenticateFields fields;
    fields.organization_id = member.organization_id.str();
    fields.member_id = member.member_id.str();
    fields.code = code;
    return fields;
  }
  Reply<AuthenticateSmsOtp> Run(const AuthenticateFields& fields, CallOptions options = {}) {
    return engine.Run(fields.Request(), std::move(options));
  }

  static RecordKey KeyOf(const Member& member) {
    return RecordKey::Member(member.organization_id, member.member_id);
  }
  // The record as the store has it now; absent when there is none.
  std::optional<testing::Kept<MemberRecord>> RecordOf(const Member& member) {
    testing::Kept<MemberRecord> record;
    if (!testing::ReadStored(testing::LoadFrom(memory, KeyOf(member)), &record))
      return std::nullopt;
    return record;
  }
  Revision RevisionOf(const Member& member) {
    return testing::LoadFrom(memory, KeyOf(member)).revision;
  }
  // Puts a record straight into the store: states that would take many commands to reach.
  void Put(const MemberRecord& record) {
    const RecordKey key = RecordKey::Member(record.organization_id, record.member_id);
    const Revision revision = testing::LoadFrom(memory, key).revision;
    EXPECT_EQ(testing::CommitTo(memory, {{key, revision, testing::Packed(record)}}),
              CommitOutcome::kCommitted);
  }
  std::optional<PhoneClaim> ClaimOf(const Organization& organization, const std::string& number) {
    const auto stored =
        testing::LoadFrom(memory, RecordKey::PhoneClaim(organization.organization_id, number));
    PhoneClaim claim;
    if (stored.revision == 0 || !Unpack(stored.key, stored.bytes, &claim)) return std::nullopt;
    return claim;
  }

  static std::string Wrong(std::string code, int variant = 1) {
    return testing::WrongCode(std::move(code), variant);
  }
};

}  // namespace otpcore

#endif  // OTPCORE_TESTS_FIXTURE_H_
