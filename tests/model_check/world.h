// SPDX-License-Identifier: Apache-2.0
// The state of the whole system and its steps: a store, the operations in flight on two or three
// hosts, a clock that steps both ways, and what the properties must remember.
#ifndef OTPCORE_TESTS_MODEL_CHECK_WORLD_H_
#define OTPCORE_TESTS_MODEL_CHECK_WORLD_H_

#include <string>
#include <vector>

#include "model_check/operations.h"

namespace otpcore {
namespace model {

inline constexpr int kHostsMax = 3;
inline constexpr uint8_t kRightCode = 0xF;  // of `setup`: as the slot, the code of the last SMS
inline constexpr int kMinuteOfDrain =
    250;  // later than every window and lock of the model's policy

// Which operation a Member's record shows, told from the commits.
struct Marked {
  uint8_t operation = kNotRepeated;
  uint8_t minute = 0;  // when it was decided
  CommandSpec command = {};
};

// An operation on its way on one host.
struct Flight {
  static constexpr uint8_t kApplied = 1;    // its own commit is in the store
  static constexpr uint8_t kSent = 2;       // the gateway may have taken its SMS
  static constexpr uint8_t kLateOwner = 4;  // the commit that is still under way is its own
  static constexpr uint8_t kConsumed = 8;   // its exchange had the token

  uint32_t point = 0;  // 0: the host is idle
  uint8_t stale = 0;   // keys that were written since it read them first
  uint8_t flags = 0;
  Marked seen = {};  // in the command's Member as loaded last
};

// What the properties remember of a challenge.
struct ChallengeMemory {
  uint8_t slot = 0;  // of the latest one; 0: none, or it went with its number
  uint8_t issued = 0;
  uint8_t seen = 0;  // the latest clock under which the record was written since
  uint8_t epoch = 0;
  bool is_void = false;  // the report of a failed delivery was committed, or a restore voided it
  uint8_t failures = 0;
};

// Of the Member's registration and its recovery codes.
struct AppMemory {
  uint8_t slot = 0;  // 0: there is none that has a secret
  uint8_t set = 0;   // the slot of the codes
  uint8_t used = 0;  // codes that succeeded, one bit each
  bool active = false;
  uint8_t made = 0;      // when
  uint8_t seen = 0;      // the latest clock under which the record was written since
  uint8_t epoch = 0;     // in which it was made, or a code accepted
  uint8_t accepted = 0;  // the latest step that was, and one; 0: none
};

// Of failures.
struct LedgerMemory {
  uint8_t in_a_row = 0;
  uint8_t since_success = 0;
  uint8_t since_unlock = 0;  // with their weight (L-11)
  uint8_t heaviest = 0;      // of these
  uint8_t locks = 0;
  uint8_t locked_until = 0;
};

// And of a Member: what happened, told from the commits and not from what the library keeps. First
// of the challenge to their number, and of second factors.
struct MemberMemory : ChallengeMemory, LedgerMemory {
  ChallengeMemory change;  // the candidate's (E-04)
  ChallengeMemory mail;    // that to the e-mail address
  LedgerMemory mail_ledger;
  AppMemory app;
  Marked marked = {};
};

// By key: of Members, and of kAddress.
struct Memories : std::array<MemberMemory, kMembers + 1> {
  MemberMemory& operator[](size_t owner) { return data()[Place(owner)]; }
  const MemberMemory& operator[](size_t owner) const { return data()[Place(owner)]; }

