// SPDX-License-Identifier: Apache-2.0
#include "otpcore/redis/store.h"

#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "otpcore/model/codec.h"
#include "redis/connection.h"

namespace otpcore {
namespace {

// KEYS: epoch, revision counter, then one per record. ARGV: per record the revision expected and
// the new body, "" to delete. 1: committed; 0: conflict; -1: no epoch.
// Revisions are text to Lua: its numbers are doubles.
constexpr char kCommit[] = R"(
  if redis.call('EXISTS', KEYS[1]) == 0 then return -1 end
  for i = 3, #KEYS do
    local revision = redis.call('HGET', KEYS[i], 'r') or '0'
    if revision ~= ARGV[2 * i - 5] then return 0 end
  end
  for i = 3, #KEYS do
    local body = ARGV[2 * i - 4]
    if body == '' then
      redis.call('DEL', KEYS[i])
    else
      local revision = string.format('%.0f', redis.call('INCR', KEYS[2]))
      redis.call('HSET', KEYS[i], 'r', revision, 'b', body)
    end
  end
  return 1)";

// All of one moment. The first element is the epoch, false when there is none.
constexpr char kLoad[] = R"(
  local found = {redis.call('GET', KEYS[1])}
  for i = 2, #KEYS do found[i] = redis.call('HMGET', KEYS[i], 'r', 'b') end
  return found)";

// Microseconds since 1970 run ahead of any count of commits; hosts that still hold revisions of
// before the restore then find none of them again (K-03). ARGV[2]: "1" to keep an epoch there is.
constexpr char kBeginEpoch[] = R"(
  if ARGV[2] == '1' and redis.call('EXISTS', KEYS[1]) == 1 then return 1 end
  local time = redis.call('TIME')
  local ahead = tonumber(time[1]) * 1000000 + tonumber(time[2])
  if tonumber(redis.call('GET', KEYS[2]) or '0') < ahead then
    redis.call('SET', KEYS[2], string.format('%.0f', ahead))
  end
  redis.call('SET', KEYS[1], ARGV[1])
  return 1)";

std::optional<uint64_t> NumberIn(const redisReply& reply) {
  uint64_t number = 0;
  if (reply.type != REDIS_REPLY_STRING) return std::nullopt;
  const auto parsed = std::from_chars(reply.str, reply.str + reply.len, number);
  if (parsed.ec != std::errc() || parsed.ptr != reply.str + reply.len) return std::nullopt;
  return number;
}

// Errors that the server gives before a script has written anything.
bool IsSurelyNotApplied(const RedisReply& reply) {
  for (const char* code :
       {"NOSCRIPT", "LOADING", "MISCONF", "OOM", "READONLY", "NOREPLICAS", "MASTERDOWN", "BUSY",
        "CLUSTERDOWN", "MOVED", "ASK", "TRYAGAIN", "CROSSSLOT", "NOAUTH", "NOPERM"}) {
    if (reply.refused(code)) return true;
  }
  return false;
}

// Reads what there is for the key of place `i`. False: it is neither a record nor the absence of
// one.
bool Read(const redisReply& pair, size_t i, LoadBatch* batch) {
  if (pair.type != REDIS_REPLY_ARRAY || pair.elements != 2) return false;
  const redisReply& revision = *pair.element[0];
  const redisReply& body = *pair.element[1];
  if (revision.type == REDIS_REPLY_NIL && body.type == REDIS_REPLY_NIL) return true;
  const std::optional<uint64_t> number = NumberIn(revision);
  if (!number || body.type != REDIS_REPLY_STRING) return false;
  const Result<std::string_view> record = Unprotect(batch->key(i), {body.str, body.len});
  return record && batch->Found(i, *number, *record);
}

}  // namespace

std::string RedisProblem(const RedisOptions& options) {
  std::string problem;
  const SteadyTime deadline = std::chrono::steady_clock::now() + options.timeout;
  const auto connection = RedisConnection::Open(options, {}, deadline, &problem);
  if (connection != nullptr) {
    const RedisReply reply = connection->Run({"PING"}, deadline);
    if (reply.is(REDIS_REPLY_STATUS)) return "";
    problem = reply.lost() ? "the Redis server does not answer"
                           : "the Redis server refuses us: " + std::string(reply.text());
  }
  problem[0] = 'T';
  return problem + ".";
}

RedisStore::RedisStore(RedisOptions options)
    : client_(std::make_unique<RedisClient>(
          std::move(options), std::vector<const char*>{kLoad, kCommit, kBeginEpoch})) {}
RedisStore::~RedisStore() = default;

std::string RedisStore::KeyOf(const RecordKey& key) const {
  return client_->Named("r:").append(key.bytes());
}

Store::LoadResult RedisStore::Load(LoadBatch& batch) {
  const SteadyTime deadline = client_->Deadline();
  const RedisPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return {};
  std::vector<std::string> words = {client_->Named("epoch")};
  for (size_t i = 0; i < batch.size(); ++i) words.push_back(KeyOf(batch.key(i)));
  const RedisReply reply = connection->RunScript(kLoad, words.size(), words, deadline);
  if (reply.size() != words.size()) return {};
  const std::optional<uint64_t> epoch = NumberIn(reply.at(0));
  if (!epoch) return {};
  for (size_t i = 0; i < batch.size(); ++i) {
    if (!Read(reply.at(i + 1), i, &batch)) return {};
  }
  return {true, *epoch};
}

CommitOutcome RedisStore::Commit(const Changes& changes) {
  std::vector<std::string> words = {client_->Named("epoch"), client_->Named("revision")};
  for (const Write& write : changes.writes) words.push_back(KeyOf(*write.key));
  const size_t keys = words.size();
  for (const Write& write : changes.writes) {
    words.push_back(std::to_string(write.expected));
    words.push_back(write.record.empty() ? std::string() : Protect(*write.key, write.record));
  }
  const SteadyTime deadline = client_->Deadline();
  const RedisPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return CommitOutcome::kUnavailable;
  const RedisReply reply = connection->RunScript(kCommit, keys, words, deadline);
  if (reply.is(REDIS_REPLY_INTEGER)) {
    switch (reply.number()) {
      case 1: return CommitOutcome::kCommitted;
      case 0: return CommitOutcome::kConflict;
      case -1: return CommitOutcome::kUnavailable;
      default: return CommitOutcome::kUnknown;
    }
  }
  return IsSurelyNotApplied(reply) ? CommitOutcome::kUnavailable : CommitOutcome::kUnknown;
}

bool RedisStore::BeginEpoch(uint64_t epoch) { return SetEpoch(epoch, "0"); }
bool RedisStore::BeginFirstEpoch(uint64_t epoch) { return SetEpoch(epoch, "1"); }

bool RedisStore::SetEpoch(uint64_t epoch, const char* keep) {
  const SteadyTime deadline = client_->Deadline();
  const RedisPool::Lease connection = client_->pool.Take(deadline);
  return connection && connection
                               ->RunScript(kBeginEpoch, 2,
                                           {client_->Named("epoch"), client_->Named("revision"),
                                            std::to_string(epoch), keep},
                                           deadline)
                               .number() == 1;
}

}  // namespace otpcore
