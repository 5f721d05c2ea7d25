// SPDX-License-Identifier: Apache-2.0
#include "redis_guard.h"

#include <utility>

#include "guard_buckets.h"

namespace otpcore::examples {
namespace {

// KEYS: the admission, then per quota its sends and its verified numbers. ARGV: admission, for how
// many milliseconds it and its sends are remembered, passcode life, then per quota: "c" for a
// conversion quota or "n", max, least number ended, window.
// The admission is a hash: kind, retry_after, and the sets it was counted in. Of a refusal nothing
// is kept: a flood of them would fill the server.
constexpr char kAdmit[] = R"(
  local known = redis.call('HMGET', KEYS[1], 'kind', 'retry_after')
  if known[1] then return {tonumber(known[1]), tonumber(known[2])} end
  local time = redis.call('TIME')
  local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  local kind, retry_after, counted = 0, 0, {}
  for quota = 1, (#KEYS - 1) / 2 do
    local sends, verified, i = KEYS[2 * quota], KEYS[2 * quota + 1], 4 * quota + 1
    local max, least, window = tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3])
    redis.call('ZREMRANGEBYSCORE', sends, '-inf', now - window)
    if ARGV[i] == 'c' then
      redis.call('ZREMRANGEBYSCORE', verified, '-inf', now - window)
      local ended = redis.call('ZCOUNT', sends, '-inf', now - tonumber(ARGV[4]))
      if ended >= least and redis.call('ZCARD', verified) * 100 < ended * max then
        kind = 2  -- until the oldest send leaves, as far as anybody can say
        local oldest = redis.call('ZRANGE', sends, 0, 0, 'WITHSCORES')[2]
        retry_after = math.max(retry_after, oldest + window - now)
      end
    elseif redis.call('ZCARD', sends) >= max then
      local oldest = max > 0 and redis.call('ZRANGE', sends, -max, -max, 'WITHSCORES')[2]
      retry_after = math.max(retry_after, oldest and oldest + window - now or window)
      if kind == 0 then kind = 1 end
    end
    counted[#counted + 1] = sends
  end
  if kind > 0 then return {kind, retry_after} end
  redis.call('HSET', KEYS[1], 'kind', 0, 'retry_after', 0)
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  for i, sends in ipairs(counted) do
    redis.call('ZADD', sends, now, ARGV[1])
    redis.call('PEXPIRE', sends, ARGV[3])
    redis.call('HSET', KEYS[1], 'set' .. i, sends)
  end
  return {0, 0})";

// KEYS: the admission. ARGV: admission, milliseconds to remember. The sets are in the same slot as
// the admission. It may still be on the way, perhaps once more, from a host that heard no answer:
// until the end of that time, from the first return, it is one too many and takes nothing.
constexpr char kReturn[] = R"(
  if redis.call('HGET', KEYS[1], 'kind') == '1' then return 0 end
  local admission = redis.call('HGETALL', KEYS[1])
  for i = 1, #admission, 2 do
    if string.sub(admission[i], 1, 3) == 'set' then
      redis.call('ZREM', admission[i + 1], ARGV[1])
    end
  end
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'kind', 1, 'retry_after', ARGV[2])
  return redis.call('PEXPIRE', KEYS[1], ARGV[2]))";

// KEYS: the verified numbers. ARGV: member, milliseconds to remember.
constexpr char kVerified[] = R"(
  local time = redis.call('TIME')
  redis.call('ZADD', KEYS[1], tonumber(time[1]) * 1000, ARGV[1] .. ':' .. time[1] .. time[2])
  return redis.call('PEXPIRE', KEYS[1], ARGV[2]))";

// KEYS: the failures, the mark that the event was raised. ARGV: member, limit, window. 1: it is to
// be raised now. A set has no more elements than the limit and one.
constexpr char kFailure[] = R"(
  local time = redis.call('TIME')
  local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[3]))
  redis.call('ZADD', KEYS[1], now, ARGV[1] .. ':' .. time[1] .. time[2])
  redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -tonumber(ARGV[2]) - 2)
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  if redis.call('ZCARD', KEYS[1]) <= tonumber(ARGV[2]) then return 0 end
  return redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[3]) and 1 or 0)";

