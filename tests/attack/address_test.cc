// SPDX-License-Identifier: Apache-2.0
// Attackers who know an address and guess at its passcodes by e-mail both in the Organization and
// outside of it: each door has a ledger, both open the same account, and the bound counts both
// (L-12, L-13).
#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "discovery.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::WrongCode;

constexpr Duration kYear = hours(24 * 365);

// Sends are not what is measured here.
Policy Sending(Policy policy) {
  policy.email_sends_max = kEmailSendTimesMax;
  policy.email_sends_window = minutes(1);
  return policy;
}

class AddressAttack {
 public:
  explicit AddressAttack(const Policy& policy) : world_(Sending(policy)) {
    CreateMemberRequest create;
    create.email_address = "ada@example.com";
    ada_ = world_.MakeMember(organization_, create);
    began_ = world_.clock.Now();
  }

  // The best there is: guess whenever a door is open. The owner signs in, through either door, when
  // that clears a counter. Returns the guesses that were compared and counted.
  int64_t Guesses(bool inside, bool outside) {
    int64_t guesses = 0;
    while (world_.clock.Now() - began_ <= kYear) {
      const bool tried_in = inside && Try(Inside(), &guesses);
      const bool tried_out = outside && Try(Outside(), &guesses);
      if (!tried_in && !tried_out) WaitForALock(inside, outside);
      if (::testing::Test::HasFailure()) break;
    }
    return guesses;
  }

 private:
  // The code that was mailed last, and how often it may still be answered wrongly.
  struct Mailed {
    std::string code;
    int tries = 0;
  };
  struct Door {
    FailureLedger failures;
    Mailed& mailed;
    std::function<bool()> send;
    std::function<std::string(const std::string&)> prove;
  };

  size_t Digits() const {
    return static_cast<size_t>(world_.config->policy().email_passcode_digits);
  }
  Door Inside() {
    return {world_.RecordOf(ada_)->email.failures, inside_,
            [this] {
              SendEmailPasscodeRequest request;
              request.organization_id = organization_.organization_id.str();
              request.email_address = "ada@example.com";
              return world_.engine.Run(request).ok();
            },
            [this](const std::string& code) {
              AuthenticateEmailPasscodeRequest request;
              request.organization_id = organization_.organization_id.str();
              request.email_address = "ada@example.com";
              request.code.emplace(code);
              return ErrorTypeOf(world_.engine.Run(request));
            }};
  }
  Door Outside() {
    testing::Kept<DiscoveryRecord> record;
    const RecordKey key = RecordKey::Discovery("ada@example.com");
    testing::ReadStored(testing::LoadFrom(world_.memory, key), &record);
    return {record.email.failures, outside_,
            [this] {
              SendDiscoveryPasscodeRequest request;
              request.email_address = "ada@example.com";
              return world_.engine.Run(request).ok();
            },
            [this](const std::string& code) {
              AuthenticateDiscoveryPasscodeRequest request;
              request.email_address = "ada@example.com";
              request.code.emplace(code);
              return ErrorTypeOf(world_.engine.Run(request));
            }};
  }
  // False: the door is locked.
  bool Try(const Door& door, int64_t* guesses) {
    if (door.failures.locked_until > world_.clock.Now()) return false;
    Mailed& mailed = door.mailed;
    if (mailed.tries == 0) {
      EXPECT_TRUE(door.send());
      mailed = {world_.inbox.LastCode(Digits()), world_.config->policy().challenge_failures_max};
    }
    if (door.failures.in_a_row >= world_.config->policy().lock_after_failures - 1) {
      EXPECT_EQ(door.prove(std::exchange(mailed, {}).code), "") << "the owner";
      return true;
    }
    EXPECT_EQ(door.prove(WrongCode(mailed.code)), "otp_code_not_found");
    --mailed.tries;
    ++*guesses;
    return true;
  }
  void WaitForALock(bool inside, bool outside) {
    Instant end = Instant::Max();
    if (inside) end = std::min(end, Inside().failures.locked_until);
    if (outside) end = std::min(end, Outside().failures.locked_until);
    world_.clock.Set(end);
    inside_ = outside_ = {};  // what was mailed before has expired
  }

  World world_;
  const Organization organization_ = world_.MakeOrganization();
  Member ada_;
  Instant began_;
  Mailed inside_, outside_;
};

TEST(AddressGuessing, AYearAtBothDoorsAdmitsExactlyTheComputedNumber) {  // L-09, L-12, L-13
  for (const Policy& policy : {Policy::Default(), Policy::Strict()}) {
    const int64_t bound = EmailGuessesPerYear(policy);
    EXPECT_EQ(AddressAttack(policy).Guesses(true, true), bound);
    EXPECT_EQ(AddressAttack(policy).Guesses(true, false), bound / 2);
    EXPECT_EQ(AddressAttack(policy).Guesses(false, true), bound / 2);
  }
  EXPECT_EQ(EmailGuessesPerYear(Policy::Default()), 2 * 197);
}

// A purge by the store is no way to a new budget: what may be forgotten counts no more.
TEST(AddressGuessing, ARecordThatIsForgottenInTimeRefillsNothing) {  // EM-25, L-12
  std::vector<int64_t> admitted;
  for (const bool forgets : {false, true}) {
    World world(Sending(Policy::Default()));
    const RecordKey key = RecordKey::Discovery("ada@example.com");
    int64_t guesses = 0;
    const Instant began = world.clock.Now();
    while (world.clock.Now() - began <= kYear) {
      const auto stored = testing::LoadFrom(world.memory, key);
      const auto forget_at = ForgettableFrom(stored.bytes);
      if (forgets && forget_at && *forget_at <= world.clock.Now())
        testing::CommitTo(world.memory, {{key, stored.revision, ""}});
      SendDiscoveryPasscodeRequest send;
      send.email_address = "ada@example.com";
      if (world.engine.Run(send).ok()) {
        AuthenticateDiscoveryPasscodeRequest prove;
        prove.email_address = "ada@example.com";
        prove.code.emplace(WrongCode(world.inbox.LastCode()));
        guesses += ErrorTypeOf(world.engine.Run(prove)) == "otp_code_not_found";
      }
      world.clock.Advance(hours(1));
    }
    admitted.push_back(guesses);
  }
  EXPECT_EQ(admitted[0], admitted[1]);
  // Nobody signs in, so ten in a row lock for ever longer, and a hundred for good (L-02, L-03).
  EXPECT_LE(admitted[0], 100);
  EXPECT_GT(admitted[0], 50) << "it does not try hard enough";
}

}  // namespace
}  // namespace otpcore
