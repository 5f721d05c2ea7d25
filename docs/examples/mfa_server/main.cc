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
// And, not of that API, a change of phone without a gap: with mfa_phone_number and locale, and then
// with code. The answer to the first says when the code ends, in expires_at.
//
//   POST              /otpcore/organizations/ID/members/ID/phone_change/start, …/finish
//
// No search, no deleteTOTP, no dangerouslyGet. No JWTs: `session_jwt` is empty in each answer, and
// one that is given is session_not_found. No roles: with a session in a header, PUT of a Member,
// DELETE of a number and a change of phone are that person's act, without one the host's; elsewhere
// the request is refused. A session's metadata says when it started, its claims and its SMS factor.
// A session without metadata is shown without these.
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
//              [--error-url URL] [--play | --test-controls]
//              [--threads N] [--connections N] [--request-seconds N] [--idle-seconds N]
//
// Any number of servers may share a store: records, quotas and sessions are all there, so a client
// may ask another one each time. They must have the same secret, and clocks that agree within the
// policy's tolerance; with --test-controls that is for the test to see to, since each server's
// clock then starts at its start and moves only when told. Only /test/primary_authentication makes
// sessions, since primary authentication is not this server's business: --play and --test-controls
// have it, an inbox, and /test/unlock and /test/forget_devices, which take the ids of a Member.
// With --play the clock runs, each SMS is shown on the terminal, and what to do first is printed at
// the start.
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

#include "api.h"
#include "backends.h"
#include "http_server.h"

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
      {"--error-url", &options->error_url}};
  if (const auto text = texts.find(name); text != texts.end()) {
    *text->second = value;
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

// Prints what the phone would show.
class TerminalSms final : public MessageSink {
 public:
  explicit TerminalSms(testing::SmsInbox& inbox) : inbox_(inbox) {}
  Delivery Deliver(const Message& message) override {
    const Delivery delivery = inbox_.Deliver(message);
    const std::string text(message.text.Reveal(SecretAccess("the terminal is the phone")));
    const std::lock_guard<std::mutex> lock(mutex_);
    std::cout << "SMS to " << message.to.str() << ": " << text << std::endl;
    return delivery;
  }

 private:
  testing::SmsInbox& inbox_;
  std::mutex mutex_;
};

void PrintFirstSteps(const Options& options, const std::string& url) {
  const std::string curl = "  curl -u '" + options.project_id + ":" + options.secret + "' " + url;
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
            << "\"session_token\":\"'$SESSION'\",\"code\":\"'$CODE'\"}'" << std::endl;
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
  TerminalSms terminal(inbox);
  // The place of a real gateway.
  CallbackSink gateway([](const Message&) { return Delivery(); });
  MessageSink& sink = options.test_controls ? static_cast<MessageSink&>(inbox)
                      : options.play        ? static_cast<MessageSink&>(terminal)
                                            : gateway;

  std::string problem;
  const std::unique_ptr<Backends> backends = OpenBackends(options.store, clock, &problem);
  if (!backends) {
    std::cerr << problem << "\n";
    return 2;
  }
  Policy policy = Policy::Default();
  if (IsLive(options)) policy.environment = Environment::kLive;
  MessageConfig messages;
  messages.brand = options.brand;
  // What apps name the account by has no colon (TO-07).
  policy.totp_issuer = options.brand;
  std::replace(policy.totp_issuer.begin(), policy.totp_issuer.end(), ':', ' ');
  const auto config = Config::Create(policy, KeysOf(options.secret), SealingKeysOf(options.secret),
                                     messages, &problem);
  if (!config) {
    std::cerr << problem << (IsLive(options) ? " --brand sets the brand.\n" : "\n");
    return 2;
  }
  Observation observation;
  if (!options.audit.empty() && !observation.OpenAudit(options.audit, &problem)) {
    std::cerr << problem << "\n";
    return 2;
  }
  Engine engine(*config, observation.Observe({clock, random, *backends->store, *backends->sessions,
                                              sink, *backends->guard}));
  const Backend backend = {engine,
                           clock,
                           random,
                           backends->session_store,
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
                 "[--brand NAME] [--audit FILE|-] [--error-url URL] [--play | --test-controls] "
                 "[--threads N] "
                 "[--connections N] "
                 "[--request-seconds N] [--idle-seconds N]\n";
    return 2;
  }
  return mfa_server::Main(options);
}
