// SPDX-License-Identifier: Apache-2.0
// An HTTP server on otpcore that speaks the API of its domain, so that existing clients work with
// it, as far as these routes go:
//
//   POST              /v1/b2b/otps/sms/send, /v1/b2b/otps/sms/authenticate
//   POST              /v1/b2b/otps/email/login_or_signup, /v1/b2b/otps/email/authenticate
//   POST              /v1/b2b/otps/email/discovery/send, …/discovery/authenticate
//   POST              /v1/b2b/discovery/organizations, …/organizations/create
//   POST              /v1/b2b/discovery/intermediate_sessions/exchange
//   GET               /v1/b2b/sessions, with organization_id and member_id
//   POST              /v1/b2b/sessions/authenticate, …/exchange, …/revoke
//   GET               /v1/b2b/sessions/jwks/PROJECT, which asks for no credentials
//   POST, DELETE      /v1/b2b/totp and what belongs to it; GET, POST /v1/b2b/recovery_codes
//   POST              /v1/b2b/organizations
//   GET, PUT, DELETE  /v1/b2b/organizations/ID
//   GET               …/organizations/ID/member, with member_id or email_address
//   POST              …/organizations/ID/members
//   PUT, DELETE       …/organizations/ID/members/ID
//   PUT               …/organizations/ID/members/ID/reactivate
//   DELETE            …/organizations/ID/members/mfa_phone_numbers/ID
//   POST              …/organizations/search, …/organizations/members/search
//   GET               …/organizations/members/dangerously_get/ID
//
// And, not of that API, a change of phone without a gap: with mfa_phone_number and locale, and then
// with code. The answer to the first says when the code ends, in expires_at.
//
//   POST              /otpcore/organizations/ID/members/ID/phone_change/start, …/finish
//
// No search where the store is Redis. No roles: with a session in a header, PUT of a Member, DELETE
// of a number and a change of phone are that person's act, without one the host's; elsewhere the
// request is refused. A session's metadata says when it started, its claims and its factors. A
// session without metadata is shown without these.
//
// A passcode by e-mail makes a Member only where the Organization's email_jit_provisioning is
// RESTRICTED, for the domains of email_allowed_domains, by their names alone: who else has a
// verified address there, and which domains are common ones, this server does not ask.
//
// Discovery lists the Organizations where the address is a Member's, and those of its domain that
// the person may join, 100 of each at most. A Member counts whose address was set by this server
// (organization_index.h); one that another host wrote into the same store is found once an update
// names the address. The person who makes an Organization by organizations.create is its first
// Member; where its settings would not let them in, it is not made.
//
// session_jwt is good for five minutes and names its session, which is looked at whenever one is
// given to this server, also later. --jwt-key names a file with an RSA private key in PEM ("openssl
// genrsa -out FILE 2048"); given again, it names one that was used before: its JWTs are good, and
// shown with the keys. Without the option a key is made at the start. Servers that share a store
// need the same keys, or take only their own JWTs. An answer to a session_jwt has no session_token,
// of which nothing but a digest is kept.
//
// sessions.exchange takes the e-mail factor into another Organization, and needs one, else
// insufficient_factors; the person must be a Member or invited there, else
// email_jit_provisioning_not_allowed. An Organization that allows no passcodes by e-mail is
// operation_restricted_by_organization_auth_methods. The old session goes on. sessions.revoke of a
// session that is not there is session_not_found.
//
// The header X-Otpcore-Device says on which device the person is, to send, authenticate and
// /test/primary_authentication: 16 to 128 bytes that the client drew for it. Authenticate also
// takes the field remember_device. Both are otpcore's own; who sends neither is on an unknown
// device.
//
// A field of a body that a route does not know is refused with bad_request, which names it; null is
// as if it were absent. That goes for trusted_metadata and untrusted_metadata too, since otpcore
// keeps none.
//
//   mfa_server [--host ADDRESS] [--port N] [--store memory|sqlite:FILE|postgresql://…|redis://…]
//              [--project-id ID] [--secret S] [--brand NAME] [--audit FILE|-]
//              [--error-url URL] [--jwt-key FILE]... [--config FILE] [--play | --test-controls]
//              [--threads N] [--connections N] [--request-seconds N] [--idle-seconds N]
//
// Any number of servers may share a store: records, quotas and sessions are all there, so a client
// may ask another one each time. They must have the same secret, and clocks that agree within the
// policy's tolerance; with --test-controls that is for the test to see to, since each server's
// clock then starts at its start and moves only when told. A passcode by e-mail makes a session;
// for passwords and the like, which are not this server's business, /test/primary_authentication
// stands in. --play and --test-controls have it, an inbox of what was sent (to, channel, subject,
// body), /test/unlock and /test/forget_devices, which take the ids of a Member, and /test/sms and
// /test/email: {"next": "rejected"} is the gateway's answer to whatever comes next, or to the next
// e-mail; likewise accepted, unavailable, unknown.
// Both have two pages too, unless the project is live: /ui and /ui/sign-in (pages.h, inspector.h).
// With --play the clock runs, each SMS and e-mail is shown on the terminal, and what to do first is
// printed at the start.
//
// --config names a file of JSON with the policy, as tools/policy_file.h describes it: {"base":
// "strict", "sends_max": 4, "rolling_lock": "36 h"}; "otpcore check FILE" says whether it is good.
// A field that is unknown or wrong stops the start. Without totp_issuer there, --brand is the
// issuer; environment is live with a live project id, and with another it must not be.
//
// A project id that begins with "project-live-" makes the environment live: ids are live ones, no
// number has a fixed code, and the messages need a --brand of their own.
//
// error_url is --error-url with the error's type behind it; by default /errors, which this server
// has: GET /errors/TYPE says what the error means.
//
// GET /metrics, with the project's credentials, shows Prometheus what observation.h lists. --audit
// appends each event of a decision to a file as a line of JSON, in names of OCSF's class
// Authentication.
//
// SIGTERM and SIGINT end it once the requests that have begun have been answered; a second signal
// ends it at once.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <ctime>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "api.h"
#include "backends.h"
#include "http_server.h"
#include "inspector.h"
#include "pages.h"
#include "tools/policy_file.h"

