// SPDX-License-Identifier: Apache-2.0
// Reseal: what old keys sealed and digested is renewed, whole or not at all (rules M-10, TO-23,
// TO-24, RC-16, R-08).
#include <cstddef>
#include <cstring>

#include "fixture.h"
#include "otpcore/testing/authenticator.h"
#include "otpcore/testing/matchers.h"
#include "rotated_keys.h"

namespace otpcore {
namespace {

using std::chrono::minutes;
using testing::FailsWith;
using testing::HasEvent;
using testing::Succeeds;

// Draws zeros for one field of the Entropy.
class ZeroField final : public SecureRandom {
 public:
  ZeroField(SecureRandom& inner, size_t offset, size_t size)
      : inner_(inner), offset_(offset), size_(size) {}
  bool Fill(uint8_t* bytes, size_t size) override {
    if (!inner_.Fill(bytes, size)) return false;
    if (offset_ + size_ <= size) std::memset(bytes + offset_, 0, size_);
    return true;
  }

 private:
  SecureRandom& inner_;
  const size_t offset_;
  const size_t size_;
};

class ResealTest : public ::testing::Test {
 protected:
  explicit ResealTest(Policy policy = {}) : world(TotpConfig(std::move(policy))) {}

  Engine With(const Config& config) { return With(config, world.random); }
  Engine With(const Config& config, SecureRandom& random) {
    return Engine(config,
                  {world.clock, random, world.store, world.sessions, world.inbox, world.guard});
  }
  std::unique_ptr<const Config> Rotated() {
    return ConfigWith(world.config->policy(), RotatedKeys(), RotatedSealingKeys());
  }
  Reply<UseRecoveryCode> Use(Engine& engine, const std::string& code) {
    auto request = On<UseRecoveryCodeRequest>(ada);
    request.recovery_code.emplace(code);
    request.session = world.Intermediate(ada);
    return engine.Run(request);
  }
  Reply<AuthenticateTotp> Try(Engine& engine, const std::string& code) {
    auto request = On<AuthenticateTotpRequest>(ada);
    request.code.emplace(code);
    request.session = world.Intermediate(ada);
    return engine.Run(request);
  }
  // The ids of the keys that made the secret, the copy of the codes (0: there is none), and the
  // digests.
  std::vector<uint32_t> Keys() {
    const auto record = *world.RecordOf(ada);
    const std::string_view copy = record.recovery.sealed_codes;
    return {SealingKeyIdOf(record.totp.sealed_secret).value_or(0), SealingKeyIdOf(copy).value_or(0),
            record.recovery.key_id};
  }
  // Reseal under `config` refuses, and changes nothing.
  void ExpectRefused(Engine engine) {
    const Revision before = world.RevisionOf(ada);
    const auto reply = engine.Run(On<ResealRequest>(ada));
    EXPECT_THAT(reply, FailsWith("internal_server_error"));
    EXPECT_THAT(reply, HasEvent(EventKind::kKeyMissing));
    EXPECT_EQ(world.RevisionOf(ada), before);
  }

