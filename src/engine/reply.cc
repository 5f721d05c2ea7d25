// SPDX-License-Identifier: Apache-2.0
#include "otpcore/engine/reply.h"

namespace otpcore {

ReplyBase& ReplyBase::operator=(const ReplyBase& other) {
  if (this == &other) return *this;
  error_ = other.error_;
  hints_ = other.hints_;
  events_ = other.events_;
  now_ = other.now_;
  environment_ = other.environment_;
  drawn_request_id_ = other.drawn_request_id_;
  request_id_ = other.request_id_;
  member_ = other.member_;
  organization_ = other.organization_;
  std::memcpy(member_bytes_, other.member_bytes_, member_.size);
  std::memcpy(organization_bytes_, other.organization_bytes_, organization_.size);
  return *this;
}

std::string ReplyBase::request_id() const {
  return request_id_.empty() ? FormatId("request-id", environment_, drawn_request_id_)
                             : request_id_;
}

Member ReplyBase::member() const& {
  MemberRecord record;
  if (member_.size == 0 || !Unpack(member_.key, {member_bytes_, member_.size}, &record)) return {};
  return ViewOf(record, now_, environment_);
}

Organization ReplyBase::organization() const& {
  OrganizationRecord record;
  if (organization_.size == 0 ||
      !Unpack(organization_.key, {organization_bytes_, organization_.size}, &record))
    return {};
  return record;
}

namespace {

// A delivery that failed is an event, also where its report could not be written or came too late
// to change anything (P-04, V-01).
void AddFailedDelivery(const Conclusion& conclusion, EventList* events) {
  if (!conclusion.delivery || conclusion.delivery->kind == Delivery::Kind::kAccepted ||
      events->Has(EventKind::kDeliveryFailed))
    return;
  Event event;
  for (const Event& sent : *events) {
    if (sent.kind == EventKind::kSent || sent.kind == EventKind::kEmailSent ||
        sent.kind == EventKind::kDiscoverySent)
      event = sent;
  }
  event.kind = EventKind::kDeliveryFailed;
  event.at = conclusion.now;
  event.reason = DeliveryError(*conclusion.delivery, conclusion.decision->changes.message->channel);
  events->Add(event);
}

}  // namespace

void Replying::Start(const CallContext& context, std::string&& request_id, ReplyBase* reply) {
  reply->error_ = ErrorCode::kInternalServerError;
  reply->hints_ = Hints();
  reply->events_.clear();
  reply->environment_ = context.config->policy().environment;
  reply->drawn_request_id_ = Uuid();
  reply->request_id_.clear();
  if (!request_id.empty()) reply->request_id_ = std::move(request_id);
  reply->member_.size = reply->organization_.size = 0;
}

void Replying::Finish(const Conclusion& conclusion, const Entropy& entropy, Error error,
                      ReplyBase* reply) {
  reply->error_ = error;
  if (reply->request_id_.empty() && !Uuid{entropy.request_id}.empty())
    reply->drawn_request_id_ = UuidFromRandom(entropy.request_id.data());
  reply->now_ = conclusion.now;
  if (conclusion.decision == nullptr) return;
  const Answer& answer = conclusion.answer();
  reply->hints_ = answer.hints;
  reply->events_ = answer.events;
  AddFailedDelivery(conclusion, &reply->events_);
  if (!error.ok()) return;
  if (answer.member_key != nullptr && answer.member.size() <= sizeof reply->member_bytes_) {
    reply->member_.key = *answer.member_key;
    reply->member_.size = answer.member.size();
    std::memcpy(reply->member_bytes_, answer.member.data(), answer.member.size());
  }
  if (answer.organization_key != nullptr &&
      answer.organization.size() <= sizeof reply->organization_bytes_) {
    reply->organization_.key = *answer.organization_key;
    reply->organization_.size = answer.organization.size();
    std::memcpy(reply->organization_bytes_, answer.organization.data(), answer.organization.size());
  }
}

}  // namespace otpcore
