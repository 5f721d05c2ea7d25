// SPDX-License-Identifier: Apache-2.0
// The driver: runs one command by asking for what it needs, one need at a time, and performs no I/O
// itself.
//
//   Operation operation(std::move(command));
//   Need need = operation.Start();
//   while (!std::holds_alternative<Done>(need)) need = /* meet it, pass the outcome */;
//
// engine.h has the blocking loop; event-loop hosts write their own. The same driver serves all
// commands: it knows neither passcodes nor which error a command answers.
#ifndef OTPCORE_ENGINE_OPERATION_H_
#define OTPCORE_ENGINE_OPERATION_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "otpcore/base/export.h"
#include "otpcore/plan/command.h"
#include "otpcore/plan/command_for.h"

namespace otpcore {

// ---- Needs. What they point to lives in the operation until its next input. ----

// Load these records; search this session, if there is one; read the clock AFTER both; draw entropy
// if asked.
struct NeedLoad {
  const std::vector<RecordKey>* keys;
  const SessionCredential* session;  // null: none
  bool entropy;
};
// Ask the SendGuard for all of these quotas at once. Without a guard: admitted.
struct NeedAdmission {
  AdmissionId id;
  const std::vector<Quota>* quotas;
};
// Apply all writes or none.
struct NeedCommit {
  const Changes* changes;
};
// Committed: now change the session, unless the store did that within the commit. Also of a
// repeated operation whose session is still there: change it again.
struct NeedSessionEffect {
  const SessionEffect* effect;
};
// Hand the message to the SMS gateway.
struct NeedDelivery {
  const SmsMessage* message;
};
// Take the conclusion.
struct Done {
  Settlement settlement;
  AdmissionId admission;  // that the guard is told it of
};
using Need =
    std::variant<NeedLoad, NeedAdmission, NeedCommit, NeedSessionEffect, NeedDelivery, Done>;

// ---- Outcomes ----

struct Loaded {
  bool ok = false;  // false: the store or the session directory could not be reached
  Instant now;
  uint64_t epoch = 0;
  std::vector<LoadedRecord> records;  // one for each key, in any order; revision 0 for absent ones
  std::optional<Session> session;     // absent: no such session
  bool has_entropy = false;           // false: the generator failed, or none was asked for
  Entropy entropy;
};

// One command on its way. Movable; not thread-safe; may be dropped at any time, which is like a
// crash of the host there.
class OTPCORE_EXPORT Operation {
 public:
  // Attempts in all when commits conflict; a commit in doubt is looked up as often (C-08).
  static constexpr int kAttemptsMax = 4;

  explicit Operation(std::unique_ptr<const Command> command);
  Operation(Operation&&) noexcept;
  Operation& operator=(Operation&&) noexcept;
  ~Operation();

  // Each takes the outcome of the need returned last and returns the next one. An outcome that was
  // not asked for is a defect of the host: the operation then ends with Fault::kMisuse.
  Need Start();
  Need OnLoaded(Loaded loaded);
  Need OnAdmitted(Admission admission);
  Need OnCommitted(CommitOutcome outcome);
  Need OnSessionEffect(bool applied);
  Need OnDelivered(Delivery delivery);

  // Once, after Done.
  Conclusion TakeConclusion();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// ---- Typed operations ----

// What a host gets back.
template <typename Response>
struct Reply {
  std::string request_id;  // on success and on error (C-05)
  Result<Response> result = ErrorCode::kInternalServerError;
  EventList events;
  Hints hints;  // after a send and after a wrong code; else zero, as when it is repeated
};

// An Operation that knows its response. `context.operation_id` must not be empty.
template <typename C>
class OperationFor {
 public:
  OperationFor(const CallContext& context, typename C::Request&& request)
      : OperationFor(std::make_unique<CommandFor<C>>(context, std::move(request))) {}

  Operation& driver() { return driver_; }
  // Once, after Done.
  Reply<typename C::Response> TakeReply(std::string request_id) {
    Conclusion conclusion = driver_.TakeConclusion();
    return {std::move(request_id), command_->Respond(std::move(conclusion)),
            conclusion.answer.events, conclusion.answer.hints};  // NOLINT: these stay when moved
  }

 private:
  explicit OperationFor(std::unique_ptr<const CommandFor<C>> command)
      : command_(command.get()), driver_(std::move(command)) {}

  const CommandFor<C>* command_;  // owned by driver_
  Operation driver_;
};

}  // namespace otpcore

#endif  // OTPCORE_ENGINE_OPERATION_H_
