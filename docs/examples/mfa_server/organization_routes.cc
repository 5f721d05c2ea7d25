// SPDX-License-Identifier: Apache-2.0
#include "organization_routes.h"

#include <utility>

namespace mfa_server {
namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): an example reads as a host would

// "Acme & Sons" is "acme-sons".
std::string SlugOf(const std::string& name) {
  constexpr size_t kCharactersMax = 100;  // room for an ending
  std::string slug;
  for (const char c : name) {
    const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    const bool capital = c >= 'A' && c <= 'Z';
    if (kept || capital) {
      slug += static_cast<char>(capital ? c - 'A' + 'a' : c);
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
    if (slug.size() == kCharactersMax) break;
  }
  if (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug.size() < 2 ? "organization" : slug;
}

}  // namespace

std::optional<NewOrganization> ReadNewOrganization(Fields& fields, const char** problem) {
  NewOrganization made;
  CreateOrganizationRequest& request = made.request;
  request.organization_name = fields.Text("organization_name");
  request.organization_slug = fields.Text("organization_slug");
  request.organization_external_id = fields.Text("organization_external_id");
  request.mfa_policy = fields.Text("mfa_policy");
  request.mfa_methods = fields.Text("mfa_methods");
  request.allowed_mfa_methods =
      fields.Texts("allowed_mfa_methods").value_or(std::vector<std::string>());
  request.auth_methods = fields.Text("auth_methods");
  request.allowed_auth_methods =
      fields.Texts("allowed_auth_methods").value_or(std::vector<std::string>());
  auto settings = ReadSettings(fields, problem);
  if (!settings) return std::nullopt;
  made.settings = *std::move(settings);
  return made;
}

Reply<CreateOrganization> MakeOrganization(const Backend& backend, const Call& call,
                                           CreateOrganizationRequest request) {
  if (!request.organization_slug.empty()) return RunPart(backend, call, std::move(request));
  // Where another Organization has the slug of the name, with an ending.
  constexpr int kTries = 4;
  const std::string slug = SlugOf(request.organization_name);
  request.organization_slug = slug;
  for (int tries = 1;; ++tries) {
    auto reply = RunPart(backend, call, request);
    if (tries == kTries || reply.error().code() != ErrorCode::kOrganizationSlugAlreadyUsed)
      return reply;
    request.organization_slug = slug + "-" + NewToken(backend.random).substr(0, 8);
  }
}

bool KeepSettings(const Backend& backend, const EntityId& organization_id, const Json& settings) {
  for (const Json& domain : settings.value("email_allowed_domains", Json::array())) {
    if (!backend.index.AddDomain(organization_id, domain.get<std::string>())) return false;
  }
  return backend.settings.Change(organization_id, settings);
}

namespace {

Json OrganizationBody(const ReplyBase& reply) {
  return {{"organization", Render(reply.organization())}};
}

// The same once the settings beside it are changed; null: they may not be.
Json ChangedBody(const Backend& backend, const ReplyBase& reply, const Json& settings) {
  if (!KeepSettings(backend, reply.organization().organization_id, settings)) return nullptr;
  return OrganizationBody(reply);
}

Answer CreateOrganizationCall(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  const char* problem = nullptr;
  auto made = ReadNewOrganization(fields, &problem);
  if (!made) return Refuse(backend, call, problem);
  if (auto refused = CheckFields(backend, call, fields)) return *std::move(refused);
  const auto reply = MakeOrganization(backend, call, std::move(made->request));
  if (!reply.ok()) return Fail(backend, call, reply.error());
  Json body = ChangedBody(backend, reply, made->settings);
  if (body.is_null()) return Fail(backend, call, ErrorCode::kServerUnavailable);
  ShowSettings(backend, &body);
  return RenderSuccess(std::move(body), reply.request_id());
}

Answer GetOrganizationCall(const Backend& backend, const Call& call) {
  return Run(backend, call, Fields(""), GetOrganizationRequest{call.path[0]}, OrganizationBody);
}

Answer UpdateOrganizationCall(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  UpdateOrganizationRequest request;
  request.organization_id = call.path[0];
  request.organization_name = fields.Text("organization_name");
  request.organization_slug = fields.Text("organization_slug");
  request.organization_external_id = fields.Text("organization_external_id");
  request.mfa_policy = fields.Text("mfa_policy");
  request.mfa_methods = fields.Text("mfa_methods");
  request.allowed_mfa_methods = fields.Texts("allowed_mfa_methods");
  request.auth_methods = fields.Text("auth_methods");
  request.allowed_auth_methods = fields.Texts("allowed_auth_methods");
  const char* problem = nullptr;
  const auto settings = ReadSettings(fields, &problem);
  if (!settings) return Refuse(backend, call, problem);
  return Run(backend, call, fields, std::move(request),
             [&](const ReplyBase& reply) { return ChangedBody(backend, reply, *settings); });
}

Answer DeleteOrganizationCall(const Backend& backend, const Call& call) {
  return Run(backend, call, Fields(call.body), DeleteOrganizationRequest{call.path[0]},
             [&](const ReplyBase& reply) {
               const EntityId id = reply.organization().organization_id;
               backend.settings.Remove(id);
               return Json{{"organization_id", id.str()}};
             });
}

}  // namespace

std::vector<RouteRow> OrganizationRows() {
  constexpr bool kRefused = false;
  const std::string organizations = "/v1/b2b/organizations";
  return {
      {"POST", organizations, kRefused, CreateOrganizationCall},
      {"GET", organizations + "/*", kRefused, GetOrganizationCall},
      {"PUT", organizations + "/*", kRefused, UpdateOrganizationCall},
      {"DELETE", organizations + "/*", kRefused, DeleteOrganizationCall},
  };
}

}  // namespace mfa_server
