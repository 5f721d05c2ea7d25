// SPDX-License-Identifier: Apache-2.0
// Clients who show an address before they know which Organization they want, and choose one then,
// beside what they call else.
#ifndef OTPCORE_TESTS_SIMULATION_DISCOVERY_CLIENTS_H_
#define OTPCORE_TESTS_SIMULATION_DISCOVERY_CLIENTS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "email_clients.h"

namespace otpcore {
namespace simulation {

class DiscoveryClients final : public EmailClients {
 public:
  // `share`: of 100 calls.
  template <typename... Arguments>
  explicit DiscoveryClients(uint32_t share, Arguments&&... arguments)
      : EmailClients(std::forward<Arguments>(arguments)...), share_(share) {}

  Calling Next(Draw* draw) override;

  // An intermediate session that the host made after a proof or an exchange.
  void LearnToken(const std::string& token) { tokens_.push_back(token); }
  void LearnDiscoveryChallenge(const std::string& address, const ChallengeId& challenge) {
    sent_.emplace_back(address, challenge);
  }

 private:
  void ChangeField(Draw* draw, Calling* calling) override;
  void PickDiscovered(Draw* draw, Call* call) const;
  void MakeExchange(Draw* draw, Calling* calling);
  void MakeReport(Draw* draw, Call* call) const;
  NewSession MakeSession(Draw* draw, const Call& call);

  const uint32_t share_;
  std::vector<std::string> tokens_;
  std::vector<std::pair<std::string, ChallengeId>> sent_;
  uint64_t made_ = 0;
};

}  // namespace simulation
}  // namespace otpcore

#endif  // OTPCORE_TESTS_SIMULATION_DISCOVERY_CLIENTS_H_
