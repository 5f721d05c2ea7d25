// SPDX-License-Identifier: Apache-2.0
#include "http_connection.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/write.hpp>
#include <ctime>
#include <limits>
#include <utility>

#include "http_framing.h"

namespace mfa_server {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace net = boost::asio;
using otpcore::Error;
using Code = otpcore::ErrorCode;

constexpr size_t kHeaderBytesMax = size_t{32} * 1024;
constexpr size_t kBodyBytesMax = size_t{64} * 1024;
constexpr size_t kBodyBytesOnWireMax = size_t{256} * 1024;  // chunks have a frame
constexpr size_t kChunkLineBytesMax = size_t{4} * 1024;
constexpr size_t kReadBytes = size_t{8} * 1024;
// How long, and for how much, a connection waits for its client to stop sending. Closing a socket
// with unread bytes resets it, and the client may lose the answer.
constexpr std::chrono::seconds kLingerMax{1};
constexpr size_t kLingerBytesMax = size_t{4} * 1024 * 1024;
constexpr auto kNoLimit = std::chrono::milliseconds::max();

const char* ReasonOf(const beast::error_code& error) {
  if (error == http::error::header_limit) return "the header has more than 32 KiB";
  if (error == http::error::body_limit) return "the body has more than 64 KiB";
  return "not a request that this server can read";
}

std::optional<std::string_view> FieldOf(const RequestHeader& header, std::string_view name) {
  const auto field = header.find(name);
  if (field == header.end()) return std::nullopt;
  return field->value();
}

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string HttpDate() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  return std::string(text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc));
}

void CheckChunk(std::uint64_t, std::string_view extension, beast::error_code& error) {
  if (!IsPlainChunkExtension(extension)) error = http::error::bad_chunk_extension;
}

}  // namespace

Connection::Connection(Socket socket, ConnectionContext& context)
    : socket_(std::move(socket)),
      context_(context),
      buffer_(kHeaderBytesMax + kReadBytes),
      on_chunk_(CheckChunk),
      deadline_(std::numeric_limits<Clock::rep>::max()) {}

std::optional<Connection::Clock::time_point> Connection::waiting_since() const {
  const Clock::rep since = waiting_since_;
  if (since == 0) return std::nullopt;
  return Clock::time_point(Clock::duration(since));
}

void Connection::Enter(State state, std::chrono::milliseconds limit) {
  const Clock::time_point now = Clock::now();
  const bool waits = state == State::kIdle || state == State::kReading;
  state_ = state;
  waiting_since_ = waits ? now.time_since_epoch().count() : 0;
  deadline_ = limit == kNoLimit ? std::numeric_limits<Clock::rep>::max()
                                : (now + limit).time_since_epoch().count();
}

// ---- From other threads ----

void Connection::Start() {
  net::post(socket_.get_executor(), [self = shared_from_this()] {
    beast::error_code ignored;
    self->socket_.set_option(net::ip::tcp::no_delay(true), ignored);
    self->AwaitRequest();
    // Who connects has something to say.
    if (self->state_ == State::kIdle) self->Enter(State::kIdle, self->context_.options.request_max);
  });
}

void Connection::StartRefused() {
  net::post(socket_.get_executor(), [self = shared_from_this()] {
    const Error error(Code::kServerUnavailable, std::chrono::seconds(1));
    self->Respond(self->context_.router.Refuse(error), /*closes=*/true);
  });
}

void Connection::Drain() {
  net::post(socket_.get_executor(), [self = shared_from_this()] {
    if (self->state_ == State::kIdle) self->Close();
  });
}

void Connection::Evict() {
  waiting_since_ = 0;  // not to be chosen again
  net::post(socket_.get_executor(), [self = shared_from_this()] {
    if (self->state_ == State::kIdle || self->state_ == State::kReading) self->Close();
  });
}

void Connection::Expire() {
  net::post(socket_.get_executor(), [self = shared_from_this()] {
    if (!self->IsLate(Clock::now())) return;
    if (self->state_ != State::kReading) return self->Close();
    self->late_ = true;  // OnRead answers
    beast::error_code ignored;
    self->socket_.cancel(ignored);
  });
}

// ---- Reading ----

