// SPDX-License-Identifier: Apache-2.0
// A Member's phone number and its claim: what every command that links, proves or removes a number
// shares (rules N-03, S-07, S-16, X-01, E-01 … E-03).
#ifndef OTPCORE_SRC_COMMANDS_LINKING_H_
#define OTPCORE_SRC_COMMANDS_LINKING_H_

#include <optional>
#include <string_view>
#include <vector>

#include "commands/target.h"
#include "otpcore/rules/enrollment.h"
#include "otpcore/rules/phone_number.h"

namespace otpcore {

// The sandbox number of this spelling, while it is one; null: an ordinary number.
const SandboxNumber* FindSandbox(const Policy& policy, std::string_view number, Instant now);

// True when another Member has proved the number of `claim`.
bool IsProvedByAnother(const LoadedRecord& claim, const Id& member_id);

// What a command wants with a Member's number.
struct NumberRequest {
  std::string_view text;                                  // E.164 shaped; empty: the stored number
  EnrollmentEvent link = EnrollmentEvent::kLinkedBySend;  // the event when there is none yet
  bool may_add_factor = true;  // false: asked for by a session without a second factor (S-12)
};

// What that comes to.
struct NumberPlan {
  std::optional<RecordKey> missing;  // set: this must be loaded first
  Error error = ErrorCode::kOk;
  std::optional<EnrollmentEvent> links;  // set: the number is new to the Member
  PhoneNumber number;
  ParsedNumber parsed;                         // for the next plan
  const LoadedRecord* claim = nullptr;         // of the number, when it is not verified yet
  const LoadedRecord* stored_claim = nullptr;  // of the pending number that is to be replaced
};

// The checks of S-01 from S-12 to the claim. Errors: kInsufficientFactors, kInvalidPhoneNumber,
// kDuplicateMemberPhoneNumberForMember, kInvalidPhoneNumberCountryCode,
// kDuplicateMemberPhoneNumber.
NumberPlan PlanNumber(const Policy& policy, const NumberRequest& request,
                      const MemberRecord& member, const Facts& facts);

// Moves the Member's enrolment by `event`, which the table must allow, with the event for the audit
// log, and returns what must happen to the claim.
ClaimEffect Unlink(EnrollmentEvent event, ErrorCode reason, Instant now, Target* target);

// A new phone id, of the attempt's entropy.
Uuid PhoneIdFrom(const Facts& facts);

// Links the number of `plan`, which must link one, and adds the writes of its claims.
void LinkPlanned(const NumberPlan& plan, const Uuid& phone_id, const Policy& policy, Instant now,
                 Target* target, std::vector<Write>* claim_writes);

// Adds the write that `effect` needs, if any. A claim that is not this Member's is never released.
void AddClaimWrite(ClaimEffect effect, const LoadedRecord& claim, const Id& member_id,
                   Instant lease_end, std::vector<Write>* writes);

}  // namespace otpcore

#endif  // OTPCORE_SRC_COMMANDS_LINKING_H_
