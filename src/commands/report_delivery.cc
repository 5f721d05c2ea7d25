// SPDX-License-Identifier: Apache-2.0
#include "commands/candidate.h"
#include "commands/linking.h"
#include "commands/report.h"
#include "commands/request_fields.h"
#include "commands/send_code.h"
#include "model/ledgers.h"
#include "otpcore/commands/sms_passcode.h"

namespace otpcore {
namespace {

// The ledger that the challenge's send was counted in; null: its device is not known any more.
SendLedger* LedgerOf(MemberRecord* member) {
  if (member->challenge.device == 0) return &member->sends;
  for (KnownDevice& device : member->devices) {
    if (device.tag == member->challenge.device) return &device.sends;
  }
  return nullptr;
}

// E-04: the candidate goes with its message, and the verified number stays.
void DropUndelivered(const CallContext& context, const Delivery& delivery, const Facts& facts,
                     FoundMember* found, Decision* decision) {
  MemberRecord& member = found->member;
  const Challenge& challenge = member.candidate.challenge;
  if (challenge.state != ChallengeState::kLive) return;
  const ErrorCode code = DeliveryError(delivery, Channel::kSms);
  const auto add_event = [&](EventKind kind) {
    decision->answer.events.Add(
        EventOf(member.candidate.phone, challenge.id, kind, facts.now, code));
  };
  add_event(EventKind::kDeliveryFailed);
  if (delivery.kind == Delivery::Kind::kUnknown) return;  // D-04
  LoadedClaim claim;
  if (!FindCandidateClaim(facts, member, &claim, decision)) return;

  const OperationMark mark = MarkOfReport(context, found->earlier, facts, challenge, code);
  if (!GiveBackSend(challenge.issued_at, facts.now, &member.sends))
    decision->spends_admission = true;
  // Nobody got anything of the lease that its start took (D-05).
  if (member.leased_at == challenge.issued_at) member.leased_at = Instant();
  add_event(EventKind::kChallengeDead);
  const ClaimEffect effect =
      DropCandidate(CandidateEvent::kDeliveryFailed, code, facts.now, found, decision);
  CommitMemberWith(mark, found, ErrorCode::kOk, decision);
  WriteClaim({effect, &claim, {}}, member.member_id, decision);
}

// EM-13: the passcode is void. A Member whom the send made stays.
void VoidUndeliveredEmail(const CallContext& context, const Delivery& delivery, const Facts& facts,
                          FoundMember* found, Decision* decision) {
  EmailFactor& email = found->member.email;
  decision->answer.events.factor = FactorKind::kEmailPasscode;
  if (email.challenge.state != ChallengeState::kLive) return;
  const ErrorCode code = DeliveryError(delivery, Channel::kEmail);
  const auto add_event = [&](EventKind kind) {
    decision->answer.events.Add(EventOf(PhoneFactor(), email.challenge.id, kind, facts.now, code));
  };
  add_event(EventKind::kDeliveryFailed);
  if (delivery.kind == Delivery::Kind::kUnknown) return;  // D-04
  const OperationMark mark = MarkOfReport(context, found->earlier, facts, email.challenge, code);
  email.challenge.state = ChallengeState::kVoid;
  if (!GiveBackSend(email.challenge.issued_at, facts.now, &email.sends))
    decision->spends_admission = true;
  add_event(EventKind::kChallengeDead);
  CommitMemberWith(mark, found, ErrorCode::kOk, decision);
}

}  // namespace

OperationMark MarkOfReport(const CallContext& context, const OperationMark& earlier,
                           const Facts& facts, const Challenge& challenge, ErrorCode code) {
  OperationMark mark = MarkFor(context, facts, ErrorCode::kOk);
  if (earlier.run == 0 || earlier.run != challenge.issued_by) return mark;
  mark.id = earlier.id;
  mark.command = earlier.command;
  mark.answer = static_cast<uint16_t>(code);
  mark.request = earlier.request;
  mark.request_key = earlier.request_key;
  mark.at = earlier.at;
  return mark;
}

Error ReportDelivery::Check(const CallContext& context, const Request& request, Checked* checked) {
  const Error error =
      CheckMember(context, request.organization_id, request.member_id, nullptr, checked);
  if (!error.ok()) return error;
  if (request.challenge_id.empty())
    return Error(ErrorCode::kBadRequest, "challenge_id is required");
  checked->challenge_id = request.challenge_id;
  checked->delivery = request.delivery;
  return ErrorCode::kOk;
}

void ReportDelivery::AddFields(const Request& request, const Checked& checked, RequestTag* tag) {
  AddAll<4>(request, checked, tag);
}

void ReportDelivery::Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                          Decision* decision) {
  FoundMember found;
  if (!FindMember(context, checked, facts, {}, &found, decision)) return;
  if (IsRepeated(context, found.earlier)) {
    AnswerRepeated(context, facts, found, decision);
    return;
  }
  MemberRecord& member = found.member;
  if (member.candidate.challenge.id == checked.challenge_id &&
      checked.delivery.kind != Delivery::Kind::kAccepted)
    return DropUndelivered(context, checked.delivery, facts, &found, decision);
  if (member.email.challenge.id == checked.challenge_id &&
      checked.delivery.kind != Delivery::Kind::kAccepted)
    return VoidUndeliveredEmail(context, checked.delivery, facts, &found, decision);
  if (member.challenge.id != checked.challenge_id ||
      member.challenge.state != ChallengeState::kLive ||
      checked.delivery.kind == Delivery::Kind::kAccepted)
    return;
  const ErrorCode code = DeliveryError(checked.delivery, Channel::kSms);
  AddEvent(found, member.challenge.id, EventKind::kDeliveryFailed, facts.now, code, decision);
  if (checked.delivery.kind == Delivery::Kind::kUnknown) return;  // D-04

  const Transition transition =
      NextEnrollment(member.phone.state, EnrollmentEvent::kDeliveryRejected);
  const bool unlinks =
      member.challenge.linked_its_address && transition.next == EnrollmentState::kNone;
  LoadedClaim claim;
  if (unlinks && !FindClaim(facts, member.organization_id, member.phone.number, &claim, decision))
    return;

  const OperationMark mark = MarkOfReport(context, found.earlier, facts, member.challenge, code);
  member.challenge.state = ChallengeState::kVoid;
  // What is not given back stays spent everywhere (D-02).
  if (SendLedger* const sends = LedgerOf(&member);
      sends == nullptr || !GiveBackSend(member.challenge.issued_at, facts.now, sends))
    decision->spends_admission = true;
  AddEvent(found, member.challenge.id, EventKind::kChallengeDead, facts.now, code, decision);
  if (unlinks) {
    Unlink(EnrollmentEvent::kDeliveryRejected, code, facts.now, &found, decision);
    member.leased_at = Instant();  // nobody got anything of the lease (D-05)
  }
  CommitMemberWith(mark, &found, ErrorCode::kOk, decision);
  if (unlinks) WriteClaim({transition.claim, &claim, Instant()}, member.member_id, decision);
}

Error ReportDelivery::Respond(const CallContext&, const Checked&, const Conclusion& conclusion,
                              Response* response) {
  response->applied = conclusion.committed;
  return conclusion.answer().error;
}

std::unique_ptr<Command> ReportOf(const CallContext& context, const Decision& decision,
                                  const Delivery& delivery) {
  const Message& message = *decision.changes.message;
  return OwnReport<ReportDelivery>::Of(
      context,
      {message.organization_id.str(), message.member_id.str(), message.challenge_id, delivery});
}

}  // namespace otpcore
