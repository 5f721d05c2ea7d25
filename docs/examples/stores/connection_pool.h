// SPDX-License-Identifier: Apache-2.0
// A small pool of connections for the blocking stores of this folder.
#ifndef OTPCORE_EXAMPLES_STORES_CONNECTION_POOL_H_
#define OTPCORE_EXAMPLES_STORES_CONNECTION_POOL_H_

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace otpcore::examples {

using SteadyTime = std::chrono::steady_clock::time_point;

// Waits until `events` can be done on `socket`; false when `deadline` comes first, or nothing can
// be waited for.
inline bool WaitFor(int socket, short events, SteadyTime deadline) {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd waiting = {socket, events, 0};
    const int ready = poll(&waiting, 1, left.count() > 0 ? static_cast<int>(left.count()) : 0);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
    if (ready == 0 && left.count() <= 0) return false;
  }
}

// An idle connection on which something can be read was closed by the server: a server says nothing
// unasked. Found before use, that is a new connection; found after a commit was sent, it is a
// doubt.
inline bool IsQuiet(int socket) {
  pollfd waiting = {socket, POLLIN, 0};
  return poll(&waiting, 1, 0) == 0;
}

// At most `connections_max` connections; each is used by one thread at a time. `Connection` has
// `bool usable() const`, asked before each use and after it. Thread-safe.
template <typename Connection>
class ConnectionPool {
 public:
  using Open = std::function<std::unique_ptr<Connection>(SteadyTime deadline)>;

  ConnectionPool(int connections_max, Open open) : left_(connections_max), open_(std::move(open)) {
    idle_.reserve(static_cast<size_t>(std::max(connections_max, 0)));
  }

  // A connection that goes back to the pool; null when none could be had in time.
  class Lease {
   public:
    Lease(ConnectionPool* pool, std::unique_ptr<Connection> connection)
        : pool_(pool), connection_(std::move(connection)) {}
    Lease(Lease&&) = delete;
    ~Lease() { pool_->Return(std::move(connection_)); }
    explicit operator bool() const { return connection_ != nullptr; }
    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_.get(); }

   private:
    ConnectionPool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  Lease Take(SteadyTime deadline) {
    std::unique_lock<std::mutex> lock(mutex_);
    if (!freed_.wait_until(lock, deadline, [&] { return left_ > 0; })) {
      --left_;  // the empty lease gives it back
      return Lease(this, nullptr);
    }
    --left_;
    while (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      if (connection->usable()) return Lease(this, std::move(connection));
    }
    lock.unlock();
    try {
      return Lease(this, open_(deadline));
    } catch (...) {
      Return(nullptr);
      throw;
    }
  }

 private:
  // From a destructor: there is room for all in `idle_`.
  void Return(std::unique_ptr<Connection> connection) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ++left_;
      if (connection != nullptr && connection->usable()) idle_.push_back(std::move(connection));
    }
    freed_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable freed_;
  int left_;
  Open open_;
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace otpcore::examples

#endif  // OTPCORE_EXAMPLES_STORES_CONNECTION_POOL_H_
