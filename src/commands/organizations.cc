// SPDX-License-Identifier: Apache-2.0
#include "otpcore/commands/organizations.h"

#include "commands/names.h"
#include "commands/target.h"

namespace otpcore {
namespace {

// An alias that looks generated could shadow somebody's id (C-02).
bool IsValidAlias(std::string_view name) { return IsValidId(name) && !IsGeneratedId(name); }

// The texts that create and update share. Absent ones leave `*organization` as it is.
struct Texts {
  const std::string& name;
  const std::string& slug;
  const std::string& external_id;
  const std::string& mfa_policy;
  const std::string& mfa_methods;
  const std::vector<std::string>* allowed_mfa_methods;  // null: absent
};

Error ReadMfaSettings(const Texts& texts, Organization* organization) {
  if (texts.mfa_policy == "REQUIRED_FOR_ALL") {
    organization->mfa_policy = MfaPolicy::kRequiredForAll;
  } else if (texts.mfa_policy == "OPTIONAL") {
    organization->mfa_policy = MfaPolicy::kOptional;
  } else if (!texts.mfa_policy.empty()) {
    return ErrorCode::kInvalidOrganizationMfaPolicy;
  }
  if (texts.mfa_methods == "RESTRICTED") {
    organization->mfa_methods = MfaMethods::kRestricted;
  } else if (texts.mfa_methods == "ALL_ALLOWED") {
    organization->mfa_methods = MfaMethods::kAllAllowed;
  } else if (!texts.mfa_methods.empty()) {
    return Error(ErrorCode::kBadRequest, "mfa_methods must be ALL_ALLOWED or RESTRICTED");
  }
  if (texts.allowed_mfa_methods != nullptr) {
    organization->sms_otp_allowed = organization->totp_allowed = false;
    for (const std::string& method : *texts.allowed_mfa_methods) {
      if (method != "sms_otp" && method != "totp")
        return ErrorCode::kInvalidOrganizationAllowedMfaMethods;
      (method == "totp" ? organization->totp_allowed : organization->sms_otp_allowed) = true;
    }
  }
  if (organization->mfa_methods == MfaMethods::kRestricted && !organization->sms_otp_allowed &&
      !organization->totp_allowed)
    return ErrorCode::kAllowedMfaMethodsRequiredForRestricted;
  return ErrorCode::kOk;
}

Error ReadTexts(const Texts& texts, Organization* organization) {
  if (!texts.name.empty()) {
    if (!IsValidName(texts.name))
      return Error(ErrorCode::kBadRequest, "organization_name takes 1 to 128 characters");
    organization->organization_name = texts.name;
  }
  if (!texts.slug.empty()) {
    if (!IsValidSlug(texts.slug) || !IsValidAlias(texts.slug))
      return ErrorCode::kInvalidOrganizationSlug;
    organization->organization_slug = texts.slug;
  }
  if (!texts.external_id.empty()) {
    if (!IsValidAlias(texts.external_id)) return ErrorCode::kInvalidId;
    organization->organization_external_id = texts.external_id;
  }
  return ReadMfaSettings(texts, organization);
}

// An id of the generated shape is nobody's alias and takes no index record (C-02).
NameList NamesBorneBy(const Organization& organization) {
  NameList names;
  const auto add = [&](const Id& name, ErrorCode taken) {
    if (!name.empty()) names.push_back({OrganizationNameKey(name.view()), taken});
  };
  if (!IsGeneratedId(organization.organization_id))
    add(organization.organization_id, ErrorCode::kBadRequest);
  add(organization.organization_slug, ErrorCode::kOrganizationSlugAlreadyUsed);
  add(organization.organization_external_id, ErrorCode::kOrganizationExternalIdAlreadyUsed);
  return names;
}

// What changes from `before` (empty for a new Organization) to `next`.
Names NamesOf(const Organization& before, const Organization& next, const Facts& facts) {
  return Names(next.organization_id, NamesBorneBy(before), NamesBorneBy(next), facts);
}

Commit CommitOrganization(const CallContext& context, CommandKind kind, Organization organization,
                          bool deleted, Revision expected, std::vector<Write> names) {
  OrganizationRecord record;
  record.organization = std::move(organization);
  record.deleted = deleted;
  record.mark = {context.operation_id, kind, 0};
  Commit commit;
  commit.answer.organization = std::make_shared<const OrganizationRecord>(std::move(record));
  const Id& id = commit.answer.organization->organization.organization_id;
  commit.answer.events.organization_id = id;
  commit.changes.writes.push_back({OrganizationKey(id), expected, commit.answer.organization});
  for (Write& write : names) commit.changes.writes.push_back(std::move(write));
  return commit;
}

Answer AnswerWith(const OrganizationSnapshot& organization, Error error) {
  Answer answer;
  answer.organization = organization;
  answer.error = error;
  return answer;
}

// What the command that left the record's mark answered (C-07).
Answer AnswerRepeated(const OrganizationSnapshot& organization, CommandKind kind) {
  const OperationMark& mark = organization->mark;
  return AnswerWith(organization, mark.command == kind ? Error(static_cast<ErrorCode>(mark.answer))
                                                       : Error(ErrorCode::kBadRequest,
                                                               kOperationIdOfAnotherCommand));
}

// The Organization of get, update and delete; or what to do instead: load, refuse, or answer a
// repeated operation.
std::optional<Decision> Begin(const CallContext& context, CommandKind kind,
                              const std::string& spelling, const Facts& facts,
                              OrganizationSnapshot* organization, Revision* revision) {
  const Error error =
      CheckRequiredId(context.config->policy(), spelling, "organization_id is required");
  if (error.code() != ErrorCode::kOk) return RefuseRequest(error);
  if (auto instead = FindOrganization(spelling, facts, organization, true)) return instead;
  const OrganizationRecord& record = **organization;
  if (kind != CommandKind::kNone && record.mark.id == context.operation_id)
    return AnswerRepeated(*organization, kind);
  if (record.deleted) return RefuseRequest(ErrorCode::kOrganizationNotFound);
  *revision = facts.Find(OrganizationKey(record.organization.organization_id))->revision;
  return std::nullopt;
}

Result<OrganizationResponse> RespondWithOrganization(const Conclusion& conclusion) {
  if (conclusion.answer.error.code() != ErrorCode::kOk) return conclusion.answer.error;
  return OrganizationResponse{conclusion.answer.organization->organization};
}

}  // namespace

Decision CreateOrganization::Plan(const CallContext& context, const Request& request,
                                  const Facts& facts) {
  const Policy& policy = context.config->policy();
  if (request.organization_name.empty())
    return RefuseRequest(Error(ErrorCode::kBadRequest, "organization_name is required"));
  Organization organization;
  if (request.organization_id.empty()) {
    // Made of the operation id, which is random: a repeated operation finds what it made.
    organization.organization_id = FormatId("organization", policy.environment,
                                            UuidFromRandom(context.operation_id.bytes.data()));
  } else {
    const ErrorCode code = CheckId(request.organization_id, policy.environment);
    if (code != ErrorCode::kOk) return RefuseRequest(code);
    organization.organization_id = request.organization_id;
  }
  const Texts texts = {
      request.organization_name, request.organization_slug, request.organization_external_id,
      request.mfa_policy,        request.mfa_methods,       &request.allowed_mfa_methods};
  if (const Error error = ReadTexts(texts, &organization); error.code() != ErrorCode::kOk)
    return RefuseRequest(error);

  const RecordKey key = OrganizationKey(organization.organization_id);
  Names::Outcome names = NamesOf({}, organization, facts).Settle();
  const LoadedRecord* const found = facts.Find(key);
  if (found == nullptr) names.missing.push_back(key);
  if (!names.missing.empty()) return LoadMore{std::move(names.missing), {}, false};
  if (const auto* const snapshot = std::get_if<OrganizationSnapshot>(&found->record)) {
    if ((*snapshot)->mark.id == context.operation_id)
      return AnswerRepeated(*snapshot, CommandKind::kCreateOrganization);
    return RefuseRequest(Error(ErrorCode::kBadRequest, "organization_id is in use"));
  }
  if (names.error.code() != ErrorCode::kOk) return RefuseRequest(names.error);
  organization.created_at = organization.updated_at = facts.now;
  Commit commit =
      CommitOrganization(context, CommandKind::kCreateOrganization, std::move(organization), false,
                         found->revision, std::move(names.writes));
  Event created;
  created.kind = EventKind::kCreated;
  created.at = facts.now;
  commit.answer.events.Add(created);
  return commit;
}

Decision GetOrganization::Plan(const CallContext& context, const Request& request,
                               const Facts& facts) {
  OrganizationSnapshot organization;
  Revision revision = 0;
  if (auto instead = Begin(context, CommandKind::kNone, request.organization_id, facts,
                           &organization, &revision))
    return *std::move(instead);
  return AnswerWith(organization, ErrorCode::kOk);
}

Decision UpdateOrganization::Plan(const CallContext& context, const Request& request,
                                  const Facts& facts) {
  OrganizationSnapshot before;
  Revision revision = 0;
  if (auto instead = Begin(context, CommandKind::kUpdateOrganization, request.organization_id,
                           facts, &before, &revision))
    return *std::move(instead);
  Organization next = before->organization;
  const Texts texts = {request.organization_name,
                       request.organization_slug,
                       request.organization_external_id,
                       request.mfa_policy,
                       request.mfa_methods,
                       request.allowed_mfa_methods ? &*request.allowed_mfa_methods : nullptr};
  if (const Error error = ReadTexts(texts, &next); error.code() != ErrorCode::kOk)
    return RefuseRequest(error);
  Names::Outcome names = NamesOf(before->organization, next, facts).Settle();
  if (!names.missing.empty()) return LoadMore{std::move(names.missing), {}, false};
  if (names.error.code() != ErrorCode::kOk) return RefuseRequest(names.error);
  next.updated_at = facts.now;
  return CommitOrganization(context, CommandKind::kUpdateOrganization, std::move(next), false,
                            revision, std::move(names.writes));
}

Decision DeleteOrganization::Plan(const CallContext& context, const Request& request,
                                  const Facts& facts) {
  OrganizationSnapshot before;
  Revision revision = 0;
  if (auto instead = Begin(context, CommandKind::kDeleteOrganization, request.organization_id,
                           facts, &before, &revision))
    return *std::move(instead);
  Organization next = before->organization;
  next.organization_slug = next.organization_external_id = Id();
  Names::Outcome names = NamesOf(before->organization, next, facts).Settle();
  if (!names.missing.empty()) return LoadMore{std::move(names.missing), {}, false};
  next.updated_at = facts.now;
  return CommitOrganization(context, CommandKind::kDeleteOrganization, std::move(next), true,
                            revision, std::move(names.writes));
}

Result<OrganizationResponse> CreateOrganization::Respond(const CallContext&, const Request&,
                                                         const Conclusion& conclusion) {
  return RespondWithOrganization(conclusion);
}
Result<OrganizationResponse> GetOrganization::Respond(const CallContext&, const Request&,
                                                      const Conclusion& conclusion) {
  return RespondWithOrganization(conclusion);
}
Result<OrganizationResponse> UpdateOrganization::Respond(const CallContext&, const Request&,
                                                         const Conclusion& conclusion) {
  return RespondWithOrganization(conclusion);
}
Result<OrganizationResponse> DeleteOrganization::Respond(const CallContext&, const Request&,
                                                         const Conclusion& conclusion) {
  return RespondWithOrganization(conclusion);
}

}  // namespace otpcore
