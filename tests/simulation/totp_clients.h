// SPDX-License-Identifier: Apache-2.0
// Clients who have an authenticator app and a note of recovery codes beside what they call else.
#ifndef OTPCORE_TESTS_SIMULATION_TOTP_CLIENTS_H_
#define OTPCORE_TESTS_SIMULATION_TOTP_CLIENTS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "simulation/clients.h"

namespace otpcore {
namespace simulation {

class TotpClients : public Clients {
 public:
  struct Habits {
    // So many of 100 calls are about TOTP and recovery codes.
    uint32_t share = 0;
    TotpParameters parameters;  // of the policy
  };
  // `now`: the time in milliseconds, by which the apps go.
  TotpClients(uint32_t members, int digits, std::vector<std::string> numbers, Look look,
              const Habits& habits, std::function<int64_t()> now)
      : Clients(members, digits, std::move(numbers), std::move(look)),
        habits_(habits),
        now_(std::move(now)) {}

  Calling Next(Draw* draw) override;

  // What they learn from answers. `member`: the path "organization/member"; `secret`: base32.
  void LearnSecret(const std::string& member, const std::string& secret,
                   const TotpParameters& parameters);
  void LearnCodes(const std::string& member, const std::vector<std::string>& codes);

 protected:
  void ChangeField(Draw* draw, Calling* calling) override;

 private:
  struct App {
    std::string secret;  // bytes; empty: it has scanned nothing
    TotpParameters parameters;
    std::vector<std::string> note;
    std::vector<std::string> old_notes;
    std::string typed;  // the last code
  };

  Verb PickVerb(Draw* draw, const Call& call) const;
  void MakeMigration(Draw* draw, Call* call) const;
  void MakeProof(Draw* draw, Calling* calling);
  void AddTotpCode(Draw* draw, Call* call);
  void AddRecoveryCode(Draw* draw, Call* call);
  std::string CodeOf(const App& app, int64_t steps_later) const;
  App& AppOf(const Call& call) { return apps_[call.organization + "/" + call.member]; }
  const App& AnotherApp(Draw* draw);

  const Habits habits_;
  const std::function<int64_t()> now_;
  std::map<std::string, App> apps_;  // by member path
};

}  // namespace simulation
}  // namespace otpcore

#endif  // OTPCORE_TESTS_SIMULATION_TOTP_CLIENTS_H_
