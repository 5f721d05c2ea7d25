// SPDX-License-Identifier: Apache-2.0
// Facts and Decision: what a plan sees and what it says.
//
// A plan is called with the facts known so far and writes its decision in place. It reads no clock,
// draws nothing, takes no lock and allocates nothing. When it lacks a record it asks for it (kLoad)
// and is called again from its start.
#ifndef OTPCORE_PLAN_DECISION_H_
#define OTPCORE_PLAN_DECISION_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "otpcore/base/error.h"
#include "otpcore/base/export.h"
#include "otpcore/model/codec.h"
#include "otpcore/plan/outcome.h"
#include "otpcore/plan/records.h"

namespace otpcore {

// ---- Facts ----

// Everything that was answered so far for this attempt.
struct Facts {
  Facts() {}

  Instant now;         // read once, after the load (T-01)
  uint64_t epoch = 0;  // the store's; a new one after a restore (K-11)
  Records records;
  std::optional<Session> session;  // absent after a load that looked for one: there is none
  std::optional<Admission> admission;
  bool has_entropy = false;
  Entropy entropy;  // drawn with the first load

  RunId run() const;  // of the entropy; never 0

  // The record loaded for `key` (revision 0: there is none); null: it was not asked for yet.
  const LoadedRecord* Find(const RecordKey& key) const { return records.Find(key); }
};

// ---- Decision ----

// For the host, never on the wire; as of the commit, before a delivery fails. Zero: absent.
struct Hints {
  Instant expires_at = {};    // of the passcode
  Instant next_send_at = {};  // from then on the Member's own limits allow a further send
  int sends_left = 0;         // of the Member, now
  int tries_left = 0;         // wrong codes until the challenge is dead
};

// How the command is answered. Nothing of it leaves before the changes are committed.
struct Answer {
  Error error = ErrorCode::kOk;
  Hints hints;
  EventList events;
  // The records that the reply shows, packed, with their keys; null: none.
  const RecordKey* organization_key = nullptr;
  std::string_view organization;
  const RecordKey* member_key = nullptr;
  std::string_view member;
  // Of a repeated success: the effect, which may not have been applied yet.
  bool repeats_session_effect = false;
  // Of the MFA step: the passcode that lives is to be used (P-02), or a remembered device is spared
  // the second factor (DV-05).
  bool keeps_live_code = false;
  bool spares_second_factor = false;
  // Of a send by e-mail: it made the Member (EM-06).
  bool made_member = false;
};

// What a plan says. One object serves all plans of an operation: a plan starts from a cleared one.
// Points into the facts, so it lives as long as they do. Not copyable.
class OTPCORE_EXPORT Decision {
 public:
  enum class Kind : uint8_t {
    kLoad = 1,    // load the wanted records, then plan again
    kAdmit = 2,   // ask the guard for the quotas, then plan again
    kCommit = 3,  // apply the changes, then answer
    kAnswer = 4,  // answer; nothing is changed
  };

  explicit Decision(Records* records) : records_(*records) {}
  Decision(const Decision&) = delete;
  Decision& operator=(const Decision&) = delete;
  ~Decision() = default;

  Kind kind = Kind::kAnswer;

  // ---- kLoad ----
  const SessionCredential* session = nullptr;  // to be looked up too; null: none
  void Load(const RecordKey& key);
  // A first load for the entropy alone: what is to be loaded depends on it.
  void LoadEntropy() { kind = Kind::kLoad; }

  // ---- kAdmit ----
  AdmissionId admission_id;  // of `entropy.new_id`, like the challenge that the send will issue
  Quotas quotas;

  // ---- kCommit ----
  Changes changes;
  // The commit uses what the guard admitted; else it is given back.
  bool spends_admission = false;
  // Adds a write of the record loaded as `was`, which must stay where it is. The first one decides
  // that the kind is kCommit.
  template <typename R>
  std::string_view Write(const LoadedRecord& was, const R& record) {
    char* const at = buffer_ + used_;
    const size_t room = kBufferBytes - used_;
    return AddWrite(was, room < BytesMax(record) ? 0 : Pack(record, at));
  }
  void Delete(const LoadedRecord& was);
  // To be filled in; part of the changes from the call on.
  Message& AddMessage() {
    changes.message = &message_;
    return message_;
  }
  SessionEffect& AddSessionEffect() {
    changes.session_effect = &effect_;
    return effect_;
  }

  // ---- kCommit and kAnswer ----
  Answer answer;
  // The effect of a repeated success; see Answer.
  SessionEffect& RepeatSessionEffect() {
    answer.repeats_session_effect = true;
    return effect_;
  }
  const SessionEffect& session_effect() const { return effect_; }
  // Packs a record for the answer to show, without writing it.
  std::string_view Show(const MemberRecord& record);

  void Clear();
  // Back to an answer that changes nothing; its events stay.
  void DropChanges();
  // Keeps what the reply will show although the facts are about to go.
  void Detach();

 private:
  static constexpr size_t kBufferBytes =
      2 * kOrganizationRecordBytesMax + kMemberRecordBytesMax + 5 * kIndexRecordBytesMax;
  static constexpr size_t BytesMax(const MemberRecord&) { return kMemberRecordBytesMax; }
  static constexpr size_t BytesMax(const OrganizationRecord&) {
    return kOrganizationRecordBytesMax;
  }
  static constexpr size_t BytesMax(const DiscoveryRecord&) { return kDiscoveryRecordBytesMax; }
  static constexpr size_t BytesMax(const PhoneClaim&) { return kIndexRecordBytesMax; }
  static constexpr size_t BytesMax(const NameEntry&) { return kIndexRecordBytesMax; }
  std::string_view AddWrite(const LoadedRecord& was, size_t bytes);
  std::string_view Keep(std::string_view bytes);

  Records& records_;
  Message message_;
  SessionEffect effect_;
  size_t used_ = 0;
  char buffer_[kBufferBytes];
};

}  // namespace otpcore

#endif  // OTPCORE_PLAN_DECISION_H_
