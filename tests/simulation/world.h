// SPDX-License-Identifier: Apache-2.0
// The simulated world: several hosts, one store, a clock for each host, phones, sessions, and all
// that goes wrong between them. Every step is decided by its own small number, so a step can be
// left out without changing what the others are about; that is what makes shrinking work.
//
// At the moment a commit is applied the model is asked what that command had to do, given what its
// host had loaded. So the order of commits is the order in which the model lives too.
//
// The simulation draws the steps from a seed; the fuzz target of commands takes them from its
// input.
#ifndef OTPCORE_TESTS_SIMULATION_WORLD_H_
#define OTPCORE_TESTS_SIMULATION_WORLD_H_

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "clocks.h"
#include "discovery_clients.h"
#include "draw.h"
#include "guard_model.h"
#include "model.h"
#include "otpcore/adapters/memory_guard.h"
#include "sim_store.h"
#include "totp_variant.h"

namespace otpcore {
namespace simulation {

enum class StepKind : uint8_t {
  kStart,    // a client calls a host
  kAdvance,  // a call under way gets one need met
  kFinish,   // a call under way runs to its end
  kClock,    // a host's clock, or all of them, do something
  kCrash,    // a host loses all calls under way
  kBackup,
  kRestore,
  kPhone,   // a delayed SMS arrives
  kKeys,    // a host is given the next sealing keys
  kForget,  // the store deletes the addresses that it may, by a host's clock
};
struct Step {
  StepKind kind = StepKind::kStart;
  uint8_t slot = 0;
  uint64_t salt = 0;
};

struct Options {
  uint32_t hosts = 3;
  uint32_t members = 3;  // of each of the two Organizations
  uint32_t policy = 0;   // a variant
  bool faults = true;
};

class World {
 public:
  static constexpr uint32_t kSlotsPerHost = 2;

  // `log`: null, or gets a line for each thing that happens.
  World(const Options& options, std::vector<std::string>* log);
  ~World();

  void Apply(const Step& step);
  // The same with choices of the caller's own.
  void Apply(StepKind kind, size_t slot, Draw* draw);
  // What was wrong first; empty: nothing.
  const std::string& problem() const { return problem_; }
  uint64_t events() const { return events_; }
  uint64_t hash() const { return hash_.value(); }
  // How often each error was answered, and each fault injected: to see that nothing is left out.
  const std::map<std::string, uint64_t>& counts() const { return counts_; }

 private:
  struct Slot;
  struct Sms {
    std::string to;  // the Member's path, or a mailbox
    std::string code;
  };

  // ---- Needs (world_needs.cc) ----
  void Start(Slot* slot, Draw* draw);
  void Advance(Slot* slot, Draw* draw, bool faults);
  void MeetLoad(Slot* slot, const NeedLoad& need, Draw* draw, bool faults);
  void MeetAdmission(Slot* slot, const NeedAdmission& need, Draw* draw, bool faults);
  void MeetCommit(Slot* slot, const NeedCommit& need, Draw* draw, bool faults);
  void MeetSession(Slot* slot, const NeedSessionEffect& need, Draw* draw, bool faults);
  void MeetDelivery(Slot* slot, const NeedDelivery& need, Draw* draw, bool faults);
  void MeetSettlement(Slot* slot, const NeedSettlement& need);
  Admission AskGuard(const NeedAdmission& need);
  void ProbeGuard(const EntityId& organization, const Event& verified);
  void CheckQuotas(const Slot& slot, const Quotas& quotas, const Expected& expected);
  void Finish(Slot* slot);
  void BeginAttempt(Slot* slot);
  void FillEntropy(Slot* slot, const NeedLoad& need, Loaded* loaded, Draw* draw, bool faults);
  void FollowUp(Slot* slot, const Message& message);
  void See(Slot* slot, const RecordKey& key, const StatePtr& state);

  // ---- Judgement (world_check.cc) ----
  Expected JudgeSlot(const Slot& slot) const;
  void OnApplied(Slot* slot, const Changes& changes);
  void CheckNewId(const Slot& slot, const RecordKey& key);
  void CheckIssued(Slot* slot, const Changes& changes, Expected* expected);
  void CheckMessage(const Slot& slot, const Message& message, const Expected& expected);
  void CheckEffect(const Slot& slot, const SessionEffect& effect);
  void CheckWrites(const Slot& slot, const Changes& changes, const Expected& expected);
  void CheckReply(Slot* slot, const Heard& heard);
  void CheckAnswer(const Slot& slot, const Expected& expected, const Heard& heard);
  void CheckSessionChanged(const Slot& slot);
  void CheckEvents(const Slot& slot, const Heard& heard);
  void CheckMember(const Member& heard, const ModelMember& model, Millis now);
  std::string CompareWrite(const Write& write, Millis now) const;

  // ---- E-mail (world_email.cc) ----
  void CheckEmailQuotas(const Slot& slot, const Quotas& quotas, const Expected& expected);
  void CheckEmailMessage(const Slot& slot, const Message& message, const ModelMail& mail);
  void CheckEmailAnswer(const Slot& slot, const Expected& expected, const Heard& heard);

