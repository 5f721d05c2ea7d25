// SPDX-License-Identifier: Apache-2.0
// Command: one request, checked and ready to be planned. It is three pure functions:
//
//   Check(context, request, &checked) -> error       once: everything that needs no record
//   Plan(context, checked, facts, &decision)         whenever there are new facts
//   Respond(context, checked, conclusion, &response) -> error
//
// A command type (SendSmsOtp, …) brings them as static functions; CommandFor makes a Command of
// such a type and a request, for the driver to plan.
#ifndef OTPCORE_PLAN_COMMAND_H_
#define OTPCORE_PLAN_COMMAND_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "otpcore/base/export.h"
#include "otpcore/model/mark.h"
#include "otpcore/plan/decision.h"
#include "otpcore/plan/outcome.h"
#include "otpcore/rules/config.h"

namespace otpcore {

// Collects the fields of a request for the tag that a mark keeps (C-07). Known to commands only.
class RequestTag;

// How a command is called.
struct CallContext {
  const Config* config = nullptr;         // must outlive the operation
  OperationId operation_id = {};          // made by the host, or kNotRepeatable; empty is a misuse
  CommandKind kind = CommandKind::kNone;  // of the command; filled in by CommandFor
  // The command itself, and the function that adds the fields of its request to a tag; filled in by
  // CommandFor. Used for a repeatable operation only, when its mark is written or compared.
  const void* command = nullptr;
  void (*add_fields)(const void* command, RequestTag* tag) = nullptr;

  bool repeatable() const { return operation_id != kNotRepeatable; }
};

// Why the driver could not bring a command to an answer of its own.
enum class Fault : uint8_t {
  kNone = 0,
  kUnavailable = 1,  // a port could not be reached
  kContention = 2,   // commits kept conflicting
  kUnknown = 3,      // the outcome of the commit stayed unknown
  kMisuse = 4,       // the host gave no operation id, or an outcome nothing asked for
  kNoEntropy = 5,    // the generator failed
};
OTPCORE_EXPORT Error FaultError(Fault fault);

// What became of a command. Points into the operation.
struct Conclusion {
  Fault fault = Fault::kNone;
  const Decision* decision = nullptr;  // the last; null: a fault came before any
  bool committed = false;
  std::optional<Delivery> delivery;
  Instant now;                       // of the decision
  const Session* session = nullptr;  // that the decision saw; null: none
  const Entropy* entropy = nullptr;  // that the decision was made with; null: a fault came before

  const Answer& answer() const { return decision->answer; }
};

// One request, ready to be planned. Const functions are pure.
class OTPCORE_EXPORT Command {
 public:
  virtual ~Command() = default;
  virtual const CallContext& context() const = 0;
  // How many bytes of Entropy it needs: kEntropyForRun, …Ids, …Passcode, …Sealing or …Secret.
  virtual size_t entropy_bytes() const = 0;
  virtual void Plan(const Facts& facts, Decision* decision) const = 0;
  // The command to run when the message of `decision` was not accepted; null: none.
  virtual std::unique_ptr<Command> AfterDelivery(const Decision& /*decision*/,
                                                 const Delivery& /*delivery*/) const {
    return nullptr;
  }
};

}  // namespace otpcore

#endif  // OTPCORE_PLAN_COMMAND_H_
