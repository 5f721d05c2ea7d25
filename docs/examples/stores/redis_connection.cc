// SPDX-License-Identifier: Apache-2.0
#include "redis_connection.h"

#include <pthread.h>
#include <signal.h>
#include <sys/time.h>

namespace otpcore::examples {
namespace {

// What is left until `deadline`, at least a moment: zero would mean "no limit" to hiredis.
timeval LeftUntil(SteadyTime deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::microseconds>(
      deadline - std::chrono::steady_clock::now());
  const int64_t micros = left.count() > 1000 ? left.count() : 1000;
  return {static_cast<time_t>(micros / 1000000), static_cast<suseconds_t>(micros % 1000000)};
}

// hiredis writes without MSG_NOSIGNAL: the end of a server would end the host. While this lives the
// thread does not see SIGPIPE, whatever the host does with it.
class WithoutSigpipe {
 public:
  WithoutSigpipe() {
    sigemptyset(&sigpipe_);
    sigaddset(&sigpipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &sigpipe_, &before_);
  }
  ~WithoutSigpipe() {
    const timespec at_once = {0, 0};
    if (!was_pending_) sigtimedwait(&sigpipe_, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  WithoutSigpipe(const WithoutSigpipe&) = delete;
  WithoutSigpipe& operator=(const WithoutSigpipe&) = delete;

 private:
  sigset_t sigpipe_;
  sigset_t before_;
  bool was_pending_ = false;
};

}  // namespace

std::unique_ptr<RedisConnection> RedisConnection::Open(const RedisServer& server,
                                                       const std::vector<const char*>& scripts,
                                                       SteadyTime deadline) {
  const timeval left = LeftUntil(deadline);
  redisContext* context = server.unix_socket.empty()
                              ? redisConnectWithTimeout(server.host.c_str(), server.port, left)
                              : redisConnectUnixWithTimeout(server.unix_socket.c_str(), left);
  std::unique_ptr<RedisConnection> opened(new RedisConnection(context));
  if (context == nullptr || context->err != 0) return nullptr;
  for (const char* script : scripts) {
    const RedisReply digest = opened->Run({"SCRIPT", "LOAD", script}, deadline);
    if (!digest.is(REDIS_REPLY_STRING)) return nullptr;
    opened->scripts_.emplace_back(script, digest.text());
  }
  return opened;
}

bool RedisConnection::usable() const {
  return !turned_ && context_->err == 0 && IsQuiet(context_->fd);
}

bool RedisConnection::SetTimeout(SteadyTime deadline) {
  return redisSetTimeout(context_.get(), LeftUntil(deadline)) == REDIS_OK;
}

RedisReply RedisConnection::Run(const std::vector<std::string>& words, SteadyTime deadline) {
  std::vector<const char*> texts;
  std::vector<size_t> sizes;
  for (const std::string& word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  if (context_->err != 0 || !SetTimeout(deadline)) return RedisReply(nullptr);
  const WithoutSigpipe without_sigpipe;
  RedisReply reply(static_cast<redisReply*>(redisCommandArgv(
      context_.get(), static_cast<int>(words.size()), texts.data(), sizes.data())));
  for (const char* code : {"READONLY", "LOADING", "MASTERDOWN", "CLUSTERDOWN"})
    turned_ = turned_ || reply.refused(code);
  return reply;
}

RedisReply RedisConnection::RunScript(const char* script, size_t keys,
                                      const std::vector<std::string>& words, SteadyTime deadline) {
  std::string digest;
  for (const auto& [known, its_digest] : scripts_) {
    if (known == script) digest = its_digest;
  }
  std::vector<std::string> command = {"EVALSHA", digest, std::to_string(keys)};
  command.insert(command.end(), words.begin(), words.end());
  RedisReply reply = Run(command, deadline);
  if (!reply.refused("NOSCRIPT")) return reply;
  command[0] = "EVAL";  // the server was restarted or flushed its scripts
  command[1] = script;
  return Run(command, deadline);
}

}  // namespace otpcore::examples
