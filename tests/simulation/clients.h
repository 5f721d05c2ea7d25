// SPDX-License-Identifier: Apache-2.0
// What clients call: mostly what people do, often enough what they should not.
//
// Clients know the form of a call (call.h) and nothing else of the library.
#ifndef OTPCORE_TESTS_SIMULATION_CLIENTS_H_
#define OTPCORE_TESTS_SIMULATION_CLIENTS_H_

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "simulation/call.h"
#include "simulation/draw.h"

namespace otpcore {
namespace simulation {

// A session that primary authentication has left with a client. The host adds it to its directory
// before the call that presents it.
struct NewSession {
  std::string value;
  std::string id;                    // empty: the directory gives none
  std::string organization, member;  // both empty: of no Member (EM-26)
  std::string address;               // that its e-mail factor proved; empty: none
  bool host_primary = false;         // the factors it has shown
  bool email_primary = false;        // an e-mail passcode, likewise primary
  bool sms = false;
  bool totp = false;
  bool recovery = false;
};

struct Calling {
  Call call;  // without an operation id: not repeatable
  std::optional<NewSession> session;
};

class Clients {
 public:
  // What a client knows of a Member.
  struct Sight {
    bool has_number = false;
    bool is_verified = false;
    bool has_candidate = false;
    bool deleted = false;
    bool is_registered = false;  // an app, whether or not a code has proved it
    bool has_app = false;        // one that was proved
    std::string email;
  };
  using Look = std::function<Sight(const std::string& organization, const std::string& member)>;

  // Two Organizations with `members` each. `digits`: of the policy's passcodes. `numbers`: the
  // first three are the usual ones.
  Clients(uint32_t members, int digits, std::vector<std::string> numbers, Look look);

  // The calls that make the Organizations and their Members, in order.
  std::vector<Call> SetUp();
  virtual ~Clients() = default;
  virtual Calling Next(Draw* draw);

  // What they learn. `member`: the path "organization/member", or a mailbox.
  void Received(const std::string& member, const std::string& code) {
    arrived_[member].push_back(code);
    latest_ = member;
  }
  void LearnChallenge(const std::string& member, const ChallengeId& challenge) {
    issued_.emplace_back(member, challenge);
  }
  // An id that the library chose; `member` is empty for an Organization's.
  void LearnId(const std::string& organization, const std::string& member) {
    generated_.emplace_back(organization, member);
  }

 protected:
  // An operation and a Member, as most calls have them.
  void Aim(Draw* draw, Call* call);
  // Now and then the same by another name (C-01).
  static void Rename(Draw* draw, Call* call);
  // So that it may be called again.
  void Remember(const Call& call);
  bool may_repeat() const { return !last_calls_.empty(); }
  // A host that retries: the same request with the same operation id (C-07), mostly at once. Now
  // and then the id comes with another request.
  Calling Again(Draw* draw);
  // Gives a field another value, one that the verb has (C-07).
  virtual void ChangeField(Draw* draw, Calling* calling);
  void AddSession(Draw* draw, bool wanted, Calling* calling);
  static void AddDevice(Draw* draw, Call* call);
  const std::vector<std::string>& ArrivedAt(const std::string& member) { return arrived_[member]; }
  // The latest code that arrived at somebody; empty: none did.
  const std::string& AnyArrived(Draw* draw) const;
  // Where a code arrived last.
  const std::string& latest() const { return latest_; }
  uint32_t members() const { return members_; }
  Sight SightOf(const Call& call) const { return look_(call.organization, call.member); }

 private:
  OperationId NextOperation();
  void AddCode(Draw* draw, Call* call);
  void MakeOrganizationCall(Draw* draw, Call* call);
  void MakeMemberCall(Draw* draw, Calling* calling);
  void MakeUpdateCall(Draw* draw, Calling* calling);
  void MakePhoneChangeCall(Draw* draw, Calling* calling);
  std::string PickNumber(Draw* draw, bool odd) const;

  const uint32_t members_;
  const size_t digits_;
  const std::vector<std::string> numbers_;
  const Look look_;
  std::map<std::string, std::vector<std::string>> arrived_;  // member path -> codes
  std::string latest_;
  std::vector<std::pair<std::string, ChallengeId>> issued_;  // member path, challenge
  std::vector<std::pair<std::string, std::string>> generated_;
  std::deque<Call> last_calls_;                           // the latest comes last
  std::map<std::string, SessionArguments> last_session_;  // by member path
  uint64_t operations_ = 0;
  uint64_t sessions_made_ = 0;
  uint64_t names_made_ = 0;
};

}  // namespace simulation
}  // namespace otpcore

#endif  // OTPCORE_TESTS_SIMULATION_CLIENTS_H_
