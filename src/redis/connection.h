// SPDX-License-Identifier: Apache-2.0
// One connection to Redis with a time limit on everything.
#ifndef OTPCORE_REDIS_CONNECTION_H_
#define OTPCORE_REDIS_CONNECTION_H_

#include <hiredis/hiredis.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "otpcore/redis/options.h"
#include "pool/connection_pool.h"
#include "redis/socket.h"

namespace otpcore {

class RedisReply {
 public:
  explicit RedisReply(redisReply* reply) : reply_(reply, freeReplyObject) {}

  // No answer in time, or the connection broke: what became of the command is not known.
  bool lost() const { return reply_ == nullptr; }
  bool is(int type) const { return reply_ != nullptr && reply_->type == type; }
  bool refused(std::string_view code) const {
    return is(REDIS_REPLY_ERROR) && text().substr(0, code.size()) == code;
  }
  int64_t number() const { return is(REDIS_REPLY_INTEGER) ? reply_->integer : 0; }
  std::string_view text() const { return {reply_->str, reply_->len}; }
  // Of an array.
  size_t size() const { return is(REDIS_REPLY_ARRAY) ? reply_->elements : 0; }
  const redisReply& at(size_t i) const { return *reply_->element[i]; }

 private:
  std::unique_ptr<redisReply, decltype(&freeReplyObject)> reply_;
};

class RedisConnection {
 public:
  // Signs in, chooses the database, and makes the server know `scripts`. Null when there was no
  // such connection before `deadline`; `problem`, unless null, says why.
  static std::unique_ptr<RedisConnection> Open(const RedisOptions& server,
                                               const std::vector<const char*>& scripts,
                                               SteadyTime deadline, std::string* problem = nullptr);

  RedisReply Run(const std::vector<std::string>& words, SteadyTime deadline);
  // One of the scripts given to Open, by its digest; a server that forgot it gets the text. The
  // first `keys` words are keys.
  RedisReply RunScript(const char* script, size_t keys, const std::vector<std::string>& words,
                       SteadyTime deadline);
  bool usable() const { return !broken_ && !turned_; }
  // The server has not hung up.
  bool quiet() const { return socket_->quiet(); }
  // The server has become a replica (READONLY, MASTERDOWN), is not ready (LOADING) or without its
  // cluster (CLUSTERDOWN): whoever connects anew may be led to another one.
  bool turned() const { return turned_; }

 private:
  explicit RedisConnection(std::unique_ptr<RedisSocket> socket) : socket_(std::move(socket)) {}
  std::string SetUp(const RedisOptions& server, const std::vector<const char*>& scripts,
                    SteadyTime deadline);
  RedisReply Receive(SteadyTime deadline);

  std::unique_ptr<RedisSocket> socket_;
  std::unique_ptr<redisReader, decltype(&redisReaderFree)> reader_{redisReaderCreate(),
                                                                   redisReaderFree};
  std::vector<std::pair<const char*, std::string>> scripts_;  // and their digests
  bool broken_ = false;
  bool turned_ = false;
};

using RedisPool = ConnectionPool<RedisConnection>;

// What store, guard and sessions are made of: a pool, and how long a call may take.
class RedisClient {
 public:
  RedisClient(RedisOptions chosen, std::vector<const char*> scripts)
      : options(std::move(chosen)),
        pool(options.connections_max, options.connection_age_max,
             [this, scripts = std::move(scripts)](SteadyTime deadline) {
               return RedisConnection::Open(options, scripts, deadline);
             }) {}
  SteadyTime Deadline() const { return std::chrono::steady_clock::now() + options.timeout; }
  std::string Named(const std::string& name) const { return "{" + options.hash_tag + "}:" + name; }

  const RedisOptions options;
  RedisPool pool;
};

}  // namespace otpcore

#endif  // OTPCORE_REDIS_CONNECTION_H_
