// SPDX-License-Identifier: Apache-2.0
// The driver: runs one command by asking for what it needs, one need at a time, and performs no I/O
// itself.
//
//   Operation operation(command);
//   Need need = operation.Start();
//   while (!std::holds_alternative<Done>(need)) need = /* meet it, pass the outcome */;
//
// engine.h has the blocking loop and a helper that meets a need with ports; event-loop hosts write
// their own loop. The same driver serves all commands: it knows neither passcodes nor which error a
// command answers.
#ifndef OTPCORE_ENGINE_OPERATION_H_
#define OTPCORE_ENGINE_OPERATION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

#include "otpcore/base/export.h"
#include "otpcore/plan/command.h"

namespace otpcore {

// ---- Needs. What they point to lives in the operation until its next input. ----

// Load the records of `batch`; if it is empty, do not call the store. Look up `session`, if there
// is one. Fill the first `entropy_bytes` of `entropy` with random bytes. Read the clock last.
struct NeedLoad {
  LoadBatch batch;
  const SessionCredential* session;  // null: none
  Entropy* entropy;                  // null: none
  size_t entropy_bytes;              // 0 with a null `entropy`
};
// Ask the SendGuard for all of these quotas at once.
struct NeedAdmission {
  AdmissionId id;
  const Quotas* quotas;
};
// Apply all writes or none. Answer kUnknown after a time-out.
struct NeedCommit {
  const Changes* changes;
};
// Change the session, unless the store did that within the commit. It also comes without a commit,
// when a success is repeated and the session is still there.
struct NeedSessionEffect {
  const SessionEffect* effect;
};
// Hand the message to the gateway.
struct NeedDelivery {
  const Message* message;
};
// Tell the guard how the admission ended.
struct NeedSettlement {
  AdmissionId id;
  Settlement settlement;
};
// The conclusion is there.
struct Done {};
using Need = std::variant<NeedLoad, NeedAdmission, NeedCommit, NeedSessionEffect, NeedDelivery,
                          NeedSettlement, Done>;

// ---- Outcomes ----

struct Loaded {
  bool ok = false;  // false: the store or the session directory could not be reached
  Instant now = {};
  uint64_t epoch = 0;
  std::optional<Session> session = {};  // absent: no such session
  bool has_entropy = false;             // false: the generator failed, or none was asked for
};

// One command on its way, with everything it works on: about 30 KB, and no heap block unless a
// delivery fails. The command must outlive it. Neither copyable nor thread-safe. Dropping it at any
// time is like a crash of the host there. Wipes the secrets it held.
class OTPCORE_EXPORT Operation {
 public:
  // Attempts in all when commits conflict; a commit in doubt is looked up as often (C-08).
  static constexpr int kAttemptsMax = 4;

  explicit Operation(const Command& command);
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;
  ~Operation();

  // Each takes the outcome of the need returned last and returns the next one. An outcome that
  // nothing asked for, or a context without operation id, is a defect of the host: the operation
  // then ends with Fault::kMisuse.
  Need Start();
  Need OnLoaded(const Loaded& loaded);
  Need OnAdmitted(const Admission& admission);
  Need OnCommitted(CommitOutcome outcome);
  Need OnSessionEffect(bool applied);
  Need OnDelivered(const Delivery& delivery);
  Need OnSettled();

  // After Done.
  const Conclusion& conclusion() const { return conclusion_; }
  // The entropy of the last attempt; zeros before any load.
  const Entropy& entropy() const { return facts_.entropy; }

 private:
  enum class Awaiting : uint8_t {
    kStart,
    kLoad,
    kAdmission,
    kCommit,
    kResolution,
    kSessionEffect,
    kDelivery,
    kFollowUp,  // its own needs are passed on
    kSettlement,
    kNothing
  };
  struct FollowUp;

  Need Plan();
  Need Load();
  Need Replan();
  Need Resolve();
  Need Resolved(const Loaded& loaded);
  Need Committed();
  Need Conclude(bool committed);
  Need ApplySessionEffect(const SessionEffect* effect);
  Need Deliver();
  Need Finish(Fault fault, Settlement settlement);
  Need Misused() { return Finish(Fault::kMisuse, Settlement::kSpent); }
  Need Unresolved() { return Finish(Fault::kUnknown, SettlementOfCommit()); }
  // Only a decision that spends what was admitted keeps it.
  Settlement SettlementOfCommit() const {
    return decision_.spends_admission ? Settlement::kSpent : Settlement::kReturned;
  }
  bool WasGivenBack() const;
  Need PassOn(Need need);

  const Command& command_;
  Awaiting awaiting_ = Awaiting::kStart;
  int attempts_ = 1;
  int loads_ = 0;          // of this attempt
  int resolutions_ = 0;    // tries to find out what became of a commit; 0: nothing is in doubt
  bool admitted_ = false;  // or perhaps: the guard did not answer
  AdmissionId admission_id_;
  Quotas admitted_quotas_;
  Facts facts_;
  Decision decision_{&facts_.records};
  Conclusion conclusion_;
  std::unique_ptr<FollowUp> follow_up_;
};

}  // namespace otpcore

#endif  // OTPCORE_ENGINE_OPERATION_H_
