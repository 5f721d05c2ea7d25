// SPDX-License-Identifier: Apache-2.0
#include "client_stream.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>

namespace mfa_server {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr seconds kIdleMax{5};          // between two requests
constexpr seconds kRequestMax{10};      // from the first byte of a request to its last
constexpr seconds kWriteMax{10};        // for a client to take what is written
constexpr milliseconds kIdleSlice{50};  // how soon an idle connection notices that it must go
constexpr seconds kLingerMax{1};        // for a client to stop sending what nobody reads
constexpr size_t kLingerBytesMax = 4 * 1024 * 1024;
constexpr size_t kHeaderBytesMax = 32 * 1024;
// A body that is too long gets its answer only after it was read; and chunks have a frame.
constexpr size_t kBodyBytesOnWireMax = 256 * 1024;

bool IsTokenCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         (c != '\0' && std::strchr("!#$%&'*+-.^_`|~", c) != nullptr);
}

// A name, a colon, a value. The library drops lines that are not, or reads them as other ones, and
// a proxy before it may not; and it decodes escapes in values, and drops empty ones: of no matter
// but for the length of the body and for a session, which would be no session then.
bool IsFieldLine(const std::string& line) {
  const size_t colon = std::min(line.find(':'), line.size());
  const auto name_end = line.begin() + static_cast<std::ptrdiff_t>(colon);
  if (colon == 0 || colon == line.size() || !std::all_of(line.begin(), name_end, IsTokenCharacter))
    return false;
  std::string name = line.substr(0, colon);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (name != "content-length" && name != "transfer-encoding" &&
      name != "x-stytch-member-session" && name != "x-stytch-member-sessionjwt")
    return true;
  return line.find_first_not_of(" \t", colon + 1) != line.npos && line.find('%') == line.npos;
}

}  // namespace

ClientStream::~ClientStream() {
  shutdown(socket_, SHUT_WR);
  if (cut_) {
    const Time end = steady_clock::now() + kLingerMax;
    size_t dropped = 0;
    while (dropped < kLingerBytesMax && Wait(POLLIN, end)) {
      const ssize_t received = recv(socket_, buffer_.data(), buffer_.size(), 0);
      if (received <= 0) break;
      dropped += static_cast<size_t>(received);
    }
  }
  close(socket_);
}

bool ClientStream::Wait(short events, Time deadline) const {
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    pollfd waiting = {socket_, events, 0};
    const int ready = poll(&waiting, 1, left.count() > 0 ? static_cast<int>(left.count()) : 0);
    if (ready > 0) return true;
    if (ready == 0 && left.count() <= 0) return false;
    if (ready < 0 && errno != EINTR) return false;
  }
}

bool ClientStream::AwaitRequest(const std::function<bool()>& give_up) {
  const Time end = steady_clock::now() + kIdleMax;
  while (begin_ == end_) {
    if (Wait(POLLIN, std::min(end, steady_clock::now() + kIdleSlice))) {
      if (Receive() <= 0) return false;
      break;
    }
    if (steady_clock::now() >= end || give_up()) return false;
  }
  deadline_ = steady_clock::now() + kRequestMax;
  bytes_left_ = kHeaderBytesMax;
  answered_ = false;
  in_header_ = clear_header_ = true;
  lines_ = 0;
  line_.clear();
  return true;
}

void ClientStream::BeginBody() {
  bytes_left_ = kBodyBytesOnWireMax;
  in_header_ = false;
}

void ClientStream::LookAt(char byte) {
  line_ += byte;
  if (byte != '\n') return;
  const size_t text_end = line_.find_first_of(std::string("\r\0", 2));
  const bool ends_well =
      line_.size() >= 2 && text_end == line_.size() - 2 && line_[text_end] == '\r';
  clear_header_ = clear_header_ && ends_well;
  line_.resize(std::min(text_end, line_.size()));
  if (lines_++ > 0 && !line_.empty()) clear_header_ = clear_header_ && IsFieldLine(line_);
  line_.clear();
}

ssize_t ClientStream::Receive() {
  ssize_t received = 0;
  do {
    received = recv(socket_, buffer_.data(), buffer_.size(), 0);
  } while (received < 0 && errno == EINTR);
  begin_ = 0;
  end_ = received > 0 ? static_cast<size_t>(received) : 0;
  return received;
}

ssize_t ClientStream::read(char* bytes, size_t size) {
  if (cut_) return -1;
  if (bytes_left_ == 0 || (begin_ == end_ && !Wait(POLLIN, deadline_))) {
    cut_ = true;
    return -1;
  }
  if (begin_ == end_) {
    const ssize_t received = Receive();
    if (received <= 0) return received;
  }
  const size_t taken = std::min({size, end_ - begin_, bytes_left_});
  std::memcpy(bytes, buffer_.data() + begin_, taken);
  begin_ += taken;
  bytes_left_ -= taken;
  if (in_header_) std::for_each(bytes, bytes + taken, [this](char byte) { LookAt(byte); });
  return static_cast<ssize_t>(taken);
}

ssize_t ClientStream::write(const char* bytes, size_t size) {
  answered_ = true;
  const Time deadline = steady_clock::now() + kWriteMax;
  size_t sent = 0;
  while (sent < size) {
    const ssize_t taken = send(socket_, bytes + sent, size - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (taken >= 0) {
      sent += static_cast<size_t>(taken);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (!Wait(POLLOUT, deadline)) return -1;
    } else if (errno != EINTR) {
      return -1;
    }
  }
  return static_cast<ssize_t>(size);
}

}  // namespace mfa_server
