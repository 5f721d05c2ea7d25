#include "client_stream.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
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
  return true;
}

void ClientStream::BeginBody() { bytes_left_ = kBodyBytesOnWireMax; }

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
