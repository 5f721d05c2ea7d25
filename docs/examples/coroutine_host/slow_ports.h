// SPDX-License-Identifier: Apache-2.0
// Doubles for the asynchronous ports: the blocking ones behind a network that takes its time, each
// way a different one. What a request was before may therefore come after it.
#ifndef COROUTINE_HOST_SLOW_PORTS_H_
#define COROUTINE_HOST_SLOW_PORTS_H_

#include <chrono>
#include <cstdint>
#include <random>
#include <utility>

#include "host.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace coroutine_host {

// One way through the network: either the next turn of the loop, or a timer of up to 0.2 ms.
class Network {
 public:
  Network(boost::asio::io_context& loop, uint64_t seed) : loop_(loop), random_(seed) {}

  Async<void> Pass() {
    const uint64_t draw = random_();
    if (draw % 4 != 0) {
      auto turning = boost::asio::post(loop_, boost::asio::use_awaitable);
      co_await std::move(turning);
    } else {
      boost::asio::steady_timer timer(loop_, std::chrono::microseconds(draw / 4 % 200));
      auto waiting = timer.async_wait(boost::asio::use_awaitable);
      co_await std::move(waiting);
    }
  }

 private:
  boost::asio::io_context& loop_;
  std::mt19937_64 random_;
};

class SlowStore final : public AsyncStore {
 public:
  SlowStore(otpcore::Store& inner, Network& network) : inner_(inner), network_(network) {}
  Async<otpcore::Store::LoadResult> Load(otpcore::LoadBatch& batch) override {
    auto there = network_.Pass();
    co_await std::move(there);
    const otpcore::Store::LoadResult result = inner_.Load(batch);
    auto back = network_.Pass();
    co_await std::move(back);
    co_return result;
  }
  Async<otpcore::CommitOutcome> Commit(const otpcore::Changes& changes) override {
    auto there = network_.Pass();
    co_await std::move(there);
    const otpcore::CommitOutcome outcome = inner_.Commit(changes);
    auto back = network_.Pass();
    co_await std::move(back);
    co_return outcome;
  }

 private:
  otpcore::Store& inner_;
  Network& network_;
};

class SlowSessions final : public AsyncSessions {
 public:
  SlowSessions(otpcore::SessionDirectory& inner, Network& network)
      : inner_(inner), network_(network) {}
  Async<otpcore::SessionDirectory::FindResult> Find(
      const otpcore::SessionCredential& credential) override {
    auto there = network_.Pass();
    co_await std::move(there);
    co_return inner_.Find(credential);
  }
  Async<bool> Apply(const otpcore::SessionEffect& effect) override {
    auto there = network_.Pass();
    co_await std::move(there);
    co_return inner_.Apply(effect);
  }

 private:
  otpcore::SessionDirectory& inner_;
  Network& network_;
};

class SlowSink final : public AsyncSink {
 public:
  SlowSink(otpcore::MessageSink& inner, Network& network) : inner_(inner), network_(network) {}
  Async<otpcore::Delivery> Deliver(const otpcore::Message& message) override {
    auto there = network_.Pass();
    co_await std::move(there);
    co_return inner_.Deliver(message);
  }

 private:
  otpcore::MessageSink& inner_;
  Network& network_;
};

}  // namespace coroutine_host

#endif  // COROUTINE_HOST_SLOW_PORTS_H_
