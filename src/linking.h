// A Member's phone number and its claim: what every command that links, proves or removes a number
// shares (rules N-03, S-07, S-16, X-01, E-01 … E-03).
#ifndef OTPCORE_SRC_LINKING_H_
#define OTPCORE_SRC_LINKING_H_

#include <string_view>
#include <vector>

#include "otpcore/enrollment.h"
#include "otpcore/phone_number.h"
#include "target.h"

namespace otpcore {

// The sandbox number of this spelling, while it is one; null: an ordinary number.
const SandboxNumber* FindSandbox(const Policy& policy, std::string_view number, Instant now);

// The number that is stored with the Member.
PhoneNumber StoredNumber(const Enrollment& enrollment);

// Parses what a request gives; sandbox numbers need not be valid. Errors: kInvalidPhoneNumber.
Result<PhoneNumber> ReadNumber(const Policy& policy, std::string_view text, Instant now);

// kOk or kInvalidPhoneNumberCountryCode.
Error CheckCountry(const Policy& policy, const PhoneNumber& number, Instant now);

// True when another Member has proved the number of `claim`.
bool IsProvedByAnother(const LoadedRecord& claim, const Id& member_id);

// kDuplicateMemberPhoneNumber when another Member holds the number. A lease counts only when the
// number is to be linked (S-07).
Error CheckClaim(const Policy& policy, const LoadedRecord& claim, const Id& member_id, bool links,
                 Instant now);

// Each moves the Member's enrolment by `event`, which the table must allow, with the events for the
// audit log, and returns what must happen to the claim.
ClaimEffect Link(EnrollmentEvent event, const PhoneNumber& number, const Uuid& phone_id,
                 Instant now, Target* target);
ClaimEffect Unlink(EnrollmentEvent event, ErrorCode reason, Instant now, Target* target);

// Adds the write that `effect` needs, if any. A claim that is not this Member's is never released.
void AddClaimWrite(ClaimEffect effect, const LoadedRecord& claim, const Id& member_id,
                   Instant lease_end, std::vector<Write>* writes);

}  // namespace otpcore

#endif  // OTPCORE_SRC_LINKING_H_
