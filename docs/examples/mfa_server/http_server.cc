// SPDX-License-Identifier: Apache-2.0
#include "http_server.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_set>
#include <utility>

#include "http_connection.h"
#include "http_router.h"

namespace mfa_server {
namespace {

namespace net = boost::asio;
using net::ip::tcp;

// How often connections are looked at for being late.
constexpr std::chrono::milliseconds kSweep{100};
// Out of sockets: how long until the next one is tried.
constexpr std::chrono::milliseconds kAcceptPause{50};
// A connection that waits for its client for less keeps its place.
constexpr std::chrono::seconds kPatience{1};

// The connections there are. Thread-safe.
class Registry {
 public:
  void Add(Connection* connection) {
    const std::lock_guard<std::mutex> lock(mutex_);
    connections_.insert(connection);
  }
  void Remove(Connection* connection) {
    const std::lock_guard<std::mutex> lock(mutex_);
    connections_.erase(connection);
  }
  size_t size() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return connections_.size();
  }
  // The connections of which `wanted` is true. A connection stays while its destructor waits in
  // Remove, but then nobody can own it any more, and it is left out.
  template <typename Wanted>
  std::vector<std::shared_ptr<Connection>> Select(const Wanted& wanted) const {
    std::vector<std::shared_ptr<Connection>> selected;
    const std::lock_guard<std::mutex> lock(mutex_);
    for (Connection* const connection : connections_) {
      if (!wanted(*connection)) continue;
      if (auto owned = connection->weak_from_this().lock()) selected.push_back(std::move(owned));
    }
    return selected;
  }
  // The one that has waited for its client longest, if that is since before `limit`; or null.
  std::shared_ptr<Connection> LongestWaiting(Connection::Clock::time_point limit) const {
    std::shared_ptr<Connection> longest;
    for (auto& connection : Select(
             [&](const Connection& one) { return one.waiting_since().value_or(limit) < limit; })) {
      const auto since = connection->waiting_since();
      if (!since || *since >= limit) continue;
      limit = *since;
      longest = std::move(connection);
    }
    return longest;
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_set<Connection*> connections_;
};

size_t ThreadCount(size_t wanted) {
  return wanted > 0 ? wanted : std::max<size_t>(2, std::thread::hardware_concurrency());
}

}  // namespace

struct HttpServer::Impl {
  using Strand = Connection::Strand;

  Impl(std::vector<Route> routes, otpcore::SecureRandom& random, otpcore::Environment environment,
       const std::string& credentials, HttpOptions http_options)
      : options(std::move(http_options)),
        threads(ThreadCount(options.threads)),
        router(WithHealth(std::move(routes)), random, environment, credentials,
               options.error_url_base),
        loop(static_cast<int>(threads)),
        acceptor(net::make_strand(loop)),
        sweep_timer(acceptor.get_executor()),
        accept_timer(acceptor.get_executor()) {
    if (options.workers > 0) workers.emplace(options.workers);
    context.workers = workers ? &*workers : nullptr;
    context.forget = [this](Connection* connection) { registry.Remove(connection); };
  }

  std::vector<Route> WithHealth(std::vector<Route> routes) {
    routes.push_back({"GET", kHealthPath, [this](const Call&) {
                        return Answer{200,
                                      {{"status", "ok"},
                                       {"connections", registry.size()},
                                       {"answers", context.answers.load()}},
                                      std::nullopt};
                      }});
    return routes;
  }

  void Accept() {
    acceptor.async_accept(net::make_strand(loop),
                          [this](boost::system::error_code error, Connection::Socket socket) {
                            if (!acceptor.is_open()) return;
                            if (!error) {
                              Admit(std::move(socket));
                              return Accept();
                            }
                            if (error == net::error::connection_aborted) return Accept();
                            accept_timer.expires_after(kAcceptPause);
                            accept_timer.async_wait([this](boost::system::error_code) {
                              if (acceptor.is_open()) Accept();
                            });
                          });
  }

  void Admit(Connection::Socket socket) {
    const size_t count = registry.size();
    if (count >= 2 * options.connections_max) return;  // not even a refusal
    const auto connection = std::make_shared<Connection>(std::move(socket), context);
    registry.Add(connection.get());
    if (count >= options.connections_max) {
      const auto longest = registry.LongestWaiting(Connection::Clock::now() - kPatience);
      if (longest == nullptr) return connection->StartRefused();
      longest->Evict();
    }
    connection->Start();
  }

  void Sweep() {
    sweep_timer.expires_after(kSweep);
    sweep_timer.async_wait([this](boost::system::error_code) {
      const auto now = Connection::Clock::now();
      for (const auto& late :
           registry.Select([&](const Connection& one) { return one.IsLate(now); }))
        late->Expire();
      if (!context.draining || registry.size() > 0) Sweep();
    });
  }

  const HttpOptions options;
  const size_t threads;
  Registry registry;
  Router router;
  ConnectionContext context{router, options, nullptr, {}, {}, {}};
  net::io_context loop;
  net::basic_socket_acceptor<tcp, Strand> acceptor;
  net::basic_waitable_timer<Connection::Clock, net::wait_traits<Connection::Clock>, Strand>
      sweep_timer;
  net::basic_waitable_timer<Connection::Clock, net::wait_traits<Connection::Clock>, Strand>
      accept_timer;
  std::optional<net::thread_pool> workers;
};

HttpServer::HttpServer(std::vector<Route> routes, otpcore::SecureRandom& random,
                       otpcore::Environment environment, const std::string& credentials,
                       const HttpOptions& options)
    : impl_(std::make_unique<Impl>(std::move(routes), random, environment, credentials, options)) {}

HttpServer::~HttpServer() = default;

bool HttpServer::Bind(std::string* problem) {
  boost::system::error_code error;
  const net::ip::address address = net::ip::make_address(impl_->options.host, error);
  if (error) {
    *problem = "--host takes an IP address, not " + impl_->options.host;
    return false;
  }
  const tcp::endpoint endpoint(address, impl_->options.port);
  auto& acceptor = impl_->acceptor;
  acceptor.open(endpoint.protocol(), error);
  // A restarted server gets its port back at once. Two servers cannot share one: that takes
  // SO_REUSEPORT.
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(net::socket_base::max_listen_connections, error);
  if (!error) return true;
  *problem = "cannot listen on port " + std::to_string(impl_->options.port) + " of " +
             impl_->options.host + ": " + error.message();
  return false;
}

std::string HttpServer::url() const {
  boost::system::error_code error;
  const tcp::endpoint endpoint = impl_->acceptor.local_endpoint(error);
  const std::string host = endpoint.address().to_string();
  return "http://" + (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" +
         std::to_string(endpoint.port());
}

void HttpServer::Run() {
  net::post(impl_->acceptor.get_executor(), [this] {
    if (impl_->acceptor.is_open()) impl_->Accept();
    impl_->Sweep();
  });
  std::vector<std::thread> others;
  for (size_t i = 1; i < impl_->threads; ++i) others.emplace_back([this] { impl_->loop.run(); });
  impl_->loop.run();
  for (std::thread& other : others) other.join();
  if (impl_->workers) impl_->workers->join();
}

void HttpServer::Drain() {
  net::post(impl_->acceptor.get_executor(), [this] {
    impl_->context.draining = true;
    boost::system::error_code ignored;
    impl_->acceptor.close(ignored);
    for (const auto& connection : impl_->registry.Select([](const Connection&) { return true; }))
      connection->Drain();
  });
}

}  // namespace mfa_server
