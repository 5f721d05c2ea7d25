// SPDX-License-Identifier: Apache-2.0
#include "otpcore/redis/sessions.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "otpcore/adapters/session_digest.h"
#include "redis/connection.h"

namespace otpcore {
namespace {

// Clocks of hosts differ, and a time-to-live runs by the server's: the end is judged by
// `expires_at`, this only tidies up.
constexpr std::chrono::hours kKeptAfterEnd{24};

// KEYS: the session. ARGV: time to live, then names and values of its fields: o and m for
// Organization and Member, i for the session's id, e for the end, n for the metadata, a for the
// address that its e-mail factor proved, f0, f1 … for when a factor of that kind was shown.
constexpr char kAdd[] = R"(
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], unpack(ARGV, 2))
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  return 1)";

// KEYS: the session. ARGV: now, field of the factor, when it was shown, new end, time to live,
// address that was proved (empty: none), Organization and Member. 0: the session is gone or has
// ended.
constexpr char kExtend[] = R"(
  local known = redis.call('HMGET', KEYS[1], 'e', ARGV[2], 'm')
  if not known[1] or tonumber(known[1]) <= tonumber(ARGV[1]) then return 0 end
  if tonumber(known[2] or '0') < tonumber(ARGV[3]) then
    redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
  end
  if ARGV[6] ~= '' then redis.call('HSET', KEYS[1], 'a', ARGV[6]) end
  if known[3] == '' then redis.call('HSET', KEYS[1], 'o', ARGV[7], 'm', ARGV[8]) end
  if tonumber(known[1]) < tonumber(ARGV[4]) then
    redis.call('HSET', KEYS[1], 'e', ARGV[4])
    redis.call('PEXPIRE', KEYS[1], ARGV[5])
  end
  return 1)";

// KEYS: the session. ARGV: now. 0: it is gone or has ended.
constexpr char kConsume[] = R"(
  local known = redis.call('HGET', KEYS[1], 'e')
  if not known or tonumber(known) <= tonumber(ARGV[1]) then return 0 end
  return redis.call('DEL', KEYS[1]))";

// KEYS: the session. ARGV: now, the metadata as it was, the new one. 0: it is another one, or the
// session is gone or has ended.
constexpr char kSetMetadata[] = R"(
  local known = redis.call('HMGET', KEYS[1], 'e', 'n')
  if not known[1] or tonumber(known[1]) <= tonumber(ARGV[1]) then return 0 end
  if (known[2] or '') ~= ARGV[2] then return 0 end
  redis.call('HSET', KEYS[1], 'n', ARGV[3])
  return 1)";

std::string Text(int64_t number) { return std::to_string(number); }
std::string FieldOf(size_t kind) { return "f" + std::to_string(kind); }

std::optional<int64_t> NumberIn(const redisReply& reply) {
  int64_t number = 0;
  if (reply.type != REDIS_REPLY_STRING) return std::nullopt;
  const auto parsed = std::from_chars(reply.str, reply.str + reply.len, number);
  if (parsed.ec != std::errc() || parsed.ptr != reply.str + reply.len) return std::nullopt;
  return number;
}

// Empty for a field that is not there.
std::string_view TextIn(const redisReply& reply) {
  return reply.type == REDIS_REPLY_STRING ? std::string_view(reply.str, reply.len)
                                          : std::string_view();
}

}  // namespace

RedisSessions::RedisSessions(Clock& clock, RedisOptions options)
    : clock_(clock),
      client_(std::make_unique<RedisClient>(
          std::move(options), std::vector<const char*>{kAdd, kExtend, kConsume, kSetMetadata})) {}
RedisSessions::~RedisSessions() = default;

bool RedisSessions::Add(const SessionCredential& credential, const Session& session,
                        Instant expires_at, const std::string& metadata) {
  const SteadyTime deadline = client_->Deadline();
  const RedisPool::Lease connection = client_->pool.Take(deadline);
  const Duration kept = std::max(expires_at - clock_.Now(), Duration(0)) + kKeptAfterEnd;
  std::vector<std::string> words = {client_->Named("s:" + SessionDigest(credential)),
                                    Text(kept.count()),
                                    "o",
                                    session.organization_id.str(),
                                    "m",
                                    session.member_id.str(),
                                    "i",
                                    session.id.str(),
                                    "e",
                                    Text(expires_at.unix_millis()),
                                    "n",
                                    metadata,
                                    "a",
                                    session.email_address.str()};
  const std::vector<int64_t> factors = FactorTimesOf(session.factors);
  for (size_t kind = 0; kind < factors.size(); ++kind) {
    words.push_back(FieldOf(kind));
    words.push_back(Text(factors[kind]));
  }
  return connection && connection->RunScript(kAdd, 1, words, deadline).number() == 1;
}

