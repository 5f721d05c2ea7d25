// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "commands/linking.h"
#include "otpcore/commands/sms_passcode.h"

namespace otpcore {
namespace {

constexpr CommandKind kKind = CommandKind::kReportDelivery;

// The report changes what the send's operation is recorded to have answered, as long as it is the
// latest: a client that repeats it then hears of the failure too (C-07).
OperationMark MarkFor(const CallContext& context, const Target& target, ErrorCode code) {
  if (target.earlier.id == target.member.challenge.operation)
    return {target.earlier.id, target.earlier.command, static_cast<uint16_t>(code)};
  return {context.operation_id, kKind, 0};
}

Answer Nothing(const Target& target) {
  Answer answer;
  answer.events = target.events;
  return answer;
}

}  // namespace

ErrorCode ErrorOf(const Delivery& delivery) {
  switch (delivery.kind) {
    case Delivery::Kind::kAccepted: return ErrorCode::kOk;
    case Delivery::Kind::kRejected:
      return delivery.unsubscribed ? ErrorCode::kUnsubscribedPhoneNumber
                                   : ErrorCode::kDownstreamCarrierRejected;
    case Delivery::Kind::kUnavailable:
    case Delivery::Kind::kUnknown: return ErrorCode::kDownstreamCarrierUnavailable;
  }
  return ErrorCode::kDownstreamCarrierUnavailable;
}

Decision ReportDelivery::Plan(const CallContext& context, const Request& request,
                              const Facts& facts) {
  if (const Error error = CheckIds(context, facts, request.organization_id, request.member_id);
      error.code() != ErrorCode::kOk)
    return RefuseRequest(error);
  if (request.challenge_id.empty())
    return RefuseRequest(Error(ErrorCode::kBadRequest, "challenge_id is required"));

  Target target;
  const Lookup lookup = {request.organization_id, request.member_id, nullptr, false};
  if (auto instead = FindTarget(context, lookup, facts, &target)) return *std::move(instead);

  Challenge& challenge = target.member.challenge;
  if (challenge.id != request.challenge_id || challenge.state != ChallengeState::kLive ||
      request.delivery.kind == Delivery::Kind::kAccepted)
    return Nothing(target);
  const ErrorCode code = ErrorOf(request.delivery);
  target.AddEvent(EventKind::kDeliveryFailed, facts.now, code);
  if (request.delivery.kind == Delivery::Kind::kUnknown) return Nothing(target);  // D-04

  const Enrollment& enrollment = target.member.enrollment;
  const Transition transition =
      NextEnrollment(enrollment.state, EnrollmentEvent::kDeliveryRejected);
  const bool unlinks = challenge.linked_its_number && transition.next == EnrollmentState::kNone;
  const RecordKey claim_key = ClaimKey(target.member.organization_id, enrollment.phone_number);
  const LoadedRecord* const claim_record = facts.Find(claim_key);
  if (unlinks && claim_record == nullptr) return LoadMore{{claim_key}, {}, false};

  const OperationMark mark = MarkFor(context, target, code);
  const Id member_id = target.member.member_id;
  challenge.state = ChallengeState::kVoid;
  TimeLedger<kSendTimesMax>& sends = target.member.sends;
  // One that was pulled back is the latest (T-02).
  if (!sends.Remove(challenge.issued_at) && sends.count > 0)
    sends.Remove(*std::max_element(sends.begin(), sends.end()));
  target.AddEvent(EventKind::kChallengeDead, facts.now, code);
  if (unlinks) {
    Unlink(EnrollmentEvent::kDeliveryRejected, code, facts.now, &target);
    target.member.leased_at = Instant();  // nobody got anything of the lease (D-05)
  }
  Commit commit = StartCommit(mark, std::move(target), ErrorCode::kOk);
  if (unlinks)
    AddClaimWrite(transition.claim, *claim_record, member_id, Instant(), &commit.changes.writes);
  return commit;
}

Result<ReportDeliveryResponse> ReportDelivery::Respond(const CallContext&, const Request&,
                                                       const Conclusion& conclusion) {
  if (conclusion.answer.error.code() != ErrorCode::kOk) return conclusion.answer.error;
  return ReportDeliveryResponse{!conclusion.changes.writes.empty()};
}

}  // namespace otpcore
