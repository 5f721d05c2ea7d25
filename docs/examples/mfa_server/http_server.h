// SPDX-License-Identifier: Apache-2.0
// The HTTP side of the server, on Boost.Asio and Boost.Beast: takes connections, keeps their number
// and their time within limits, and ends without cutting an answer off.
//
// No TLS: put a proxy before it that ends TLS.
#ifndef OTPCORE_EXAMPLES_MFA_SERVER_HTTP_SERVER_H_
#define OTPCORE_EXAMPLES_MFA_SERVER_HTTP_SERVER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "api.h"
#include "otpcore/otpcore.h"

namespace mfa_server {

// Sizes that are not options: a header has at most 32 KiB, a body 64 KiB.
struct HttpOptions {
  std::string error_url_base;      // of what no route answers
  std::string host = "127.0.0.1";  // an IP address
  uint16_t port = 8080;            // 0: any
  // Threads that read, write and route; 0: one per core, but at least two.
  size_t threads = 0;
  // Threads on which commands wait for their store. 0: commands run on `threads`, which is right
  // when no port of the engine blocks.
  size_t workers = 0;
  // When there are more connections, the one that has waited for its client longest, but for at
  // least a second, is closed for a new one; if there is none, the new one is answered 503.
  size_t connections_max = 1000;
  std::chrono::milliseconds idle_max = std::chrono::seconds(75);     // between two requests
  std::chrono::milliseconds request_max = std::chrono::seconds(10);  // first byte to last
  std::chrono::milliseconds answer_max = std::chrono::seconds(10);   // for the client to take it
};

// Adds GET /healthz to the routes, which asks for no credentials and says how many connections
// there are and how many requests have been answered.
class HttpServer final {
 public:
  // `random` and what the routes refer to must outlive it. `credentials`: the value of the
  // Authorization header that routes below /v1/ ask for.
  HttpServer(std::vector<Route> routes, otpcore::SecureRandom& random,
             otpcore::Environment environment, const std::string& credentials,
             const HttpOptions& options);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();

  // Listens; clients may connect from then on. False when the address cannot be had, also when
  // another process has it; `*problem` then says why.
  bool Bind(std::string* problem);
  // "http://127.0.0.1:8080". After Bind.
  std::string url() const;
  // Serves until Drain has been called and everything has been answered.
  void Run();
  // Takes no new connections, ends idle ones, and answers the requests that have begun, also those
  // that are still being read. From any thread, once, also before Run.
  void Drain();

 private:
  struct Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace mfa_server

#endif  // OTPCORE_EXAMPLES_MFA_SERVER_HTTP_SERVER_H_
