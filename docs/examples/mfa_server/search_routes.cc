// SPDX-License-Identifier: Apache-2.0
// Search, and a Member by id alone. The library does the searching; this file reads the query and
// answers for the two filters of fields that the library does not keep.
#include "running.h"

namespace mfa_server {
namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): an example reads as a host would

// ---- Filters of the host's own (SR-06): here nobody has a password, and no Organization has SSO.

template <typename Filters, typename Entity>
class NothingHas final : public Filters {
 public:
  NothingHas(const char* filter, ErrorCode unknown, ErrorCode no_flag)
      : filter_(filter), unknown_(unknown), no_flag_(no_flag) {}
  Error Check(const SearchOperand& operand) override {
    const auto* const name = std::get_if<std::string>(&operand.filter_name);
    if (name == nullptr || *name != filter_) return unknown_;
    const bool absent = std::holds_alternative<std::monostate>(operand.filter_value);
    return absent || std::holds_alternative<bool>(operand.filter_value) ? ErrorCode::kOk : no_flag_;
  }
  bool Matches(const SearchOperand& operand, const Entity& /*entity*/) override {
    return !std::get<bool>(operand.filter_value);
  }

 private:
  const std::string filter_;
  const ErrorCode unknown_, no_flag_;
};

// ---- The query ----

SearchValue ValueOf(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return {};
  if (found->is_string()) return found->get<std::string>();
  if (found->is_boolean()) return found->get<bool>();
  if (!found->is_array()) return OtherValue();
  std::vector<std::string> texts;
  for (const Json& element : *found) {
    if (!element.is_string()) return OtherValue();
    texts.push_back(element.get<std::string>());
  }
  return texts;
}

// False: it has another form than {operator, operands: [{filter_name, filter_value}]}.
bool ReadQuery(const Json& json, SearchQuery* query) {
  for (const auto& [name, value] : json.items()) {
    if (value.is_null()) continue;
    if (name == "operator" && value.is_string()) {
      query->op = value.get<std::string>();
      continue;
    }
    if (name != "operands" || !value.is_array()) return false;
    for (const Json& operand : value) {
      if (!operand.is_object()) return false;
      for (const auto& [key, unused] : operand.items()) {
        if (key != "filter_name" && key != "filter_value") return false;
      }
      query->operands.push_back(
          {ValueOf(operand, "filter_name"), ValueOf(operand, "filter_value")});
    }
  }
  return true;
}

// ---- The calls ----

constexpr char kNoDirectory[] = "the store of this server cannot be searched";

// Reads what both searches take. Nothing, or the refusal.
template <typename Request>
std::optional<Answer> Read(const Backend& backend, const Call& call, Fields* fields,
                           Request* request) {
  request->cursor = fields->Text("cursor");
  request->limit = fields->Int("limit");
  const Json query = fields->Object("query");
  if (!fields->ok() || !ReadQuery(query, &request->query))
    return Refuse(backend, call, "the body must be a JSON object of the documented types");
  if (const auto field = fields->Unexpected())
    return RenderUnexpectedField(*field, call.request_id, backend.error_url_base);
  if (backend.directory == nullptr) return Refuse(backend, call, kNoDirectory);
  return std::nullopt;
}

CallOptions OptionsOf(const Call& call) {
  CallOptions options;
  options.request_id = call.request_id;
  return options;
}

Json Shown(const Backend& backend, const Organization& organization) {
  Json shown = Render(organization);
  backend.settings.Show(&shown);
  return shown;
}

// The cursor is absent where there is no further page: clients go on as long as one is there.
Json MetadataOf(const SearchReply& reply) {
  Json metadata = {{"total", reply.total()}};
  if (!reply.next_cursor().empty()) metadata["next_cursor"] = reply.next_cursor();
  return metadata;
}

Answer SearchMembersCall(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  SearchMembersRequest request;
  request.organization_ids = fields.Texts("organization_ids").value_or(std::vector<std::string>());
  if (auto refusal = Read(backend, call, &fields, &request)) return *std::move(refusal);
  NothingHas<MemberFilters, Member> filters("member_password_exists",
                                            ErrorCode::kMemberSearchFilterNameNotRecognized,
                                            ErrorCode::kMemberSearchExpectedBoolean);
  request.host_filters = &filters;
  const SearchReply reply =
      backend.engine.SearchMembers(request, *backend.directory, OptionsOf(call));
  if (!reply.ok()) return RenderError(reply.error(), reply.request_id(), backend.error_url_base);
  Json members = Json::array();
  for (size_t i = 0; i < reply.member_count(); ++i) members.push_back(Render(reply.member(i)));
  Json organizations = Json::object();
  for (size_t i = 0; i < reply.organization_count(); ++i) {
    const Organization organization = reply.organization(i);
    organizations[organization.organization_id.str()] = Shown(backend, organization);
  }
  return RenderSuccess({{"members", std::move(members)},
                        {"organizations", std::move(organizations)},
                        {"results_metadata", MetadataOf(reply)}},
                       reply.request_id());
}

Answer SearchOrganizationsCall(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  SearchOrganizationsRequest request;
  if (auto refusal = Read(backend, call, &fields, &request)) return *std::move(refusal);
  NothingHas<OrganizationFilters, Organization> filters(
      "has_active_sso_connection", ErrorCode::kOrganizationSearchFilterNameNotRecognized,
      ErrorCode::kOrganizationSearchExpectedBoolean);
  request.host_filters = &filters;
  const SearchReply reply =
      backend.engine.SearchOrganizations(request, *backend.directory, OptionsOf(call));
  if (!reply.ok()) return RenderError(reply.error(), reply.request_id(), backend.error_url_base);
  Json organizations = Json::array();
  for (size_t i = 0; i < reply.organization_count(); ++i)
    organizations.push_back(Shown(backend, reply.organization(i)));
  return RenderSuccess(
      {{"organizations", std::move(organizations)}, {"results_metadata", MetadataOf(reply)}},
      reply.request_id());
}

Answer DangerouslyGetCall(const Backend& backend, const Call& call) {
  const std::string& deleted = call.include_deleted_parameter;
  if (!deleted.empty() && deleted != "true" && deleted != "false")
    return Refuse(backend, call, "include_deleted must be true or false");
  if (backend.directory == nullptr) return Refuse(backend, call, kNoDirectory);
  DangerouslyGetMemberRequest request;
  request.member_id = call.path[0];
  request.include_deleted = deleted == "true";
  const auto reply =
      backend.engine.DangerouslyGetMember(request, *backend.directory, OptionsOf(call));
  if (!reply.ok()) return RenderError(reply.error(), reply.request_id(), backend.error_url_base);
  Json body = MemberBody(reply);
  ShowSettings(backend, &body);
  return RenderSuccess(std::move(body), reply.request_id());
}

}  // namespace

std::vector<RouteRow> SearchRows() {
  constexpr bool kRefused = false;
  return {
      {"POST", "/v1/b2b/organizations/members/search", kRefused, SearchMembersCall},
      {"POST", "/v1/b2b/organizations/search", kRefused, SearchOrganizationsCall},
      {"GET", "/v1/b2b/organizations/members/dangerously_get/*", kRefused, DangerouslyGetCall},
  };
}

}  // namespace mfa_server
