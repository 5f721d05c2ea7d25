// SPDX-License-Identifier: Apache-2.0
#include "http_server.h"

#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>

namespace mfa_server {
namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): an example reads as a host would

constexpr size_t kBodyBytesMax = 64 * 1024;
constexpr size_t kThreads = 256;
constexpr int kBacklog = 512;  // the library's five drop the connects of a busy moment
constexpr int kRequestsPerConnection = 1000;
// How long a new connection may say nothing while others wait for its thread.
constexpr std::chrono::milliseconds kNewcomerWait{200};
constexpr std::chrono::milliseconds kNoWait{0};

// What Normalize makes of paths: none but these reaches the library, whose own matching of paths is
// a recursive regular expression.
constexpr char kGood[] = "/";
constexpr char kMalformed[] = "/malformed";

class CountingPool final : public httplib::TaskQueue {
 public:
  explicit CountingPool(std::atomic<int>* waiting) : waiting_(waiting), pool_(kThreads) {}
  void enqueue(std::function<void()> work) override {
    ++*waiting_;
    pool_.enqueue([waiting = waiting_, work = std::move(work)] {
      --*waiting;
      work();
    });
  }
  void shutdown() override { pool_.shutdown(); }

 private:
  std::atomic<int>* waiting_;
  httplib::ThreadPool pool_;
};

// Takes a time that does not depend on where they differ.
bool SameSecret(const std::string& a, const std::string& b) {
  unsigned difference = a.size() != b.size();
  for (size_t i = 0; i < a.size(); ++i)
    difference |= static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^
                                        static_cast<unsigned char>(b[i % (b.size() + 1)]));
  return difference == 0;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Escapes that are none stay as they are.
std::string Unescape(const std::string& text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    const int high = i + 2 < text.size() && text[i] == '%' ? HexDigit(text[i + 1]) : -1;
    const int low = high >= 0 ? HexDigit(text[i + 2]) : -1;
    if (low < 0) {
      plain += text[i];
      continue;
    }
    plain += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return plain;
}

std::vector<std::string> PartsOf(const std::string& path) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    parts.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

// Matches "/a/*/b" part by part. Parts are unescaped after they were taken apart: an escaped slash
// in an id must not lead to another route.
bool Matches(const std::string& pattern, const std::string& path, std::vector<std::string>* stars) {
  stars->clear();
  const std::vector<std::string> wanted = PartsOf(pattern);
  const std::vector<std::string> parts = PartsOf(path);
  if (wanted.size() != parts.size()) return false;
  for (size_t i = 0; i < parts.size(); ++i) {
    std::string part = Unescape(parts[i]);
    if (wanted[i] != "*") {
      if (part != wanted[i]) return false;
      continue;
    }
    if (part.empty()) return false;
    stars->push_back(std::move(part));
  }
  return true;
}