namespace mfa_server {
namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): an example reads as a host would

// More than the connections that a store keeps: some wait for one.
constexpr size_t kThreadsThatWaitForAStore = 64;

struct Options {
  HttpOptions http;
  std::string store = "memory";
  std::string project_id = "project-test-local";
  std::string secret = "secret-test-local";
  std::string brand = MessageConfig().brand;
  std::string audit;  // empty: there is no audit log
  std::string error_url = "/errors";
  std::vector<std::string> jwt_keys;  // none: one is made
  std::string config = "default";     // a file, or the name of a policy
  bool play = false;
  bool test_controls = false;
};

// A whole number from `min` to `max`.
template <typename Number>
bool ReadNumber(const std::string& text, int min, int max, Number* number) {
  int value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end || value < min || value > max) return false;
  *number = static_cast<Number>(value);
  return true;
}

bool ReadSeconds(const std::string& text, std::chrono::milliseconds* duration) {
  int seconds = 0;
  if (!ReadNumber(text, 1, 3600, &seconds)) return false;
  *duration = std::chrono::seconds(seconds);
  return true;
}

bool ReadOption(const std::string& name, const std::string& value, Options* options) {
  const std::map<std::string, std::string*> texts = {
      {"--host", &options->http.host},        {"--store", &options->store},
      {"--project-id", &options->project_id}, {"--secret", &options->secret},
      {"--brand", &options->brand},           {"--audit", &options->audit},
      {"--error-url", &options->error_url},   {"--config", &options->config}};
  if (const auto text = texts.find(name); text != texts.end()) {
    *text->second = value;
    return true;
  }
  if (name == "--jwt-key") {
    options->jwt_keys.push_back(value);
    return true;
  }
  if (name == "--port") return ReadNumber(value, 0, 65535, &options->http.port);
  if (name == "--threads") return ReadNumber(value, 1, 1024, &options->http.threads);
  if (name == "--connections") return ReadNumber(value, 1, 100000, &options->http.connections_max);
  if (name == "--request-seconds") return ReadSeconds(value, &options->http.request_max);
  if (name == "--idle-seconds") return ReadSeconds(value, &options->http.idle_max);
  return false;
}

bool ReadOptions(int argc, char** argv, Options* options) {
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--test-controls") {
      options->test_controls = true;
    } else if (name == "--play") {
      options->play = true;
    } else if (i + 1 == argc || !ReadOption(name, argv[++i], options)) {
      return false;
    }
  }
  return !(options->play && options->test_controls);
}

bool IsLive(const Options& options) { return options.project_id.rfind("project-live-", 0) == 0; }

// What a browser may show without credentials is none of a live project's.
bool HasPages(const Options& options) {
  return (options.play || options.test_controls) && !IsLive(options);
}

// Runs, and may be moved besides by moving `shift`.
class RunningClock final : public Clock {
 public:
  explicit RunningClock(const testing::VirtualClock& shift) : shift_(shift), start_(Shift()) {}
  Instant Now() override { return system_.Now() + (Shift() - start_); }

 private:
  Instant Shift() const { return const_cast<testing::VirtualClock&>(shift_).Now(); }

