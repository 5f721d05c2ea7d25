// SPDX-License-Identifier: Apache-2.0
#include "otpcore/commands/organizations.h"

#include "commands/find_member.h"
#include "commands/names.h"
#include "commands/request_fields.h"

namespace otpcore {
namespace {

// An alias that looks generated could shadow somebody's id (C-02).
bool IsValidAlias(std::string_view name) { return IsValidId(name) && !IsGeneratedId(name); }

// Nor may a slug look so when it is read without regard to case.
bool IsValidSlugAlias(std::string_view slug) {
  return IsValidSlug(slug) && !IsGeneratedId(RecordKey::OrganizationSlug(slug).name().view());
}

Error CheckMethods(const std::vector<std::string>& methods, CheckedSettings* checked) {
  checked->has_allowed_methods = true;
  for (const std::string& method : methods) {
    if (method != "sms_otp" && method != "totp")
      return ErrorCode::kInvalidOrganizationAllowedMfaMethods;
    (method == "totp" ? checked->totp_allowed : checked->sms_otp_allowed) = true;
  }
  return ErrorCode::kOk;
}

Error CheckPolicies(const std::string& policy, const std::string& methods,
                    CheckedSettings* checked) {
  if (policy == "REQUIRED_FOR_ALL") {
    checked->mfa_policy = MfaPolicy::kRequiredForAll;
  } else if (policy == "OPTIONAL") {
    checked->mfa_policy = MfaPolicy::kOptional;
  } else if (!policy.empty()) {
    return ErrorCode::kInvalidOrganizationMfaPolicy;
  }
  if (methods == "RESTRICTED") {
    checked->mfa_methods = MfaMethods::kRestricted;
  } else if (methods == "ALL_ALLOWED") {
    checked->mfa_methods = MfaMethods::kAllAllowed;
  } else if (!methods.empty()) {
    return Error(ErrorCode::kBadRequest, "mfa_methods must be ALL_ALLOWED or RESTRICTED");
  }
  return ErrorCode::kOk;
}

// The primary factors (M-11). `allowed`: null when the request does not name them.
Error CheckAuthMethods(const std::string& methods, const std::vector<std::string>* allowed,
                       CheckedSettings* checked) {
  if (methods == "RESTRICTED") {
    checked->auth_methods = AuthMethods::kRestricted;
  } else if (methods == "ALL_ALLOWED") {
    checked->auth_methods = AuthMethods::kAllAllowed;
  } else if (!methods.empty()) {
    return Error(ErrorCode::kBadRequest, "auth_methods must be ALL_ALLOWED or RESTRICTED");
  }
  if (allowed == nullptr) return ErrorCode::kOk;
  AuthMethodSet set = 0;
  for (const std::string& name : *allowed) {
    AuthMethod method{};
    if (!ParseAuthMethod(name, &method)) return ErrorCode::kInvalidOrganizationAllowedAuthMethods;
    set = static_cast<AuthMethodSet>(set | BitOf(method));
  }
  checked->allowed_auth_methods = set;
  return ErrorCode::kOk;
}

// The shape of the settings that create and update share (M-06).
template <typename Request>
Error CheckSettings(const Request& request, const std::vector<std::string>* allowed_methods,
                    const std::vector<std::string>* allowed_auth_methods,
                    CheckedSettings* checked) {
  checked->name = request.organization_name;
  checked->slug = request.organization_slug;
  checked->external_id = request.organization_external_id;
  if (!checked->name.empty() && !IsValidName(checked->name))
    return Error(ErrorCode::kBadRequest, "organization_name takes 1 to 128 characters");
  if (!checked->slug.empty() && !IsValidSlugAlias(checked->slug))
    return ErrorCode::kInvalidOrganizationSlug;
  if (!checked->external_id.empty() && !IsValidAlias(checked->external_id))
    return ErrorCode::kInvalidId;
  Error error = CheckPolicies(request.mfa_policy, request.mfa_methods, checked);
  if (error.ok() && allowed_methods != nullptr) error = CheckMethods(*allowed_methods, checked);
  return error.ok() ? CheckAuthMethods(request.auth_methods, allowed_auth_methods, checked) : error;
}

// Sets what is there. Errors: kAllowedMfaMethodsRequiredForRestricted,
// kAllowedAuthMethodsRequiredForRestricted.
Error Apply(const CheckedSettings& settings, Organization* organization) {
  if (!settings.name.empty()) organization->organization_name = settings.name;
  if (!settings.slug.empty()) organization->organization_slug = settings.slug;
  if (!settings.external_id.empty()) organization->organization_external_id = settings.external_id;
  organization->mfa_policy = settings.mfa_policy.value_or(organization->mfa_policy);
  organization->mfa_methods = settings.mfa_methods.value_or(organization->mfa_methods);
  if (settings.has_allowed_methods) {
    organization->sms_otp_allowed = settings.sms_otp_allowed;
    organization->totp_allowed = settings.totp_allowed;
  }
  const bool none_allowed = organization->mfa_methods == MfaMethods::kRestricted &&
                            !organization->sms_otp_allowed && !organization->totp_allowed;
  if (none_allowed) return ErrorCode::kAllowedMfaMethodsRequiredForRestricted;
  organization->auth_methods = settings.auth_methods.value_or(organization->auth_methods);
  organization->allowed_auth_methods =
      settings.allowed_auth_methods.value_or(organization->allowed_auth_methods);
  const bool no_sign_in = organization->auth_methods == AuthMethods::kRestricted &&
                          organization->allowed_auth_methods == 0;
  return no_sign_in ? ErrorCode::kAllowedAuthMethodsRequiredForRestricted : ErrorCode::kOk;
}

void AddEvent(EventKind kind, Instant at, Decision* decision) {
  Event event;
  event.kind = kind;
  event.at = at;
  decision->answer.events.Add(event);
}

// One event for each group of fields that `after` has otherwise.
void AddEvents(const Organization& before, const Organization& after, Instant now,
               Decision* decision) {
  const bool methods_differ =
      after.mfa_methods != before.mfa_methods || after.sms_otp_allowed != before.sms_otp_allowed ||
      after.totp_allowed != before.totp_allowed || after.auth_methods != before.auth_methods ||
      after.allowed_auth_methods != before.allowed_auth_methods;
  const bool names_differ = after.organization_name != before.organization_name ||
                            after.organization_slug != before.organization_slug ||
                            after.organization_external_id != before.organization_external_id;
  if (after.mfa_policy != before.mfa_policy)
    AddEvent(EventKind::kOrganizationPolicyChanged, now, decision);
  if (methods_differ) AddEvent(EventKind::kOrganizationMethodsChanged, now, decision);
  if (names_differ) AddEvent(EventKind::kOrganizationNamesChanged, now, decision);
  if (decision->answer.events.size() == 0) AddEvent(EventKind::kUpdated, now, decision);
}

// The index keys that an Organization needs, in the order in which a taken one answers (M-06). An
// id of the generated shape is nobody's alias and takes none (C-02). A slug takes two: one for its
// spelling, as every name, and one for all its spellings, which no other name may be when it is
// new.
NameList KeysOf(const Organization& organization) {
  NameList names;
  const auto add = [&](std::string_view name, ErrorCode taken) {
    if (name.empty()) return;
    const RecordKey slug = RecordKey::OrganizationSlug(name);
    const bool is_slug = taken == ErrorCode::kOrganizationSlugAlreadyUsed;
    names.Add(RecordKey::OrganizationName(name), taken, is_slug ? RecordKey() : slug);
    if (is_slug) names.Add(slug, taken);
  };
  const auto id = organization.organization_id.text();
  if (!IsGeneratedId(id)) add(id, ErrorCode::kBadRequest);
  add(organization.organization_slug, ErrorCode::kOrganizationSlugAlreadyUsed);
  add(organization.organization_external_id, ErrorCode::kOrganizationExternalIdAlreadyUsed);
  return names;
}

void Show(const FoundOrganization& found, Decision* decision) {
  decision->answer.organization_key = &found.loaded->key;
  decision->answer.organization = found.loaded->bytes;
}

void CommitOrganization(const CallContext& context, const Facts& facts,
                        const FoundOrganization& was, OrganizationRecord* next,
                        const NameChanges& names, Decision* decision) {
  next->updated_at = facts.now;
  next->mark = MarkFor(context, facts, ErrorCode::kOk);
  decision->answer.events.organization_id = next->organization_id;
  decision->answer.organization_key = &was.loaded->key;
  decision->answer.organization = decision->Write(*was.loaded, *next);
  names.Write(next->organization_id, decision);
}

// What the command that left the record's mark answered (C-07).
void AnswerRepeated(const CallContext& context, const Facts& facts, const FoundOrganization& found,
                    Decision* decision) {
  const OperationMark& mark = found.organization.mark;
  if (const Error error = CheckRepeated(context, mark, facts.now); !error.ok())
    return RefuseRepeated(error, decision);
  Show(found, decision);
  decision->answer.error = static_cast<ErrorCode>(mark.answer);
}

// The Organization of get, update and delete. False: `*decision` loads more, refuses, or answers a
// repeated operation.
bool FindOrganizationForCommand(const CallContext& context, const CheckedOrganization& checked,
                                const Facts& facts, FoundOrganization* found, Decision* decision) {
  if (!FindOrganization(checked, facts, true, found, decision)) return false;
  if (IsRepeated(context, found->organization.mark)) {
    AnswerRepeated(context, facts, *found, decision);
    return false;
  }
  if (!found->organization.deleted) return true;
  Refuse(ErrorCode::kOrganizationNotFound, decision);
  return false;
}

}  // namespace

Error CreateOrganization::Check(const CallContext& context, const Request& request,
                                Checked* checked) {
  if (request.organization_name.empty())
    return Error(ErrorCode::kBadRequest, "organization_name is required");
  if (!request.organization_id.empty()) {
    const Error error = CheckId(context, request.organization_id, "", &checked->organization_id);
    if (!error.ok()) return error;
  }
  return CheckSettings(request, &request.allowed_mfa_methods, &request.allowed_auth_methods,
                       checked);
}

void CreateOrganization::AddFields(const Request& request, const Checked& /*checked*/,
                                   RequestTag* tag) {
  AddAll<9>(request, tag);
}

void CreateOrganization::Plan(const CallContext& context, const Checked& checked,
                              const Facts& facts, Decision* decision) {
  OrganizationRecord organization;
  organization.organization_id = checked.organization_id;
  if (checked.organization_id.empty()) {
    if (!context.repeatable() && !facts.has_entropy) return decision->LoadEntropy();
    // A repeated operation finds what it made: the id is made of the operation's.
    const uint8_t* const random =
        context.repeatable() ? context.operation_id.bytes.data() : facts.entropy.new_id.data();
    organization.organization_id =
        EntityId::Organization(context.config->policy().environment, UuidFromRandom(random));
  }
  const Error restricted = Apply(checked, &organization);
  const RecordKey key = RecordKey::Organization(organization.organization_id);
  FoundOrganization found;
  found.loaded = facts.Find(key);
  if (found.loaded == nullptr) decision->Load(key);
  NameChanges names;
  if (!names.Find(NameList(), KeysOf(organization), organization.organization_id, facts, decision))
    return;
  if (found.loaded->revision != 0) {
    if (!Unpack(key, found.loaded->bytes, &found.organization))
      return Refuse(Error(ErrorCode::kInternalServerError, "a record cannot be read"), decision);
    if (IsRepeated(context, found.organization.mark))
      return AnswerRepeated(context, facts, found, decision);
    return Refuse(Error(ErrorCode::kBadRequest, "organization_id is in use"), decision);
  }
  if (!restricted.ok()) return Refuse(restricted, decision);
  if (!names.error().ok()) return Refuse(names.error(), decision);
  organization.created_at = facts.now;
  AddEvent(EventKind::kOrganizationCreated, facts.now, decision);
  CommitOrganization(context, facts, found, &organization, names, decision);
}

Error GetOrganization::Check(const CallContext& context, const Request& request, Checked* checked) {
  return CheckOrganization(context, request.organization_id, checked);
}

void GetOrganization::Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                           Decision* decision) {
  FoundOrganization found;
  if (FindOrganizationForCommand(context, checked, facts, &found, decision)) Show(found, decision);
}

