// SPDX-License-Identifier: Apache-2.0
// What becomes of the record of an address beside its passcodes: a late report, unlock, purge.
#include "commands/find_address.h"
#include "commands/report.h"
#include "commands/request_fields.h"
#include "model/ledgers.h"
#include "otpcore/commands/discovery.h"

namespace otpcore {

Error ReportDiscoveryDelivery::Check(const CallContext&, const Request& request, Checked* checked) {
  const Error error = CheckAddress(request.email_address, checked);
  if (!error.ok()) return error;
  if (request.challenge_id.empty())
    return Error(ErrorCode::kBadRequest, "challenge_id is required");
  checked->challenge_id = request.challenge_id;
  checked->delivery = request.delivery;
  return ErrorCode::kOk;
}

void ReportDiscoveryDelivery::AddFields(const Request& request, const Checked&, RequestTag* tag) {
  AddAll<3>(request, tag);
}

void ReportDiscoveryDelivery::Plan(const CallContext& context, const Checked& checked,
                                   const Facts& facts, Decision* decision) {
  FoundAddress found;
  if (!FindAddress(context, checked, facts, &found, decision)) return;
  if (AnswersRepeated(context, facts, found, decision)) return;
  EmailFactor& email = found.record.email;
  Challenge& challenge = email.challenge;
  if (challenge.id != checked.challenge_id || challenge.state != ChallengeState::kLive ||
      checked.delivery.kind == Delivery::Kind::kAccepted)
    return;
  const ErrorCode code = DeliveryError(checked.delivery, Channel::kEmail);
  AddEmailEvent(EventKind::kDeliveryFailed, challenge.id, facts.now, code, decision);
  if (checked.delivery.kind == Delivery::Kind::kUnknown) return;  // D-04
  const OperationMark mark = MarkOfReport(context, found.earlier, facts, challenge, code);
  challenge.state = ChallengeState::kVoid;
  // What is not given back stays spent everywhere (D-02).
  if (!GiveBackSend(challenge.issued_at, facts.now, &email.sends))
    decision->spends_admission = true;
  AddEmailEvent(EventKind::kChallengeDead, challenge.id, facts.now, code, decision);
  CommitAddressWith(context, mark, &found, ErrorCode::kOk, decision);
}

Error ReportDiscoveryDelivery::Respond(const CallContext&, const Checked&,
                                       const Conclusion& conclusion, Response* response) {
  response->applied = conclusion.committed;
  return conclusion.answer().error;
}

Error UnlockDiscoveryAddress::Check(const CallContext&, const Request& request, Checked* checked) {
  return CheckAddress(request.email_address, checked);
}
Error PurgeDiscoveryAddress::Check(const CallContext&, const Request& request, Checked* checked) {
  return CheckAddress(request.email_address, checked);
}

void UnlockDiscoveryAddress::AddFields(const Request& request, const Checked&, RequestTag* tag) {
  AddAll<1>(request, tag);
}
void PurgeDiscoveryAddress::AddFields(const Request& request, const Checked&, RequestTag* tag) {
  AddAll<1>(request, tag);
}

void UnlockDiscoveryAddress::Plan(const CallContext& context, const Checked& checked,
                                  const Facts& facts, Decision* decision) {
  FoundAddress found;
  if (!FindAddress(context, checked, facts, &found, decision) || !found.exists()) return;
  if (AnswersRepeated(context, facts, found, decision)) return;
  found.record.email.failures = FailureLedger();
  found.record.email.sends = SendLedger();
  AddEmailEvent(EventKind::kUnlocked, ChallengeId(), facts.now, ErrorCode::kOk, decision);
  CommitAddress(context, facts, &found, ErrorCode::kOk, decision);
}

void PurgeDiscoveryAddress::Plan(const CallContext&, const Checked& checked, const Facts& facts,
                                 Decision* decision) {
  const LoadedRecord* const loaded = facts.Find(checked.key);
  if (loaded == nullptr) return decision->Load(checked.key);
  if (loaded->revision == 0) return;
  // Whatever it says: a record that cannot be read goes too.
  decision->answer.events.factor = FactorKind::kEmailPasscode;
  AddEmailEvent(EventKind::kDiscoveryPurged, ChallengeId(), facts.now, ErrorCode::kOk, decision);
  decision->kind = Decision::Kind::kCommit;
  decision->Delete(*loaded);
}

Error UnlockDiscoveryAddress::Respond(const CallContext&, const Checked&,
                                      const Conclusion& conclusion, Response* response) {
  response->applied = conclusion.committed;
  return conclusion.answer().error;
}
Error PurgeDiscoveryAddress::Respond(const CallContext&, const Checked&,
                                     const Conclusion& conclusion, Response* response) {
  response->applied = conclusion.committed;
  return conclusion.answer().error;
}

}  // namespace otpcore
