// SPDX-License-Identifier: Apache-2.0
#include "commands/linking.h"

#include <algorithm>

#include "commands/devices.h"
#include "model/ledgers.h"

namespace otpcore {
namespace {

bool Lists(const std::vector<std::string>& regions, std::string_view region) {
  return std::find(regions.begin(), regions.end(), region) != regions.end();
}

PhoneNumber StoredNumber(const PhoneFactor& phone) {
  return {phone.number, phone.region, static_cast<PhoneNumberType>(phone.type)};
}

// A pending number gives way to another one when its claim was lost, or when the policy has it so
// (S-07, M-08). Its claim is loaded when the request has another number.
bool MayReplace(const Policy& policy, const MemberRecord& member, const LoadedClaim& claim) {
  if (member.phone.state != EnrollmentState::kPending || claim.loaded == nullptr) return false;
  if (policy.replace_pending_number && !member.HasActiveMfaFactor()) return true;
  return claim.ProvedByAnother(member.member_id);
}

// A number that the host linked is somebody's whom the host knows, until another Member proves it
// (S-12). `claim`: of the Member's number.
bool CountsWhilePending(const MemberRecord& member, const LoadedClaim& claim) {
  return member.phone.state == EnrollmentState::kPending && member.phone.linked_by_host &&
         !claim.ProvedByAnother(member.member_id);
}

// Which number `request` is about (S-02 … S-05, N-03, N-04), and whether it is new.
Error ChooseNumber(const Policy& policy, const NumberRequest& request, const MemberRecord& member,
                   Instant now, NumberPlan* plan) {
  const PhoneFactor& stored = member.phone;
  const bool none = stored.state == EnrollmentState::kNone;
  if (none) plan->links = request.link;
  // A number may be added to other factors only in a session that has shown one of them. That goes
  // for one that was linked before there were others, too: a stolen primary login may have planted
  // it.
  const bool lacks_factor = request.asked_by == AskedBy::kWithoutFactor;
  if (stored.state != EnrollmentState::kVerified && member.HasActiveMfaFactor() && lacks_factor)
    return ErrorCode::kInsufficientFactors;
  plan->number = StoredNumber(stored);
  const bool other_text = !request.number.empty() && request.number.text() != stored.number;
  if (none || other_text) {
    const Error error = ReadNumber(policy, request.link, request.number, now, &plan->number);
    if (!error.ok()) return error;
  } else if (stored.region.empty()) {
    // It was linked as a sandbox number, and may have become an ordinary one since.
    const Error error =
        ReadNumber(policy, request.link, NumberText(stored.number), now, &plan->number);
    if (!error.ok()) return error;
  }
  const bool same = plan->number.e164 == stored.number;
  const bool sends_to_it = same && request.link == EnrollmentEvent::kLinkedBySend;
  if (none || sends_to_it) return ErrorCode::kOk;
  if (same || !MayReplace(policy, member, plan->stored_claim))
    return ErrorCode::kDuplicateMemberPhoneNumberForMember;
  // Known only now that the text has turned out to be another number.
  if (lacks_factor && CountsWhilePending(member, plan->stored_claim))
    return ErrorCode::kInsufficientFactors;
  plan->links = EnrollmentEvent::kReplaced;
  return ErrorCode::kOk;
}

// Moves the enrolment to the new number, and says what must happen to its claim.
ClaimEffect Link(const NumberPlan& plan, const Facts& facts, FoundMember* found,
                 Decision* decision) {
  MemberRecord& member = found->member;
  const EnrollmentEvent event = *plan.links;
  const Transition transition = NextEnrollment(member.phone.state, event);
  if (event == EnrollmentEvent::kReplaced)
    AddEvent(*found, EventKind::kNumberUnlinked, facts.now, decision);
  if (transition.drops_challenge) member.challenge = Challenge();
  PhoneFactor& phone = member.phone;
  phone.state = transition.next;
  phone.number = plan.number.e164;
  phone.region = plan.number.region;
  phone.type = static_cast<uint8_t>(plan.number.type);
  phone.linked_by_host = plan.linked_by_host;
  phone.id = UuidFromRandom(facts.entropy.phone_id.data());
  member.updated_at = facts.now;
  AddEvent(*found, EventKind::kNumberLinked, facts.now, decision);
  if (transition.next == EnrollmentState::kVerified)
    AddEvent(*found, EventKind::kNumberVerified, facts.now, decision);
  return transition.claim;
}

}  // namespace

const SandboxNumber* FindSandbox(const Policy& policy, std::string_view number, Instant now) {
  for (const SandboxNumber& sandbox : policy.sandbox_numbers) {
    if (sandbox.e164 == number && now < sandbox.until) return &sandbox;
  }
  return nullptr;
}

// Sandbox numbers need not be valid, nor need imported ones, which the host has seen proved (N-06).
Error ReadNumber(const Policy& policy, EnrollmentEvent link, const NumberText& text, Instant now,
                 PhoneNumber* number) {
  *number = PhoneNumber();
  number->e164 = text.text();
  if (FindSandbox(policy, text.text(), now) != nullptr) return ErrorCode::kOk;
  const Result<PhoneNumber>& parsed = text.Parse(policy, link == EnrollmentEvent::kImported);
  if (!parsed) return parsed.error();
  *number = *parsed;
  return ErrorCode::kOk;
}

Error CheckCountry(const Policy& policy, const PhoneNumber& number, Instant now) {
  const std::string_view region = number.region.view();
  const bool allowed =
      FindSandbox(policy, number.e164.view(), now) != nullptr ||
      (Lists(policy.allowed_regions, region) && !Lists(policy.unsupported_regions, region));
  return allowed ? ErrorCode::kOk : ErrorCode::kInvalidPhoneNumberCountryCode;
}

bool IsTaken(const Policy& policy, const LoadedClaim& loaded, const EntityId& member_id, bool links,
             Instant now) {
  if (!loaded.held || loaded.claim.member_id == member_id) return false;
  // One that ends further ahead than a lease can last was taken under a wrong clock (T-02), and
  // would keep the owner out until the clock gets there.
  const Instant end = loaded.claim.lease_end;
  const bool leased = now < end && end <= now + policy.passcode_life + policy.clock_tolerance;
  return loaded.claim.permanent || (links && leased);
}

Instant TakeLease(const Policy& policy, Instant now, MemberRecord* member) {
  constexpr int kLivesBetween = 5;
  Instant& leased_at = member->leased_at;
  const Duration between = policy.passcode_life * kLivesBetween;
  // One further ahead was taken under a wrong clock (T-02).
  if (leased_at != Instant() && now < leased_at + between && leased_at <= now + between)
    return Instant();
  leased_at = now;
  return now + policy.passcode_life;
}

bool FindClaim(const Facts& facts, const EntityId& organization, const E164& number,
               LoadedClaim* claim, Decision* decision) {
  const RecordKey key = ClaimKey(organization, number);
  claim->loaded = facts.Find(key);
  if (claim->loaded == nullptr) {
    decision->Load(key);
    return false;
  }
  claim->held = claim->loaded->revision != 0;
  if (!claim->held || Unpack(key, claim->loaded->bytes, &claim->claim)) return true;
  Refuse(Error(ErrorCode::kInternalServerError, "a claim cannot be read"), decision);
  return false;
}

Planned PlanNumber(const Policy& policy, const NumberRequest& request, const MemberRecord& member,
                   const Facts& facts, NumberPlan* plan, Error* error, Decision* decision) {
  const EntityId& organization = member.organization_id;
  if (member.phone.state == EnrollmentState::kPending && !request.number.empty() &&
      request.number.text() != member.phone.number &&
      !FindClaim(facts, organization, member.phone.number, &plan->stored_claim, decision))
    return Planned::kLoads;
  plan->linked_by_host = request.asked_by == AskedBy::kHost;
  *error = ChooseNumber(policy, request, member, facts.now, plan);
  if (error->ok()) *error = CheckCountry(policy, plan->number, facts.now);
  if (!error->ok()) return Planned::kRefused;
  if (member.phone.state == EnrollmentState::kVerified) return Planned::kPlanned;
  if (!FindClaim(facts, organization, plan->number.e164, &plan->claim, decision))
    return Planned::kLoads;
  plan->taken = IsTaken(policy, plan->claim, member.member_id, plan->links.has_value(), facts.now);
  return Planned::kPlanned;
}

bool MayChangeFactors(const CallContext& context, const Facts& facts, const FoundMember& found,
                      Decision* decision) {
  if (!facts.session || facts.session->factors.HasSecond()) return true;
  const MemberRecord& member = found.member;
  bool has_factor = member.HasActiveMfaFactor();
  if (!has_factor && member.phone.linked_by_host) {
    LoadedClaim claim;
    if (!FindClaim(facts, member.organization_id, member.phone.number, &claim, decision))
      return false;
    has_factor = CountsWhilePending(member, claim);
  }
  if (has_factor) Refuse(context, found, facts, ErrorCode::kInsufficientFactors, decision);
  return !has_factor;
}

void RefuseTaken(const CallContext& context, const Facts& facts, const PhoneNumber& asked,
                 FoundMember* found, Decision* decision) {
  const ErrorCode error = ErrorCode::kDuplicateMemberPhoneNumber;
  CountSend(context.config->policy(), facts.now, &found->sends());
  PhoneFactor phone;
  phone.number = asked.e164;
  phone.region = asked.region;
  AddEvent(phone, EventKind::kNumberTaken, facts.now, error, decision);
  CommitMember(context, facts, found, error, decision);
}

void LinkPlanned(const NumberPlan& plan, const Facts& facts, const Policy& policy,
                 FoundMember* found, ClaimChange (*changes)[2], Decision* decision) {
  const ClaimEffect effect = Link(plan, facts, found, decision);
  const Instant lease_end =
      effect == ClaimEffect::kLease ? TakeLease(policy, facts.now, &found->member) : Instant();
  (*changes)[0] = {effect, &plan.claim, lease_end};
  // The two forms of one handset have one claim (N-08), which stays.
  if (plan.links == EnrollmentEvent::kReplaced && plan.stored_claim.loaded != plan.claim.loaded)
    (*changes)[1] = {ClaimEffect::kRelease, &plan.stored_claim, Instant()};
}

ClaimEffect Unlink(EnrollmentEvent event, ErrorCode reason, Instant now, FoundMember* found,
                   Decision* decision) {
  MemberRecord& member = found->member;
  const Transition transition = NextEnrollment(member.phone.state, event);
  AddEvent(*found, EventKind::kNumberUnlinked, now, reason, decision);
  if (member.phone.state == EnrollmentState::kVerified) ForgetAllDevices(now, found, decision);
  if (transition.drops_challenge) member.challenge = Challenge();
  member.phone = PhoneFactor();
  if (member.default_mfa_method == MfaMethod::kSmsOtp)
    SetDefaultMethod(MfaMethod::kNone, now, found, decision);
  member.updated_at = now;
  return transition.claim;
}

void WriteClaim(const ClaimChange& change, const EntityId& member_id, Decision* decision) {
  if (change.claim == nullptr) return;
  const LoadedClaim& claim = *change.claim;
  switch (change.effect) {
    case ClaimEffect::kKeep: return;
    case ClaimEffect::kLease:
      decision->Write(*claim.loaded, PhoneClaim{member_id, false, change.lease_end});
      return;
    case ClaimEffect::kPermanent:
      decision->Write(*claim.loaded, PhoneClaim{member_id, true, Instant()});
      return;
    case ClaimEffect::kRelease:
      if (claim.held && claim.claim.member_id == member_id) decision->Delete(*claim.loaded);
      return;
  }
}

}  // namespace otpcore