void Connection::AwaitRequest() {
  if (context_.draining) return Linger();
  request_.emplace();
  request_->header_limit(kHeaderBytesMax);
  request_->body_limit(kBodyBytesMax);
  request_->on_chunk_header(on_chunk_);
  in_body_ = skipped_line_ = false;
  parsed_ = body_bytes_ = 0;
  if (buffer_.size() == 0) {
    Enter(State::kIdle, context_.options.idle_max);
    return Read();
  }
  Enter(State::kReading, context_.options.request_max);
  if (Feed()) Read();
}

void Connection::Read() {
  const size_t room = std::min(kReadBytes, buffer_.max_size() - buffer_.size());
  socket_.async_read_some(
      buffer_.prepare(room),
      [self = shared_from_this()](ErrorCode error, size_t size) { self->OnRead(error, size); });
}

void Connection::OnRead(ErrorCode error, size_t size) {
  if (!socket_.is_open()) return;
  if (late_) return RefuseRequest("the request did not come in time");
  if (error == net::error::eof && state_ == State::kReading)
    return RefuseRequest("the request ends too early");
  if (error) return Close();
  buffer_.commit(size);
  if (state_ == State::kIdle) Enter(State::kReading, context_.options.request_max);
  if (Feed()) Read();
}

bool Connection::SkipEmptyLine() {
  const std::string_view bytes(static_cast<const char*>(buffer_.data().data()), buffer_.size());
  if (bytes == "\r") return false;
  if (bytes.substr(0, 2) != "\r\n") return true;
  buffer_.consume(2);
  skipped_line_ = true;
  if (buffer_.size() > 0) return true;
  Enter(State::kIdle, context_.options.idle_max);
  return false;
}

bool Connection::Feed() {
  if (!in_body_ && parsed_ == 0 && !skipped_line_ && !SkipEmptyLine()) return true;
  while (parsed_ < buffer_.size()) {
    const size_t size = buffer_.size() - parsed_;
    const auto* const bytes = static_cast<const char*>(buffer_.data().data()) + parsed_;
    if (in_body_ && request_->chunked() && size < kChunkBytesMin) break;
    ErrorCode error;
    const size_t taken = request_->put(net::const_buffer(bytes, size), error);
    const bool needs_more = error == http::error::need_more;
    if (error && !needs_more) return RefuseRequest(ReasonOf(error)), false;
    if (in_body_) {
      if (!OnBodyBytes({bytes, taken})) return false;
    } else {
      parsed_ += taken;  // the header stays in the buffer until all of it was seen
      if (request_->is_header_done() && !OnHeader()) return false;
    }
    if (request_->is_done()) return OnRequest(), false;
    if (needs_more) break;
  }
  // Beast limits one line or one read of a header, not their sum.
  if (!in_body_ && buffer_.size() >= kHeaderBytesMax)
    return RefuseRequest(ReasonOf(http::error::header_limit)), false;
  if (in_body_ && buffer_.size() >= kChunkLineBytesMax)
    return RefuseRequest("a chunk's line or the trailer is too long"), false;
  return true;
}

bool Connection::OnHeader() {
  const std::string_view raw(static_cast<const char*>(buffer_.data().data()), parsed_);
  const char* const fault = HeaderFault(request_->get(), raw);
  buffer_.consume(parsed_);
  parsed_ = 0;
  in_body_ = true;
  if (fault != nullptr) return RefuseRequest(fault), false;
  const bool expects = request_->get().version() >= 11 &&
                       request_->get().find(http::field::expect) != request_->get().end();
  if (!expects || request_->is_done()) return true;
  // The client waits for a word before it sends the body: an error ends the request at once.
  Destination destination = context_.router.Find(Head());
  if (destination.route == nullptr)
    return Respond(std::move(destination.refusal), /*closes=*/true), false;
  if (buffer_.size() > 0) return true;  // it does not wait
  return SayContinue(), false;
}

bool Connection::OnBodyBytes(std::string_view consumed) {
  body_bytes_ += consumed.size();
  const char* fault = nullptr;
  if (body_bytes_ > kBodyBytesOnWireMax) fault = "the chunks have more than 256 KiB";
  // Beast would take a trailer's fields for the header's, after they were checked.
  if (request_->is_done() && request_->chunked() && HasTrailer(consumed))
    fault = "this server takes no trailers";
  buffer_.consume(consumed.size());
  if (fault != nullptr) return RefuseRequest(fault), false;
  return true;
}

