// SPDX-License-Identifier: Apache-2.0
// One client's connection: requests are read by Boost.Beast, one after the other, and each is
// answered before the next one is looked at. What cannot be read is answered once, and then the
// connection ends.
#ifndef OTPCORE_EXAMPLES_MFA_SERVER_HTTP_CONNECTION_H_
#define OTPCORE_EXAMPLES_MFA_SERVER_HTTP_CONNECTION_H_

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http_router.h"
#include "http_server.h"

namespace mfa_server {

inline constexpr char kHealthPath[] = "/healthz";

class Connection;

// What all connections of a server share. It outlives them.
struct ConnectionContext {
  const Router& router;
  const HttpOptions& options;
  boost::asio::thread_pool* workers;  // null: commands run where the request was read
  std::atomic<bool> draining = false;
  std::atomic<uint64_t> answers = 0;
  std::function<void(Connection*)> forget;  // the connection is gone; called by its destructor
};

// Owned by the operations it waits for. All its work runs on its strand; only what says so may be
// called from elsewhere.
class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  using Strand = boost::asio::strand<boost::asio::io_context::executor_type>;
  using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Strand>;
  using Clock = std::chrono::steady_clock;

  Connection(Socket socket, ConnectionContext& context);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { context_.forget(this); }

  void Start();
  // Answers kServerUnavailable and ends: there is no room.
  void StartRefused();

  // These four may be called from any thread.
  // Ends the connection, if it is between two requests, else once the request has been answered.
  void Drain();
  // Ends the connection unless a request has been read and is being answered.
  void Evict();
  // Whether it has waited for its client past the time that it may.
  bool IsLate(Clock::time_point now) const { return now.time_since_epoch().count() > deadline_; }
  // Ends the waiting if it is late.
  void Expire();
  // Since when the connection has waited for bytes of its client; nothing when it does not.
  std::optional<Clock::time_point> waiting_since() const;

 private:
  using Request = boost::beast::http::request_parser<boost::beast::http::string_body>;
  using Response = boost::beast::http::response<boost::beast::http::string_body>;
  using Serializer = boost::beast::http::response_serializer<boost::beast::http::string_body>;
  using ErrorCode = boost::beast::error_code;
  enum class State : uint8_t { kIdle, kReading, kAnswering, kLingering };

  void Enter(State state, std::chrono::milliseconds limit);
  void AwaitRequest();
  void Read();
  void OnRead(ErrorCode error, size_t size);
  // One empty line before a request is no fault (RFC 9112, section 2.2). False: more bytes must
  // come.
  bool SkipEmptyLine();
  // Gives the parser what is in the buffer. False: the request is complete or refused.
  bool Feed();
  bool OnHeader();
  bool OnBodyBytes(std::string_view consumed);
  void SayContinue();
  void OnRequest();
  void RefuseRequest(const char* detail);
  void Respond(HttpAnswer answer, bool closes);
  void OnAnswered(ErrorCode error);
  void Linger();
  void Close();
  RequestHead Head() const;

  Socket socket_;
  ConnectionContext& context_;
  boost::beast::flat_buffer buffer_;
  std::optional<Request> request_;
  std::optional<Response> response_;
  std::optional<Serializer> serializer_;
  std::function<void(std::uint64_t, boost::beast::string_view, ErrorCode&)> on_chunk_;
  size_t parsed_ = 0;          // bytes of the buffer that are header and were parsed
  size_t body_bytes_ = 0;      // of the body and its chunks' frames
  size_t lingered_ = 0;        // bytes dropped while lingering
  bool in_body_ = false;       // the header was read and is good
  bool skipped_line_ = false;  // before this request
  bool closes_ = false;        // after the answer that is being written
  bool late_ = false;
  State state_ = State::kIdle;
  std::atomic<Clock::rep> deadline_;
  std::atomic<Clock::rep> waiting_since_{0};  // 0: it does not wait
};

}  // namespace mfa_server

#endif  // OTPCORE_EXAMPLES_MFA_SERVER_HTTP_CONNECTION_H_
