// SPDX-License-Identifier: Apache-2.0
#include "otpcore/commands/totp.h"

#include <utility>

#include "commands/devices.h"
#include "commands/linking.h"
#include "commands/prove_factor.h"
#include "commands/registration.h"
#include "commands/request_fields.h"
#include "otpcore/rules/registration_machine.h"

namespace otpcore {
namespace {

constexpr int kExpirationMinutesMin = 5;
constexpr int kExpirationMinutesMax = 24 * 60;
constexpr int kExpirationMinutesDefault = 60;

// Makes a pending registration and its codes. A copy of these is kept until it is proved, whatever
// the policy: a lost answer can be had again (TO-06).
Error MakeRegistration(const CallContext& context, const Facts& facts, Duration life,
                       MemberRecord* member, RegistrationBytes* bytes) {
  const TotpParameters& parameters = context.config->policy().totp;
  const TotpSecret secret(facts.entropy.secret.bytes.data(), TotpSecretBytes(parameters.algorithm));
  const Error error =
      Register(context, facts, parameters, secret, RegistrationState::kPending, member, bytes);
  if (!error.ok()) return error;
  member->totp.expires_at = facts.now + life;
  return SetRecoveryCodes(context, facts, nullptr, true, member, bytes);
}

Error ImportRegistration(const CallContext& context, const MigrateTotp::Checked& checked,
                         const Facts& facts, MemberRecord* member, RegistrationBytes* bytes) {
  const Error error = Register(context, facts, checked.parameters, checked.secret,
                               RegistrationState::kActive, member, bytes);
  if (!error.ok()) return error;
  return SetRecoveryCodes(context, facts, checked.imported,
                          context.config->policy().recovery_codes_readable, member, bytes);
}

}  // namespace

Error CreateTotp::Check(const CallContext& context, const Request& request, Checked* checked) {
  const Error error =
      CheckMember(context, request.organization_id, request.member_id, request.actor, checked);
  if (!error.ok()) return error;
  const int minutes = request.expiration_minutes.value_or(kExpirationMinutesDefault);
  if (minutes < kExpirationMinutesMin || minutes > kExpirationMinutesMax)
    return ErrorCode::kInvalidExpiration;
  checked->life = std::chrono::minutes(minutes);
  return ErrorCode::kOk;
}

void CreateTotp::AddFields(const Request& request, const Checked& checked, RequestTag* tag) {
  AddAll<4>(request, checked, tag);
}

void CreateTotp::Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                      Decision* decision) {
  FoundMember found;
  if (!FindMemberForCommand(context, checked, facts, {}, &found, decision)) return;
  MemberRecord& member = found.member;
  Error error = CheckStatusAndMethod(found, TraitsOf(FactorKind::kTotp));
  if (!error.ok()) return Refuse(context, found, facts, error, decision);
  if (!MayAnswer(context, facts, false, found, decision)) return;  // locked
  if (!MayChangeFactors(context, facts, found, decision)) return;
  // Beside a factor not even the host creates one on behalf of nobody (C-10).
  if (!checked.session && member.HasActiveMfaFactor()) error = ErrorCode::kInsufficientFactors;
  if (error.ok())
    error = NextRegistration(member.registration_state(), RegistrationEvent::kCreated).answer;
  if (error.ok()) error = CheckMeansToRegister(context, facts);
  RegistrationBytes bytes;
  const MemberRecord before = member;
  if (error.ok()) error = MakeRegistration(context, facts, checked.life, &member, &bytes);
  if (!error.ok()) {
    member = before;
    return Refuse(context, found, facts, error, decision);
  }
  member.updated_at = facts.now;
  AddEvent(found, EventKind::kTotpCreated, facts.now, decision);
  CommitMember(context, facts, &found, ErrorCode::kOk, decision);
}

// The first answer and a repeated one are made alike, of the record: no secret outlives its plan.
Error CreateTotp::Respond(const CallContext& context, const Checked&, const Conclusion& conclusion,
                          Response* response) {
  MemberRecord member;
  const Error error = ReadAnswer(conclusion, &member);
  if (!error.ok()) return error;
  const TotpFactor& totp = member.totp;
  response->totp_registration_id = RegistrationIdOf(totp.id, context);
  if (totp.state != RegistrationState::kPending) return ErrorCode::kOk;
  const RegistrationBinding binding(member);
  const Result<TotpSecret> secret =
      OpenTotpSecret(context.config->sealing_keys(), binding.totp, totp.sealed_secret);
  if (!secret) return secret.error();
  Result<TotpUri> uri =
      MakeTotpUri(context.config->policy().totp_issuer,
                  member.email_address.empty() ? binding.member_id.view() : member.email_address,
                  *secret, totp.parameters);
  if (!uri) return uri.error();
  response->uri = *std::move(uri);
  response->secret = FormatTotpSecret(*secret);
  response->expires_at = totp.expires_at;
  return ShowNewCodes(context, conclusion, member, &response->recovery_codes);
}

