// SPDX-License-Identifier: Apache-2.0
#include "call.h"

#include <type_traits>
#include <utility>

namespace otpcore {
namespace simulation {
namespace {

constexpr SecretAccess kAccess("the client reads the answer");

// What replies of TOTP and recovery codes have.
template <typename C>
void AddTotp(const Reply<C>& reply, Heard* heard) {
  using Response = typename C::Response;
  constexpr bool kHasId =
      std::is_same_v<Response, CreateTotpResponse> || std::is_same_v<Response, MigrateTotpResponse>;
  if constexpr (kHasId) heard->registration_id = reply.totp_registration_id.view();
  if constexpr (kHasId || std::is_same_v<Response, RecoveryCodesResponse>) {
    for (size_t i = 0; i < reply.recovery_codes.size(); ++i)
      heard->recovery_codes.emplace_back(reply.recovery_codes[i].Reveal(kAccess));
  }
  if constexpr (std::is_same_v<Response, CreateTotpResponse>) {
    heard->secret = reply.secret.Reveal(kAccess);
    heard->uri = reply.uri.Reveal(kAccess);
    heard->expires_at = reply.expires_at;
  }
  if constexpr (std::is_same_v<Response, UseRecoveryCodeResponse>)
    heard->codes_left = reply.recovery_codes_remaining;
  if constexpr (std::is_same_v<Response, ResealResponse>)
    heard->old_digest_key = reply.old_digest_key.has_value();
}

// Copies what all replies have, and what some have of their own.
template <typename C>
Heard HeardOf(std::shared_ptr<const Reply<C>> reply) {
  Heard heard;
  heard.reply = reply;
  heard.error = reply->error().code();
  heard.retry_after = reply->error().retry_after();
  heard.hints = reply->hints();
  if (!reply->ok()) return heard;
  const Member member = reply->member();
  if (!member.member_id.empty()) heard.member = member;
  const Organization organization = reply->organization();
  if (!organization.organization_id.empty()) heard.organization = organization;
  if constexpr (std::is_same_v<C, ReportDelivery> || std::is_same_v<C, ReportDiscoveryDelivery> ||
                std::is_same_v<C, UnlockDiscoveryAddress> ||
                std::is_same_v<C, PurgeDiscoveryAddress>)
    heard.applied = reply->applied;
  if constexpr (std::is_base_of_v<ProofResponse, typename C::Response>)
    heard.session_effect = reply->session_effect;
  constexpr bool kExchanges = std::is_same_v<C, ExchangeIntermediateSession>;
  if constexpr (std::is_same_v<C, SendEmailPasscode> || kExchanges)
    heard.member_created = reply->member_created;
  if constexpr (std::is_same_v<C, AuthenticateEmailPasscode> || kExchanges)
    heard.method_id = reply->method_id.view();
  if constexpr (std::is_same_v<C, AuthenticateDiscoveryPasscode>)
    heard.email_address = reply->email_address.str();
  if constexpr (std::is_base_of_v<MfaStepResponse, typename C::Response>) {
    heard.member_authenticated = reply->member_authenticated;
    heard.mfa_required = reply->mfa_required;
  }
  AddTotp(*reply, &heard);
  return heard;
}

template <typename C>
class RunningAs final : public Running {
 public:
  RunningAs(const CallContext& context, typename C::Request request)
      : operation_(context, std::move(request)) {}
  Operation& driver() override { return operation_.driver(); }
  Heard Take() override {
    const auto reply = std::make_shared<Reply<C>>();
    operation_.Respond("", reply.get());
    return HeardOf<C>(reply);
  }