std::string Millis(Duration duration) { return std::to_string(duration.count()); }

}  // namespace

RedisGuard::RedisGuard(RedisServer server, int spraying_failures)
    : server_(std::move(server)),
      spraying_failures_(spraying_failures),
      pool_(server_.connections_max, [this](SteadyTime deadline) {
        return RedisConnection::Open(server_, {kAdmit, kReturn, kVerified, kFailure}, deadline);
      }) {}

Admission RedisGuard::Admit(const AdmissionId& id, const Quotas& quotas) {
  std::vector<std::string> words = {Named("a:" + BytesOf(id))};
  for (const Quota& quota : quotas) {
    words.push_back(Named("g:" + BucketOf(quota)));
    words.push_back(Named("g:" + VerifiedBucketOf(quota.organization_id, quota.region)));
  }
  const size_t keys = words.size();
  words.push_back(BytesOf(id));
  words.push_back(Millis(kAdmissionKept));
  words.push_back(Millis(kLongestWindow));
  words.push_back(Millis(LifeIn(quotas)));
  for (const Quota& quota : quotas) {
    words.emplace_back(quota.subject == Quota::Subject::kConversion ? "c" : "n");
    words.push_back(std::to_string(quota.max));
    words.push_back(std::to_string(quota.min_ended));
    words.push_back(Millis(quota.window));
  }
  const SteadyTime deadline = Deadline();
  const RedisPool::Lease connection = pool_.Take(deadline);
  if (!connection) return {Admission::Kind::kUnreachable, Duration(0)};
  const RedisReply reply = connection->RunScript(kAdmit, keys, words, deadline);
  if (reply.size() != 2 || reply.at(0).type != REDIS_REPLY_INTEGER || reply.at(0).integer < 0 ||
      reply.at(0).integer > 3)
    return {Admission::Kind::kUnreachable, Duration(0)};
  return {static_cast<Admission::Kind>(reply.at(0).integer), Duration(reply.at(1).integer)};
}

void RedisGuard::Settle(const AdmissionId& id, Settlement settlement) {
  if (settlement != Settlement::kReturned) return;
  const SteadyTime deadline = Deadline();
  const RedisPool::Lease connection = pool_.Take(deadline);
  if (!connection) return;  // the sends stay counted until they leave their windows
  const std::string admission = BytesOf(id);
  connection->RunScript(kReturn, 1, {Named("a:" + admission), admission, Millis(kReturnKept)},
                        deadline);
}

void RedisGuard::Observe(EventList* events) {
  const bool proved = events->Has(EventKind::kAuthenticated);
  for (const Event& event : EventList(*events)) {
    if (event.kind == EventKind::kFailure) ObserveFailure(events, event.at);
    if (event.kind != EventKind::kNumberVerified || !proved) continue;  // imported: no conversion
    const SteadyTime deadline = Deadline();
    const RedisPool::Lease connection = pool_.Take(deadline);
    if (!connection) return;
    connection->RunScript(kVerified, 1,
                          {Named("g:" + VerifiedBucketOf(events->organization_id, event.region)),
                           events->member_id.str(), Millis(kLongestWindow)},
                          deadline);
  }
}

void RedisGuard::ObserveFailure(EventList* events, Instant at) {
  const SteadyTime deadline = Deadline();
  const RedisPool::Lease connection = pool_.Take(deadline);
  if (!connection) return;
  const RedisReply raised = connection->RunScript(
      kFailure, 2,
      {Named("g:" + FailuresBucketOf(events->organization_id)),
       Named("g:" + SprayingBucketOf(events->organization_id)), events->member_id.str(),
       std::to_string(spraying_failures_), Millis(std::chrono::hours(1))},
      deadline);
  if (raised.number() != 1) return;
  Event event;
  event.kind = EventKind::kSpraying;
  event.at = at;
  events->Add(event);
}

}  // namespace otpcore::examples
