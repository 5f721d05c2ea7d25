// SPDX-License-Identifier: Apache-2.0
// A small pool of connections for the components that block.
#ifndef OTPCORE_POOL_CONNECTION_POOL_H_
#define OTPCORE_POOL_CONNECTION_POOL_H_

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <utility>
#include <vector>

namespace otpcore {

using SteadyTime = std::chrono::steady_clock::time_point;

// Waits until `events` can be done on `socket`; false when `deadline` comes first, or nothing can
// be waited for.
inline bool WaitFor(int socket, int events, SteadyTime deadline) {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd waiting = {socket, static_cast<decltype(pollfd::events)>(events), 0};
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

// How long a connection lives whose greatest age is `age_max`: a random part of the last quarter
// is taken away, so that connections that were opened together do not end together.
inline std::chrono::milliseconds LifeOf(std::chrono::milliseconds age_max, uint32_t random) {
  const double taken = static_cast<double>(age_max.count()) / 4 * random / 4294967296.0;
  return age_max - std::chrono::milliseconds(static_cast<int64_t>(taken));
}

// At most `connections_max` connections; each is used by one thread at a time, and by none once it
// is older than `age_max` or a quarter less. `Connection` has `bool usable() const`, asked before
// each use and after it, `bool quiet() const`, asked before each use, and `bool turned() const`:
// what it said shows that its server has changed its role or goes down. Then all connections of
// that time are dropped. Thread-safe.
template <typename Connection>
class ConnectionPool {
 public:
  using Open = std::function<std::unique_ptr<Connection>(SteadyTime deadline)>;

  ConnectionPool(int connections_max, std::chrono::milliseconds age_max, Open open)
      : left_(connections_max),
        age_max_(age_max),
        open_(std::move(open)),
        random_(std::random_device{}()) {
    idle_.reserve(static_cast<size_t>(std::max(connections_max, 0)));
  }

 private:
  struct Opened {
    std::unique_ptr<Connection> connection;
    SteadyTime end;
    uint64_t generation = 0;
  };

 public:
  // A connection that goes back to the pool; null when none could be had in time.
  class Lease {
   public:
    Lease(ConnectionPool* pool, Opened opened) : pool_(pool), opened_(std::move(opened)) {}
    Lease(Lease&&) = delete;
    ~Lease() { pool_->Return(std::move(opened_)); }
    explicit operator bool() const { return opened_.connection != nullptr; }
    Connection& operator*() const { return *opened_.connection; }
    Connection* operator->() const { return opened_.connection.get(); }

   private:
    ConnectionPool* pool_;
    Opened opened_;
  };

  Lease Take(SteadyTime deadline) {
    std::unique_lock<std::mutex> lock(mutex_);
    if (!freed_.wait_until(lock, deadline, [&] { return left_ > 0; })) {
      --left_;  // the empty lease gives it back
      return Lease(this, {});
    }
    --left_;
    while (!idle_.empty()) {
      Opened opened = std::move(idle_.back());
      idle_.pop_back();
      if (IsGood(opened) && opened.connection->quiet()) return Lease(this, std::move(opened));
    }
    Opened opened;
    opened.generation = generation_;
    const auto life = LifeOf(age_max_, static_cast<uint32_t>(random_()));
    lock.unlock();
    try {
      opened.connection = open_(deadline);
      opened.end = std::chrono::steady_clock::now() + life;
      return Lease(this, std::move(opened));
    } catch (...) {
      Return({});
      throw;
    }
  }

 private:
  bool IsGood(const Opened& opened) const {
    return opened.generation == generation_ && opened.connection->usable() &&
           std::chrono::steady_clock::now() < opened.end;
  }

  // From a destructor: there is room for all in `idle_`.
  void Return(Opened opened) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ++left_;
      if (opened.connection != nullptr) {
        if (opened.connection->turned() && opened.generation == generation_) ++generation_;
        if (IsGood(opened)) idle_.push_back(std::move(opened));
      }
    }
    freed_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable freed_;
  int left_;
  const std::chrono::milliseconds age_max_;
  Open open_;
  std::mt19937 random_;
  uint64_t generation_ = 0;
  std::vector<Opened> idle_;
};

}  // namespace otpcore

#endif  // OTPCORE_POOL_CONNECTION_POOL_H_
