// SPDX-License-Identifier: Apache-2.0
#include "redis/socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace otpcore {
namespace {

// -1: not connected before `deadline`.
int ConnectTo(const sockaddr* address, socklen_t size, SteadyTime deadline) {
  const int opened = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (opened < 0) return -1;
  int error = 0;
  socklen_t error_size = sizeof(error);
  // A Unix socket whose queue is full says EAGAIN, and never that there is room again.
  if (connect(opened, address, size) == 0 ||
      (errno == EINPROGRESS && WaitFor(opened, POLLOUT, deadline) &&
       getsockopt(opened, SOL_SOCKET, SO_ERROR, &error, &error_size) == 0 && error == 0)) {
    const int on = 1;
    if (address->sa_family != AF_UNIX)
      setsockopt(opened, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return opened;
  }
  close(opened);
  return -1;
}

int ConnectToPath(const std::string& path, SteadyTime deadline) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return -1;
  std::memcpy(address.sun_path, path.data(), path.size());
  return ConnectTo(reinterpret_cast<const sockaddr*>(&address), sizeof(address), deadline);
}

int ConnectToHost(const std::string& host, int port, SteadyTime deadline) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return -1;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, freeaddrinfo);
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    const int opened = ConnectTo(at->ai_addr, at->ai_addrlen, deadline);
    if (opened >= 0) return opened;
  }
  return -1;
}

}  // namespace

// OpenSSL gets and gives its bytes through memory: its own writes can end the host by SIGPIPE.
struct RedisSocket::Tls {
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_client_method()),
                                                            SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl{nullptr, SSL_free};
  BIO* in = nullptr;   // what the server sent; owned by `ssl`, as is:
  BIO* out = nullptr;  // what goes to the server
};

RedisSocket::RedisSocket(int socket) : socket_(socket) {}
RedisSocket::~RedisSocket() { close(socket_); }

std::unique_ptr<RedisSocket> RedisSocket::Connect(const RedisOptions& server, SteadyTime deadline,
                                                  std::string* problem) {
  const int opened = server.unix_socket.empty() ? ConnectToHost(server.host, server.port, deadline)
                                                : ConnectToPath(server.unix_socket, deadline);
  if (opened < 0) {
    *problem = "the Redis server cannot be reached";
    return nullptr;
  }
  std::unique_ptr<RedisSocket> connected(new RedisSocket(opened));
  if (server.tls && !connected->StartTls(server, deadline, problem)) return nullptr;
  return connected;
}

bool RedisSocket::StartTls(const RedisOptions& server, SteadyTime deadline, std::string* problem) {
  tls_ = std::make_unique<Tls>();
  SSL_CTX* const context = tls_->context.get();
  ERR_clear_error();
  *problem = "the files for TLS to the Redis server cannot be read";
  if (context == nullptr || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1)
    return false;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if ((server.ca_file.empty()
           ? SSL_CTX_set_default_verify_paths(context)
           : SSL_CTX_load_verify_locations(context, server.ca_file.c_str(), nullptr)) != 1)
    return false;
  if (!server.cert_file.empty() &&
      (SSL_CTX_use_certificate_chain_file(context, server.cert_file.c_str()) != 1 ||
       SSL_CTX_use_PrivateKey_file(context, server.key_file.c_str(), SSL_FILETYPE_PEM) != 1))
    return false;
  tls_->ssl.reset(SSL_new(context));
  SSL* const ssl = tls_->ssl.get();
  tls_->in = BIO_new(BIO_s_mem());
  tls_->out = BIO_new(BIO_s_mem());
  if (ssl == nullptr || tls_->in == nullptr || tls_->out == nullptr) return false;
  SSL_set_bio(ssl, tls_->in, tls_->out);
  SSL_set_connect_state(ssl);
  // An address is compared with the addresses of a certificate, a name with its names.
  X509_VERIFY_PARAM* const expected = SSL_get0_param(ssl);
  if (X509_VERIFY_PARAM_set1_ip_asc(expected, server.host.c_str()) != 1 &&
      (SSL_set1_host(ssl, server.host.c_str()) != 1 ||
       SSL_set_tlsext_host_name(ssl, server.host.c_str()) != 1))
    return false;
  *problem = "the Redis server speaks no TLS, or does not prove that it is " + server.host;
  return Carry([ssl] { return SSL_do_handshake(ssl); }, deadline) == 1;
}

template <typename Step>
int RedisSocket::Carry(Step step, SteadyTime deadline) {
  std::array<char, 4096> bytes;
  for (;;) {
    ERR_clear_error();
    const int done = step();
    const int error = done > 0 ? SSL_ERROR_NONE : SSL_get_error(tls_->ssl.get(), done);
    while (const int size = BIO_read(tls_->out, bytes.data(), static_cast<int>(bytes.size()))) {
      if (size < 0) break;
      if (!SendPlain({bytes.data(), static_cast<size_t>(size)}, deadline)) return -1;
    }
    if (done > 0) return done;
    if (error != SSL_ERROR_WANT_READ) return -1;
    const size_t size = ReceivePlain(bytes.data(), bytes.size(), deadline);
    if (size == 0 || BIO_write(tls_->in, bytes.data(), static_cast<int>(size)) <= 0) return -1;
  }
}

bool RedisSocket::SendPlain(std::string_view bytes, SteadyTime deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
    } else if (errno != EINTR && ((errno != EAGAIN && errno != EWOULDBLOCK) ||
                                  !WaitFor(socket_, POLLOUT, deadline))) {
      return false;
    }
  }
  return true;
}

size_t RedisSocket::ReceivePlain(char* bytes, size_t size, SteadyTime deadline) {
  for (;;) {
    if (!WaitFor(socket_, POLLIN, deadline)) return 0;
    const ssize_t received = recv(socket_, bytes, size, 0);
    if (received > 0) return static_cast<size_t>(received);
    if (received == 0 || (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK)) return 0;
  }
}

bool RedisSocket::Send(std::string_view bytes, SteadyTime deadline) {
  if (tls_ == nullptr) return SendPlain(bytes, deadline);
  SSL* const ssl = tls_->ssl.get();
  return Carry([&] { return SSL_write(ssl, bytes.data(), static_cast<int>(bytes.size())); },
               deadline) == static_cast<int>(bytes.size());
}

size_t RedisSocket::Receive(char* bytes, size_t size, SteadyTime deadline) {
  if (tls_ == nullptr) return ReceivePlain(bytes, size, deadline);
  SSL* const ssl = tls_->ssl.get();
  const int received =
      Carry([&] { return SSL_read(ssl, bytes, static_cast<int>(size)); }, deadline);
  return received > 0 ? static_cast<size_t>(received) : 0;
}

bool RedisSocket::quiet() const {
  if (tls_ != nullptr && (SSL_pending(tls_->ssl.get()) > 0 || BIO_ctrl_pending(tls_->in) > 0))
    return false;
  return IsQuiet(socket_);
}

}  // namespace otpcore
