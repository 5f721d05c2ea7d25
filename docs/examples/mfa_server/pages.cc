// SPDX-License-Identifier: Apache-2.0
#include "pages.h"

#include <algorithm>
#include <string>
#include <utility>

#include "running.h"

namespace mfa_server {
namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): an example reads as a host would

// Scripts and styles of this server alone, none inline; a QR code is a data: image. Texts cannot
// become markup.
constexpr char kContentSecurityPolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

struct Page {
  const char* path;
  const char* file;
  const char* type;
};
constexpr Page kPages[] = {
    {"/ui", "inspector.html", "text/html; charset=utf-8"},
    {"/ui/sign-in", "sign_in.html", "text/html; charset=utf-8"},
    {"/ui/page.css", "page.css", "text/css; charset=utf-8"},
    {"/ui/common.js", "common.js", "text/javascript; charset=utf-8"},
    {"/ui/inspector.js", "inspector.js", "text/javascript; charset=utf-8"},
    {"/ui/sign_in.js", "sign_in.js", "text/javascript; charset=utf-8"},
    {"/ui/icon.svg", "icon.svg", "image/svg+xml"},
};

Answer Show(const Page& page) {
  Answer answer;
  answer.fields = {{"Content-Type", page.type},
                   {"Content-Security-Policy", kContentSecurityPolicy},
                   {"X-Content-Type-Options", "nosniff"},
                   {"Referrer-Policy", "no-referrer"},
                   {"Cross-Origin-Opener-Policy", "same-origin"}};
  for (const PageFile& file : kPageFiles) {
    if (file.name == page.file) answer.text = std::string(file.text);
  }
  return answer;
}

// What the end user is told in place of an error.
using ToldInstead = ErrorCode (*)(ErrorCode);

ErrorCode ToldAfterPrimary(ErrorCode code) { return Describe(code).end_user_code; }
ErrorCode ToldAll(ErrorCode code) { return code; }

struct BackEndCall {
  const char* pattern;  // of a POST
  ToldInstead told;
  bool is_send = false;  // its success tells nothing either
};
constexpr BackEndCall kBackEnd[] = {
    {"/v1/b2b/otps/email/login_or_signup", SafeSendEmailError, true},
    {"/v1/b2b/otps/email/authenticate", SafeAuthenticateEmailError},
    {"/v1/b2b/otps/email/discovery/send", SafeSendEmailError, true},
    {"/v1/b2b/otps/email/discovery/authenticate", SafeAuthenticateEmailError},
    {"/v1/b2b/discovery/intermediate_sessions/exchange", ToldAfterPrimary},
    {"/v1/b2b/discovery/organizations/create", ToldAfterPrimary},
    {"/v1/b2b/otps/sms/send", ToldAfterPrimary, true},
    {"/v1/b2b/otps/sms/authenticate", ToldAfterPrimary},
    {"/v1/b2b/totp", ToldAfterPrimary},
    {"/v1/b2b/totp/authenticate", ToldAfterPrimary},
    {"/v1/b2b/recovery_codes/recover", ToldAfterPrimary},
    {"/v1/b2b/sessions/authenticate", ToldAfterPrimary},
    {"/v1/b2b/sessions/revoke", ToldAfterPrimary},
    {"/v1/b2b/organizations", ToldAll},  // not an end user's: to have one to sign in to
};

Answer TellEndUser(const Backend& backend, const Call& call, const BackEndCall& row,
                   Answer answer) {
  const ErrorCode told = answer.error == ErrorCode::kOk ? answer.error : row.told(answer.error);
  if (told == ErrorCode::kOk && (row.is_send || answer.error != ErrorCode::kOk))
    return RenderSuccess(Json::object(), call.request_id);
  if (told == answer.error) return answer;
  return RenderError(told, call.request_id, backend.error_url_base);
}

}  // namespace

std::vector<Route> PageRoutes(const Backend& backend, const std::vector<Route>& routes) {
  std::vector<Route> all;
  for (const Page& page : kPages)
    all.push_back({"GET", page.path, [page](const Call&) { return Show(page); }});
  for (const BackEndCall& row : kBackEnd) {
    const auto route = std::find_if(routes.begin(), routes.end(), [&](const Route& candidate) {
      return candidate.method == "POST" && candidate.pattern == row.pattern;
    });
    if (route == routes.end()) continue;
    all.push_back({"POST", std::string("/test") + row.pattern,
                   [backend, row, handle = route->handle](const Call& call) {
                     return TellEndUser(backend, call, row, handle(call));
                   }});
  }
  return all;
}

}  // namespace mfa_server