 private:
  OperationFor<C> operation_;
};

template <typename C>
std::unique_ptr<Running> Make(const CallContext& context, typename C::Request request) {
  return std::make_unique<RunningAs<C>>(context, std::move(request));
}

template <typename Request>
Request Target(const Call& call) {
  Request request;
  request.organization_id = call.organization;
  if constexpr (!std::is_same_v<Request, GetOrganizationRequest> &&
                !std::is_same_v<Request, DeleteOrganizationRequest>)
    request.member_id = call.member;
  return request;
}

// A call with a session is that person's, one without is the host's.
Actor ActorOf(const Call& call) {
  const SessionArguments& session = call.session;
  const bool names_one = !session.intermediate_session_token.empty() ||
                         !session.session_token.empty() || !session.session_jwt.empty();
  return names_one ? Actor::Person(session) : Actor::Host();
}

std::unique_ptr<Running> BeginAuthenticate(const CallContext& context, const Call& call) {
  AuthenticateSmsOtpRequest request;
  request.organization_id = call.organization;
  request.member_id = call.member;
  if (call.code) request.code.emplace(*call.code);
  request.session = call.session;
  request.session_duration_minutes = call.minutes;
  request.set_mfa_enrollment = call.set_mfa_enrollment;
  request.set_default_mfa = call.set_default_mfa;
  request.device = call.device;
  request.remember_device = call.remember_device;
  return Make<AuthenticateSmsOtp>(context, std::move(request));
}

std::unique_ptr<Running> BeginAuthenticateTotp(const CallContext& context, const Call& call) {
  AuthenticateTotpRequest request;
  request.organization_id = call.organization;
  request.member_id = call.member;
  if (call.code) request.code.emplace(*call.code);
  request.session = call.session;
  request.session_duration_minutes = call.minutes;
  request.set_mfa_enrollment = call.set_mfa_enrollment;
  request.set_default_mfa = call.set_default_mfa;
  request.device = call.device;
  request.remember_device = call.remember_device;
  return Make<AuthenticateTotp>(context, std::move(request));
}

std::unique_ptr<Running> BeginUseRecoveryCode(const CallContext& context, const Call& call) {
  UseRecoveryCodeRequest request;
  request.organization_id = call.organization;
  request.member_id = call.member;
  if (call.code) request.recovery_code.emplace(*call.code);
  request.session = call.session;
  request.session_duration_minutes = call.minutes;
  request.device = call.device;
  request.remember_device = call.remember_device;
  return Make<UseRecoveryCode>(context, std::move(request));
}

std::unique_ptr<Running> BeginMigrateTotp(const CallContext& context, const Call& call) {
  MigrateTotpRequest request;
  request.organization_id = call.organization;
  request.member_id = call.member;
  if (call.secret) request.secret.emplace(*call.secret);
  for (const std::string& code : call.recovery_codes) request.recovery_codes.Add(code);
  request.parameters = call.parameters;
  return Make<MigrateTotp>(context, std::move(request));
}

std::unique_ptr<Running> BeginTotp(const CallContext& context, const Call& call) {
  switch (call.verb) {
    case Verb::kCreateTotp:
      return Make<CreateTotp>(context,
                              {call.organization, call.member, ActorOf(call), call.expiration});
    case Verb::kAuthenticateTotp: return BeginAuthenticateTotp(context, call);
    case Verb::kMigrateTotp: return BeginMigrateTotp(context, call);
    case Verb::kDeleteTotp:
      return Make<DeleteTotp>(context, {call.organization, call.member, ActorOf(call)});
    case Verb::kUseRecoveryCode: return BeginUseRecoveryCode(context, call);
    case Verb::kGetRecoveryCodes:
      return Make<GetRecoveryCodes>(context, {call.organization, call.member, ActorOf(call)});
    case Verb::kRotateRecoveryCodes:
      return Make<RotateRecoveryCodes>(context, {call.organization, call.member, ActorOf(call)});
    default: return Make<Reseal>(context, Target<ResealRequest>(call));
  }
}

std::unique_ptr<Running> BeginCreateMember(const CallContext& context, const Call& call) {
  CreateMemberRequest request;
  request.organization_id = call.organization;
  request.member_id = call.member;
  request.email_address = call.email;
  request.name = call.name;
  request.external_id = call.external_id;
  request.email_address_verified = call.email_verified.value_or(false);
  request.is_breakglass = call.breakglass.value_or(false);
  request.mfa_enrolled = call.enrolled.value_or(false);
  request.create_member_as_pending = call.pending;
  request.invited = call.invited;
  request.mfa_phone_number = call.number;
  request.mfa_phone_number_verified = call.number_verified;
  request.totp_registration_id = call.totp;
  request.default_mfa_method = call.default_method;
  return Make<CreateMember>(context, std::move(request));
}

std::unique_ptr<Running> BeginUpdateMember(const CallContext& context, const Call& call) {
  UpdateMemberRequest request{call.organization, call.member, ActorOf(call)};
  request.email_address = call.email;
  request.email_address_verified = call.email_verified;
  request.name = call.name;
  request.external_id = call.external_id;
  request.is_breakglass = call.breakglass;
  request.mfa_enrolled = call.enrolled;
  request.mfa_phone_number = call.number;
  request.default_mfa_method = call.default_method;
  return Make<UpdateMember>(context, std::move(request));
}

std::unique_ptr<Running> BeginOrganization(const CallContext& context, const Call& call) {
  if (call.verb == Verb::kGetOrganization)
    return Make<GetOrganization>(context, Target<GetOrganizationRequest>(call));
  if (call.verb == Verb::kDeleteOrganization)
    return Make<DeleteOrganization>(context, Target<DeleteOrganizationRequest>(call));
  if (call.verb == Verb::kCreateOrganization) {
    CreateOrganizationRequest request;
    request.organization_id = call.organization;
    request.organization_name = call.name;
    request.organization_slug = call.slug;
    request.organization_external_id = call.external_id;
    request.mfa_policy = call.mfa_policy;
    request.mfa_methods = call.mfa_methods;
    if (call.allowed_methods) request.allowed_mfa_methods = *call.allowed_methods;
    request.auth_methods = call.auth_methods;
    if (call.allowed_auth_methods) request.allowed_auth_methods = *call.allowed_auth_methods;
    return Make<CreateOrganization>(context, std::move(request));
  }
  UpdateOrganizationRequest request;
  request.organization_id = call.organization;
  request.organization_name = call.name;
  request.organization_slug = call.slug;
  request.organization_external_id = call.external_id;
  request.mfa_policy = call.mfa_policy;
  request.mfa_methods = call.mfa_methods;
  request.allowed_mfa_methods = call.allowed_methods;
  request.auth_methods = call.auth_methods;
  request.allowed_auth_methods = call.allowed_auth_methods;
  return Make<UpdateOrganization>(context, std::move(request));
}

std::unique_ptr<Running> BeginFinish(const CallContext& context, const Call& call) {
  FinishPhoneChangeRequest request{call.organization, call.member, ActorOf(call)};
  if (call.code) request.code.emplace(*call.code);
  return Make<FinishPhoneChange>(context, std::move(request));
}

std::unique_ptr<Running> BeginSendEmail(const CallContext& context, const Call& call) {
  SendEmailPasscodeRequest request;
  request.organization_id = call.organization;
  request.email_address = call.email;
  request.login_template_id = call.login_template;
  request.signup_template_id = call.signup_template;
  request.locale = call.locale;
  request.login_expiration_minutes = call.login_minutes;
  request.signup_expiration_minutes = call.signup_minutes;
  request.just_in_time = call.just_in_time;
  return Make<SendEmailPasscode>(context, std::move(request));
}

std::unique_ptr<Running> BeginDiscovery(const CallContext& context, const Call& call) {
  switch (call.verb) {
    case Verb::kSendDiscovery:
      return Make<SendDiscoveryPasscode>(
          context, {call.email, call.login_template, call.locale, call.login_minutes});
    case Verb::kAuthenticateDiscovery: {
      AuthenticateDiscoveryPasscodeRequest request;
      request.email_address = call.email;
      if (call.code) request.code.emplace(*call.code);
      return Make<AuthenticateDiscoveryPasscode>(context, std::move(request));
    }
    case Verb::kReportDiscovery:
      return Make<ReportDiscoveryDelivery>(context, {call.email, call.challenge, call.delivery});
    case Verb::kUnlockAddress: return Make<UnlockDiscoveryAddress>(context, {{call.email}});
    default: return Make<PurgeDiscoveryAddress>(context, {{call.email}});
  }
}

std::unique_ptr<Running> BeginExchange(const CallContext& context, const Call& call) {
  ExchangeIntermediateSessionRequest request;
  request.organization_id = call.organization;
  request.intermediate_session_token = call.session.intermediate_session_token;
  request.session_duration_minutes = call.minutes;
  request.locale = call.locale;
  request.session_id = call.session_id;
  request.device = call.device;
  request.just_in_time = call.just_in_time;
  return Make<ExchangeIntermediateSession>(context, std::move(request));
}

std::unique_ptr<Running> BeginAuthenticateEmail(const CallContext& context, const Call& call) {
  AuthenticateEmailPasscodeRequest request;
  request.organization_id = call.organization;
  request.email_address = call.email;
  if (call.code) request.code.emplace(*call.code);
  request.session = call.session;
  request.session_duration_minutes = call.minutes;
  request.locale = call.locale;
  request.session_id = call.session_id;
  request.device = call.device;
  return Make<AuthenticateEmailPasscode>(context, std::move(request));
}

std::unique_ptr<Running> BeginOther(const CallContext& context, const Call& call) {
  switch (call.verb) {
    case Verb::kGetMember:
      return Make<GetMember>(context, {call.organization, call.member, call.email});
    case Verb::kDeleteMember: return Make<DeleteMember>(context, Target<DeleteMemberRequest>(call));
    case Verb::kReactivateMember:
      return Make<ReactivateMember>(context, Target<ReactivateMemberRequest>(call));
    case Verb::kPurgeMember: return Make<PurgeMember>(context, Target<PurgeMemberRequest>(call));
    case Verb::kDeletePhone:
      return Make<DeleteMfaPhoneNumber>(context, {call.organization, call.member, ActorOf(call)});
    case Verb::kSetTotp:
      return Make<SetTotpRegistration>(context,
                                       {call.organization, call.member, ActorOf(call), call.totp});
    case Verb::kForgetDevices:
      return Make<ForgetDevices>(context, Target<ForgetDevicesRequest>(call));
    case Verb::kStartPhoneChange:
      return Make<StartPhoneChange>(
          context, {call.organization, call.member, ActorOf(call), call.number, call.locale});
    case Verb::kFinishPhoneChange: return BeginFinish(context, call);
    case Verb::kUnlock: return Make<UnlockMember>(context, Target<UnlockMemberRequest>(call));
    default: return BeginOrganization(context, call);
  }
}

}  // namespace

std::unique_ptr<Running> Begin(const Config& config, const Call& call) {
  CallContext context;
  context.config = &config;
  context.operation_id = call.operation;
  if (IsOfTotp(call.verb)) return BeginTotp(context, call);
  if (IsOfDiscovery(call.verb)) return BeginDiscovery(context, call);
  switch (call.verb) {
    case Verb::kSend:
      return Make<SendSmsOtp>(context, {call.organization, call.member, call.number, call.locale,
                                        call.session, call.device});
    case Verb::kAuthenticate: return BeginAuthenticate(context, call);
    case Verb::kReportDelivery:
      return Make<ReportDelivery>(context,
                                  {call.organization, call.member, call.challenge, call.delivery});
    case Verb::kMfaStep:
      return Make<MfaStep>(context, {call.organization, call.member, call.locale, call.session,
                                     call.session_id, call.device});
    case Verb::kSendEmail: return BeginSendEmail(context, call);
    case Verb::kAuthenticateEmail: return BeginAuthenticateEmail(context, call);
    case Verb::kExchange: return BeginExchange(context, call);
    case Verb::kCreateMember: return BeginCreateMember(context, call);
    case Verb::kUpdateMember: return BeginUpdateMember(context, call);
    default: return BeginOther(context, call);
  }
}

bool IsOfTotp(Verb verb) { return verb >= Verb::kCreateTotp && verb <= Verb::kReseal; }
bool IsOfEmail(Verb verb) {
  return verb == Verb::kSendEmail || verb == Verb::kAuthenticateEmail || verb == Verb::kExchange;
}
bool IsOfDiscovery(Verb verb) {
  return verb >= Verb::kSendDiscovery && verb <= Verb::kPurgeAddress;
}

const char* NameOf(Verb verb) {
  switch (verb) {
    case Verb::kSend: return "send";
    case Verb::kAuthenticate: return "authenticate";
    case Verb::kReportDelivery: return "report-delivery";
    case Verb::kMfaStep: return "mfa-step";
    case Verb::kCreateOrganization: return "create-organization";
    case Verb::kGetOrganization: return "get-organization";
    case Verb::kUpdateOrganization: return "update-organization";
    case Verb::kDeleteOrganization: return "delete-organization";
    case Verb::kCreateMember: return "create-member";
    case Verb::kGetMember: return "get-member";
    case Verb::kUpdateMember: return "update-member";
    case Verb::kDeleteMember: return "delete-member";
    case Verb::kReactivateMember: return "reactivate-member";
    case Verb::kPurgeMember: return "purge-member";
    case Verb::kDeletePhone: return "delete-phone";
    case Verb::kSetTotp: return "set-totp";
    case Verb::kUnlock: return "unlock";
    case Verb::kForgetDevices: return "forget-devices";
    case Verb::kStartPhoneChange: return "start-phone-change";
    case Verb::kFinishPhoneChange: return "finish-phone-change";
    case Verb::kCreateTotp: return "create-totp";
    case Verb::kAuthenticateTotp: return "authenticate-totp";
    case Verb::kMigrateTotp: return "migrate-totp";
    case Verb::kDeleteTotp: return "delete-totp";
    case Verb::kUseRecoveryCode: return "use-recovery-code";
    case Verb::kGetRecoveryCodes: return "get-recovery-codes";
    case Verb::kRotateRecoveryCodes: return "rotate-recovery-codes";
    case Verb::kReseal: return "reseal";
    case Verb::kSendEmail: return "send-email";
    case Verb::kAuthenticateEmail: return "authenticate-email";
    case Verb::kSendDiscovery: return "send-discovery";
    case Verb::kAuthenticateDiscovery: return "authenticate-discovery";
    case Verb::kReportDiscovery: return "report-discovery";
    case Verb::kUnlockAddress: return "unlock-address";
    case Verb::kPurgeAddress: return "purge-address";
    case Verb::kExchange: return "exchange";
  }
  return "?";
}

std::string Describe(const Call& call) {
  std::string text = std::string(NameOf(call.verb)) + " " + call.organization;
  if (!call.member.empty()) text += "/" + call.member;
  if (call.operation == kNotRepeatable) text += " once";
  const auto add = [&text](const char* name, const std::string& value) {
    if (!value.empty()) text += std::string(" ") + name + "=" + value;
  };
  const auto add_flag = [&](const char* name, const std::optional<bool>& value) {
    if (value) add(name, *value ? "true" : "false");
  };
  add("number", call.number);
  add("locale", call.locale);
  if (call.code) add("code", call.code->empty() ? "\"\"" : *call.code);
  add("intermediate", call.session.intermediate_session_token);
  add("session", call.session.session_token);
  add("jwt", call.session.session_jwt);
  add("session_id", call.session_id);
  add("device", call.device);
  if (call.remember_device) text += " remember_device";
  if (call.minutes) add("minutes", std::to_string(*call.minutes));
  add("set_mfa_enrollment", call.set_mfa_enrollment);
  if (call.set_default_mfa) text += " set_default_mfa";
  if (call.verb == Verb::kReportDelivery || call.verb == Verb::kReportDiscovery)
    add("delivery", std::to_string(static_cast<int>(call.delivery.kind)));
  add("slug", call.slug);
  add("external_id", call.external_id);
  add("mfa_policy", call.mfa_policy);
  add("mfa_methods", call.mfa_methods);
  if (call.allowed_methods) {
    text += " allowed=[";
    for (const std::string& method : *call.allowed_methods) text += method + " ";
    text += "]";
  }
  add("auth_methods", call.auth_methods);
  if (call.allowed_auth_methods) {
    text += " allowed_auth=[";
    for (const std::string& method : *call.allowed_auth_methods) text += method + " ";
    text += "]";
  }
  add("email", call.email);
  if (call.verb == Verb::kSendEmail || call.verb == Verb::kExchange)
    add("just_in_time", std::to_string(static_cast<int>(call.just_in_time)));
  add("login_template", call.login_template);
  add("signup_template", call.signup_template);
  if (call.login_minutes) add("login_minutes", std::to_string(*call.login_minutes));
  if (call.signup_minutes) add("signup_minutes", std::to_string(*call.signup_minutes));
  add("name", call.name);
  add_flag("email_verified", call.email_verified);
  add_flag("breakglass", call.breakglass);
  add_flag("enrolled", call.enrolled);
  if (call.pending) text += " pending";
  if (call.invited) text += " invited";
  if (call.number_verified) text += " number_verified";
  if (call.verb == Verb::kSetTotp && call.totp.empty()) text += " totp=none";
  add("totp", call.totp);
  add("default_method", call.default_method);
  if (call.expiration) add("expiration_minutes", std::to_string(*call.expiration));
  if (call.secret) add("secret", *call.secret);
  for (const std::string& code : call.recovery_codes) add("recovery_code", code);
  return text;
}

}  // namespace simulation
}  // namespace otpcore
