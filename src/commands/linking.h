// SPDX-License-Identifier: Apache-2.0
// A Member's phone number and its claim: what every command that links, proves or removes a number
// shares (rules N-03, S-07, S-12, S-16, X-01, E-01 … E-03).
#ifndef OTPCORE_SRC_COMMANDS_LINKING_H_
#define OTPCORE_SRC_COMMANDS_LINKING_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "commands/find_member.h"
#include "otpcore/commands/number_text.h"
#include "otpcore/rules/enrollment.h"

namespace otpcore {

// The sandbox number of this spelling, while it is one; null: an ordinary number.
const SandboxNumber* FindSandbox(const Policy& policy, std::string_view number, Instant now);

// The claim of a number as it was loaded.
struct LoadedClaim {
  const LoadedRecord* loaded = nullptr;  // null: not asked for yet
  bool held = false;                     // by `claim.member_id`
  PhoneClaim claim;

  bool ProvedByAnother(const EntityId& member_id) const {
    return held && claim.permanent && claim.member_id != member_id;
  }
};

// Fills `*claim`. False: `*decision` loads it, or answers that it cannot be read.
bool FindClaim(const Facts& facts, const EntityId& organization, const E164& number,
               LoadedClaim* claim, Decision* decision);

// The number that a text means (N-03, N-06, X-01). `link`: what it is for.
Error ReadNumber(const Policy& policy, EnrollmentEvent link, const NumberText& text, Instant now,
                 PhoneNumber* number);
// kOk, or kInvalidPhoneNumberCountryCode (S-16).
Error CheckCountry(const Policy& policy, const PhoneNumber& number, Instant now);
// Whether another Member holds the number. A lease counts only when the number is to be linked
// (S-07).
bool IsTaken(const Policy& policy, const LoadedClaim& loaded, const EntityId& member_id, bool links,
             Instant now);
// The end of a lease that the Member takes now. Epoch: the Member had one a short time ago and gets
// none; else a stranger who unlinks a number and links it again would keep its owner out (S-07).
Instant TakeLease(const Policy& policy, Instant now, MemberRecord* member);

// Who asks for a number. A send without session is nobody's, and so without factor (C-10).
enum class AskedBy : uint8_t {
  kHost,
  kPersonWithFactor,  // their session has shown a second factor
  kWithoutFactor,
};

// What a command wants with a Member's number.
struct NumberRequest {
  const NumberText& number;  // empty: the stored number
  EnrollmentEvent link;      // the event when there is none yet
  AskedBy asked_by;
};

// What that comes to.
struct NumberPlan {
  std::optional<EnrollmentEvent> links;  // set: the number is new to the Member
  bool linked_by_host = false;
  PhoneNumber number;
  LoadedClaim claim;         // of the number, when it is not verified yet
  LoadedClaim stored_claim;  // of the pending number that is to be replaced
  bool taken = false;        // another Member holds the number
};

enum class Planned : uint8_t { kPlanned, kLoads, kRefused };

// The checks of S-01 from S-12 to the country, and a look at the claim: a caller that has limits
// checks them before it says that the number is taken. kLoads: `*decision` loads more (or answers
// that a record cannot be read). kRefused: `*error` is kInsufficientFactors, kInvalidPhoneNumber,
// kDuplicateMemberPhoneNumberForMember or kInvalidPhoneNumberCountryCode.
Planned PlanNumber(const Policy& policy, const NumberRequest& request, const MemberRecord& member,
                   const Facts& facts, NumberPlan* plan, Error* error, Decision* decision);

// S-12 for acts on what a Member's MFA rests on: True when the host asks, or the session has shown
// a second factor, or the Member has none. A number that the host linked counts as one while it is
// pending and not lost (S-07). False: `*decision` loads its claim, or answers kInsufficientFactors.
bool MayChangeFactors(const CallContext& context, const Facts& facts, const FoundMember& found,
                      Decision* decision);

// Another Member holds the number that a person wanted to link: to have asked costs a send (S-19).
void RefuseTaken(const CallContext& context, const Facts& facts, const PhoneNumber& asked,
                 FoundMember* found, Decision* decision);

// What a change of the Member's number does to claims. Written after the Member's record.
struct ClaimChange {
  ClaimEffect effect = ClaimEffect::kKeep;
  const LoadedClaim* claim = nullptr;
  Instant lease_end = {};
};

// Links the number of `plan`, which must link one: moves the enrolment, with its events. `*changes`
// gets what happens to the claim, and to the one of a number that is replaced.
void LinkPlanned(const NumberPlan& plan, const Facts& facts, const Policy& policy,
                 FoundMember* found, ClaimChange (*changes)[2], Decision* decision);

// Takes the number away by `event`, which the table must allow, with its event. Returns what must
// happen to the claim.
ClaimEffect Unlink(EnrollmentEvent event, ErrorCode reason, Instant now, FoundMember* found,
                   Decision* decision);

// Adds the write that `change` needs, if any. A claim that is not this Member's is never released.
void WriteClaim(const ClaimChange& change, const EntityId& member_id, Decision* decision);

}  // namespace otpcore

#endif  // OTPCORE_SRC_COMMANDS_LINKING_H_