Error UpdateOrganization::Check(const CallContext& context, const Request& request,
                                Checked* checked) {
  const Error error = CheckOrganization(context, request.organization_id, &checked->organization);
  if (!error.ok()) return error;
  return CheckSettings(
      request, request.allowed_mfa_methods ? &*request.allowed_mfa_methods : nullptr,
      request.allowed_auth_methods ? &*request.allowed_auth_methods : nullptr, checked);
}

void UpdateOrganization::AddFields(const Request& request, const Checked& checked,
                                   RequestTag* tag) {
  AddAll<9>(request, checked.organization, tag);
}

void UpdateOrganization::Plan(const CallContext& context, const Checked& checked,
                              const Facts& facts, Decision* decision) {
  FoundOrganization found;
  if (!FindOrganizationForCommand(context, checked.organization, facts, &found, decision)) return;
  OrganizationRecord next = found.organization;
  const Error error = Apply(checked, &next);
  if (!error.ok()) return Refuse(error, decision);
  NameChanges names;
  if (!names.Find(KeysOf(found.organization), KeysOf(next), next.organization_id, facts, decision))
    return;
  if (!names.error().ok()) return Refuse(names.error(), decision);
  AddEvents(found.organization, next, facts.now, decision);
  CommitOrganization(context, facts, found, &next, names, decision);
}

Error DeleteOrganization::Check(const CallContext& context, const Request& request,
                                Checked* checked) {
  return CheckOrganization(context, request.organization_id, checked);
}

void DeleteOrganization::AddFields(const Request& request, const Checked& checked,
                                   RequestTag* tag) {
  AddAll<1>(request, checked, tag);
}

void DeleteOrganization::Plan(const CallContext& context, const Checked& checked,
                              const Facts& facts, Decision* decision) {
  FoundOrganization found;
  if (!FindOrganizationForCommand(context, checked, facts, &found, decision)) return;
  OrganizationRecord next = found.organization;
  next.organization_slug = next.organization_external_id = {};
  next.deleted = true;
  NameChanges names;
  if (!names.Find(KeysOf(found.organization), KeysOf(next), next.organization_id, facts, decision))
    return;
  AddEvent(EventKind::kOrganizationDeleted, facts.now, decision);
  CommitOrganization(context, facts, found, &next, names, decision);
}

}  // namespace otpcore
