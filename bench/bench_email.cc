// SPDX-License-Identifier: Apache-2.0
// Passcodes by e-mail through Engine + MemoryStore: Members who need no second factor, found by
// their address.
#include "bench/bench_main.h"
#include "bench/run_commands.h"
#include "bench/world.h"

namespace otpcore {
namespace bench {
namespace {

WorldOptions WithoutNumbers() {
  WorldOptions options;
  options.numbers = false;
  return options;
}

// The lower half of the Members is sent to, the upper half types codes.
class MailWorld {
 public:
  explicit MailWorld(size_t members)
      : world_(members, WithoutNumbers()), lower_(members / 2), upper_(members - members / 2) {}

  Engine& engine() { return world_.engine(); }
  // Each round later, so that no limit is met.
  size_t NextToSend() {
    if (lower_.RoundEnded()) world_.clock().Advance(std::chrono::hours(8));
    return lower_.Next();
  }
  size_t NextToProve() { return world_.size() / 2 + upper_.Next(); }

  static SendEmailPasscodeRequest Send(size_t member) {
    SendEmailPasscodeRequest request;
    request.organization_id = OrganizationIdOf(member);
    request.email_address = AddressOf(member);
    return request;
  }
  static AuthenticateEmailPasscodeRequest Prove(size_t member, const std::string& address,
                                                const char* code) {
    AuthenticateEmailPasscodeRequest request;
    request.organization_id = OrganizationIdOf(member);
    request.email_address = address;
    request.code.emplace(code);
    return request;
  }
  static std::string AddressOf(size_t member) {
    return "person" + std::to_string(1000000 + member) + "@example.com";
  }
  // Whether the guard is asked goes by this (EM-21).
  void SetVerified(size_t member, bool verified) {
    world_.Edit(member, [=](MemberRecord* record) { record->email_address_verified = verified; });
  }
  // Makes kRightCode the answer of a challenge issued now, with one before it.
  void GiveLiveChallenge(size_t member) {
    world_.Edit(member, [&](MemberRecord* record) {
      EmailFactor& email = record->email;
      email.id = UuidOf(7, member);
      email.purpose = email.superseded_purpose = EmailPurpose::kLogin;
      email.failures = FailureLedger();
      Challenge& challenge = email.challenge;
      challenge.state = ChallengeState::kLive;
      challenge.id = UuidOf(8, member);
      challenge.issued_by = 0x0123456789ABCDEF + member;
      challenge.digits = 6;
      challenge.failures = 0;
      challenge.issued_at = challenge.latest_seen = world_.clock().Now();
      challenge.expires_at = challenge.issued_at + std::chrono::minutes(10);
      challenge.superseded_id = UuidOf(9, member);
      challenge.superseded_digest.key_id = challenge.digest.key_id = 1;
      challenge.superseded_digest.bytes.fill(0xAB);
      challenge.digest =
          DigestPasscode(key_, 1,
                         {FactorKind::kEmailPasscode, record->organization_id, record->member_id,
                          AddressOf(member), challenge.id, EmailPurpose::kLogin},
                         Passcode(kRightCode));
    });
  }

 private:
  World world_;
  const DigestKey key_ = BenchKey();
  Walk lower_;
  Walk upper_;
};

// Few Members: their records have had every size that they take, and the store has room for each.
void Settle(MailWorld& world, size_t members) {
  constexpr size_t kFew = 4096;
  if (members > kFew) return;
  const auto run = [&world](const auto& request) { return world.engine().Run(request).ok(); };
  const int sends = Policy::Default().email_sends_max + 1;
  for (size_t i = 0; i < static_cast<size_t>(sends) * (members / 2); ++i)
    Require(run(MailWorld::Send(world.NextToSend())), "a send was refused");
  for (const char* const code : {kRightCode, kWrongCode, kRightCode}) {
    for (size_t i = 0; i < members - members / 2; ++i) {
      const size_t member = world.NextToProve();
      world.GiveLiveChallenge(member);
      Require(
          run(MailWorld::Prove(member, MailWorld::AddressOf(member), code)) == (code == kRightCode),
          "a code was judged otherwise");
    }
  }
}

void RunSends(MailWorld& world, bool verified, benchmark::State& state) {
  RunCommands<SendEmailPasscode>(
      world.engine(), state, ErrorCode::kOk, [&] { return world.NextToSend(); },
      [&](size_t member, size_t) {
        world.SetVerified(member, verified);
        return MailWorld::Send(member);
      },
      [](size_t) {});
}

void RunProofs(MailWorld& world, const char* code, benchmark::State& state) {
  RunCommands<AuthenticateEmailPasscode>(
      world.engine(), state, code == kRightCode ? ErrorCode::kOk : ErrorCode::kOtpCodeNotFound,
      [&] { return world.NextToProve(); },
      [&](size_t member, size_t) {
        world.GiveLiveChallenge(member);
        return MailWorld::Prove(member, MailWorld::AddressOf(member), code);
      },
      [](size_t) {});
}

void RunProofsOfNobody(MailWorld& world, benchmark::State& state) {
  RunCommands<AuthenticateEmailPasscode>(
      world.engine(), state, ErrorCode::kOtpCodeNotFound, [&] { return world.NextToProve(); },
      [](size_t member, size_t) {
        return MailWorld::Prove(
            member, "nobody" + std::to_string(1000000 + member) + "@example.com", kWrongCode);
      },
      [](size_t) {});
}

}  // namespace

std::vector<Case> Cases(size_t members) {
  static MailWorld world(members);
  Settle(world, members);
  using State = benchmark::State;
  return {
      {"mail_send", [](State& state) { RunSends(world, true, state); }},
      {"mail_send_unverified", [](State& state) { RunSends(world, false, state); }},
      {"mail_right", [](State& state) { RunProofs(world, kRightCode, state); }},
      {"mail_wrong", [](State& state) { RunProofs(world, kWrongCode, state); }},
      {"mail_nobody", [](State& state) { RunProofsOfNobody(world, state); }},
  };
}

}  // namespace bench
}  // namespace otpcore
