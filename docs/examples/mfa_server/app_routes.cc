// SPDX-License-Identifier: Apache-2.0
// Authenticator apps and recovery codes.
#include "qr_code.h"
#include "running.h"

namespace mfa_server {
namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): an example reads as a host would

constexpr SecretAccess kWire("the answer shows it once");

Json Render(const RecoveryCodes& codes) {
  Json texts = Json::array();
  for (size_t i = 0; i < codes.size(); ++i) texts.push_back(std::string(codes[i].Reveal(kWire)));
  return texts;
}

Json CodesBody(const ReplyBase& reply, const RecoveryCodes& codes) {
  Json body = MemberBody(reply);
  body["recovery_codes"] = Render(codes);
  return body;
}

Answer CreateTotpCall(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  CreateTotpRequest request{fields.Text("organization_id"), fields.Text("member_id"),
                            ActorOf(fields.Session()), fields.Int("expiration_minutes")};
  return Run(backend, call, fields, std::move(request), [](const Reply<CreateTotp>& reply) {
    Json body = CodesBody(reply, reply.recovery_codes);
    body["totp_registration_id"] = reply.totp_registration_id.str();
    body["secret"] = std::string(reply.secret.Reveal(kWire));
    body["qr_code"] = QrCodeOf(reply.uri.Reveal(kWire));
    return body;
  });
}

Answer AuthenticateTotpCall(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  AuthenticateTotpRequest request;
  request.organization_id = fields.Text("organization_id");
  request.member_id = fields.Text("member_id");
  if (const auto code = fields.OptionalText("code")) request.code.emplace(*code);
  request.set_mfa_enrollment = fields.Text("set_mfa_enrollment");
  request.set_default_mfa = fields.Bool("set_default_mfa").value_or(false);
  return RunProof(backend, call, std::move(fields), std::move(request), [](const auto&, Json*) {});
}

Answer MigrateTotpCall(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  MigrateTotpRequest request;
  request.organization_id = fields.Text("organization_id");
  request.member_id = fields.Text("member_id");
  if (const auto secret = fields.OptionalText("secret")) request.secret.emplace(*secret);
  for (const std::string& code :
       fields.Texts("recovery_codes").value_or(std::vector<std::string>()))
    request.recovery_codes.Add(code);
  return Run(backend, call, fields, std::move(request), [](const Reply<MigrateTotp>& reply) {
    Json body = CodesBody(reply, reply.recovery_codes);
    body["totp_registration_id"] = reply.totp_registration_id.str();
    return body;
  });
}

Answer DeleteTotpCall(const Backend& backend, const Call& call) {
  return Run(backend, call, Fields(call.body),
             DeleteTotpRequest{call.path[0], call.path[1], ActorOf(call.session_headers)},
             MemberBody);
}

Answer GetRecoveryCodesCall(const Backend& backend, const Call& call) {
  return Run(
      backend, call, Fields(""),
      GetRecoveryCodesRequest{call.path[0], call.path[1], ActorOf(call.session_headers)},
      [](const Reply<GetRecoveryCodes>& reply) { return CodesBody(reply, reply.recovery_codes); });
}

Answer RotateRecoveryCodesCall(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  RotateRecoveryCodesRequest request{fields.Text("organization_id"), fields.Text("member_id"),
                                     ActorOf(call.session_headers)};
  return Run(backend, call, fields, std::move(request),
             [](const Reply<RotateRecoveryCodes>& reply) {
               return CodesBody(reply, reply.recovery_codes);
             });
}

Answer RecoverCall(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  UseRecoveryCodeRequest request;
  request.organization_id = fields.Text("organization_id");
  request.member_id = fields.Text("member_id");
  if (const auto code = fields.OptionalText("recovery_code")) request.recovery_code.emplace(*code);
  return RunProof(backend, call, std::move(fields), std::move(request),
                  [](const Reply<UseRecoveryCode>& reply, Json* body) {
                    (*body)["recovery_codes_remaining"] = reply.recovery_codes_remaining;
                  });
}

}  // namespace

std::vector<RouteRow> AppRows() {
  constexpr bool kJudged = true;
  constexpr bool kRefused = false;
  return {
      {"POST", "/v1/b2b/totp", kRefused, CreateTotpCall},
      {"POST", "/v1/b2b/totp/authenticate", kRefused, AuthenticateTotpCall},
      {"POST", "/v1/b2b/totp/migrate", kRefused, MigrateTotpCall},
      {"DELETE", "/v1/b2b/organizations/*/members/*/totp", kJudged, DeleteTotpCall},
      {"GET", "/v1/b2b/recovery_codes/*/*", kJudged, GetRecoveryCodesCall},
      {"POST", "/v1/b2b/recovery_codes/recover", kRefused, RecoverCall},
      {"POST", "/v1/b2b/recovery_codes/rotate", kJudged, RotateRecoveryCodesCall},
  };
}

}  // namespace mfa_server
