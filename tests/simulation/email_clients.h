// SPDX-License-Identifier: Apache-2.0
// Clients who sign in and up by e-mail, beside what they call else.
#ifndef OTPCORE_TESTS_SIMULATION_EMAIL_CLIENTS_H_
#define OTPCORE_TESTS_SIMULATION_EMAIL_CLIENTS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "totp_clients.h"

namespace otpcore {
namespace simulation {

// Where the passcodes to an address arrive; outside Organizations `organization` is empty.
inline std::string MailboxOf(const std::string& organization, const std::string& canonical) {
  return "mail " + organization + "/" + canonical;
}

// In another case, which makes it no other (EM-02).
std::string Shouted(std::string address);

class EmailClients : public TotpClients {
 public:
  struct MailHabits {
    uint32_t share = 0;  // of 100 calls
    int digits = 0;      // of the policy's passcodes
    int minutes_max = 0;
  };
  EmailClients(uint32_t members, int digits, std::vector<std::string> numbers, Look look,
               const Habits& habits, const MailHabits& mail, std::function<int64_t()> now)
      : TotpClients(members, digits, std::move(numbers), std::move(look), habits, std::move(now)),
        mail_(mail) {}

  Calling Next(Draw* draw) override;

 protected:
  void ChangeField(Draw* draw, Calling* calling) override;
  void AddMailCode(Draw* draw, Call* call);
  void MakeSend(Draw* draw, Call* call) const;

 private:
  void PickAddress(Draw* draw, Call* call) const;

  const MailHabits mail_;
};

}  // namespace simulation
}  // namespace otpcore

#endif  // OTPCORE_TESTS_SIMULATION_EMAIL_CLIENTS_H_