  SystemClock system_;
  const testing::VirtualClock& shift_;
  const Instant start_;
};

// Prints what phone and mailbox would show.
class Terminal final : public MessageSink {
 public:
  explicit Terminal(testing::SmsInbox& inbox) : inbox_(inbox) {}
  Delivery Deliver(const Message& message) override {
    const Delivery delivery = inbox_.Deliver(message);
    const std::string text(message.text.Reveal(SecretAccess("the terminal is the phone")));
    const std::lock_guard<std::mutex> lock(mutex_);
    if (message.channel == Channel::kEmail) {
      std::cout << "E-mail to " << message.to.str() << ": " << message.subject.str() << "\n"
                << text << std::endl;
    } else {
      std::cout << "SMS to " << message.to.str() << ": " << text << std::endl;
    }
    return delivery;
  }

 private:
  testing::SmsInbox& inbox_;
  std::mutex mutex_;
};

void PrintFirstSteps(const Options& options, const std::string& url) {
  const std::string curl = "  curl -u '" + options.project_id + ":" + options.secret + "' " + url;
  if (HasPages(options)) {
    std::cout << "Open in a browser: " << url << "/ui shows phones, Members and what is decided, "
              << url << "/ui/sign-in signs in\n";
  }
  std::cout << "project_id " << options.project_id << ", secret " << options.secret << "\n"
            << "Make an Organization:\n"
            << curl << "/v1/b2b/organizations -d '{\"organization_name\":\"Acme\"}'\n"
            << "Then a Member in it, a session, and an SMS, which is shown here:\n"
            << curl << "/v1/b2b/organizations/$ORGANIZATION/members "
            << "-d '{\"email_address\":\"ada@example.com\"}'\n"
            << curl << "/test/primary_authentication "
            << "-d '{\"organization_id\":\"'$ORGANIZATION'\",\"member_id\":\"'$MEMBER'\"}'\n"
            << curl << "/v1/b2b/otps/sms/send -d '{\"organization_id\":\"'$ORGANIZATION'\","
            << "\"member_id\":\"'$MEMBER'\",\"mfa_phone_number\":\"+14155550123\"}'\n"
            << curl << "/v1/b2b/otps/sms/authenticate "
            << "-d '{\"organization_id\":\"'$ORGANIZATION'\",\"member_id\":\"'$MEMBER'\","
            << "\"session_token\":\"'$SESSION'\",\"code\":\"'$CODE'\"}'\n"
            << "Or signs in by e-mail, which is shown here too:\n"
            << curl << "/v1/b2b/otps/email/login_or_signup -d "
            << "'{\"organization_id\":\"'$ORGANIZATION'\",\"email_address\":\"ada@example.com\"}'\n"
            << curl << "/v1/b2b/otps/email/authenticate "
            << "-d '{\"organization_id\":\"'$ORGANIZATION'\","
            << "\"email_address\":\"ada@example.com\",\"code\":\"'$CODE'\"}'" << std::endl;
}

// Sockets for the connections, also for refused ones, and for the store.
void RaiseFileLimit(size_t connections) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = std::min<rlim_t>(limit.rlim_max, 2 * connections + 256);
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = wanted;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Serves until a signal says to end. `tidy_up` may be empty.
void Serve(HttpServer& server, const sigset_t& signals, const std::function<void()>& tidy_up) {
  std::atomic<bool> done{false};
  std::thread running([&] {
    server.Run();
    done = true;
  });
  const timespec minute = {60, 0};
  while (sigtimedwait(&signals, nullptr, &minute) < 0) {
    if (tidy_up) tidy_up();
  }
  server.Drain();
  const timespec moment = {0, 20'000'000};
  while (!done) {
    if (sigtimedwait(&signals, nullptr, &moment) > 0) _exit(1);
  }
  running.join();
}

// False: what is wrong has been said.
bool ReadPolicy(const Options& options, Policy* policy) {
  const std::vector<std::string> problems = otpcore_tool::ReadPolicyFile(options.config, policy);
  for (const std::string& problem : problems)
    std::cerr << "--config " << options.config << ": " << problem << "\n";
  if (!problems.empty()) return false;
  // The project id is what a client shows: a file for the live environment is not for another.
  if (policy->environment == Environment::kLive && !IsLive(options)) {
    std::cerr << "--config " << options.config
              << ": environment is live, and the project id does not begin with project-live-\n";
    return false;
  }
  if (IsLive(options)) policy->environment = Environment::kLive;
  if (policy->totp_issuer.empty()) {
    policy->totp_issuer = options.brand;
    // What apps name the account by has no colon (TO-07).
    std::replace(policy->totp_issuer.begin(), policy->totp_issuer.end(), ':', ' ');
  }
  return true;
}

