// SPDX-License-Identifier: Apache-2.0
#include "c/any_command.h"

#include <optional>
#include <type_traits>
#include <utility>

#include "c/requests.h"
#include "c/show.h"

namespace otpcore {
namespace {

template <typename Rows, typename Owner>
otpcore_code SetField(const Rows& rows, std::string_view field, std::string_view value,
                      Owner* owner) {
  for (const auto& row : rows) {
    if (row.name == field) return row.set(value, owner) ? OTPCORE_OK : OTPCORE_BAD_VALUE;
  }
  return OTPCORE_UNKNOWN_NAME;
}

// Whose act it is, as long as nobody has said so there is no Actor (C-10).
struct ActorFields {
  SessionArguments session;
  std::optional<bool> is_host;

  Actor Make() const { return *is_host ? Actor::Host() : Actor::Person(session); }
  static otpcore_code Set(std::string_view field, std::string_view value, ActorFields* fields) {
    if (field != "actor") return SetField(kSession, field, value, fields);
    if (value != "host" && value != "person") return OTPCORE_BAD_VALUE;
    fields->is_host = value == "host";
    return OTPCORE_OK;
  }
  static constexpr auto kSession = SessionRows<ActorFields>();
};

template <typename R, typename = void>
struct HasActor : std::false_type {};
template <typename R>
struct HasActor<R, std::void_t<decltype(std::declval<R>().actor)>> : std::true_type {};

template <typename R>
R EmptyRequest() {
  if constexpr (HasActor<R>::value) {
    return R{{}, {}, Actor::Host()};
  } else {
    return R{};
  }
}

template <typename R>
class CommandByName final : public AnyCommand {
 public:
  otpcore_code Set(std::string_view field, std::string_view value) override {
    if (field == "request_id") return request_id_ = value, OTPCORE_OK;
    if constexpr (HasActor<R>::value) {
      const otpcore_code code = ActorFields::Set(field, value, &actor_);
      if (code != OTPCORE_UNKNOWN_NAME) return code;
    }
    return SetField(FieldsOf<R>::kRows, field, value, &request_);
  }
  otpcore_code Begin(const CallContext& context) override {
    if constexpr (HasActor<R>::value) {
      if (!actor_.is_host) return OTPCORE_NO_ACTOR;
      request_.actor = actor_.Make();
    }
    operation_.emplace(context, request_);
    return OTPCORE_OK;
  }
  Operation& driver() override { return operation_->driver(); }
  const ReplyBase& Respond(JsonWriter* json) override {
    operation_->Respond(std::move(request_id_), &reply_);
    json->Begin('{');
    ShowReply(reply_, json);
    if (reply_.ok()) ShowResponse(reply_, reply_, json);
    json->End('}');
    return reply_;
  }

 private:
  using Command = CommandOfT<R>;

  R request_ = EmptyRequest<R>();
  ActorFields actor_;
  std::string request_id_;
  std::optional<OperationFor<Command>> operation_;
  Reply<Command> reply_;
};

struct CommandRow {
  std::string_view name;
  std::unique_ptr<AnyCommand> (*make)();
};

template <typename R>
constexpr CommandRow Named(std::string_view name) {
  return {name,
          []() -> std::unique_ptr<AnyCommand> { return std::make_unique<CommandByName<R>>(); }};
}

constexpr CommandRow kCommands[] = {
    Named<CreateOrganizationRequest>("create_organization"),
    Named<GetOrganizationRequest>("get_organization"),
    Named<UpdateOrganizationRequest>("update_organization"),
    Named<DeleteOrganizationRequest>("delete_organization"),
    Named<CreateMemberRequest>("create_member"),
    Named<GetMemberRequest>("get_member"),
    Named<UpdateMemberRequest>("update_member"),
    Named<DeleteMemberRequest>("delete_member"),
    Named<ReactivateMemberRequest>("reactivate_member"),
    Named<PurgeMemberRequest>("purge_member"),
    Named<UnlockMemberRequest>("unlock_member"),
    Named<ForgetDevicesRequest>("forget_devices"),
    Named<MfaStepRequest>("mfa_step"),
    Named<SendSmsOtpRequest>("send_sms_otp"),
    Named<AuthenticateSmsOtpRequest>("authenticate_sms_otp"),
    Named<ReportDeliveryRequest>("report_delivery"),
    Named<DeleteMfaPhoneNumberRequest>("delete_mfa_phone_number"),
    Named<StartPhoneChangeRequest>("start_phone_change"),
    Named<FinishPhoneChangeRequest>("finish_phone_change"),
    Named<SendEmailPasscodeRequest>("send_email_passcode"),
    Named<AuthenticateEmailPasscodeRequest>("authenticate_email_passcode"),
    Named<SendDiscoveryPasscodeRequest>("send_discovery_passcode"),
    Named<AuthenticateDiscoveryPasscodeRequest>("authenticate_discovery_passcode"),
    Named<ReportDiscoveryDeliveryRequest>("report_discovery_delivery"),
    Named<UnlockDiscoveryAddressRequest>("unlock_discovery_address"),
    Named<PurgeDiscoveryAddressRequest>("purge_discovery_address"),
    Named<ExchangeIntermediateSessionRequest>("exchange_intermediate_session"),
    Named<CreateTotpRequest>("create_totp"),
    Named<AuthenticateTotpRequest>("authenticate_totp"),
    Named<DeleteTotpRequest>("delete_totp"),
    Named<MigrateTotpRequest>("migrate_totp"),
    Named<SetTotpRegistrationRequest>("set_totp_registration"),
    Named<UseRecoveryCodeRequest>("use_recovery_code"),
    Named<GetRecoveryCodesRequest>("get_recovery_codes"),
    Named<RotateRecoveryCodesRequest>("rotate_recovery_codes"),
    Named<ResealRequest>("reseal"),
};

}  // namespace

std::unique_ptr<AnyCommand> AnyCommand::Make(std::string_view name) {
  for (const CommandRow& row : kCommands) {
    if (row.name == name) return row.make();
  }
  return nullptr;
}

}  // namespace otpcore
