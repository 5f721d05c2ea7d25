// SPDX-License-Identifier: Apache-2.0
// Ports: what a host brings. One capability each; every method says what each return value means.
//
// The host owns a port and keeps it alive as long as every engine that refers to it. An Engine used
// by several threads calls its ports from all of them: each port must then be thread-safe. Ports
// must not throw anything but std::bad_alloc.
#ifndef OTPCORE_ENGINE_PORTS_H_
#define OTPCORE_ENGINE_PORTS_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "otpcore/base/export.h"
#include "otpcore/plan/outcome.h"
#include "otpcore/plan/records.h"

namespace otpcore {

// UTC in whole milliseconds. May step in either direction; the core survives that (T-02).
class OTPCORE_EXPORT Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant Now() = 0;
};

// Uniform bytes that nobody can predict.
class OTPCORE_EXPORT SecureRandom {
 public:
  virtual ~SecureRandom() = default;
  // Fills all `size` bytes and returns true; or returns false, and the command fails closed.
  // Called once for each attempt of a command, for 24 to 72 bytes, and for 16 bytes when a request
  // is refused before anything is loaded.
  [[nodiscard]] virtual bool Fill(uint8_t* bytes, size_t size) = 0;
};

// Keeps bytes under keys that are bytes, each with a revision. The rules an implementation must
// keep are in docs/storage.md; testing/store_kit.h checks them.
class OTPCORE_EXPORT Store {
 public:
  struct LoadResult {
    bool ok = false;     // false: the store could not be reached, or a record is damaged (K-12)
    uint64_t epoch = 0;  // changes when the store was restored from a backup (K-11)
  };

  virtual ~Store() = default;
  // Looks up each key of `batch` and calls batch.Found for those that are there, each with one
  // record and its revision as of one moment. Reads may be stale as long as a commit based on them
  // conflicts (K-01). MfaStep can admit a Member without a commit: serve its reads from the
  // primary.
  virtual LoadResult Load(LoadBatch& batch) = 0;
  // Applies all of `changes.writes` in one atomic and durable step, or none (K-04, K-05).
  //   kCommitted    every expected revision was right and all writes are applied
  //   kConflict     some expected revision was wrong, or the session is gone: nothing is applied
  //   kUnavailable  surely nothing is applied
  //   kUnknown      anything else, above all a time-out (K-02)
  virtual CommitOutcome Commit(const Changes& changes) = 0;
};

// Knows the host's sessions.
class OTPCORE_EXPORT SessionDirectory {
 public:
  struct FindResult {
    bool ok = false;                 // false: the directory could not be reached
    std::optional<Session> session;  // absent: no such session, or it has expired
  };

  virtual ~SessionDirectory() = default;
  virtual FindResult Find(const SessionCredential& credential) = 0;
  // Called after a commit with its session effect. Applying an effect twice is applying it once.
  // True: applied, or a store that keeps the sessions applied it within the commit. False: not
  // applied; the caller gets `server_unavailable`, the passcode stays used, and the SMS of an MFA
  // step, if the commit has one, leaves all the same. A repeated operation asks for the same again
  // while the session is there. Whoever ran the command makes new sessions from the reply, if the
  // directory does not make them itself. So kCreate and kCreateIntermediate without a credential
  // are answered true; with one, as kUpgrade: consume that intermediate token, and answer false
  // when it is gone, for another login has had it (SE-06).
  virtual bool Apply(const SessionEffect& effect) = 0;
};

// The gateway that takes messages to people: one sink for phones and e-mail, told apart by
// Message::channel. A host without passcodes by e-mail never sees Channel::kEmail.
class OTPCORE_EXPORT MessageSink {
 public:
  virtual ~MessageSink() = default;
  // Hands the message over with `message.challenge_id` as the idempotency key. Answer kUnknown
  // after a time-out.
  virtual Delivery Deliver(const Message& message) = 0;
};

// Quotas that span Members (L-06, L-07). MemorySendGuard serves one process; NoGuard grants all.
class OTPCORE_EXPORT SendGuard {
 public:
  virtual ~SendGuard() = default;
  // Takes one send from every quota, or from no quota. `id` is drawn for each run of an operation
  // and never comes from a client; the challenge that the send issues has the same id. What was
  // admitted before is admitted again and takes nothing; a refusal is not remembered. Where several
  // quotas refuse, kTooMany wins over kTooFewAuthenticated and the longest wait is told.
  virtual Admission Admit(const AdmissionId& id, const Quotas& quotas) = 0;
  // Called once when an admitted run ends, or one whose answer was lost. kReturned gives back what
  // was taken, kSpent keeps it.
  virtual void Settle(const AdmissionId& id, Settlement settlement) = 0;
  // Sees every decision's events, for conversion rates (L-07: PasscodeEndOf) and spraying (L-08),
  // and may add some of its own.
  virtual void Observe(EventList* events) = 0;
};

// The ports of one engine. All must outlive it.
struct Ports {
  Clock& clock;
  SecureRandom& random;
  Store& store;
  SessionDirectory& sessions;
  MessageSink& sink;
  SendGuard& guard;  // NoGuard, where nothing is to be limited over several Members
};

}  // namespace otpcore

#endif  // OTPCORE_ENGINE_PORTS_H_
