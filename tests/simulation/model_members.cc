// SPDX-License-Identifier: Apache-2.0
// Members and Organizations (rules M-*, C-02, C-09).
#include <algorithm>
#include <cstddef>

#include "model.h"

namespace otpcore {
namespace simulation {

std::string OwnerOf(const Question& question, const std::string& organization,
                    const std::string& email) {
  for (const auto& [path, member] : question.view->At(organization, Lower(email)).members) {
    if (member->organization == organization && member->status != MemberStatus::kDeleted &&
        Lower(member->email) == Lower(email))
      return member->id;
  }
  return std::string();
}

namespace {

bool EmailTaken(const Question& question, const std::string& organization, const std::string& self,
                const std::string& email) {
  const std::string owner = OwnerOf(question, organization, email);
  return !owner.empty() && owner != self;
}

// C-02: ids and external ids share one namespace; those of deleted Members stay used up. What a
// Member bears itself is not taken: an external id may be its own id.
bool NameTaken(const Question& question, const std::string& organization, const std::string& self,
               const std::string& name) {
  for (const auto& [path, other] : question.view->At(organization, name).members) {
    if (other->organization == organization && other->id != self &&
        (other->id == name || other->external_id == name))
      return true;
  }
  return false;
}

void VoidMail(ModelMember* member) {
  member->mail.challenge = ModelChallenge();
  member->mail.purpose = EmailPurpose::kNone;
}

bool LacksFactor(const ModelMember& member) {  // M-05
  return (member.default_method == "sms_otp" && !member.verified) ||
         (member.default_method == "totp" && member.totp.empty());
}

// What this very operation made earlier: it may have been given an id by the product. Null:
// nothing.
template <typename T>
const T* MadeBy(const OperationId& operation,
                const std::map<std::string, std::shared_ptr<const T>>& things,
                const std::string& organization) {
  if (operation == kNotRepeatable) return nullptr;
  for (const auto& [path, thing] : things) {
    const bool here = path.compare(0, organization.size(), organization) == 0;
    if (here && thing != nullptr && thing->made_by == operation) return thing.get();
  }
  return nullptr;
}

void DropNumber(const Question& question, const ModelMember& before, ModelMember* member,
                Expected* expected) {  // M-03
  ReleaseClaim(question, before, before.candidate.number, expected);
  ReleaseClaim(question, before, expected);
  member->candidate = ModelCandidate();
  if (before.verified) ForgetDevices(member);
  member->number.clear();
  member->verified = member->given_by_host = false;
  member->challenge = ModelChallenge();
  if (member->default_method == "sms_otp") member->default_method.clear();
}

}  // namespace

const ModelMember* FindByEmail(const Question& question, const std::string& organization,
                               const std::string& email) {
  const std::string owner = OwnerOf(question, organization, email);
  return owner.empty() ? nullptr : question.view->FindMember(organization, owner);
}

namespace {

// The Member that stands where a new one is to be made; null: none.
const ModelMember* ExistingMember(const Question& question, const std::string& organization) {
  const Call& call = *question.call;
  if (!call.member.empty()) return question.view->FindMember(organization, call.member);
  const std::string prefix = PathOf(organization, "");
  const ModelMember* made = MadeBy(call.operation, question.view->members, prefix);
  if (made == nullptr) made = MadeBy(call.operation, question.view->first->members, prefix);
  return made == nullptr ? nullptr : question.view->FindMember(organization, made->id);
}

// The form of the request (C-03, N-01).
ErrorCode CreateMemberShape(const Call& call) {
  const ErrorCode error = CheckId(call.organization);
  if (error != ErrorCode::kOk) return error;
  if (call.email.empty()) return ErrorCode::kBadRequest;
  if (!call.member.empty() && CheckId(call.member) != ErrorCode::kOk) return CheckId(call.member);
  if (ShapedLikeAGeneratedId(call.external_id)) return ErrorCode::kInvalidId;
  if (!call.number.empty() && !ShapedLikeANumber(call.number))
    return ErrorCode::kInvalidPhoneNumber;
  return ErrorCode::kOk;
}

}  // namespace

Expected JudgeCreateMember(const Question& question) {
  const Call& call = *question.call;
  Expected expected;
  const auto refuse = [&](ErrorCode error) {
    expected.error = error;
    expected.new_member = nullptr;
    expected.new_claims.clear();
    return expected;
  };
  ErrorCode error = CreateMemberShape(call);
  if (error != ErrorCode::kOk) return refuse(error);
  const ModelOrganization* org = nullptr;
  error = FindOrganizationOnly(question, &expected, &org);
  if (error != ErrorCode::kOk) return refuse(error);
  const ModelMember* existing = ExistingMember(question, org->id);
  if (existing != nullptr && Repeats(question, existing->mark)) {
    expected.replay = true;
    expected.member = existing->id;
    return refuse(AnswerOfReplay(question, existing->mark));
  }
  if (existing != nullptr) return refuse(ErrorCode::kBadRequest);
  ModelMember fresh;
  fresh.organization = org->id;
  fresh.id = call.member.empty() ? question.new_id : call.member;
  fresh.made_by = call.operation;
  fresh.external_id = call.external_id;
  fresh.email = call.email;
  fresh.name = call.name;
  fresh.email_verified = call.email_verified.value_or(false);
  fresh.status = call.invited   ? MemberStatus::kInvited
                 : call.pending ? MemberStatus::kPending
                                : MemberStatus::kActive;
  fresh.breakglass = call.breakglass.value_or(false);
  fresh.enrolled = call.enrolled.value_or(false);
  fresh.totp = call.totp;
  fresh.default_method = call.default_method;
  auto created = Changed(question, fresh, ErrorCode::kOk);
  Link link;
  if (!call.number.empty()) {
    if (fresh.status != MemberStatus::kActive)
      return refuse(ErrorCode::kActionAvailableOnlyForActiveMembers);
    link = CheckLink(question, *org, fresh, false, call.number_verified);
    if (link.error != ErrorCode::kOk && link.error != ErrorCode::kDuplicateMemberPhoneNumber)
      return refuse(link.error);
  }
  // M-06: of several names that are taken the first of id, external id, e-mail, number answers.
  if (!fresh.id.empty() && NameTaken(question, org->id, fresh.id, fresh.id))
    return refuse(ErrorCode::kBadRequest);
  if (!call.external_id.empty() && NameTaken(question, org->id, fresh.id, call.external_id))
    return refuse(ErrorCode::kDuplicateMemberExternalId);
  if (EmailTaken(question, org->id, fresh.id, call.email))
    return refuse(ErrorCode::kDuplicateMemberEmail);
  if (link.error != ErrorCode::kOk) return refuse(link.error);
  if (!link.number.empty())
    LinkNumber(question, {link.number, call.number_verified, true}, created.get(), &expected);
  if (LacksFactor(*created)) return refuse(ErrorCode::kDefaultMfaMemberMissingFactor);
  expected.member = fresh.id;
  expected.new_member = created;
  return expected;
}

Expected JudgeUpdateMember(const Question& question) {
  const Call& call = *question.call;
  Expected expected;
  const auto refuse = [&](ErrorCode error) {
    expected.error = error;
    expected.new_member = nullptr;
    expected.new_claims.clear();
    return expected;
  };
  if (ShapedLikeAGeneratedId(call.external_id)) return refuse(ErrorCode::kInvalidId);
  if (!call.number.empty() && !ShapedLikeANumber(call.number))
    return refuse(ErrorCode::kInvalidPhoneNumber);
  Target target;
  if (!Opens(question, OneSessionShape(call), &target, &expected)) return expected;
  const auto& [org, member] = target;
  ErrorCode error = CheckSession(question, *member);
  if (error != ErrorCode::kOk) return refuse(error);
  // C-10: what a person may ask for, and with which factor.
  const bool hosts = call.breakglass || call.email_verified || !call.external_id.empty();
  if (HasSession(call.session) && hosts) return refuse(ErrorCode::kUnauthorizedAction);
  const bool more_than_name =
      !call.email.empty() || call.enrolled || !call.number.empty() || !call.default_method.empty();
  if (more_than_name && MustShowFactor(question, *member))
    return refuse(ErrorCode::kInsufficientFactors);
  auto changed = Changed(question, *member, ErrorCode::kOk);
  Link link;
  if (!call.number.empty()) {
    if (member->status != MemberStatus::kActive)
      return refuse(ErrorCode::kActionAvailableOnlyForActiveMembers);
    link = CheckLink(question, *org, *member, HasSession(call.session));
    if (link.error == ErrorCode::kOk && link.number.empty())
      link.error = ErrorCode::kDuplicateMemberPhoneNumberForMember;
    if (link.error != ErrorCode::kOk && link.error != ErrorCode::kDuplicateMemberPhoneNumber)
      return refuse(link.error);
    const Millis wait = WaitForSend(*question.policy, member->sends, question.now);
    if (HasSession(call.session) && wait > 0) {
      expected.retry_after = wait;
      return refuse(ErrorCode::kTooManyRequests);
    }
  }
  // M-06: external id, e-mail, number.
  if (!call.external_id.empty()) {
    const bool own = call.external_id == member->external_id || call.external_id == member->id;
    if (!own && NameTaken(question, org->id, member->id, call.external_id))
      return refuse(ErrorCode::kDuplicateMemberExternalId);
    changed->external_id = call.external_id;
  }
  if (!call.email.empty()) {
    if (EmailTaken(question, org->id, member->id, call.email))
      return refuse(ErrorCode::kDuplicateMemberEmail);
    if (call.email != member->email) {  // EM-20; another case is another address
      changed->email_verified = false;
      if (!changed->mail.id.empty())
        changed->mail.id = DrawnId(question, "email", offsetof(Entropy, new_id));
      VoidMail(changed.get());
    }
    changed->email = call.email;
  }
  if (link.error != ErrorCode::kOk) {
    std::ignore = refuse(link.error);
    if (!HasSession(call.session)) return expected;
    expected.new_member = Changed(question, *member, link.error);  // S-19
    expected.new_member->sends = AfterSend(*question.policy, member->sends, question.now);
    return expected;
  }
  if (!link.number.empty())
    LinkNumber(question, {link.number, false, !HasSession(call.session)}, changed.get(), &expected);
  if (call.email_verified) changed->email_verified = *call.email_verified;
  if (!call.name.empty()) changed->name = call.name;
  if (call.breakglass) changed->breakglass = *call.breakglass;
  if (call.enrolled && !*call.enrolled && member->enrolled) ForgetDevices(changed.get());
  if (call.enrolled) changed->enrolled = *call.enrolled;
  if (!call.default_method.empty()) {
    changed->default_method = call.default_method;
    if (LacksFactor(*changed)) return refuse(ErrorCode::kDefaultMfaMemberMissingFactor);
  }
  expected.new_member = changed;
  return expected;
}

namespace {

ErrorCode JudgeReactivation(const Question& question, const ModelMember& member) {  // M-04
  if (member.status != MemberStatus::kDeleted || member.purged)
    return ErrorCode::kNoDeletedMemberFoundForReactivation;
  if (!member.email_verified) return ErrorCode::kEmailUnverifiedForReactivation;
  if (EmailTaken(question, member.organization, member.id, member.email))
    return ErrorCode::kReactivationEmailBelongsToAnotherMember;
  return ErrorCode::kOk;
}

// The commands that only need their target; returns what is wrong.
ErrorCode ChangeMember(const Question& question, const ModelMember& member, ModelMember* changed,
                       Expected* expected) {
  const Call& call = *question.call;
  switch (call.verb) {
    case Verb::kDeletePhone:
      if (MustShowFactor(question, member)) return ErrorCode::kInsufficientFactors;
      if (member.number.empty()) return ErrorCode::kMemberPhoneNumberNotFound;
      DropNumber(question, member, changed, expected);
      return ErrorCode::kOk;
    case Verb::kSetTotp:
      if (MustShowFactor(question, member)) return ErrorCode::kInsufficientFactors;
      if (member.registration.state == RegistrationState::kActive)
        return ErrorCode::kActiveTotpExists;
      ForgetDevices(changed);
      // Taken back, only what the host has set: a pending one stays.
      if (!call.totp.empty()) {
        changed->registration = ModelRegistration();
        changed->totp = call.totp;
      } else if (!member.totp.empty()) {
        DropTotp(changed);
      }
      return ErrorCode::kOk;
    case Verb::kForgetDevices: ForgetDevices(changed); return ErrorCode::kOk;
    case Verb::kUnlock:  // L-05
      ForgetDevices(changed);
      changed->ledger = changed->mail.ledger = ModelLedger();
      changed->sends = changed->mail.sends = ModelSends();
      return ErrorCode::kOk;
    case Verb::kDeleteMember:  // M-04, M-09
      DropNumber(question, member, changed, expected);
      ForgetDevices(changed);
      DropTotp(changed);
      VoidMail(changed);
      changed->enrolled = false;
      changed->status = MemberStatus::kDeleted;
      return ErrorCode::kOk;
    case Verb::kReactivateMember: {
      const ErrorCode error = JudgeReactivation(question, member);
      changed->status = MemberStatus::kActive;
      return error;
    }
    case Verb::kPurgeMember:
      DropNumber(question, member, changed, expected);
      changed->status = MemberStatus::kDeleted;
      changed->purged = true;
      changed->email.clear();
      changed->external_id.clear();
      DropTotp(changed);
      changed->sends = ModelSends();
      changed->leased = 0;
      ForgetDevices(changed);
      changed->ledger = ModelLedger();
      changed->mail = ModelMail();
      return ErrorCode::kOk;
    default: return ErrorCode::kInternalServerError;
  }
}

}  // namespace

Expected JudgeMember(const Question& question) {
  const Call& call = *question.call;
  Expected expected;
  const bool takes_session = call.verb == Verb::kSetTotp || call.verb == Verb::kDeletePhone;
  const bool by_email = call.verb == Verb::kGetMember && call.member.empty() && !call.email.empty();
  expected.error = by_email ? CheckId(call.organization) : CheckIds(call);
  if (expected.error != ErrorCode::kOk) return expected;
  if (takes_session && SessionCount(call.session) > 1) {
    expected.error = ErrorCode::kTooManySessionArguments;
    return expected;
  }
  const ModelOrganization* org = nullptr;
  const ModelMember* member = nullptr;
  const bool reads_deleted =
      call.verb == Verb::kReactivateMember || call.verb == Verb::kPurgeMember;
  // A deleted Member still knows its deletion (C-07).
  expected.error = FindTarget(question, &expected, &org, &member,
                              reads_deleted || call.verb == Verb::kDeleteMember);
  if (expected.error != ErrorCode::kOk || call.verb == Verb::kGetMember) return expected;
  if (Repeats(question, member->mark)) {
    expected.error =
        takes_session ? AnswerOfReplay(question, *member) : AnswerOfReplay(question, member->mark);
    expected.replay = true;
    return expected;
  }
  if (member->status == MemberStatus::kDeleted && !reads_deleted) {
    expected.target = nullptr;
    expected.error = ErrorCode::kMemberNotFound;
    return expected;
  }
  if (takes_session) expected.error = CheckSession(question, *member);
  if (expected.error != ErrorCode::kOk) return expected;
  auto changed = Changed(question, *member, ErrorCode::kOk);
  expected.error = ChangeMember(question, *member, changed.get(), &expected);
  if (expected.error != ErrorCode::kOk) {
    expected.new_claims.clear();
    return expected;
  }
  expected.new_member = changed;
  return expected;
}

namespace {

// The form of create and update: judged before anything is loaded (M-06).
ErrorCode OrganizationShape(const Call& call) {
  const bool creates = call.verb == Verb::kCreateOrganization;
  if (creates && call.name.empty()) return ErrorCode::kBadRequest;
  if (!creates || !call.organization.empty()) {
    const ErrorCode error = CheckId(call.organization);
    if (error != ErrorCode::kOk) return error;
  }
  if (ShapedLikeAGeneratedId(call.slug)) return ErrorCode::kInvalidOrganizationSlug;
  if (ShapedLikeAGeneratedId(call.external_id)) return ErrorCode::kInvalidId;
  if (!call.mfa_policy.empty() && call.mfa_policy != "OPTIONAL" &&
      call.mfa_policy != "REQUIRED_FOR_ALL")
    return ErrorCode::kInvalidOrganizationMfaPolicy;
  if (!call.mfa_methods.empty() && call.mfa_methods != "ALL_ALLOWED" &&
      call.mfa_methods != "RESTRICTED")
    return ErrorCode::kBadRequest;
  for (const std::string& method : call.allowed_methods.value_or(std::vector<std::string>())) {
    if (method != "sms_otp" && method != "totp")
      return ErrorCode::kInvalidOrganizationAllowedMfaMethods;
  }
  if (!call.auth_methods.empty() && call.auth_methods != "ALL_ALLOWED" &&
      call.auth_methods != "RESTRICTED")
    return ErrorCode::kBadRequest;
  for (const std::string& method : call.allowed_auth_methods.value_or(std::vector<std::string>())) {
    if (method != "sso" && method != "password" && method != "email_otp")
      return ErrorCode::kInvalidOrganizationAllowedAuthMethods;  // M-11: of those that are tried
  }
  return ErrorCode::kOk;
}

// What create and update do to `org`.
ErrorCode ApplyOrganization(const Question& question, ModelOrganization* org) {
  const Call& call = *question.call;
  if (!call.name.empty()) org->name = call.name;
  if (!call.mfa_policy.empty()) org->required_for_all = call.mfa_policy == "REQUIRED_FOR_ALL";
  if (call.allowed_methods) {
    org->sms = org->totp = false;
    for (const std::string& method : *call.allowed_methods)
      (method == "totp" ? org->totp : org->sms) = true;
  }
  if (!call.mfa_methods.empty()) org->restricted = call.mfa_methods == "RESTRICTED";
  if (org->restricted && !org->sms && !org->totp)
    return ErrorCode::kAllowedMfaMethodsRequiredForRestricted;
  if (!call.auth_methods.empty()) org->auth_restricted = call.auth_methods == "RESTRICTED";
  if (call.allowed_auth_methods)
    org->auth_methods = {call.allowed_auth_methods->begin(), call.allowed_auth_methods->end()};
  if (org->auth_restricted && org->auth_methods.empty())
    return ErrorCode::kAllowedAuthMethodsRequiredForRestricted;
  // C-02: another Organization bears the name, or a slug that differs in case only. That one bears
  // it itself does not matter.
  const auto taken = [&](const std::string& name) {
    for (const auto& [id, other] : question.view->At("", name).organizations) {
      if (id == org->id) continue;
      if (id == name || (!other->deleted && (other->slug == name || other->external_id == name)))
        return true;
    }
    return false;
  };
  const auto is_anothers_slug = [&](const std::string& name) {
    const ModelOrganization* const holder = question.view->FindBySlug(name);
    return holder != nullptr && holder->id != org->id;
  };
  const auto wanted = [&](const std::string& name) {
    return !name.empty() && name != org->id && name != org->slug && name != org->external_id;
  };
  if (call.verb == Verb::kCreateOrganization && !org->id.empty() &&
      (taken(org->id) || is_anothers_slug(org->id)))
    return ErrorCode::kBadRequest;
  // An external id that another's slug was made of at the same time may not become a slug too.
  if (!call.slug.empty() &&
      ((wanted(call.slug) && taken(call.slug)) || is_anothers_slug(call.slug)))
    return ErrorCode::kOrganizationSlugAlreadyUsed;
  if (wanted(call.external_id) && (taken(call.external_id) || is_anothers_slug(call.external_id)))
    return ErrorCode::kOrganizationExternalIdAlreadyUsed;
  if (!call.slug.empty()) org->slug = call.slug;
  if (!call.external_id.empty()) org->external_id = call.external_id;
  return ErrorCode::kOk;
}

// The Organization that stands where a new one is to be made; null: none.
const ModelOrganization* ExistingOrganization(const Question& question) {
  const Call& call = *question.call;
  if (!call.organization.empty()) return question.view->FindOrganization(call.organization);
  const ModelOrganization* made = MadeBy(call.operation, question.view->organizations, "");
  if (made == nullptr) made = MadeBy(call.operation, question.view->first->organizations, "");
  return made == nullptr ? nullptr : question.view->FindOrganization(made->id);
}

}  // namespace

Expected JudgeOrganization(const Question& question) {
  const Call& call = *question.call;
  const bool creates = call.verb == Verb::kCreateOrganization;
  Expected expected;
  const ModelOrganization* org = nullptr;
  expected.error = OrganizationShape(call);
  if (expected.error != ErrorCode::kOk) return expected;
  if (creates) {
    org = ExistingOrganization(question);
  } else {
    expected.error = FindOrganizationOnly(question, &expected, &org);
  }
  if (org != nullptr && call.verb != Verb::kGetOrganization && Repeats(question, org->mark)) {
    expected.error = AnswerOfReplay(question, org->mark);
    expected.replay = true;
    expected.organization = org->id;
    return expected;
  }
  if (creates && org != nullptr) expected.error = ErrorCode::kBadRequest;  // the id is used up
  if (expected.error != ErrorCode::kOk || call.verb == Verb::kGetOrganization) return expected;
  ModelOrganization changed;
  changed.id = call.organization.empty() ? question.new_id : call.organization;
  changed.made_by = call.operation;
  if (org != nullptr) changed = *org;
  if (call.verb == Verb::kDeleteOrganization) {
    changed.deleted = true;
    changed.slug.clear();
    changed.external_id.clear();
  } else {
    expected.error = ApplyOrganization(question, &changed);
  }
  if (expected.error != ErrorCode::kOk) return expected;
  changed.mark = MarkOf(question, ErrorCode::kOk);
  expected.organization = changed.id;
  expected.new_organization = std::make_shared<ModelOrganization>(changed);
  return expected;
}

}  // namespace simulation
}  // namespace otpcore
