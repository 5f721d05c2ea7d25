// SPDX-License-Identifier: Apache-2.0
// The HTTP side: requests found their route, answers written, and everything that is not a proper
// request refused with the same error object.
#ifndef OTPCORE_EXAMPLES_MFA_SERVER_HTTP_SERVER_H_
#define OTPCORE_EXAMPLES_MFA_SERVER_HTTP_SERVER_H_

#include <httplib.h>

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "api.h"
#include "client_stream.h"

namespace mfa_server {

// cpp-httplib with connections of our own (client_stream.h). Each open connection occupies a
// thread; idle ones make room when others wait. The routes and `random` must outlive it.
class HttpServer final : private httplib::Server {
 public:
  HttpServer(std::vector<Route> routes, otpcore::SecureRandom& random, std::string credentials);

  // Port 0: any. Returns the port, or -1 when it cannot be had, also when another process has it.
  int Bind(int port);
  // Serves until Stop; then what was accepted has been answered.
  void Run();
  // Waits until Run serves, so that a Stop right after cannot be missed.
  void AwaitRunning() const;
  void Stop();

 private:
  bool process_and_close_socket(socket_t socket) override;
  void SayUnreadable(ClientStream* stream);
  // Makes `request` one that the library reads as this server means it.
  static void Normalize(bool has_clear_header, httplib::Request* request);
  const Route* FindRoute(const httplib::Request& request, std::vector<std::string>* stars,
                         bool* other_method) const;
  Answer Handle(const httplib::Request& request);
  Answer Refuse(const otpcore::Error& error);
  std::string NewRequestId();

  const std::vector<Route> routes_;
  otpcore::SecureRandom& random_;
  const std::string credentials_;
  std::atomic<int> waiting_{0};  // connections without a thread yet
};

}  // namespace mfa_server

#endif  // OTPCORE_EXAMPLES_MFA_SERVER_HTTP_SERVER_H_
