#include "linking.h"

#include <algorithm>

namespace otpcore {
namespace {

bool Lists(const std::vector<std::string>& regions, std::string_view region) {
  return std::find(regions.begin(), regions.end(), region) != regions.end();
}

}  // namespace

const SandboxNumber* FindSandbox(const Policy& policy, std::string_view number, Instant now) {
  for (const SandboxNumber& sandbox : policy.sandbox_numbers) {
    if (sandbox.e164 == number && now < sandbox.until) return &sandbox;
  }
  return nullptr;
}

PhoneNumber StoredNumber(const Enrollment& enrollment) {
  return {enrollment.phone_number, enrollment.region,
          static_cast<PhoneNumberType>(enrollment.phone_number_type)};
}

Result<PhoneNumber> ReadNumber(const Policy& policy, std::string_view text, Instant now) {
  if (FindSandbox(policy, text, now) != nullptr) {
    PhoneNumber number;
    number.e164 = text;
    return number;
  }
  return ParseE164(text, policy.accept_possible_numbers ? PhoneNumberCheck::kPossible
                                                        : PhoneNumberCheck::kValid);
}

Error CheckCountry(const Policy& policy, const PhoneNumber& number, Instant now) {
  const std::string_view region = number.region.view();
  const bool allowed =
      FindSandbox(policy, number.e164.view(), now) != nullptr ||
      (Lists(policy.allowed_regions, region) && !Lists(policy.unsupported_regions, region));
  return allowed ? ErrorCode::kOk : ErrorCode::kInvalidPhoneNumberCountryCode;
}

bool IsProvedByAnother(const LoadedRecord& claim, const Id& member_id) {
  const auto* const held = std::get_if<PhoneClaim>(&claim.record);
  return held != nullptr && held->permanent && held->member_id != member_id;
}

Error CheckClaim(const Policy& policy, const LoadedRecord& claim, const Id& member_id, bool links,
                 Instant now) {
  const auto* const held = std::get_if<PhoneClaim>(&claim.record);
  if (held == nullptr || held->member_id == member_id) return ErrorCode::kOk;
  // A lease that ends further ahead than a lease can last was taken under a wrong clock (T-02).
  const Instant end = std::min(held->lease_end, now + policy.passcode_life);
  if (held->permanent || (links && now < end)) return ErrorCode::kDuplicateMemberPhoneNumber;
  return ErrorCode::kOk;
}

ClaimEffect Link(EnrollmentEvent event, const PhoneNumber& number, const Uuid& phone_id,
                 Instant now, Target* target) {
  MemberRecord& member = target->member;
  const Transition transition = NextEnrollment(member.enrollment.state, event);
  if (event == EnrollmentEvent::kReplaced) target->AddEvent(EventKind::kNumberUnlinked, now);
  if (transition.drops_challenge) member.challenge = Challenge();
  Enrollment& enrollment = member.enrollment;
  enrollment.state = transition.next;
  enrollment.phone_number = number.e164;
  enrollment.region = number.region;
  enrollment.phone_number_type = static_cast<uint8_t>(number.type);
  enrollment.phone_id = phone_id;
  member.updated_at = now;
  target->AddEvent(EventKind::kNumberLinked, now);
  if (transition.next == EnrollmentState::kVerified)
    target->AddEvent(EventKind::kNumberVerified, now);
  return transition.claim;
}

ClaimEffect Unlink(EnrollmentEvent event, ErrorCode reason, Instant now, Target* target) {
  MemberRecord& member = target->member;
  const Transition transition = NextEnrollment(member.enrollment.state, event);
  target->AddEvent(EventKind::kNumberUnlinked, now, reason);
  if (transition.drops_challenge) member.challenge = Challenge();
  member.enrollment = Enrollment();
  member.updated_at = now;
  return transition.claim;
}

void AddClaimWrite(ClaimEffect effect, const LoadedRecord& claim, const Id& member_id,
                   Instant lease_end, std::vector<Write>* writes) {
  const auto* const held = std::get_if<PhoneClaim>(&claim.record);
  switch (effect) {
    case ClaimEffect::kKeep: return;
    case ClaimEffect::kLease:
      writes->push_back({claim.key, claim.revision, PhoneClaim{member_id, false, lease_end}});
      return;
    case ClaimEffect::kPermanent:
      writes->push_back({claim.key, claim.revision, PhoneClaim{member_id, true, Instant()}});
      return;
    case ClaimEffect::kRelease:
      if (held != nullptr && held->member_id == member_id)
        writes->push_back({claim.key, claim.revision, std::monostate()});
      return;
  }
}

}  // namespace otpcore
