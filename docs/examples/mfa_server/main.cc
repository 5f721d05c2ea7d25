// SPDX-License-Identifier: Apache-2.0
// An HTTP server on otpcore that speaks the API of its domain, so that existing clients work with
// it, as far as these routes go:
//
//   POST              /v1/b2b/otps/sms/send, /v1/b2b/otps/sms/authenticate
//   POST              /v1/b2b/organizations
//   GET, PUT, DELETE  /v1/b2b/organizations/ID
//   GET               …/organizations/ID/member, with member_id or email_address
//   POST              …/organizations/ID/members
//   PUT, DELETE       …/organizations/ID/members/ID
//   PUT               …/organizations/ID/members/ID/reactivate
//   DELETE            …/organizations/ID/members/mfa_phone_numbers/ID
//
// No search, no deleteTOTP, no dangerouslyGet. No JWTs: `session_jwt` is empty in each answer, and
// one that is given is session_not_found. No roles: a session in a header is judged where a command
// does that, which is PUT of a Member and DELETE of a number, and elsewhere the request is refused.
// A session's metadata says when it started, its claims and its SMS factor; a session that has
// none, of before there was any, is shown without what is not known.
//
//   mfa_server [--port N] [--store memory|postgresql://…|redis://…] [--project-id ID] [--secret S]
//              [--test-controls]
//
// Any number of servers may share a store: records, quotas and sessions are all there, so a client
// may ask another one each time. They must have the same secret, and clocks that agree within the
// policy's tolerance; with --test-controls that is for the test to see to, since each server's
// clock then starts at its start and moves only when told. Only /test/primary_authentication makes
// sessions, since primary authentication is not this server's business. SIGTERM ends it once what
// runs has been answered.
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include "api.h"
#include "backends.h"
#include "http_server.h"

namespace mfa_server {
namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): an example reads as a host would

struct Options {
  int port = 8080;
  std::string store = "memory";
  std::string project_id = "project-test-local";
  std::string secret = "secret-test-local";
  bool test_controls = false;
};

bool ReadOptions(int argc, char** argv, Options* options) {
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--test-controls") {
      options->test_controls = true;
      continue;
    }
    if (i + 1 == argc) return false;
    const std::string value = argv[++i];
    if (name == "--port") {
      char* end = nullptr;
      const long port = std::strtol(value.c_str(), &end, 10);
      if (end == value.c_str() || *end != '\0' || port < 0 || port > 65535) return false;
      options->port = static_cast<int>(port);
    } else if (name == "--store") {
      options->store = value;
    } else if (name == "--project-id") {
      options->project_id = value;
    } else if (name == "--secret") {
      options->secret = value;
    } else {
      return false;
    }
  }
  return true;
}

int Main(const Options& options) {
  // Signals are waited for, not handled: block them before the first thread starts.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  SodiumRandom random;
  SystemClock system_clock;
  testing::VirtualClock virtual_clock(system_clock.Now());
  Clock& clock = options.test_controls ? static_cast<Clock&>(virtual_clock) : system_clock;
  testing::SmsInbox inbox;
  // The place of a real gateway.
  CallbackSink gateway([](const Message&) { return Delivery(); });

  std::string problem;
  const std::unique_ptr<Backends> backends = OpenBackends(options.store, clock, &problem);
  if (!backends) {
    std::cerr << problem << "\n";
    return 2;
  }
  const auto config = Config::Create(Policy::Default(), KeysOf(options.secret));
  Engine engine(*config, {clock, random, *backends->store, *backends->sessions,
                          options.test_controls ? static_cast<MessageSink&>(inbox) : gateway,
                          backends->guard.get()});
  const Backend backend = {engine, clock, random, backends->session_store, ""};
  std::vector<Route> routes = ApiRoutes(backend);
  if (options.test_controls) {
    for (Route& route : TestRoutes(backend, virtual_clock, inbox))
      routes.push_back(std::move(route));
  }
  WarmUpPhoneNumbers();

  HttpServer server(std::move(routes), random,
                    BasicCredentials(options.project_id, options.secret));
  const int port = server.Bind(options.port);
  if (port < 0) {
    std::cerr << "cannot listen on port " << options.port << "\n";
    return 1;
  }
  std::thread listener([&server] { server.Run(); });
  server.AwaitRunning();
  std::cout << "listening on http://127.0.0.1:" << port << std::endl;
  const timespec minute = {60, 0};
  while (sigtimedwait(&signals, nullptr, &minute) < 0) {
    if (backends->tidy_up) backends->tidy_up();
  }
  server.Stop();
  listener.join();
  return 0;
}

}  // namespace
}  // namespace mfa_server

int main(int argc, char** argv) {
  mfa_server::Options options;
  if (!mfa_server::ReadOptions(argc, argv, &options)) {
    std::cerr << "usage: mfa_server [--port N] [--store memory|postgresql://...|redis://...] "
                 "[--project-id ID] [--secret S] [--test-controls]\n";
    return 2;
  }
  return mfa_server::Main(options);
}
