// SPDX-License-Identifier: Apache-2.0
// Bytes to and from a Redis server, by TCP, TLS or a Unix socket, with a time limit on everything.
// hiredis's own sockets have limits for each read alone, can end the host by SIGPIPE, and speak TLS
// in later versions only.
#ifndef OTPCORE_REDIS_SOCKET_H_
#define OTPCORE_REDIS_SOCKET_H_

#include <memory>
#include <string>
#include <string_view>

#include "otpcore/redis/options.h"
#include "pool/connection_pool.h"

namespace otpcore {

class RedisSocket {
 public:
  // Null when there was no connection before `deadline`; `*problem` says why.
  static std::unique_ptr<RedisSocket> Connect(const RedisOptions& server, SteadyTime deadline,
                                              std::string* problem);
  ~RedisSocket();
  RedisSocket(const RedisSocket&) = delete;
  RedisSocket& operator=(const RedisSocket&) = delete;

  // All of `bytes`, or false.
  bool Send(std::string_view bytes, SteadyTime deadline);
  // At least one byte and at most `size`, and how many; 0: the server hung up, or none came before
  // `deadline`.
  size_t Receive(char* bytes, size_t size, SteadyTime deadline);
  // Nothing can be read and the server has not hung up.
  bool quiet() const;

 private:
  struct Tls;

  explicit RedisSocket(int socket);
  bool StartTls(const RedisOptions& server, SteadyTime deadline, std::string* problem);
  bool SendPlain(std::string_view bytes, SteadyTime deadline);
  size_t ReceivePlain(char* bytes, size_t size, SteadyTime deadline);
  // Repeats `step`, an operation of OpenSSL, until it is done, and carries bytes meanwhile. What it
  // returned; 0 or less: it failed.
  template <typename Step>
  int Carry(Step step, SteadyTime deadline);

  const int socket_;
  std::unique_ptr<Tls> tls_;
};

}  // namespace otpcore

#endif  // OTPCORE_REDIS_SOCKET_H_