int Main(Options options) {
  // Signals are waited for, not handled: block them before the first thread starts.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  SodiumRandom random;
  SystemClock system_clock;
  testing::VirtualClock virtual_clock(system_clock.Now());
  RunningClock running_clock(virtual_clock);
  Clock& clock = options.test_controls ? static_cast<Clock&>(virtual_clock) : running_clock;
  testing::SmsInbox inbox;
  Terminal terminal(inbox);
  // The place of a real gateway.
  CallbackSink gateway([](const Message&) { return Delivery(); });
  MessageSink& sink = options.test_controls ? static_cast<MessageSink&>(inbox)
                      : options.play        ? static_cast<MessageSink&>(terminal)
                                            : gateway;

  Policy policy;
  if (!ReadPolicy(options, &policy)) return 2;
  std::string problem;
  const std::unique_ptr<Backends> backends =
      OpenBackends(options.store, clock, policy.spraying_failures, &problem);
  if (!backends) {
    std::cerr << problem << "\n";
    return 2;
  }
  MessageConfig messages;
  messages.brand = options.brand;
  const auto config = Config::Create(policy, KeysOf(options.secret), SealingKeysOf(options.secret),
                                     messages, &problem);
  if (!config) {
    std::cerr << problem << (IsLive(options) ? " --brand sets the brand.\n" : "\n");
    return 2;
  }
  const std::unique_ptr<JwtKeys> jwt =
      JwtKeys::Open(options.jwt_keys, options.project_id, &problem);
  if (!jwt) {
    std::cerr << problem << "\n";
    return 2;
  }
  if (options.jwt_keys.empty()) {
    std::cout << "JWTs are signed with a key that ends with this process; --jwt-key FILE gives one"
              << std::endl;
  }
  const std::unique_ptr<SessionDirectory> sessions = WithJwts(*backends->sessions, *jwt);
  const SessionStore session_store = WithJwts(backends->session_store, *jwt);
  Observation observation;
  if (!options.audit.empty() && !observation.OpenAudit(options.audit, &problem)) {
    std::cerr << problem << "\n";
    return 2;
  }
  Engine engine(*config, observation.Observe(
                             {clock, random, *backends->store, *sessions, sink, *backends->guard}));
  const OrganizationSettings settings(session_store, clock, options.secret);
  const OrganizationIndex index(session_store, clock, options.secret);
  const Backend backend = {engine,
                           clock,
                           random,
                           session_store,
                           settings,
                           index,
                           *jwt,
                           observation,
                           policy.environment,
                           options.error_url,
                           backends->directory.get()};
  std::vector<Route> routes = ApiRoutes(backend);
  if (options.test_controls || options.play) {
    for (Route& route : TestRoutes(backend, virtual_clock, inbox))
      routes.push_back(std::move(route));
  }
  routes = Observed(std::move(routes), observation);
  Inspector inspector;
  if (HasPages(options)) {
    observation.Watch([&inspector](const ReplyBase& reply) { inspector.Decided(reply); });
    routes = inspector.Noting(std::move(routes), clock);
    for (Route& route : PageRoutes(backend, routes)) routes.push_back(std::move(route));
    for (Route& route : InspectorRoutes(backend, *backends->store, config->policy(), inspector,
                                        /*clock_runs=*/options.play))
      routes.push_back(std::move(route));
  }
  WarmUpPhoneNumbers();

  options.http.error_url_base = options.error_url;
  if (options.store != "memory") options.http.workers = kThreadsThatWaitForAStore;
  RaiseFileLimit(options.http.connections_max);
  HttpServer server(std::move(routes), random, policy.environment,
                    BasicCredentials(options.project_id, options.secret), options.http);
  if (!server.Bind(&problem)) {
    std::cerr << problem << "\n";
    return 1;
  }
  std::cout << "listening on " << server.url() << std::endl;
  if (options.play) PrintFirstSteps(options, server.url());
  Serve(server, signals, backends->tidy_up);
  return 0;
}

}  // namespace
}  // namespace mfa_server

int main(int argc, char** argv) {
  mfa_server::Options options;
  if (!mfa_server::ReadOptions(argc, argv, &options)) {
    std::cerr << "usage: mfa_server [--host ADDRESS] [--port N] "
                 "[--store memory|sqlite:FILE|postgresql://...|redis://...] [--project-id ID] "
                 "[--secret S] "
                 "[--brand NAME] [--audit FILE|-] [--error-url URL] [--jwt-key FILE]... "
                 "[--config FILE] "
                 "[--play | --test-controls] "
                 "[--threads N] "
                 "[--connections N] "
                 "[--request-seconds N] [--idle-seconds N]\n";
    return 2;
  }
  return mfa_server::Main(options);
}
