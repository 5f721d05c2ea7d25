// SPDX-License-Identifier: Apache-2.0
// The vocabulary of a command: what a plan sees (Facts) and what it says (Decision).
//
// A command is two pure functions: Plan(context, request, facts) -> Decision, and Respond(context,
// request, conclusion) -> response. They read no clock, draw no randomness and do no I/O.
// operation.h runs them.
#ifndef OTPCORE_PLAN_COMMAND_H_
#define OTPCORE_PLAN_COMMAND_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "otpcore/base/export.h"
#include "otpcore/base/result.h"
#include "otpcore/plan/outcome.h"
#include "otpcore/rules/config.h"
#include "otpcore/rules/passcode.h"

namespace otpcore {

// ---- Facts ----

// Bytes drawn anew for each attempt: the passcode, the challenge id, the phone id.
inline constexpr size_t kEntropyBytes = kPasscodeEntropyBytes + 32;
using Entropy = SecretBytes<kEntropyBytes>;

// A number that a plan has parsed. Its decision carries it and the next plan finds it among its
// facts, for a parse takes longer than all else a plan does. Empty text: none.
struct ParsedNumber {
  E164 text;  // as it was given
  PhoneNumber number;
};

// All that was answered so far for this attempt.
struct OTPCORE_EXPORT Facts {
  Instant now;         // read once, after the load (T-01)
  uint64_t epoch = 0;  // the store's; a new one after a restore (K-11)
  std::vector<LoadedRecord> records;
  std::optional<Session> session;  // absent after a load that searched one: there is none
  std::optional<Admission> admission;
  bool has_entropy = false;
  Entropy entropy;
  ParsedNumber parsed;

  // The record loaded for `key` (revision 0: there is none); null: it was not asked for yet.
  const LoadedRecord* Find(const RecordKey& key) const {
    return Find(key.kind, key.organization, key.name);
  }
  const LoadedRecord* Find(RecordKind kind, std::string_view organization,
                           std::string_view name) const;
};

// ---- Decisions ----

struct LoadMore {
  std::vector<RecordKey> keys;
  std::optional<SessionCredential> session;
  bool entropy = false;  // also draw entropy, if none was drawn in this attempt
  ParsedNumber parsed = {};
};

struct Admit {
  AdmissionId id;  // the first of an operation's run counts
  std::vector<Quota> quotas;
  ParsedNumber parsed = {};
};

// For the host, never on the wire; as of the commit, before a delivery fails. Zero: absent.
struct Hints {
  Instant expires_at;    // of the passcode
  Instant next_send_at;  // from then on the Member's own limits allow a further send
  int sends_left = 0;    // of the Member, now
  int tries_left = 0;    // wrong codes until the challenge is dead
};

// How the command is answered. Nothing of it leaves before the changes are committed.
struct Answer {
  Error error = ErrorCode::kOk;
  OrganizationSnapshot organization;
  std::unique_ptr<MemberRecord> member;         // when nothing is written; else it is in the writes
  std::optional<SessionEffect> session_effect;  // of a repeated success: may not have been applied
  Hints hints;
  EventList events;
};

struct Commit {
  Changes changes;
  Answer answer;
};

using Decision = std::variant<LoadMore, Admit, Commit, Answer>;

// ---- After the decision ----

// Why the driver could not bring a command to an answer of its own.
enum class Fault : uint8_t {
  kNone = 0,
  kUnavailable = 1,
  kContention = 2,
  kUnknown = 3,
  kMisuse = 4
};
OTPCORE_EXPORT Error ErrorOf(Fault fault);

// What became of a command.
struct Conclusion {
  Fault fault = Fault::kNone;
  Answer answer;
  Changes changes;  // what was committed; empty when nothing was
  std::optional<Delivery> delivery;
  Instant now;                     // of the decision
  std::optional<Session> session;  // that the decision saw

  // The Member after the command: the one written, or the one the answer brought. Null: none.
  OTPCORE_EXPORT const MemberRecord* member() const;
  OTPCORE_EXPORT MemberRecord* member();
};

// Who asks.
struct CallContext {
  const Config* config = nullptr;
  OperationId operation_id;  // never empty inside a plan
};

// One request, ready to be planned. Const functions are pure.
class OTPCORE_EXPORT Command {
 public:
  virtual ~Command() = default;
  virtual Decision Plan(const Facts& facts) const = 0;
  // The command to run when `changes.message` was not accepted; null: none.
  virtual std::unique_ptr<Command> AfterDelivery(const Changes& /*changes*/,
                                                 const Delivery& /*delivery*/) const {
    return nullptr;
  }
};

}  // namespace otpcore

#endif  // OTPCORE_PLAN_COMMAND_H_
