// SPDX-License-Identifier: Apache-2.0
// Ports: what a host brings. One capability each; every method says what each return value means.
//
// A port is owned by the host and must outlive every engine that refers to it. An Engine that is
// used by several threads calls its ports from all of them, so each must then be thread-safe. Ports
// must not throw, but for std::bad_alloc.
#ifndef OTPCORE_ENGINE_PORTS_H_
#define OTPCORE_ENGINE_PORTS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "otpcore/base/export.h"
#include "otpcore/plan/outcome.h"

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
  [[nodiscard]] virtual bool Fill(uint8_t* bytes, size_t size) = 0;
};

// Keeps records by key, each with a revision. The rules an implementation must keep are in
// docs/storage.md.
class OTPCORE_EXPORT Store {
 public:
  struct LoadResult {
    bool ok = false;                    // false: the store could not be reached
    uint64_t epoch = 0;                 // changes when the store was restored from a backup (K-11)
    std::vector<LoadedRecord> records;  // one for each key, in the order of the keys
  };

  virtual ~Store() = default;
  // The records of `keys`, each as of one moment; revision 0 and std::monostate for a key without
  // record. A stale read is allowed as long as a commit that writes it conflicts (K-01). What is
  // only read, or answered without a commit, is as old. MfaStep must not be: it lets people in.
  virtual LoadResult Load(const std::vector<RecordKey>& keys) = 0;
  // Applies all of `changes.writes` in one atomic and durable step, or none (K-04, K-05).
  //   kCommitted    every expected revision was right and all writes are applied
  //   kConflict     some expected revision was wrong (or the session is gone); nothing is applied
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
  // Called after a commit with its session effect. True: applied, or a store that keeps the
  // sessions applied it within the commit. False: not applied; the caller hears
  // `server_unavailable`, the passcode stays used. A repeated operation asks for the same again
  // while the session is there.
  virtual bool Apply(const SessionEffect& effect) = 0;
};

// The SMS gateway.
class OTPCORE_EXPORT SmsSink {
 public:
  virtual ~SmsSink() = default;
  // Gives the message to the gateway with `message.challenge_id` as the idempotency key. A time-out
  // is kUnknown.
  virtual Delivery Deliver(const SmsMessage& message) = 0;
};

// Quotas that span Members (L-06, L-07).
class OTPCORE_EXPORT SendGuard {
 public:
  virtual ~SendGuard() = default;
  // Takes one of each quota, or of none. `id` is drawn for each run of an operation, and never a
  // client's. What was admitted before is admitted again and takes nothing; a refusal is not
  // remembered.
  virtual Admission Admit(const AdmissionId& id, const std::vector<Quota>& quotas) = 0;
  // The end of what was admitted, or may have been: kReturned gives it back, kSpent keeps it.
  virtual void Settle(const AdmissionId& id, Settlement settlement) = 0;
  // Sees every decision's events, for conversion rates and spraying (L-07, L-08), and may add some
  // of its own.
  virtual void Observe(EventList* events) = 0;
};

}  // namespace otpcore

#endif  // OTPCORE_ENGINE_PORTS_H_