void Connection::SayContinue() {
  using Interim = http::response<http::empty_body>;
  const auto interim = std::make_shared<Interim>(http::status::continue_, 11);
  http::async_write(socket_, *interim,
                    [self = shared_from_this(), interim](ErrorCode error, size_t) {
                      if (error || !self->socket_.is_open()) return self->Close();
                      self->Read();
                    });
}

// ---- Answering ----

RequestHead Connection::Head() const {
  const auto& header = request_->get();
  RequestHead head;
  head.method = header.method_string();
  head.target = header.target();
  head.authorization = FieldOf(header, "Authorization");
  head.member_session = FieldOf(header, "X-Stytch-Member-Session");
  head.member_session_jwt = FieldOf(header, "X-Stytch-Member-SessionJWT");
  head.device = FieldOf(header, "X-Otpcore-Device");
  head.fetch_site = FieldOf(header, "Sec-Fetch-Site");
  return head;
}

void Connection::RefuseRequest(const char* detail) {
  Respond(context_.router.Refuse(Error(Code::kBadRequest, detail)), /*closes=*/true);
}

void Connection::OnRequest() {
  Enter(State::kAnswering, kNoLimit);
  const bool closes = !request_->keep_alive();
  Destination destination = context_.router.Find(Head());
  if (destination.route == nullptr) return Respond(std::move(destination.refusal), closes);
  destination.call.body = std::move(request_->get().body());
  const Route& route = *destination.route;
  if (context_.workers == nullptr || route.pattern == kHealthPath)
    return Respond(context_.router.Run(route, destination.call), closes);
  net::post(*context_.workers,
            [self = shared_from_this(), &route, closes, call = std::move(destination.call),
             work = net::make_work_guard(socket_.get_executor())]() mutable {
              HttpAnswer answer = self->context_.router.Run(route, call);
              net::post(work.get_executor(), [self, closes, answer = std::move(answer)]() mutable {
                self->Respond(std::move(answer), closes);
              });
            });
}

void Connection::Respond(HttpAnswer answer, bool closes) {
  Enter(State::kAnswering, context_.options.answer_max);
  ++context_.answers;
  closes_ = closes || context_.draining;
  response_.emplace(static_cast<http::status>(answer.status), 11);
  response_->set(http::field::date, HttpDate());
  response_->set(http::field::content_type, "application/json");
  response_->set(http::field::cache_control, "no-store");
  for (const auto& [name, value] : answer.fields) response_->set(name, value);
  const bool is_old = request_ && request_->is_header_done() && request_->get().version() < 11;
  if (closes_ || is_old) response_->set(http::field::connection, closes_ ? "close" : "keep-alive");
  response_->body() = std::move(answer.body);
  response_->prepare_payload();
  serializer_.emplace(*response_);
  const auto done = [self = shared_from_this()](ErrorCode error, size_t) {
    self->OnAnswered(error);
  };
  // The answer to HEAD has the length of the body that it lacks.
  const bool is_head =
      request_ && request_->is_header_done() && request_->get().method() == http::verb::head;
  if (!is_head) return http::async_write(socket_, *serializer_, done);
  serializer_->split(true);
  http::async_write_header(socket_, *serializer_, done);
}

void Connection::OnAnswered(ErrorCode error) {
  if (!socket_.is_open()) return;
  if (error) return Close();
  if (closes_) return Linger();
  AwaitRequest();
}

// ---- Closing ----

void Connection::Linger() {
  if (state_ != State::kLingering) {
    Enter(State::kLingering, kLingerMax);
    beast::error_code error;
    socket_.shutdown(net::ip::tcp::socket::shutdown_send, error);
    if (error) return Close();
  }
  buffer_.clear();
  socket_.async_read_some(buffer_.prepare(kReadBytes),
                          [self = shared_from_this()](ErrorCode error, size_t size) {
                            self->lingered_ += size;
                            if (error || self->lingered_ > kLingerBytesMax) return self->Close();
                            self->Linger();
                          });
}

void Connection::Close() {
  Enter(State::kLingering, kNoLimit);
  beast::error_code ignored;
  socket_.close(ignored);
}

}  // namespace mfa_server
