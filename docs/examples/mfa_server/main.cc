// An HTTP server on otpcore that speaks the API of its domain, so that existing clients work with
// it.
//
//   mfa_server [--port N] [--store memory|postgresql://…|redis://…] [--project-id ID] [--secret S]
//              [--test-controls]
//
// Sessions are kept in the process; only /test/primary_authentication makes them, since primary
// authentication is not this server's business. SIGTERM ends it once what runs has been answered.
#include <httplib.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include "api.h"
#include "backends.h"

namespace mfa_server {
namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): an example reads as a host would

constexpr size_t kBodyBytesMax = 64 * 1024;
constexpr size_t kThreads = 96;  // each open connection occupies one

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

// Takes a time that does not depend on where they differ.
bool SameSecret(const std::string& a, const std::string& b) {
  unsigned difference = a.size() != b.size();
  for (size_t i = 0; i < a.size(); ++i)
    difference |= static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^
                                        static_cast<unsigned char>(b[i % (b.size() + 1)]));
  return difference == 0;
}

// Matches "/a/*/b" part by part.
bool Matches(const std::string& pattern, const std::string& path, std::vector<std::string>* stars) {
  stars->clear();
  size_t p = 0;
  size_t q = 0;
  while (p < pattern.size() && q < path.size()) {
    if (pattern[p] == '*') {
      const size_t end = std::min(path.find('/', q), path.size());
      if (end == q) return false;
      stars->push_back(path.substr(q, end - q));
      ++p;
      q = end;
    } else if (pattern[p++] != path[q++]) {
      return false;
    }
  }
  return p == pattern.size() && q == path.size();
}

class Server {
 public:
  Server(std::vector<Route> routes, SecureRandom& random, std::string credentials)
      : routes_(std::move(routes)), random_(random), credentials_(std::move(credentials)) {
    http_.set_payload_max_length(kBodyBytesMax);
    http_.set_tcp_nodelay(true);
    http_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    const auto handler = [this](const httplib::Request& request, httplib::Response& response) {
      Write(Handle(request), &response);
    };
    for (auto method : {&httplib::Server::Get, &httplib::Server::Options})
      (http_.*method)(".*", handler);
    using WithBody =
        httplib::Server& (httplib::Server::*)(const std::string&, httplib::Server::Handler);
    for (WithBody method : {static_cast<WithBody>(&httplib::Server::Post),
                            static_cast<WithBody>(&httplib::Server::Put),
                            static_cast<WithBody>(&httplib::Server::Patch),
                            static_cast<WithBody>(&httplib::Server::Delete)})
      (http_.*method)(".*", handler);
    // What the HTTP library refuses by itself: bodies that are too long, broken requests.
    http_.set_error_handler([this](const httplib::Request&, httplib::Response& response) {
      if (!response.body.empty()) return;
      Write(Refuse(Error(ErrorCode::kBadRequest, "not a request this server reads")), &response);
    });
    http_.set_exception_handler(
        [this](const httplib::Request&, httplib::Response& response, std::exception_ptr) {
          Write(Refuse(ErrorCode::kInternalServerError), &response);
        });
  }

  // Binds; returns the port, or -1.
  int Bind(int port) {
    if (port == 0) return http_.bind_to_any_port("127.0.0.1");
    return http_.bind_to_port("127.0.0.1", port) ? port : -1;
  }
  void Run() { http_.listen_after_bind(); }
  void Stop() { http_.stop(); }

 private:
  std::string NewRequestId() {
    uint8_t drawn[16] = {};
    random_.Fill(drawn, sizeof drawn);
    return FormatId("request-id", Environment::kTest, UuidFromRandom(drawn));
  }
  Answer Refuse(const Error& error) { return RenderError(error, NewRequestId(), ""); }

  Answer Handle(const httplib::Request& request) {
    Call call;
    const Route* found = nullptr;
    bool other_method = false;
    for (const Route& route : routes_) {
      std::vector<std::string> stars;
      if (!Matches(route.pattern, request.path, &stars)) continue;
      other_method = true;
      if (route.method != request.method || found != nullptr) continue;
      found = &route;
      call.path = std::move(stars);
    }
    if (found == nullptr)
      return Refuse(other_method ? ErrorCode::kMethodNotAllowed : ErrorCode::kRouteNotFound);
    if (found->pattern.rfind("/v1/", 0) == 0 &&
        !SameSecret(request.get_header_value("Authorization"), credentials_))
      return Refuse(ErrorCode::kUnauthorizedCredentials);
    call.body = request.body;
    call.member_id_parameter = request.get_param_value("member_id");
    call.session_headers.session_token = request.get_header_value("X-Stytch-Member-Session");
    call.session_headers.session_jwt = request.get_header_value("X-Stytch-Member-SessionJWT");
    call.request_id = NewRequestId();
    return found->handle(call);
  }

  static void Write(const Answer& answer, httplib::Response* response) {
    response->status = answer.status;
    if (answer.retry_after) {
      const auto seconds = std::chrono::ceil<std::chrono::seconds>(*answer.retry_after).count();
      response->set_header("Retry-After", std::to_string(seconds));
    }
    // Text that came from a client may not be UTF-8; it is replaced, never thrown about.
    response->set_content(answer.body.dump(-1, ' ', false, Json::error_handler_t::replace),
                          "application/json");
  }

  const std::vector<Route> routes_;
  SecureRandom& random_;
  const std::string credentials_;
  httplib::Server http_;
};

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
  CallbackSmsSink gateway([](const SmsMessage&) { return Delivery(); });

  std::string problem;
  const std::unique_ptr<Backends> backends = OpenBackends(options.store, clock, &problem);
  if (!backends) {
    std::cerr << problem << "\n";
    return 2;
  }
  const auto config = Config::Create(Policy::Default(), KeysOf(options.secret));
  MemorySessionDirectory sessions(clock);
  Engine engine(*config, {clock, random, *backends->store, sessions,
                          options.test_controls ? static_cast<SmsSink&>(inbox) : gateway,
                          backends->guard.get()});
  const Backend backend = {engine, clock, random, sessions, ""};
  std::vector<Route> routes = ApiRoutes(backend);
  if (options.test_controls) {
    for (Route& route : TestRoutes(backend, virtual_clock, inbox))
      routes.push_back(std::move(route));
  }
  WarmUpPhoneNumbers();

  Server server(std::move(routes), random, BasicCredentials(options.project_id, options.secret));
  const int port = server.Bind(options.port);
  if (port < 0) {
    std::cerr << "cannot listen on port " << options.port << "\n";
    return 1;
  }
  std::thread listener([&server] { server.Run(); });
  std::cout << "listening on http://127.0.0.1:" << port << std::endl;
  int signal = 0;
  sigwait(&signals, &signal);
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
