// SPDX-License-Identifier: Apache-2.0
// What every session directory does for a host beside its port: memory and those that hosts share.
#ifndef OTPCORE_TESTS_CONFORMANCE_SESSION_SCENARIOS_H_
#define OTPCORE_TESTS_CONFORMANCE_SESSION_SCENARIOS_H_

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "otpcore/otpcore.h"
#include "otpcore/testing/doubles.h"

namespace otpcore {

// The memory's cannot fail to add.
template <typename Directory>
bool AddTo(Directory& directory, const SessionCredential& credential, const Session& session,
           Instant end, const std::string& metadata = {}) {
  if constexpr (std::is_void_v<decltype(directory.Add(credential, session, end, metadata))>) {
    directory.Add(credential, session, end, metadata);
    return true;
  } else {
    return directory.Add(credential, session, end, metadata);
  }
}

inline Uuid Drawn() {
  static std::random_device device;
  uint8_t bytes[16];
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(device());
  return UuidFromRandom(bytes);
}

// A session by its id, all of a Member, and the end of one before its time.
template <typename Directory>
void SessionsAreListedAndRemoved(Directory& one, Directory& other, testing::VirtualClock& clock) {
  using Kind = SessionCredential::Kind;
  Session session;
  session.organization_id = EntityId::Organization(Environment::kTest, Drawn());
  session.member_id = EntityId::Member(Environment::kTest, Drawn());
  const EntityId member = session.member_id;
  const EntityId nobody = EntityId::Member(Environment::kTest, Drawn());
  const auto ids_of = [&](const EntityId& of) {
    std::set<std::string> ids;
    const std::optional<std::vector<SessionInfo>> listed = other.ListOf(of);
    EXPECT_TRUE(listed);
    for (const SessionInfo& info : *listed) ids.insert(info.session.id.str());
    return ids;
  };
  EXPECT_EQ(ids_of(member), (std::set<std::string>()));
  const Instant end = clock.Now() + std::chrono::minutes(10);
  const std::string token = FormatUuid(Drawn());
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) {
    ids.push_back(FormatUuid(Drawn()));
    session.id = ids.back();
    ASSERT_TRUE(
        AddTo(one, {Kind::kSessionToken, token + ids.back()}, session, end, "of " + ids.back()));
  }
  session.member_id = nobody;
  session.id = "elsewhere" + ids[0];
  ASSERT_TRUE(AddTo(one, {Kind::kSessionToken, ids[0]}, session, end));
  EXPECT_EQ(ids_of(member), std::set<std::string>(ids.begin(), ids.end()));
  EXPECT_EQ(ids_of(nobody), (std::set<std::string>{session.id.str()}));

  const SessionCredential by_id = {Kind::kSessionId, ids[0]};
  const SessionCredential full_token = {Kind::kSessionToken, ids[1]};
  const std::string first_token = token + ids[0];
  EXPECT_FALSE(other.Find({Kind::kSessionToken, ids[1]}).session) << "an id is no token";
  EXPECT_FALSE(other.Find({Kind::kSessionJwt, ids[0]}).session) << "an id is no JWT";
  EXPECT_FALSE(other.Find({Kind::kSessionId, first_token}).session) << "a token is no id";
  EXPECT_FALSE(other.Find({Kind::kSessionId, ""}).session);
  EXPECT_FALSE(other.Remove(full_token));
  const std::optional<Session> found = other.Find(by_id).session;
  ASSERT_TRUE(found);
  EXPECT_EQ(found->member_id, member);
  EXPECT_EQ(other.Get(by_id)->metadata, "of " + ids[0]);
  EXPECT_TRUE(other.CompareAndSetMetadata(by_id, "of " + ids[0], "changed"));
  SessionEffect effect;
  effect.credential = by_id;
  effect.duration = std::chrono::minutes(30);
  effect.proof.kind = FactorKind::kEmailPasscode;
  effect.proof.at = clock.Now();
  EXPECT_TRUE(other.Apply(effect));
  const auto info = one.Get({Kind::kSessionToken, first_token});
  ASSERT_TRUE(info) << "it is the same session";
  EXPECT_EQ(info->metadata, "changed");
  EXPECT_EQ(info->expires_at, clock.Now() + effect.duration);
  EXPECT_TRUE(info->session.factors.Has(FactorKind::kEmailPasscode));

  EXPECT_TRUE(other.Remove({Kind::kSessionId, ids[1]}));
  EXPECT_FALSE(one.Remove({Kind::kSessionToken, token + ids[1]})) << "it is gone";
  EXPECT_FALSE(one.Find({Kind::kSessionToken, token + ids[1]}).session);
  EXPECT_FALSE(one.Find({Kind::kSessionId, ids[1]}).session);
  EXPECT_TRUE(one.Remove({Kind::kSessionToken, token + ids[2]}));
  EXPECT_EQ(ids_of(member), (std::set<std::string>{ids[0]}));
  clock.Advance(std::chrono::minutes(30));
  EXPECT_EQ(ids_of(member), (std::set<std::string>())) << "ended";
  EXPECT_FALSE(one.Find(by_id).session);
  EXPECT_FALSE(one.Remove(by_id));
}

}  // namespace otpcore

#endif  // OTPCORE_TESTS_CONFORMANCE_SESSION_SCENARIOS_H_
