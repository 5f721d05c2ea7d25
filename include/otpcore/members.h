// Commands on Members (rule M-01).
#ifndef OTPCORE_MEMBERS_H_
#define OTPCORE_MEMBERS_H_

#include <string>

#include "otpcore/command.h"
#include "otpcore/export.h"

namespace otpcore {

// Field names are the wire's. Empty text counts as absent (C-03).
struct CreateMemberRequest {
  std::string organization_id;  // required; id, slug or external id
  std::string email_address;    // required; unique in the Organization without regard to ASCII case
  std::string name;             // 1 … 128 characters; default: none
  std::string member_id;        // a host's own id; default: generated
  std::string external_id;      // default: none
  bool email_address_verified = false;
  bool is_breakglass = false;
  bool mfa_enrolled = false;
  bool create_member_as_pending = false;  // else active
};

struct CreateMemberResponse {
  Member member;
  Organization organization;
};

struct OTPCORE_EXPORT CreateMember {
  using Request = CreateMemberRequest;
  using Response = CreateMemberResponse;
  // Errors: kBadRequest, kInvalidId, the environment errors, kOrganizationNotFound,
  // kDuplicateMemberEmail, kDuplicateMemberExternalId, kInternalServerError without entropy.
  static Decision Plan(const CallContext& context, const Request& request, const Facts& facts);
  static Result<Response> Respond(const CallContext& context, const Request& request,
                                  const Conclusion& conclusion);
};

}  // namespace otpcore

#endif  // OTPCORE_MEMBERS_H_
