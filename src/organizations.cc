#include "otpcore/organizations.h"

#include "names.h"
#include "target.h"

namespace otpcore {
namespace {

constexpr CommandKind kKind = CommandKind::kCreateOrganization;

using Request = CreateOrganizationRequest;

// An alias that looks generated could shadow somebody's id (C-02).
bool IsValidAlias(std::string_view name) { return IsValidId(name) && !IsGeneratedId(name); }

// Reads the wire's spelling of the MFA settings (M-06).
Error ReadMfaSettings(const std::string& policy, const std::string& methods,
                      const std::vector<std::string>& allowed, Organization* organization) {
  if (policy == "REQUIRED_FOR_ALL") {
    organization->mfa_policy = MfaPolicy::kRequiredForAll;
  } else if (!policy.empty() && policy != "OPTIONAL") {
    return ErrorCode::kInvalidOrganizationMfaPolicy;
  }
  if (methods == "RESTRICTED") {
    organization->mfa_methods = MfaMethods::kRestricted;
  } else if (!methods.empty() && methods != "ALL_ALLOWED") {
    return Error(ErrorCode::kBadRequest, "mfa_methods must be ALL_ALLOWED or RESTRICTED");
  }
  for (const std::string& method : allowed) {
    if (method == "sms_otp") {
      organization->sms_otp_allowed = true;
    } else if (method == "totp") {
      organization->totp_allowed = true;
    } else {
      return ErrorCode::kInvalidOrganizationAllowedMfaMethods;
    }
  }
  if (organization->mfa_methods == MfaMethods::kRestricted && allowed.empty())
    return ErrorCode::kAllowedMfaMethodsRequiredForRestricted;
  return ErrorCode::kOk;
}

Error ReadRequest(const Policy& policy, const Request& request, Organization* organization) {
  if (request.organization_name.empty())
    return Error(ErrorCode::kBadRequest, "organization_name is required");
  if (!IsValidName(request.organization_name))
    return Error(ErrorCode::kBadRequest, "organization_name takes 1 to 128 characters");
  if (!request.organization_id.empty()) {
    const ErrorCode code = CheckId(request.organization_id, policy.environment);
    if (code != ErrorCode::kOk) return code;
  }
  if (!request.organization_slug.empty() &&
      (!IsValidSlug(request.organization_slug) || !IsValidAlias(request.organization_slug)))
    return ErrorCode::kInvalidOrganizationSlug;
  if (!request.organization_external_id.empty() && !IsValidAlias(request.organization_external_id))
    return ErrorCode::kInvalidId;
  organization->organization_name = request.organization_name;
  organization->organization_id = request.organization_id;
  organization->organization_slug = request.organization_slug;
  organization->organization_external_id = request.organization_external_id;
  return ReadMfaSettings(request.mfa_policy, request.mfa_methods, request.allowed_mfa_methods,
                         organization);
}

// Every name the Organization will go by, each once.
std::vector<WantedName> NamesOf(const Organization& organization) {
  std::vector<WantedName> names;
  const auto add = [&names](const Id& name, ErrorCode taken) {
    if (name.empty()) return;
    RecordKey key = {RecordKind::kOrganizationName, Id(), name.view()};
    for (const WantedName& earlier : names) {
      if (earlier.key == key) return;
    }
    names.push_back({key, taken});
  };
  if (!IsGeneratedId(organization.organization_id))
    add(organization.organization_id, ErrorCode::kBadRequest);
  add(organization.organization_slug, ErrorCode::kOrganizationSlugAlreadyUsed);
  add(organization.organization_external_id, ErrorCode::kOrganizationExternalIdAlreadyUsed);
  return names;
}

}  // namespace

Decision CreateOrganization::Plan(const CallContext& context, const Request& request,
                                  const Facts& facts) {
  Organization organization;
  const Policy& policy = context.config->policy();
  if (const Error error = ReadRequest(policy, request, &organization);
      error.code() != ErrorCode::kOk)
    return RefuseRequest(error);
  // The operation id is random and never shown, so a generated id can be made of it: a repeated
  // operation finds what it made.
  if (organization.organization_id.empty()) {
    organization.organization_id = FormatId("organization", policy.environment,
                                            UuidFromRandom(context.operation_id.bytes.data()));
  }
  const RecordKey key = OrganizationKey(organization.organization_id);
  NamesClaim names = ClaimNames(NamesOf(organization), organization.organization_id, facts);
  const LoadedRecord* const found = facts.Find(key);
  if (found == nullptr) {
    LoadMore load = names.load.value_or(LoadMore());
    load.keys.push_back(key);
    return load;
  }
  if (const auto* const snapshot = std::get_if<OrganizationSnapshot>(&found->record)) {
    Answer answer;
    const bool repeated = *snapshot && (*snapshot)->mark.id == context.operation_id;
    answer.organization = *snapshot;
    if (!repeated) answer.error = Error(ErrorCode::kBadRequest, "organization_id is in use");
    return answer;
  }
  if (names.error.code() != ErrorCode::kOk) return RefuseRequest(names.error);

  organization.created_at = organization.updated_at = facts.now;
  OrganizationRecord record;
  record.organization = std::move(organization);
  record.mark = {context.operation_id, kKind, 0};
  Commit commit;
  commit.answer.organization = std::make_shared<const OrganizationRecord>(std::move(record));
  commit.answer.events.organization_id = commit.answer.organization->organization.organization_id;
  Event created;
  created.kind = EventKind::kCreated;
  created.at = facts.now;
  commit.answer.events.Add(created);
  commit.changes.writes.push_back({key, 0, commit.answer.organization});
  for (Write& write : names.writes) commit.changes.writes.push_back(std::move(write));
  return commit;
}

Result<CreateOrganizationResponse> CreateOrganization::Respond(const CallContext&, const Request&,
                                                               const Conclusion& conclusion) {
  if (conclusion.answer.error.code() != ErrorCode::kOk) return conclusion.answer.error;
  return CreateOrganizationResponse{conclusion.answer.organization->organization};
}

}  // namespace otpcore
