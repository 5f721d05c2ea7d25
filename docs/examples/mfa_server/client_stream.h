// SPDX-License-Identifier: Apache-2.0
// One client's connection as the HTTP library reads and writes it, with what the library lacks: a
// time limit for the whole of a request, a limit for all of its bytes, a look at the lines of the
// header that it drops or repairs, and a buffer that outlives a request, so that what a client
// sends ahead is not lost.
#ifndef OTPCORE_EXAMPLES_MFA_SERVER_CLIENT_STREAM_H_
#define OTPCORE_EXAMPLES_MFA_SERVER_CLIENT_STREAM_H_

#include <httplib.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace mfa_server {

// Owns the socket. For one thread.
class ClientStream final : public httplib::Stream {
 public:
  explicit ClientStream(socket_t socket) : socket_(socket), buffer_(kBufferBytes) {}
  ClientStream(const ClientStream&) = delete;
  ClientStream& operator=(const ClientStream&) = delete;
  // Lets the client read its answer: closing with bytes unread would take it back.
  ~ClientStream() override;

  // Waits until a request begins. False: the client left, said nothing for long, or
  // `give_up` said so. From then on the time and the bytes of the request count.
  bool AwaitRequest(const std::function<bool()>& give_up);
  // The header has been read: from here on the bytes of the body count.
  void BeginBody();
  // The header read last was one that everybody takes for the same (RFC 9112, sections 2 and 5).
  bool has_clear_header() const { return clear_header_; }
  // A limit was hit, or somebody found the request unreadable: what follows on this connection is
  // not to be trusted to be a request.
  bool cut() const { return cut_; }
  void Distrust() { cut_ = true; }
  // Something was written since the request began.
  bool answered() const { return answered_; }

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* bytes, size_t size) override;
  ssize_t write(const char* bytes, size_t size) override;
  void get_remote_ip_and_port(std::string&, int&) const override {}  // nobody asks
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return socket_; }

 private:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr size_t kBufferBytes = 16 * 1024;

  bool Wait(short events, Time deadline) const;
  ssize_t Receive();
  void LookAt(char byte);

  const socket_t socket_;
  std::vector<char> buffer_;
  size_t begin_ = 0;  // of what is in the buffer and was not read yet
  size_t end_ = 0;
  size_t bytes_left_ = 0;  // of the request
  Time deadline_;
  bool cut_ = false;
  bool answered_ = false;
  bool in_header_ = false;
  bool clear_header_ = true;
  size_t lines_ = 0;
  std::string line_;  // of the header, as far as it was read
};

}  // namespace mfa_server

#endif  // OTPCORE_EXAMPLES_MFA_SERVER_CLIENT_STREAM_H_
