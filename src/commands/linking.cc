// SPDX-License-Identifier: Apache-2.0
#include "commands/linking.h"

#include <algorithm>

namespace otpcore {
namespace {

bool Lists(const std::vector<std::string>& regions, std::string_view region) {
  return std::find(regions.begin(), regions.end(), region) != regions.end();
}

PhoneNumber StoredNumber(const Enrollment& enrollment) {
  return {enrollment.phone_number, enrollment.region,
          static_cast<PhoneNumberType>(enrollment.phone_number_type)};
}

// Sandbox numbers need not be valid, nor need imported ones, which the host has seen proved (N-06).
Error ReadNumber(const Policy& policy, EnrollmentEvent link, std::string_view text,
                 const Facts& facts, NumberPlan* plan) {
  plan->number = PhoneNumber();
  plan->number.e164 = text;
  if (FindSandbox(policy, text, facts.now) != nullptr) return ErrorCode::kOk;
  plan->parsed = facts.parsed;
  if (facts.parsed.text != E164(text)) {
    const auto number =
        link == EnrollmentEvent::kImported ? ParseImported(text, policy) : ParseE164(text, policy);
    if (!number) return number.error();
    plan->parsed = {text, *number};
  }
  plan->number = plan->parsed.number;
  return ErrorCode::kOk;
}

Error CheckCountry(const Policy& policy, const PhoneNumber& number, Instant now) {
  const std::string_view region = number.region.view();
  const bool allowed =
      FindSandbox(policy, number.e164.view(), now) != nullptr ||
      (Lists(policy.allowed_regions, region) && !Lists(policy.unsupported_regions, region));
  return allowed ? ErrorCode::kOk : ErrorCode::kInvalidPhoneNumberCountryCode;
}

// kDuplicateMemberPhoneNumber when another Member holds the number. A lease counts only when the
// number is to be linked (S-07).
Error CheckClaim(const Policy& policy, const LoadedRecord& claim, const Id& member_id, bool links,
                 Instant now) {
  const auto* const held = std::get_if<PhoneClaim>(&claim.record);
  if (held == nullptr || held->member_id == member_id) return ErrorCode::kOk;
  // One that ends further ahead than a lease can last was taken under a wrong clock (T-02), and
  // would keep the owner out until the clock gets there.
  const bool leased = now < held->lease_end &&
                      held->lease_end <= now + policy.passcode_life + policy.clock_tolerance;
  return held->permanent || (links && leased) ? ErrorCode::kDuplicateMemberPhoneNumber
                                              : ErrorCode::kOk;
}

// The claim of a number; the key when that is not loaded yet.
std::optional<RecordKey> FindClaim(const Facts& facts, const Id& organization, const E164& number,
                                   const LoadedRecord** claim) {
  const RecordKey key = ClaimKey(organization, number);
  *claim = facts.Find(key);
  if (*claim != nullptr) return std::nullopt;
  return key;
}

// A number may be added to other factors only by who can show one of them (S-12). That goes for one
// that was linked before there were others, too: a stolen primary login may have planted it.
Error CheckMayLink(const NumberRequest& request, const MemberRecord& member) {
  return member.HasActiveMfaFactor() && !request.may_add_factor ? ErrorCode::kInsufficientFactors
                                                                : ErrorCode::kOk;
}

// A pending number gives way to another one when its claim was lost, or when the policy has it so
// (S-07, M-08). Its claim is loaded when the request has another number.
bool MayReplace(const Policy& policy, const MemberRecord& member, const LoadedRecord* claim) {
  if (member.enrollment.state != EnrollmentState::kPending || claim == nullptr) return false;
  if (policy.replace_pending_number && !member.HasActiveMfaFactor()) return true;
  return IsProvedByAnother(*claim, member.member_id);
}

// Which number `request` is about (S-02 … S-05, N-03, N-04), and whether it is new.
Error ChooseNumber(const Policy& policy, const NumberRequest& request, const MemberRecord& member,
                   const Facts& facts, NumberPlan* plan) {
  const Enrollment& stored = member.enrollment;
  const bool none = stored.state == EnrollmentState::kNone;
  if (none) plan->links = request.link;
  if (stored.state != EnrollmentState::kVerified) {
    if (const Error error = CheckMayLink(request, member); error.code() != ErrorCode::kOk)
      return error;
  }
  plan->number = StoredNumber(stored);
  const bool other_text = !request.text.empty() && request.text != stored.phone_number.view();
  // One without region was linked as a sandbox number, and may have become an ordinary one since.
  if (none || other_text || stored.region.empty()) {
    const std::string_view text = other_text ? request.text : stored.phone_number.view();
    const Error error = ReadNumber(policy, request.link, text, facts, plan);
    if (error.code() != ErrorCode::kOk) return error;
  }
  const bool same = plan->number.e164 == stored.phone_number;
  const bool sends_to_it = same && request.link == EnrollmentEvent::kLinkedBySend;
  if (none || sends_to_it) return ErrorCode::kOk;
  if (same || !MayReplace(policy, member, plan->stored_claim))
    return ErrorCode::kDuplicateMemberPhoneNumberForMember;
  plan->links = EnrollmentEvent::kReplaced;
  return ErrorCode::kOk;
}

// Moves the enrolment to the new number, and says what must happen to its claim.
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

// The end of a lease that the Member takes now; epoch for who had one a short time ago and gets
// none: else a stranger who unlinks a number and links it again would keep its owner out
// (S-07).
Instant Lease(const Policy& policy, Instant now, Target* target) {
  constexpr int kLivesBetween = 5;
  Instant& leased_at = target->member.leased_at;
  const Duration between = policy.passcode_life * kLivesBetween;
  // One further ahead was taken under a wrong clock (T-02).
  if (leased_at != Instant() && now < leased_at + between && leased_at <= now + between)
    return Instant();
  leased_at = now;
  return now + policy.passcode_life;
}

}  // namespace

const SandboxNumber* FindSandbox(const Policy& policy, std::string_view number, Instant now) {
  for (const SandboxNumber& sandbox : policy.sandbox_numbers) {
    if (sandbox.e164 == number && now < sandbox.until) return &sandbox;
  }
  return nullptr;
}

bool IsProvedByAnother(const LoadedRecord& claim, const Id& member_id) {
  const auto* const held = std::get_if<PhoneClaim>(&claim.record);
  return held != nullptr && held->permanent && held->member_id != member_id;
}

NumberPlan PlanNumber(const Policy& policy, const NumberRequest& request,
                      const MemberRecord& member, const Facts& facts) {
  NumberPlan plan;
  const Id& organization = member.organization_id;
  const E164& stored = member.enrollment.phone_number;
  if (member.enrollment.state == EnrollmentState::kPending && !request.text.empty() &&
      request.text != stored.view()) {
    plan.missing = FindClaim(facts, organization, stored, &plan.stored_claim);
    if (plan.missing) return plan;
  }
  plan.error = ChooseNumber(policy, request, member, facts, &plan);
  if (plan.error.code() != ErrorCode::kOk) return plan;
  plan.error = CheckCountry(policy, plan.number, facts.now);
  if (plan.error.code() != ErrorCode::kOk) return plan;
  if (member.enrollment.state == EnrollmentState::kVerified) return plan;
  plan.missing = FindClaim(facts, organization, plan.number.e164, &plan.claim);
  if (!plan.missing)
    plan.error =
        CheckClaim(policy, *plan.claim, member.member_id, plan.links.has_value(), facts.now);
  return plan;
}

Uuid PhoneIdFrom(const Facts& facts) {
  constexpr SecretAccess kAccess("the last 16 bytes are the phone id's");
  return UuidFromRandom(facts.entropy.Reveal(kAccess) + kEntropyBytes - 16);
}

void LinkPlanned(const NumberPlan& plan, const Uuid& phone_id, const Policy& policy, Instant now,
                 Target* target, std::vector<Write>* claim_writes) {
  const Id& member_id = target->member.member_id;
  const ClaimEffect effect = Link(*plan.links, plan.number, phone_id, now, target);
  const Instant lease_end = effect == ClaimEffect::kLease ? Lease(policy, now, target) : Instant();
  AddClaimWrite(effect, *plan.claim, member_id, lease_end, claim_writes);
  // The two forms of one handset have one claim (N-08), which stays.
  if (plan.links == EnrollmentEvent::kReplaced && !(plan.stored_claim->key == plan.claim->key))
    AddClaimWrite(ClaimEffect::kRelease, *plan.stored_claim, member_id, Instant(), claim_writes);
}

ClaimEffect Unlink(EnrollmentEvent event, ErrorCode reason, Instant now, Target* target) {
  MemberRecord& member = target->member;
  const Transition transition = NextEnrollment(member.enrollment.state, event);
  target->AddEvent(EventKind::kNumberUnlinked, now, reason);
  if (transition.drops_challenge) member.challenge = Challenge();
  member.enrollment = Enrollment();
  if (member.default_mfa_method == MfaMethod::kSmsOtp) member.default_mfa_method = MfaMethod::kNone;
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
