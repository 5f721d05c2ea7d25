// SPDX-License-Identifier: Apache-2.0
// The fixture of tests on passcodes outside any Organization.
#ifndef OTPCORE_TESTS_DISCOVERY_H_
#define OTPCORE_TESTS_DISCOVERY_H_

#include <string>

#include "email.h"

namespace otpcore {

class DiscoveryTest : public EmailTest {
 protected:
  explicit DiscoveryTest(Policy policy = Policy::Default()) : EmailTest(std::move(policy)) {}

  static SendDiscoveryPasscodeRequest Discovery(const std::string& address = kAddress) {
    SendDiscoveryPasscodeRequest request;
    request.email_address = address;
    return request;
  }
  Reply<SendDiscoveryPasscode> Discover(const std::string& address = kAddress) {
    return world.engine.Run(Discovery(address));
  }
  // The code that was sent outside any Organization.
  std::string Discovered(const std::string& address = kAddress) {
    EXPECT_THAT(Discover(address), testing::Succeeds());
    return Code();
  }
  static AuthenticateDiscoveryPasscodeRequest Answer(const std::string& code,
                                                     const std::string& address = kAddress) {
    AuthenticateDiscoveryPasscodeRequest request;
    request.email_address = address;
    request.code.emplace(code);
    return request;
  }
  Reply<AuthenticateDiscoveryPasscode> Show(const std::string& code,
                                            const std::string& address = kAddress) {
    return world.engine.Run(Answer(code, address));
  }
  // What the store has of the address; nothing of one that is not remembered.
  std::optional<testing::Kept<DiscoveryRecord>> Remembered(const std::string& address = kAddress) {
    testing::Kept<DiscoveryRecord> record;
    if (!testing::ReadStored(testing::LoadFrom(world.memory, RecordKey::Discovery(address)),
                             &record))
      return std::nullopt;
    return record;
  }
  // So many wrong codes, with a new passcode when one has failed too often. Only as many sends as
  // that takes.
  void FailTimes(int times, const std::string& address = kAddress) {
    std::string code;
    for (int i = 0; i < times; ++i) {
      if (i % world.config->policy().challenge_failures_max == 0) {
        world.clock.Advance(std::chrono::minutes(10));
        code = Discovered(address);
      }
      EXPECT_THAT(Show(testing::WrongCode(code), address),
                  testing::FailsWith("otp_code_not_found"));
    }
  }
};

}  // namespace otpcore

#endif  // OTPCORE_TESTS_DISCOVERY_H_
