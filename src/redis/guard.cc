// SPDX-License-Identifier: Apache-2.0
#include "otpcore/redis/guard.h"

#include <utility>

#include "otpcore/adapters/guard_buckets.h"
#include "redis/connection.h"

namespace otpcore {
namespace {

// KEYS: the admission, the one whose passcode this send replaces, the passcodes of the conversion
// quota, its proved Members, then per other quota its sends. ARGV: admission, for how many
// milliseconds it, its sends and its passcode are remembered; of the conversion quota "1" where it
// is asked for, least percentage, least number ended, window, life, Member, number; then per other
// quota: max, window.
// The admission is a hash: kind, retry_after, the sets it was counted in, and its passcode. That is
// an element of a set by its end: the admission and the Member. Of a refusal nothing is kept: a
// flood of them would fill the server.
constexpr char kAdmit[] = R"(
  local known = redis.call('HMGET', KEYS[1], 'kind', 'retry_after')
  if known[1] then return {tonumber(known[1]), tonumber(known[2])} end
  local time = redis.call('TIME')
  local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  local kind, retry_after = 0, 0
  for quota = 1, #KEYS - 4 do
    local sends, i = KEYS[quota + 4], 2 * quota + 10
    local max, window = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
    redis.call('ZREMRANGEBYSCORE', sends, '-inf', now - window)
    if redis.call('ZCARD', sends) >= max then
      local oldest = max > 0 and redis.call('ZRANGE', sends, -max, -max, 'WITHSCORES')[2]
      retry_after = math.max(retry_after, oldest and oldest + window - now or window)
      kind = 1
    end
  end
  local converts, passcodes, proved = ARGV[5] == '1', KEYS[3], KEYS[4]
  local percent, least, window = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
  if converts then
    redis.call('ZREMRANGEBYSCORE', passcodes, '-inf', now - window)
    redis.call('ZREMRANGEBYSCORE', proved, '-inf', now - window)
  end
  if converts and percent > 0 then
    -- So many ended ones refuse. A Member counts at most twice among them.
    local enough = math.max(least, math.floor(redis.call('ZCARD', proved) * 100 / percent) + 1)
    local ended, seen, of = 0, 0, {}
    if redis.call('ZCOUNT', passcodes, '-inf', now) >= enough then
      repeat
        local some = redis.call('ZREVRANGEBYSCORE', passcodes, now, '-inf', 'LIMIT', seen, 1000)
        for _, passcode in ipairs(some) do
          local member = string.sub(passcode, 17)
          of[member] = (of[member] or 0) + 1
          if of[member] <= 2 then ended = ended + 1 end
        end
        seen = seen + #some
      until ended >= enough or #some < 1000
    end
    if ended >= enough then
      if kind == 0 then kind = 2 end  -- until the first one leaves, as far as anybody can say
      local first = redis.call('ZRANGE', passcodes, 0, 0, 'WITHSCORES')[2]
      retry_after = math.max(retry_after, first + window - now)
    end
  end
  if kind > 0 then return {kind, retry_after} end
  redis.call('HSET', KEYS[1], 'kind', 0, 'retry_after', 0)
  for i = 5, #KEYS do
    redis.call('ZADD', KEYS[i], now, ARGV[1])
    redis.call('PEXPIRE', KEYS[i], ARGV[3])
    redis.call('HSET', KEYS[1], 'set' .. i, KEYS[i])
  end
  if converts then
    local passcode = ARGV[1] .. ARGV[10]
    redis.call('ZADD', passcodes, now + tonumber(ARGV[9]), passcode)
    redis.call('PEXPIRE', passcodes, ARGV[4])
    redis.call('HSET', KEYS[1], 'passcodes', passcodes, 'passcode', passcode,
               'member', ARGV[10], 'number', ARGV[11])
    local replaced = redis.call('HMGET', KEYS[2], 'passcodes', 'passcode')
    local ends = replaced[1] and redis.call('ZSCORE', replaced[1], replaced[2])
    if ends and tonumber(ends) > now then redis.call('ZADD', replaced[1], now, replaced[2]) end
  end
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return {0, 0})";

// KEYS: the admission. ARGV: admission, milliseconds to remember. The sets are in the same slot as
// the admission. It may still be on the way, perhaps once more, from a host that heard no answer:
// until the end of that time, from the first return, it is one too many and takes nothing.
constexpr char kReturn[] = R"(
  if redis.call('HGET', KEYS[1], 'kind') == '1' then return 0 end
  local admission = redis.call('HGETALL', KEYS[1])
  local of = {}
  for i = 1, #admission, 2 do
    of[admission[i]] = admission[i + 1]
    if string.sub(admission[i], 1, 3) == 'set' then
      redis.call('ZREM', admission[i + 1], ARGV[1])
    end
  end
  if of.passcodes then
    redis.call('ZREM', of.passcodes, of.passcode)
    if of.proved then
      redis.call('ZREM', of.passcodes .. ':members', of.member)
      redis.call('ZREM', of.passcodes .. ':numbers', of.number)
    end
  end
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'kind', 1, 'retry_after', ARGV[2])
  return redis.call('PEXPIRE', KEYS[1], ARGV[2]))";

