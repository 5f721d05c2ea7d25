// SPDX-License-Identifier: Apache-2.0
// The wire: requests read from JSON with their types checked, responses and errors rendered.
#ifndef OTPCORE_EXAMPLES_MFA_SERVER_WIRE_H_
#define OTPCORE_EXAMPLES_MFA_SERVER_WIRE_H_

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "otpcore/otpcore.h"

namespace mfa_server {

using Json = nlohmann::json;

// Reads fields of one JSON object. Null counts as absent; a value of the wrong type makes the whole
// body wrong, which `ok` tells once all fields are read.
class Fields {
 public:
  // `body` may be empty: then every field is absent.
  explicit Fields(const std::string& body);

  bool ok() const { return ok_; }
  // The name of a field that is not null and that nobody has asked for; nothing: there is none.
  // Call it once all fields are read.
  std::optional<std::string> Unexpected() const;
  std::string Text(const char* name);
  std::optional<std::string> OptionalText(const char* name);
  std::optional<bool> Bool(const char* name);
  std::optional<int> Int(const char* name);
  std::optional<std::vector<std::string>> Texts(const char* name);
  Json Object(const char* name);  // an empty object when absent
  otpcore::SessionArguments Session();

 private:
  const Json* Find(const char* name);

  Json json_;
  std::vector<const char*> asked_;
  bool ok_ = true;
};

// What a handler answers.
struct Answer {
  int status = 200;
  Json body;
  std::optional<otpcore::Duration> retry_after;
  std::optional<std::string> text = {};  // in place of the body; as text/plain
  std::vector<std::pair<std::string, std::string>> fields = {};  // more of the header
  otpcore::ErrorCode error = otpcore::ErrorCode::kOk;            // that it renders
};

Json Render(const otpcore::Member& member);
Json Render(const otpcore::Organization& organization);
Answer RenderError(const otpcore::Error& error, const std::string& request_id,
                   const std::string& error_url_base);

// kBadRequest for a field of the body that this server does not take. Of a long name only the start
// is shown.
Answer RenderUnexpectedField(std::string_view field, const std::string& request_id,
                             const std::string& error_url_base);

// A success: `body` with request_id and status_code.
Answer RenderSuccess(Json body, const std::string& request_id);

// Null: the Member is authenticated.
Json RenderMfaRequired(const std::optional<otpcore::MfaRequired>& required);

// {member_id, member, organization}, as most commands on Members answer.
Json RenderMemberBody(const otpcore::Member& member, const otpcore::Organization& organization);

}  // namespace mfa_server

#endif  // OTPCORE_EXAMPLES_MFA_SERVER_WIRE_H_