std::optional<SessionInfo> RedisSessions::Get(const SessionCredential& credential) {
  const SteadyTime deadline = client_->Deadline();
  const RedisPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return std::nullopt;
  const RedisReply reply = connection->Run(
      {"HMGET", client_->Named("s:" + SessionDigest(credential)), "e", "n", "i"}, deadline);
  const std::optional<int64_t> end = reply.size() == 3 ? NumberIn(reply.at(0)) : std::nullopt;
  if (!end || clock_.Now().unix_millis() >= *end) return std::nullopt;
  return SessionInfo{std::string(TextIn(reply.at(2))), std::string(TextIn(reply.at(1))),
                     Instant::FromUnixMillis(*end)};
}

bool RedisSessions::CompareAndSetMetadata(const SessionCredential& credential,
                                          const std::string& was, const std::string& metadata) {
  const SteadyTime deadline = client_->Deadline();
  const RedisPool::Lease connection = client_->pool.Take(deadline);
  return connection && connection
                               ->RunScript(kSetMetadata, 1,
                                           {client_->Named("s:" + SessionDigest(credential)),
                                            Text(clock_.Now().unix_millis()), was, metadata},
                                           deadline)
                               .number() == 1;
}

SessionDirectory::FindResult RedisSessions::Find(const SessionCredential& credential) {
  FindResult result;
  const SteadyTime deadline = client_->Deadline();
  const RedisPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return result;
  std::vector<std::string> words = {
      "HMGET", client_->Named("s:" + SessionDigest(credential)), "o", "m", "e", "i", "a"};
  constexpr size_t kFirstFactor = 5;
  for (size_t kind = 0; kind < kFactorKindCount; ++kind) words.push_back(FieldOf(kind));
  const RedisReply reply = connection->Run(words, deadline);
  if (reply.size() != kFirstFactor + kFactorKindCount) return result;
  const redisReply& organization = reply.at(0);
  const redisReply& member = reply.at(1);
  if (organization.type == REDIS_REPLY_NIL) {
    result.ok = true;
    return result;
  }
  const std::optional<int64_t> end = NumberIn(reply.at(2));
  if (!end || organization.type != REDIS_REPLY_STRING || member.type != REDIS_REPLY_STRING)
    return result;
  result.ok = true;
  if (clock_.Now().unix_millis() >= *end) return result;
  Session session;
  session.organization_id = TextIn(organization);
  session.member_id = TextIn(member);
  session.id = TextIn(reply.at(3));
  session.email_address = TextIn(reply.at(4));  // not there: written before there was one
  for (size_t kind = 0; kind < kFactorKindCount; ++kind) {
    const redisReply& shown_at = reply.at(kFirstFactor + kind);
    if (shown_at.type == REDIS_REPLY_NIL) continue;  // written by a host that knew fewer kinds
    const std::optional<int64_t> time = NumberIn(shown_at);
    if (!time) return FindResult();
    AddFactor(kind, *time, &session.factors);
  }
  result.session = session;
  return result;
}

bool RedisSessions::Apply(const SessionEffect& effect) {
  if (effect.credential.value.empty()) return true;
  const SteadyTime deadline = client_->Deadline();
  const RedisPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return false;
  const std::string key = client_->Named("s:" + SessionDigest(effect.credential));
  const Instant now = clock_.Now();
  if (effect.kind != SessionEffect::Kind::kExtend)
    return connection->RunScript(kConsume, 1, {key, Text(now.unix_millis())}, deadline).number() ==
           1;
  const Instant end = now + effect.duration;
  const Duration kept = effect.duration + kKeptAfterEnd;
  return connection
             ->RunScript(
                 kExtend, 1,
                 {key, Text(now.unix_millis()), FieldOf(static_cast<size_t>(effect.proof.kind)),
                  Text(ShownAt(effect.proof)), Text(end.unix_millis()), Text(kept.count()),
                  EmailAddressOf(effect.proof), effect.organization_id.str(),
                  effect.member_id.str()},
                 deadline)
             .number() == 1;
}

}  // namespace otpcore