  // ---- Addresses outside Organizations, and exchange (world_discovery.cc) ----
  void Forget(uint32_t host);
  void TakeBack(const std::string& address);
  bool ApplyEffect(const SessionEffect& effect);
  // The host makes the intermediate session that an effect asks for.
  void MakeSession(const Slot& slot, const SessionEffect& effect);
  std::string CompareAddress(const Write& write) const;
  void CheckDiscoveryEffect(const SessionEffect& effect, const Expected& expected);
  void CheckDiscoveryAnswer(const Slot& slot, const Expected& expected, const Heard& heard);

  // ---- TOTP and recovery codes (world_totp.cc) ----
  std::string CompareRegistration(const MemberRecord& record, const ModelMember& model) const;
  void CheckOptions(const Slot& slot, const Expected& expected, const MfaRequired& required);
  void CheckTotpAnswer(const Slot& slot, const Expected& expected, const Heard& heard);
  void CheckToldEvents(const Slot& slot, const Expected& expected, const Heard& heard);
  // The Member that the answer is about: after its commit, or as it was seen.
  const ModelMember* MemberOf(const Slot& slot, const Expected& expected) const;
  void HashReply(const Heard& heard);
  void HashChanges(const Changes& changes);

  // ---- The rest ----
  const Config* MakeConfig(const Policy& policy, uint32_t keys);
  const Config& ConfigOf(uint32_t keys);
  void SetUp();
  void RunNow(const Call& call);
  void Learn(const NewSession& session);
  Clients::Sight Look(const std::string& organization, const std::string& member) const;
  Millis NowOf(uint32_t host) const { return clocks_.NowOf(host); }
  void Restore();
  void Arrive(const Sms& sms);
  void Fail(const std::string& what);
  void Log(const std::string& line);
  // "h1.3": the call in slot 3, on host 1.
  static std::string NameOf(const Slot& slot);
  void Count(const std::string& what) { ++counts_[what]; }

  const Options options_;
  std::vector<std::string>* const log_;
  bool quiet_ = false;  // while the world is set up
  // One for each row of kKeysOfHosts, made when it is needed first; else they are the same.
  std::vector<std::unique_ptr<const Config>> configs_;
  const Config* config_ = nullptr;  // the first of them
  bool has_sealing_keys_ = true;
  SealingKeyRing all_sealing_keys_;
  std::vector<uint32_t> keys_of_hosts_;  // by host: which sealing keys it has
  std::string problem_;
  uint64_t events_ = 0;
  TraceHash hash_;
  std::map<std::string, uint64_t> counts_;

  SimStore store_;
  StatePtr model_;
  uint64_t epoch_ = 1;
  Clocks clocks_;
  // All hosts ask one guard, on a server whose clock does not step back.
  struct GuardClock final : Clock {
    Instant Now() override { return now; }
    Instant now;
  } guard_clock_;
  MemorySendGuard guard_{guard_clock_};
  GuardModel guard_model_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::map<std::string, Session, std::less<>> sessions_;
  std::deque<Sms> under_way_;         // delayed by the carrier
  std::set<OperationId> committed_;   // repeatable operations
  std::set<RunId> runs_;              // in the marks of all commits (C-08)
  std::set<AdmissionId> admissions_;  // asked for by all calls
  ModelRun attempts_ = 0;
  uint64_t sessions_made_ = 0;
  std::unique_ptr<DiscoveryClients> clients_;  // once the policy is known
};

// What a record keeps of passcodes by e-mail, against the model; empty: the same.
std::string CompareMail(const EmailFactor& email, const ModelMail& model);

// The factor that a verb proves to a session; kHostPrimary: none.
FactorKind FactorOf(Verb verb);

struct World::Slot {
  uint32_t number = 0;
  uint32_t host = 0;
  bool busy = false;
  uint32_t keys = 0;  // of the host when the call came
  Call call;
  Call follow_up;  // report-delivery, run by the driver after a delivery that was not accepted
  std::unique_ptr<Running> running;
  Need need = Done{};
  // Of the attempt that is under way.
  View view;
  bool viewing = false;    // the attempt has loaded something
  bool resolving = false;  // a commit of unknown outcome is looked into
  ModelRun run = 0;
  Millis now = 0;
  uint64_t epoch = 0;
  std::optional<Session> session;
  std::string drawn;  // the bytes of its Entropy
  bool generator_stuck = false;
  std::optional<Admission> admission;
  std::string new_id;  // that the product chose for what it creates
  // Of the call.
  std::optional<Expected> committed;  // what the applied commit had to be
  uint64_t committed_in = 0;          // the epoch of that
  bool taken_back = false;            // what it wrote was deleted since
  bool following_up = false;
  bool follow_up_applied = false;
  bool gave_back = false;  // the report that followed up, the Member's send (D-02)
  int conflicts = 0;
  bool excuse = false;      // server_unavailable is a right answer
  bool must_fail = false;   // and the only one
  bool no_entropy = false;  // internal_server_error is the only right answer
  bool unknown = false;     // some commit had an unknown outcome
  bool found_gone = false;  // of a purge: what it looked into is gone
  RunId commit_run = 0;     // in the mark of the latest commit asked for
  AdmissionId admission_id;
  bool admitted = false;     // or perhaps; not settled yet
  std::string admitted_for;  // what the call's admission is for
  bool would_issue = false;  // what was to be committed last
  std::optional<Delivery> delivery;
  ChallengeId challenge;
};

}  // namespace simulation
}  // namespace otpcore

#endif  // OTPCORE_TESTS_SIMULATION_WORLD_H_
