// SPDX-License-Identifier: Apache-2.0
// Passcodes outside any Organization through Engine + MemoryStore, and a page of a search of
// Members over MemoryDirectory.
#include <string>

#include "bench/bench_main.h"
#include "bench/run_commands.h"
#include "bench/world.h"
#include "otpcore/storage/memory_directory.h"

namespace otpcore {
namespace bench {
namespace {

WorldOptions WithoutNumbers() {
  WorldOptions options;
  options.numbers = false;
  return options;
}

// As many addresses as Members. The lower half is sent to, the upper half types codes.
class DiscoveryWorld {
 public:
  explicit DiscoveryWorld(size_t members)
      : world_(members, WithoutNumbers()), lower_(members / 2), upper_(members - members / 2) {}

  Engine& engine() { return world_.engine(); }
  MemoryStore& store() { return world_.store(); }
  // Each round later, so that no limit is met.
  size_t NextToSend() {
    if (lower_.RoundEnded()) world_.clock().Advance(std::chrono::hours(8));
    return lower_.Next();
  }
  size_t NextToProve() { return world_.size() / 2 + upper_.Next(); }

  static std::string AddressOf(size_t address) {
    return "person" + std::to_string(1000000 + address) + "@example.com";
  }
  static SendDiscoveryPasscodeRequest Send(size_t address) {
    SendDiscoveryPasscodeRequest request;
    request.email_address = AddressOf(address);
    return request;
  }
  static AuthenticateDiscoveryPasscodeRequest Prove(size_t address, const char* code) {
    AuthenticateDiscoveryPasscodeRequest request;
    request.email_address = AddressOf(address);
    request.code.emplace(code);
    return request;
  }
  // Makes kRightCode the answer of a challenge issued now, with one before it.
  void GiveLiveChallenge(size_t address) {
    const RecordKey key = RecordKey::Discovery(AddressOf(address));
    DiscoveryRecord record;
    record.address = AddressOf(address);
    record.mark.run = 0x0123456789ABCDEF + address;
    EmailFactor& email = record.email;
    email.id = UuidOf(7, address);
    email.purpose = email.superseded_purpose = EmailPurpose::kDiscovery;
    Challenge& challenge = email.challenge;
    challenge.state = ChallengeState::kLive;
    challenge.id = UuidOf(8, address);
    challenge.issued_by = record.mark.run;
    challenge.digits = 6;
    challenge.issued_at = challenge.latest_seen = world_.clock().Now();
    challenge.expires_at = challenge.issued_at + std::chrono::minutes(10);
    challenge.superseded_id = UuidOf(9, address);
    challenge.superseded_digest.key_id = challenge.digest.key_id = 1;
    challenge.superseded_digest.bytes.fill(0xAB);
    const EntityId nobody;
    challenge.digest =
        DigestPasscode(key_, 1,
                       {FactorKind::kEmailPasscode, nobody, nobody, record.address.view(),
                        challenge.id, EmailPurpose::kDiscovery},
                       Passcode(kRightCode));
    record.forget_at = challenge.expires_at + std::chrono::hours(1);
    const std::vector<testing::StoredWrite> writes = {
        {key, testing::LoadFrom(store(), key).revision, testing::Packed(record)}};
    Require(testing::CommitTo(store(), writes) == CommitOutcome::kCommitted,
            "an address was not written");
  }

 private:
  World world_;
  const DigestKey key_ = BenchKey();
  Walk lower_;
  Walk upper_;
};

// Few addresses: their records have had every size that they take, and the store has room for each.
void Settle(DiscoveryWorld& world, size_t addresses) {
  constexpr size_t kFew = 4096;
  if (addresses > kFew) return;
  const int sends = Policy::Default().email_sends_max + 1;
  for (size_t i = 0; i < static_cast<size_t>(sends) * (addresses / 2); ++i) {
    Require(world.engine().Run(DiscoveryWorld::Send(world.NextToSend())).ok(),
            "a send was refused");
  }
  for (const char* const code : {kRightCode, kWrongCode, kRightCode}) {
    for (size_t i = 0; i < addresses - addresses / 2; ++i) {
      const size_t address = world.NextToProve();
      world.GiveLiveChallenge(address);
      const bool ok = world.engine().Run(DiscoveryWorld::Prove(address, code)).ok();
      Require(ok == (code == kRightCode), "a code was judged otherwise");
    }
  }
}

void RunSends(DiscoveryWorld& world, benchmark::State& state) {
  RunCommands<SendDiscoveryPasscode>(
      world.engine(), state, ErrorCode::kOk, [&] { return world.NextToSend(); },
      [](size_t address, size_t) { return DiscoveryWorld::Send(address); }, [](size_t) {});
}

void RunProofs(DiscoveryWorld& world, const char* code, benchmark::State& state) {
  RunCommands<AuthenticateDiscoveryPasscode>(
      world.engine(), state, code == kRightCode ? ErrorCode::kOk : ErrorCode::kOtpCodeNotFound,
      [&] { return world.NextToProve(); },
      [&](size_t address, size_t) {
        world.GiveLiveChallenge(address);
        return DiscoveryWorld::Prove(address, code);
      },
      [](size_t) {});
}

// A page of 100 Members of one Organization, from its first.
void RunSearch(DiscoveryWorld& world, benchmark::State& state) {
  MemoryDirectory directory(world.store());
  SearchMembersRequest request;
  request.organization_ids = {OrganizationIdOf(0)};
  Stopwatch watch;
  for (auto _ : state) {
    watch.Start();
    for (size_t i = 0; i < kChunk; ++i)
      Require(world.engine().SearchMembers(request, directory).ok(), "a search was refused");
    watch.Stop(kChunk);
    watch.EndIteration(state);
  }
  watch.Report(state);
}

}  // namespace

std::vector<Case> Cases(size_t members) {
  static DiscoveryWorld world(members);
  Settle(world, members);
  using State = benchmark::State;
  return {
      {"discovery_send", [](State& state) { RunSends(world, state); }},
      {"discovery_right", [](State& state) { RunProofs(world, kRightCode, state); }},
      {"discovery_wrong", [](State& state) { RunProofs(world, kWrongCode, state); }},
      {"search_page", [](State& state) { RunSearch(world, state); }},
  };
}

}  // namespace bench
}  // namespace otpcore