  World world;
  testing::AuthenticatorApp app{world.clock};
  Organization organization = world.MakeOrganization();
  Member ada = world.MakeTotpMember(organization, &app);
};

class UnreadableReseal : public ResealTest {
 protected:
  static Policy Unreadable() {
    Policy policy;
    policy.recovery_codes_readable = false;
    return policy;
  }
  UnreadableReseal() : ResealTest(Unreadable()) {}
};

TEST_F(ResealTest, RenewsWhatOldKeysMade) {  // M-10, TO-24, RC-16
  const std::string used = app.TakeRecoveryCode();
  ASSERT_THAT(Use(world.engine, used), Succeeds());
  const auto before = *world.RecordOf(ada);
  const auto config = Rotated();
  Engine engine = With(*config);
  world.clock.Advance(minutes(1));
  const auto reply = engine.Run(On<ResealRequest>(ada));
  ASSERT_THAT(reply, Succeeds());
  EXPECT_THAT(reply, HasEvent(EventKind::kResealed));
  EXPECT_EQ(reply.old_digest_key, std::nullopt);
  EXPECT_EQ(Keys(), (std::vector<uint32_t>{kNewSealingKey, kNewSealingKey, kNewDigestKey}));
  const auto after = *world.RecordOf(ada);
  EXPECT_EQ(after.recovery.used, before.recovery.used);
  EXPECT_EQ(after.updated_at, before.updated_at) << "nothing else changes";
  const Revision resealed = world.RevisionOf(ada);
  EXPECT_THAT(engine.Run(On<ResealRequest>(ada)), Succeeds());
  EXPECT_EQ(world.RevisionOf(ada), resealed) << "nothing is old";
  EXPECT_THAT(engine.Run(On<ResealRequest>(world.MakeMember(organization))), Succeeds());

  const auto retired = ConfigWith(world.config->policy(),
                                  KeyRing(kNewDigestKey, DigestKey(NewKeyBytes(kNewDigestKey))),
                                  NewSealingKeyOnly());
  Engine later = With(*retired);
  EXPECT_THAT(Try(later, app.Code()), Succeeds());
  EXPECT_THAT(Use(later, app.TakeRecoveryCode()), Succeeds());
  EXPECT_THAT(Use(later, used), FailsWith("unable_to_authenticate_recovery_code"));
}

TEST_F(ResealTest, RenewsTheSealsAlone) {  // M-10
  const auto config = ConfigWith(world.config->policy(), testing::TestKeys(), RotatedSealingKeys());
  ASSERT_THAT(With(*config).Run(On<ResealRequest>(ada)), Succeeds());
  EXPECT_EQ(Keys(), (std::vector<uint32_t>{kNewSealingKey, kNewSealingKey, 7}));
}

TEST_F(ResealTest, RenewsTheDigestsAlone) {  // RC-16
  const auto config = ConfigWith(world.config->policy(), RotatedKeys(), testing::TestSealingKeys());
  Engine engine = With(*config);
  ASSERT_THAT(engine.Run(On<ResealRequest>(ada)), Succeeds());
  EXPECT_EQ(Keys(), (std::vector<uint32_t>{1, 1, kNewDigestKey}));
  EXPECT_THAT(Use(engine, app.TakeRecoveryCode()), Succeeds());
}

// Such a record comes of a success whose copy did not open until the damage was repaired.
TEST_F(ResealTest, RenewsTheCopyAlone) {  // TO-24
  const auto old = *world.RecordOf(ada);
  const auto config = ConfigWith(world.config->policy(), testing::TestKeys(), RotatedSealingKeys());
  Engine engine = With(*config);
  ASSERT_THAT(engine.Run(On<ResealRequest>(ada)), Succeeds());
  auto record = *world.RecordOf(ada);
  record.recovery = old.recovery;
  world.Put(record);
  ASSERT_EQ(Keys(), (std::vector<uint32_t>{kNewSealingKey, 1, 7}));
  ASSERT_THAT(engine.Run(On<ResealRequest>(ada)), Succeeds());
  EXPECT_EQ(Keys(), (std::vector<uint32_t>{kNewSealingKey, kNewSealingKey, 7}));
}

TEST_F(UnreadableReseal, TellsWhoNeedsTheOldKey) {  // RC-16
  const auto config = Rotated();
  const auto reply = With(*config).Run(On<ResealRequest>(ada));
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply.old_digest_key, 7u);
  EXPECT_EQ(Keys(), (std::vector<uint32_t>{kNewSealingKey, 0, 7}));
  const auto retired = ConfigWith(world.config->policy(), RotatedKeys(), NewSealingKeyOnly());
  Engine later = With(*retired);
  EXPECT_THAT(Use(later, app.TakeRecoveryCode()), Succeeds());
}

TEST_F(ResealTest, RepeatedDoesNothing) {  // C-07
  CallOptions once;
  once.operation_id.bytes.fill(5);
  const auto config = Rotated();
  Engine engine = With(*config);
  ASSERT_THAT(engine.Run(On<ResealRequest>(ada), once), Succeeds());
  const Revision before = world.RevisionOf(ada);
  EXPECT_THAT(engine.Run(On<ResealRequest>(ada), once), Succeeds());
  EXPECT_EQ(world.RevisionOf(ada), before);
}

TEST_F(ResealTest, IsWholeOrNotAtAll) {  // M-10, TO-23
  auto record = *world.RecordOf(ada);
  std::string damaged(record.recovery.sealed_codes);
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  record.recovery.sealed_codes = damaged;
  world.Put(record);
  const auto config = Rotated();
  ExpectRefused(With(*config));
}

TEST_F(ResealTest, NeedsTheKeyThatSealed) {  // TO-23
  const auto config = ConfigWith(world.config->policy(), RotatedKeys(), NewSealingKeyOnly());
  ExpectRefused(With(*config));
}

// A host that repaired a record by hand from two backups.
TEST_F(ResealTest, OfACopyOfOtherCodesIsRefused) {  // RC-16
  auto record = *world.RecordOf(ada);
  record.recovery.digests.remove_suffix(sizeof(RecoveryDigest));
  world.Put(record);
  const auto config = Rotated();
  ExpectRefused(With(*config));
}

TEST_F(ResealTest, NeedsNoncesThatWereDrawn) {
  const auto config = Rotated();
  for (const size_t nonce : {offsetof(Entropy, nonce), offsetof(Entropy, copy_nonce)}) {
    ZeroField random(world.random, nonce, sizeof(Entropy::nonce));
    ExpectRefused(With(*config, random));
  }
  world.faulty_random.fill_fault = [](int) { return testing::FaultyRandom::FillFault::kStuck; };
  ExpectRefused(With(*config, world.faulty_random));
}

// The same of those that make what is sealed.
TEST_F(ResealTest, NothingIsSealedUnderANonceThatWasNotDrawn) {
  const Member bob = world.MakeMember(organization);
  auto migrate = On<MigrateTotpRequest>(bob);
  migrate.secret.emplace("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  const Revision before = world.RevisionOf(bob);
  const Revision adas = world.RevisionOf(ada);
  for (const size_t nonce : {offsetof(Entropy, nonce), offsetof(Entropy, copy_nonce)}) {
    ZeroField random(world.random, nonce, sizeof(Entropy::nonce));
    Engine engine = With(*world.config, random);
    EXPECT_THAT(engine.Run(On<CreateTotpRequest>(bob, Actor::Host())),
                FailsWith("internal_server_error"));
    EXPECT_THAT(engine.Run(migrate), FailsWith("internal_server_error"));
    if (nonce == offsetof(Entropy, nonce)) continue;
    EXPECT_THAT(engine.Run(On<RotateRecoveryCodesRequest>(ada, Actor::Host())),
                FailsWith("internal_server_error"));
  }
  EXPECT_EQ(world.RevisionOf(bob), before);
  EXPECT_EQ(world.RevisionOf(ada), adas);
}

}  // namespace
}  // namespace otpcore
