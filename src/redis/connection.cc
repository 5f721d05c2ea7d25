// SPDX-License-Identifier: Apache-2.0
#include "redis/connection.h"

#include <array>

namespace otpcore {

std::unique_ptr<RedisConnection> RedisConnection::Open(const RedisOptions& server,
                                                       const std::vector<const char*>& scripts,
                                                       SteadyTime deadline, std::string* problem) {
  std::string wrong;
  std::unique_ptr<RedisSocket> socket = RedisSocket::Connect(server, deadline, &wrong);
  std::unique_ptr<RedisConnection> opened;
  if (socket != nullptr) {
    opened.reset(new RedisConnection(std::move(socket)));
    wrong = opened->SetUp(server, scripts, deadline);
  }
  if (problem != nullptr) *problem = wrong;
  return wrong.empty() ? std::move(opened) : nullptr;
}

// "" or what is wrong.
std::string RedisConnection::SetUp(const RedisOptions& server,
                                   const std::vector<const char*>& scripts, SteadyTime deadline) {
  std::vector<std::vector<std::string>> commands;
  if (!server.password.empty()) {
    commands.push_back({"AUTH"});
    if (!server.user.empty()) commands.back().push_back(server.user);
    commands.back().push_back(server.password);
  }
  if (server.database != 0) commands.push_back({"SELECT", std::to_string(server.database)});
  for (const char* script : scripts) commands.push_back({"SCRIPT", "LOAD", script});
  for (const std::vector<std::string>& command : commands) {
    const RedisReply reply = Run(command, deadline);
    if (reply.lost()) return "the Redis server does not answer";
    if (reply.is(REDIS_REPLY_ERROR))
      return "the Redis server refuses " + command[0] + ": " + std::string(reply.text());
    if (command[0] == "SCRIPT") scripts_.emplace_back(scripts[scripts_.size()], reply.text());
  }
  return "";
}

// A reply that breaks off leaves the connection in the middle of it: it is not used again.
RedisReply RedisConnection::Receive(SteadyTime deadline) {
  std::array<char, 16384> bytes;
  for (;;) {
    void* reply = nullptr;
    if (redisReaderGetReply(reader_.get(), &reply) != REDIS_OK) return RedisReply(nullptr);
    if (reply != nullptr) return RedisReply(static_cast<redisReply*>(reply));
    const size_t size = socket_->Receive(bytes.data(), bytes.size(), deadline);
    if (size == 0 || redisReaderFeed(reader_.get(), bytes.data(), size) != REDIS_OK)
      return RedisReply(nullptr);
  }
}

RedisReply RedisConnection::Run(const std::vector<std::string>& words, SteadyTime deadline) {
  if (broken_ || reader_ == nullptr) return RedisReply(nullptr);
  std::string command = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words)
    command.append("$")
        .append(std::to_string(word.size()))
        .append("\r\n")
        .append(word)
        .append("\r\n");
  RedisReply reply = socket_->Send(command, deadline) ? Receive(deadline) : RedisReply(nullptr);
  broken_ = reply.lost();
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

}  // namespace otpcore