Error MigrateTotp::Check(const CallContext& context, const Request& request, Checked* checked) {
  const Error error =
      CheckMember(context, request.organization_id, request.member_id, nullptr, checked);
  if (!error.ok()) return error;
  const Policy& policy = context.config->policy();
  if (!request.secret) return Error(ErrorCode::kBadRequest, "secret is required");
  Result<TotpSecret> secret =
      ReadTotpSecret(*request.secret, static_cast<size_t>(policy.totp_import_bytes_min));
  if (!secret) return secret.error();
  checked->secret = *std::move(secret);
  checked->parameters = request.parameters;
  if (!IsSupported(request.parameters) || request.parameters.digits < policy.totp.digits)
    return Error(ErrorCode::kBadRequest, "no registration here has such parameters");
  if (request.recovery_codes.empty() && !request.recovery_codes.overflowed()) return ErrorCode::kOk;
  checked->imported = &request.recovery_codes;
  if (CheckImportedRecoveryCodes(request.recovery_codes) != ErrorCode::kOk)
    return Error(ErrorCode::kBadRequest, "these recovery codes cannot be imported");
  return ErrorCode::kOk;
}

void MigrateTotp::AddFields(const Request& request, const Checked& checked, RequestTag* tag) {
  AddAll<5>(request, checked, tag);
}

void MigrateTotp::Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                       Decision* decision) {
  FoundMember found;
  if (!FindMemberForCommand(context, checked, facts, {}, &found, decision)) return;
  MemberRecord& member = found.member;
  Error error = CheckStatusAndMethod(found, TraitsOf(FactorKind::kTotp));
  if (error.ok())
    error = NextRegistration(member.registration_state(), RegistrationEvent::kMigrated).answer;
  if (error.ok()) error = CheckMeansToRegister(context, facts);
  RegistrationBytes bytes;
  const MemberRecord before = member;
  if (error.ok()) error = ImportRegistration(context, checked, facts, &member, &bytes);
  if (!error.ok()) {
    member = before;
    return Refuse(context, found, facts, error, decision);
  }
  AddCodesEvent(EventKind::kTotpImported, member, facts.now, false, decision);
  ForgetAllDevices(facts.now, &found, decision);
  if (member.default_mfa_method == MfaMethod::kNone)
    SetDefaultMethod(MfaMethod::kTotp, facts.now, &found, decision);
  member.updated_at = facts.now;
  CommitMember(context, facts, &found, ErrorCode::kOk, decision);
}

Error MigrateTotp::Respond(const CallContext& context, const Checked& checked,
                           const Conclusion& conclusion, Response* response) {
  MemberRecord member;
  const Error error = ReadAnswer(conclusion, &member);
  if (!error.ok()) return error;
  response->totp_registration_id = RegistrationIdOf(member.totp.id, context);
  if (checked.imported == nullptr)
    return ShowNewCodes(context, conclusion, member, &response->recovery_codes);
  response->recovery_codes = checked.imported->Duplicate();
  return ErrorCode::kOk;
}

Error DeleteTotp::Check(const CallContext& context, const Request& request, Checked* checked) {
  return CheckMember(context, request.organization_id, request.member_id, request.actor, checked);
}

void DeleteTotp::AddFields(const Request& request, const Checked& checked, RequestTag* tag) {
  AddAll<3>(request, checked, tag);
}

void DeleteTotp::Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                      Decision* decision) {
  FoundMember found;
  if (!FindMemberForCommand(context, checked, facts, {}, &found, decision)) return;
  MemberRecord& member = found.member;
  if (!MayChangeFactors(context, facts, found, decision)) return;
  const RegistrationTransition transition =
      NextRegistration(member.registration_state(), RegistrationEvent::kDeleted);
  if (transition.answer != ErrorCode::kOk)
    return Refuse(context, found, facts, transition.answer, decision);
  if (member.HasActiveTotp()) ForgetAllDevices(facts.now, &found, decision);
  AddEvent(found, EventKind::kTotpDeleted, facts.now, decision);
  EraseTotp(facts.now, &found, decision);
  member.updated_at = facts.now;
  CommitMember(context, facts, &found, ErrorCode::kOk, decision);
}

}  // namespace otpcore
