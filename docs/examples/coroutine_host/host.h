// SPDX-License-Identifier: Apache-2.0
// A host on one thread that never blocks: each command is a coroutine, and while one waits for its
// store or its SMS gateway, the others go on.
//
// It does what otpcore::Engine does, with co_await in the places where the engine calls a port.
// Copy it and put your own asynchronous clients behind the three interfaces.
//
// gcc 12 destroys the temporaries of a co_await expression twice, so every awaitable gets a name
// first and is moved from there.
#ifndef COROUTINE_HOST_HOST_H_
#define COROUTINE_HOST_HOST_H_

#include <string>
#include <utility>  // before Boost 1.74, which forgets it

#include <boost/asio/awaitable.hpp>

#include "otpcore/engine/engine.h"

namespace coroutine_host {

template <typename T>
using Async = boost::asio::awaitable<T>;

// otpcore's ports that wait for somebody else. The arguments live until the answer is there; what
// an answer means is written in otpcore/engine/ports.h.
class AsyncStore {
 public:
  virtual ~AsyncStore() = default;
  virtual Async<otpcore::Store::LoadResult> Load(otpcore::LoadBatch& batch) = 0;
  virtual Async<otpcore::CommitOutcome> Commit(const otpcore::Changes& changes) = 0;
};
class AsyncSessions {
 public:
  virtual ~AsyncSessions() = default;
  virtual Async<otpcore::SessionDirectory::FindResult> Find(
      const otpcore::SessionCredential& credential) = 0;
  virtual Async<bool> Apply(const otpcore::SessionEffect& effect) = 0;
};
class AsyncSink {
 public:
  virtual ~AsyncSink() = default;
  virtual Async<otpcore::Delivery> Deliver(const otpcore::Message& message) = 0;
};

// Holds references only. Not thread-safe: all its coroutines belong to one thread.
class Host {
 public:
  struct Ports {
    otpcore::Clock& clock;
    otpcore::SecureRandom& random;
    AsyncStore& store;
    AsyncSessions& sessions;
    AsyncSink& sink;
    otpcore::SendGuard& guard;  // one in memory, which answers at once
  };
  Host(const otpcore::Config& config, const Ports& ports) : config_(config), ports_(ports) {}

  // The operation lives in the frame of this coroutine, some 25 KB with the reply.
  template <typename Request, typename C = otpcore::CommandOfT<Request>>
  Async<otpcore::Reply<C>> Run(Request request, otpcore::CallOptions options = {}) {
    otpcore::OperationFor<C> operation(otpcore::ContextOf(config_, options.operation_id),
                                       std::move(request));
    auto driving = Drive(operation.driver());
    co_await std::move(driving);
    if (options.request_id.empty())
      options.request_id = RequestIdWithout(operation.driver().entropy());
    otpcore::Reply<C> reply;
    operation.Respond(std::move(options.request_id), &reply);
    ports_.guard.Observe(&reply.events());
    co_return reply;
  }

 private:
  // A new request id for a request that was refused before it drew one; "" for any other.
  std::string RequestIdWithout(const otpcore::Entropy& entropy);
  // Meets one need after the other until the operation is done.
  Async<void> Drive(otpcore::Operation& operation);
  Async<otpcore::Loaded> Load(const otpcore::NeedLoad& need);

  const otpcore::Config& config_;
  const Ports ports_;
};

}  // namespace coroutine_host

#endif  // COROUTINE_HOST_HOST_H_