 private:
  static size_t Place(size_t owner) { return owner == kAddress ? size_t{kMembers} : owner; }
};

struct State {
  std::array<uint32_t, kKeys> records{};
  std::array<Flight, kHostsMax> flights{};
  Flight late;        // a commit that may still reach the store
  uint8_t clock = 0;  // index into the scenario's minutes
  uint8_t epoch = 0;
  Memories memory{};
  bool token_gone = false;  // that of kExchange
  uint16_t used = 0;        // slots that succeeded, one bit each
  uint16_t sent = 0;        // slots whose SMS the gateway was given
};

// Defects of a host or a store that the checker must find; in the product's place, never in it.
enum class HostDefect : uint8_t {
  kNone,
  kNoRevisionCheck,       // a store that applies every commit
  kWritesNotAtomic,       // a store that may stop after the first write
  kDeliversBeforeCommit,  // a host that hands over the message first
  kClaimsUnchecked,       // a store that compares the revision of the first record only
};

struct Scenario {
  std::string name;
  std::string about;
  int hosts = 2;
  int members = 1;
  std::vector<CommandSpec> setup = {};     // run before, one after the other
  std::vector<CommandSpec> commands = {};  // may start at any time; of authenticate, with any code
  std::vector<uint8_t> steps = {};         // whose codes are typed, as indices of kSteps
  std::vector<uint8_t> minutes = {0};      // where the clock may stand; it moves to a neighbour
  uint8_t start = 0;                       // index of the minute at which it begins
  bool spread = false;                     // a clock step between the commands of `setup`
  std::vector<Fault> faults = {};
  bool crashes = true;
  // Requests have operation ids; a client repeats one that is still running, at another host.
  bool repeats = false;
  // A client also gives the id of an operation, running or recorded, to other commands, and again
  // when it has ended.
  bool misuses = false;
  bool restores = false;  // the store may be set back to the state after `setup`, with a new epoch
  HostDefect defect = HostDefect::kNone;
};

struct Action {
  enum class Kind : uint8_t { kStart, kMeet, kClock, kRestore, kLateCommit };
  Kind kind = Kind::kMeet;
  uint8_t flight = 0;
  Fault fault = Fault::kNone;
  CommandSpec command = {};
  uint8_t operation = 0;  // kStart
  uint8_t clock = 0;      // kClock: where to
};

// What was broken; null: nothing.
using Violation = const char*;

class World {
 public:
  World(const Scenario& scenario, const Config& config);

  const State& initial() const { return initial_; }
  const Scenario& scenario() const { return scenario_; }
  const PointTable& points() const { return points_; }
  const RecordTable& records() const { return records_; }

  // All that may happen next, in an order that depends on the state alone.
  void ActionsOf(const State& state, std::vector<Action>* actions) const;
  Violation Take(const Action& action, State* state);
  // Whether what is reached without any operation in flight is still of use: a send, then its code.
  Violation CheckAlive(const State& state);

  // Brings equal states to one form: hosts are alike. `*order` tells which flight went where.
  void Canonicalize(State* state, std::array<uint8_t, kHostsMax>* order = nullptr) const;
  Hash HashOf(const State& state) const;

  int MinuteOf(const State& state) const {
    return state.clock < scenario_.minutes.size() ? scenario_.minutes[state.clock] : kMinuteOfDrain;
  }
  const RecordView& View(const State& state, int key) const {
    return records_.at(state.records[static_cast<size_t>(key)]).view;
  }
  uint8_t FreeOperation(const State& state) const;
  uint8_t FreeSlot(const State& state) const;
  // Starts `command` on an idle host.
  void Start(const CommandSpec& command, uint8_t operation, size_t flight, State* state);
  // Meets the need of one flight. `*answer` is set when the operation ends with that.
  Violation Meet(size_t flight, Fault fault, State* state, ErrorCode* answer = nullptr);
  // Runs one command to its end, alone and without faults.
  Violation RunAlone(const CommandSpec& command, State* state, ErrorCode* answer);
  bool CanApply(const State& state, const Flight& flight) const;

 private:
  void ActionsOfFlight(const State& state, size_t flight, std::vector<Action>* actions) const;
  void Starts(const State& state, std::vector<Action>* actions) const;
  void StartsOf(const State& state, Action action, std::vector<Action>* actions) const;
  Input LoadInput(Fault fault, Flight* flight, const State& state) const;
  Violation MeetCommit(size_t flight, Fault fault, State* state, Input* input);
  Violation MeetDelivery(size_t flight, Fault fault, State* state, Input* input);
  Violation Apply(const Flight& flight, State* state);
  Violation Restore(State* state);
  Violation FindDead(const State& state);
  Violation FindDeadNumber(uint8_t member, State* later);
  Violation FindDeadApp(uint8_t member, State* later);
  Violation FindDeadMail(uint8_t owner, State* later);
  bool HasCommand(bool (*is)(CommandSpec::Kind)) const;
  void TypedStarts(const State& state, Action action, std::vector<Action>* actions) const;
  uint16_t CodesInUse(const State& state) const;
  uint16_t SlotsInUse(const State& state) const;

  const Scenario scenario_;
  RecordTable records_;
  PointTable points_;
  State initial_;
  Interned<Violation> alive_;
};

}  // namespace model
}  // namespace otpcore

#endif  // OTPCORE_TESTS_MODEL_CHECK_WORLD_H_
