// SPDX-License-Identifier: Apache-2.0
// Two pages for a browser: /ui, which looks into the server, and /ui/sign-in, which signs a person
// in. For tests and for trying the server out; a live project has neither.
//
// A browser must never hold the project's secret: who has it is the host. An application has a back
// end between its page and this API. Here the routes below /test/v1/ stand for that back end: a few
// of the API's, which ask for no credentials and tell an end user no more than they may know.
#ifndef OTPCORE_EXAMPLES_MFA_SERVER_PAGES_H_
#define OTPCORE_EXAMPLES_MFA_SERVER_PAGES_H_

#include <string_view>
#include <vector>

#include "api.h"

namespace mfa_server {

// A file of the folder pages/, which is compiled in (embed_pages.cmake).
struct PageFile {
  std::string_view name;
  std::string_view text;
};
extern const std::vector<PageFile> kPageFiles;

// The pages, what they load, and the back end of the sign-in page. `routes` are the API's; what
// they hold outlives these.
std::vector<Route> PageRoutes(const Backend& backend, const std::vector<Route>& routes);

}  // namespace mfa_server

#endif  // OTPCORE_EXAMPLES_MFA_SERVER_PAGES_H_