// KEYS: the admission. ARGV: "1" where its passcode verified the number, window, milliseconds to
// remember. A proof counts unless one of the same Member or number does. What is proved is
// remembered by Member and by number, by the end of its passcode.
constexpr char kEnd[] = R"(
  local known = redis.call('HMGET', KEYS[1], 'passcodes', 'passcode', 'member', 'number')
  local passcodes = known[1]
  local ends = passcodes and redis.call('ZSCORE', passcodes, known[2])
  if not ends then return 0 end
  local time = redis.call('TIME')
  local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  ends = math.min(tonumber(ends), now)
  redis.call('ZADD', passcodes, ends, known[2])
  if ARGV[1] ~= '1' then return 0 end
  local members, numbers = passcodes .. ':members', passcodes .. ':numbers'
  for _, proved in ipairs({members, numbers}) do
    redis.call('ZREMRANGEBYSCORE', proved, '-inf', now - tonumber(ARGV[2]))
  end
  if redis.call('ZSCORE', members, known[3]) or redis.call('ZSCORE', numbers, known[4]) then
    return 0
  end
  redis.call('ZADD', members, ends, known[3])
  redis.call('ZADD', numbers, ends, known[4])
  redis.call('PEXPIRE', members, ARGV[3])
  redis.call('PEXPIRE', numbers, ARGV[3])
  redis.call('HSET', KEYS[1], 'proved', 1)
  return 1)";

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

RedisGuard::RedisGuard(RedisOptions options, int spraying_failures)
    : spraying_failures_(spraying_failures),
      client_(std::make_unique<RedisClient>(
          std::move(options), std::vector<const char*>{kAdmit, kReturn, kEnd, kFailure})) {}
RedisGuard::~RedisGuard() = default;

Admission RedisGuard::Admit(const AdmissionId& id, const Quotas& quotas) {
  const Quota* const asked = ConversionOf(quotas);
  const Quota conversion = asked != nullptr ? *asked : Quota();
  const std::string passcodes = client_->Named("g:" + BucketOf(conversion));
  std::vector<std::string> words = {client_->Named("a:" + BytesOf(id)),
                                    client_->Named("a:" + BytesOf(conversion.replaces)), passcodes,
                                    passcodes + ":members"};
  for (const Quota& quota : quotas) {
    if (quota.subject != Quota::Subject::kConversion)
      words.push_back(client_->Named("g:" + BucketOf(quota)));
  }
  const size_t keys = words.size();
  words.push_back(BytesOf(id));
  words.push_back(Millis(kAdmissionKept));
  words.push_back(Millis(kLongestWindow));
  words.push_back(Millis(kLongestWindow + conversion.life));
  words.emplace_back(asked != nullptr ? "1" : "0");
  words.push_back(std::to_string(conversion.max));
  words.push_back(std::to_string(conversion.min_ended));
  words.push_back(Millis(conversion.window));
  words.push_back(Millis(conversion.life));
  words.push_back(std::string(conversion.member_id.packed()));
  words.push_back(conversion.address.str());
  for (const Quota& quota : quotas) {
    if (quota.subject == Quota::Subject::kConversion) continue;
    words.push_back(std::to_string(quota.max));
    words.push_back(Millis(quota.window));
  }
  const SteadyTime deadline = client_->Deadline();
  const RedisPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return {Admission::Kind::kUnreachable, Duration(0)};
  const RedisReply reply = connection->RunScript(kAdmit, keys, words, deadline);
  if (reply.size() != 2 || reply.at(0).type != REDIS_REPLY_INTEGER || reply.at(0).integer < 0 ||
      reply.at(0).integer > 3)
    return {Admission::Kind::kUnreachable, Duration(0)};
  return {static_cast<Admission::Kind>(reply.at(0).integer), Duration(reply.at(1).integer)};
}

void RedisGuard::Settle(const AdmissionId& id, Settlement settlement) {
  if (settlement != Settlement::kReturned) return;
  const SteadyTime deadline = client_->Deadline();
  const RedisPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return;  // the sends stay counted until they leave their windows
  const std::string admission = BytesOf(id);
  connection->RunScript(
      kReturn, 1, {client_->Named("a:" + admission), admission, Millis(kReturnKept)}, deadline);
}

void RedisGuard::Observe(EventList* events) {
  const PasscodeEnd end = PasscodeEndOf(*events);
  if (!end.challenge_id.empty()) {
    const SteadyTime deadline = client_->Deadline();
    const RedisPool::Lease connection = client_->pool.Take(deadline);
    if (!connection) return;  // it ends with its life, and proves nothing
    connection->RunScript(kEnd, 1,
                          {client_->Named("a:" + BytesOf(end.challenge_id)), end.proved ? "1" : "0",
                           Millis(kLongestWindow), Millis(kLongestWindow)},
                          deadline);
  }
  for (const Event& event : EventList(*events)) {
    if (event.kind == EventKind::kFailure) ObserveFailure(events, event.at);
  }
}

void RedisGuard::ObserveFailure(EventList* events, Instant at) {
  const SteadyTime deadline = client_->Deadline();
  const RedisPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return;
  const RedisReply raised = connection->RunScript(
      kFailure, 2,
      {client_->Named("g:" + FailuresBucketOf(events->organization_id)),
       client_->Named("g:" + SprayingBucketOf(events->organization_id)), events->member_id.str(),
       std::to_string(spraying_failures_), Millis(std::chrono::hours(1))},
      deadline);
  if (raised.number() != 1) return;
  Event event;
  event.kind = EventKind::kSpraying;
  event.at = at;
  events->Add(event);
}

}  // namespace otpcore
