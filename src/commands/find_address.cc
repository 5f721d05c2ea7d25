// SPDX-License-Identifier: Apache-2.0
#include "commands/find_address.h"

#include <algorithm>

#include "model/ledgers.h"
#include "otpcore/rules/email_address.h"

namespace otpcore {

Error CheckAddress(const std::string& email_address, CheckedAddress* checked) {
  std::string_view text;
  const Error error = CheckEmailAddress(email_address, &text);
  if (!error.ok()) return error;
  checked->canonical = CanonicalEmail(text);
  checked->key = RecordKey::Discovery(text);
  return ErrorCode::kOk;
}

bool FindAddress(const CallContext& context, const CheckedAddress& checked, const Facts& facts,
                 FoundAddress* found, Decision* decision) {
  found->loaded = facts.Find(checked.key);
  if (found->loaded == nullptr) {
    decision->Load(checked.key);
    return false;
  }
  decision->answer.events.factor = FactorKind::kEmailPasscode;
  DiscoveryRecord& record = found->record;
  record.address = checked.canonical;
  if (!found->exists()) return true;
  if (!Unpack(found->loaded->key, found->loaded->bytes, &record)) {
    Refuse(Error(ErrorCode::kInternalServerError, "a record cannot be read"), decision);
    return false;
  }
  Challenge& challenge = record.email.challenge;
  if (challenge.state == ChallengeState::kLive)
    challenge.latest_seen = std::max(challenge.latest_seen, facts.now);
  found->earlier = record.mark;
  found->clock_anomaly = ClampFutureTimes(context.config->policy(), facts.now, &record.email);
  if (found->clock_anomaly)
    AddEmailEvent(EventKind::kClockAnomaly, ChallengeId(), facts.now, ErrorCode::kOk, decision);
  return true;
}

bool AnswersRepeated(const CallContext& context, const Facts& facts, const FoundAddress& found,
                     Decision* decision) {
  if (!IsRepeated(context, found.earlier)) return false;
  const Error error = CheckRepeated(context, found.earlier, facts.now);
  RefuseRepeated(error.ok() ? Error(static_cast<ErrorCode>(found.earlier.answer)) : error,
                 decision);
  return true;
}

void Refuse(const CallContext& context, const Facts& facts, const FoundAddress& found, Error error,
            Decision* decision) {
  Refuse(error, decision);
  if (!found.clock_anomaly) return;
  FoundAddress clamped = found;
  OperationMark mark = MarkFor(context, facts, error.code());
  mark.command = CommandKind::kNone;        // repeated, it is judged anew like any other refusal
  decision->answer.error = ErrorCode::kOk;  // which a write that fails would keep
  CommitAddressWith(context, mark, &clamped, error, decision);
}

void CommitAddress(const CallContext& context, const Facts& facts, FoundAddress* found, Error error,
                   Decision* decision) {
  CommitAddressWith(context, MarkFor(context, facts, error.code()), found, error, decision);
}

void CommitAddressWith(const CallContext& context, const OperationMark& mark, FoundAddress* found,
                       Error error, Decision* decision) {
  DiscoveryRecord& record = found->record;
  record.mark = mark;
  record.forget_at = ForgettableFrom(context.config->policy(), record);
  decision->Write(*found->loaded, record);
  if (decision->kind == Decision::Kind::kCommit) decision->answer.error = error;
}

}  // namespace otpcore