// The length of a body in only one way, or nobody knows where the next request begins.
bool HasClearLength(const httplib::Request& request) {
  const size_t lengths = request.get_header_value_count("Content-Length");
  const size_t codings = request.get_header_value_count("Transfer-Encoding");
  if (lengths + codings > 1) return false;
  if (codings == 1) return request.get_header_value("Transfer-Encoding") == "chunked";
  const std::string length = request.get_header_value("Content-Length");
  return length.size() <= 18 &&
         std::all_of(length.begin(), length.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// False when the header comes more than once. An empty one never gets here (client_stream.cc).
bool ReadOnce(const httplib::Request& request, const char* name, std::string* value) {
  *value = request.get_header_value(name);
  return request.get_header_value_count(name) <= 1;
}

void Write(const Answer& answer, httplib::Response* response) {
  response->status = answer.status;
  if (answer.retry_after) {
    const int64_t seconds = RetryAfterSeconds(*answer.retry_after);
    response->set_header("Retry-After", std::to_string(seconds));
  }
  // Text that came from a client may not be UTF-8; it is replaced, never thrown about.
  response->set_content(answer.body.dump(-1, ' ', false, Json::error_handler_t::replace),
                        "application/json");
}

}  // namespace

HttpServer::HttpServer(std::vector<Route> routes, SecureRandom& random, std::string credentials)
    : routes_(std::move(routes)), random_(random), credentials_(std::move(credentials)) {
  set_payload_max_length(kBodyBytesMax);
  set_tcp_nodelay(true);
  // Not the library's SO_REUSEPORT, with which two servers would quietly share a port.
  set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  new_task_queue = [this] { return new CountingPool(&waiting_); };
  const auto handler = [this](const httplib::Request& request, httplib::Response& response) {
    Write(Handle(request), &response);
  };
  for (auto method : {&httplib::Server::Get, &httplib::Server::Options})
    (this->*method)(".*", handler);
  using WithBody =
      httplib::Server& (httplib::Server::*)(const std::string&, httplib::Server::Handler);
  for (WithBody method :
       {static_cast<WithBody>(&httplib::Server::Post), static_cast<WithBody>(&httplib::Server::Put),
        static_cast<WithBody>(&httplib::Server::Patch),
        static_cast<WithBody>(&httplib::Server::Delete)})
    (this->*method)(".*", handler);
  // What the library refuses by itself: bodies that are too long, broken requests, odd methods.
  set_error_handler([this](const httplib::Request& request, httplib::Response& response) {
    if (!response.body.empty()) return;
    // The library would answer with the parts that a bad Range asks for; it is its own local
    // object.
    const_cast<httplib::Request&>(request).ranges.clear();
    const bool odd_method = request.method == "TRACE" || request.method == "CONNECT";
    Write(odd_method
              ? Handle(request)
              : Refuse(Error(ErrorCode::kBadRequest, "not a request that this server can read")),
          &response);
  });
  set_exception_handler(
      [this](const httplib::Request&, httplib::Response& response, std::exception_ptr) {
        Write(Refuse(ErrorCode::kInternalServerError), &response);
      });
}

int HttpServer::Bind(int port) {
  const int bound = port == 0                         ? bind_to_any_port("127.0.0.1")
                    : bind_to_port("127.0.0.1", port) ? port
                                                      : -1;
  if (bound > 0) ::listen(svr_sock_, kBacklog);  // a second call only changes the backlog
  return bound;
}

void HttpServer::Run() { listen_after_bind(); }

void HttpServer::AwaitRunning() const {
  while (!is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void HttpServer::Stop() { stop(); }

bool HttpServer::process_and_close_socket(socket_t socket) {
  ClientStream stream(socket);
  for (int served = 0; served < kRequestsPerConnection && !stream.cut(); ++served) {
    const bool is_new = served == 0;
    const auto end = std::chrono::steady_clock::now() + (is_new ? kNewcomerWait : kNoWait);
    const auto give_up = [&] {
      return !is_running() || (waiting_ > 0 && std::chrono::steady_clock::now() >= end);
    };
    if (!stream.AwaitRequest(give_up)) break;
    bool readable = false;
    bool closes = false;
    const bool last = served + 1 == kRequestsPerConnection || !is_running();
    const bool ok = process_request(stream, last, closes, [&](httplib::Request& request) {
      stream.BeginBody();
      Normalize(stream.has_clear_header(), &request);
      readable = request.path == kGood;
    });
    if (!ok && !stream.answered()) SayUnreadable(&stream);
    if (!readable) stream.Distrust();
    if (!ok || closes || last) break;
  }
  return true;
}

// The library says nothing to a request line that is endless or does not come.
void HttpServer::SayUnreadable(ClientStream* stream) {
  const std::string body =
      Refuse(Error(ErrorCode::kBadRequest, "not a request that this server can read")).body.dump();
  const std::string answer =
      "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\n"
      "Content-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body;
  stream->write(answer.data(), answer.size());
}

void HttpServer::Normalize(bool has_clear_header, httplib::Request* request) {
  const bool clear = has_clear_header && HasClearLength(*request);
  request->path = clear ? kGood : kMalformed;
  if (!clear) {
    request->headers.erase("Transfer-Encoding");
    request->headers.erase("Content-Length");
    request->headers.erase("Connection");
    request->set_header("Connection", "close");
  }
  // Without a length there is no body, though the library would wait for one.
  if (!request->has_header("Transfer-Encoding") && !request->has_header("Content-Length"))
    request->set_header("Content-Length", "0");
  // Bodies are JSON whatever they are called: no forms, and nothing that grows when unpacked.
  request->headers.erase("Content-Type");
  request->headers.erase("Content-Encoding");
  // No parts of answers.
  request->headers.erase("Range");
  request->ranges.clear();
}

std::string HttpServer::NewRequestId() {
  uint8_t drawn[16] = {};
  // Without entropy the nil UUID stands in, as in the engine.
  const bool filled = random_.Fill(drawn, sizeof drawn);
  return FormatId("request-id", Environment::kTest, filled ? UuidFromRandom(drawn) : Uuid());
}

Answer HttpServer::Refuse(const Error& error) { return RenderError(error, NewRequestId(), ""); }

const Route* HttpServer::FindRoute(const httplib::Request& request, std::vector<std::string>* stars,
                                   bool* other_method) const {
  const std::string path = request.target.substr(0, request.target.find_first_of("?#"));
  for (const Route& route : routes_) {
    if (!Matches(route.pattern, path, stars)) continue;
    *other_method = true;
    if (route.method == request.method) return &route;
  }
  return nullptr;
}

Answer HttpServer::Handle(const httplib::Request& request) {
  if (request.path == kMalformed)
    return Refuse(
        Error(ErrorCode::kBadRequest, "the header or the length of the body is not clear"));
  Call call;
  bool other_method = false;
  const Route* const route = FindRoute(request, &call.path, &other_method);
  if (route == nullptr)
    return Refuse(other_method ? ErrorCode::kMethodNotAllowed : ErrorCode::kRouteNotFound);
  if (route->pattern.rfind("/v1/", 0) == 0 &&
      !SameSecret(request.get_header_value("Authorization"), credentials_))
    return Refuse(ErrorCode::kUnauthorizedCredentials);
  if (request.body.size() > kBodyBytesMax)  // the library does not count what comes in chunks
    return Refuse(Error(ErrorCode::kBadRequest, "the body has more than 64 KiB"));
  call.body = request.body;
  call.member_id_parameter = request.get_param_value("member_id");
  call.email_address_parameter = request.get_param_value("email_address");
  if (!ReadOnce(request, "X-Stytch-Member-Session", &call.session_headers.session_token) ||
      !ReadOnce(request, "X-Stytch-Member-SessionJWT", &call.session_headers.session_jwt))
    return Refuse(Error(ErrorCode::kBadRequest, "a session's header comes twice"));
  call.request_id = NewRequestId();
  return route->handle(call);
}

}  // namespace mfa_server
