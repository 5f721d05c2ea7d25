// SPDX-License-Identifier: Apache-2.0
// The fixture most tests stand on: otpcore::testing's World, with a look into its records.
#ifndef OTPCORE_TESTS_FIXTURE_H_
#define OTPCORE_TESTS_FIXTURE_H_

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "otpcore/otpcore.h"
#include "otpcore/testing/world.h"

namespace otpcore {

using testing::ErrorTypeOf;
using testing::kNumber;
using testing::kOtherNumber;
using testing::On;
using testing::TestConfig;
using testing::TestKeys;

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
  Reply<AuthenticateSmsOtpResponse> Run(const AuthenticateFields& fields,
                                        CallOptions options = {}) {
    return engine.Run(fields.Request(), std::move(options));
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

  static std::string Wrong(std::string code, int variant = 1) {
    return testing::WrongCode(std::move(code), variant);
  }
};

}  // namespace otpcore

#endif  // OTPCORE_TESTS_FIXTURE_H_
