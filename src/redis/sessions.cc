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

// A session is a hash: o and m for Organization and Member, i for the session's id, e for the end,
// n for the metadata, a for the address that its e-mail factor proved, f0, f1 … for when a factor
// of that kind was shown. Beside it stand two ways to it, which live as long: "i:" and the id, and
// "m:" and the Member's id, a set of digests; one of no Member has only the first. Scripts find
// their keys in the session; all keys of one hash tag lie on one server.

// KEYS: the session, the way by id, the way by Member. ARGV: time to live, digest, the Member, then
// names and values of fields.
constexpr char kAdd[] = R"(
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], unpack(ARGV, 4))
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[1])
  if ARGV[3] == '' then return 1 end
  redis.call('SADD', KEYS[3], ARGV[2])
  if redis.call('PTTL', KEYS[3]) < tonumber(ARGV[1]) then
    redis.call('PEXPIRE', KEYS[3], ARGV[1])
  end
  return 1)";

// KEYS: the session. ARGV: now, field of the factor, when it was shown, new end, time to live, what
// keys begin with, its digest, address that was proved (empty: none), Organization and Member. 0:
// the session is gone or has ended.
constexpr char kExtend[] = R"(
  local known = redis.call('HMGET', KEYS[1], 'e', ARGV[2], 'i', 'm')
  if not known[1] or tonumber(known[1]) <= tonumber(ARGV[1]) then return 0 end
  if tonumber(known[2] or '0') < tonumber(ARGV[3]) then
    redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
  end
  if ARGV[8] ~= '' then redis.call('HSET', KEYS[1], 'a', ARGV[8]) end
  if tonumber(known[1]) < tonumber(ARGV[4]) then
    redis.call('HSET', KEYS[1], 'e', ARGV[4])
    redis.call('PEXPIRE', KEYS[1], ARGV[5])
    redis.call('PEXPIRE', ARGV[6] .. 'i:' .. (known[3] or ''), ARGV[5])
  end
  local member = known[4] or ''
  if member == '' then
    member = ARGV[10]
    redis.call('HSET', KEYS[1], 'o', ARGV[9], 'm', member)
    redis.call('SADD', ARGV[6] .. 'm:' .. member, ARGV[7])
  end
  local kept = redis.call('PTTL', KEYS[1])
  if redis.call('PTTL', ARGV[6] .. 'm:' .. member) < kept then
    redis.call('PEXPIRE', ARGV[6] .. 'm:' .. member, kept)
  end
  return 1)";

// KEYS: the session. ARGV: now, its digest, what keys begin with. 0: it is gone or has ended.
constexpr char kConsume[] = R"(
  local known = redis.call('HMGET', KEYS[1], 'e', 'i', 'm')
  if not known[1] or tonumber(known[1]) <= tonumber(ARGV[1]) then return 0 end
  local id = ARGV[3] .. 'i:' .. (known[2] or '')
  if redis.call('GET', id) == ARGV[2] then redis.call('DEL', id) end
  redis.call('SREM', ARGV[3] .. 'm:' .. (known[3] or ''), ARGV[2])
  return redis.call('DEL', KEYS[1]))";

// KEYS: the way by Member. ARGV: what keys begin with, then names of fields. Forgets what is gone.
constexpr char kListOf[] = R"(
  local rows = {}
  for _, digest in ipairs(redis.call('SMEMBERS', KEYS[1])) do
    local row = redis.call('HMGET', ARGV[1] .. 's:' .. digest, unpack(ARGV, 2))
    if row[1] then rows[#rows + 1] = row else redis.call('SREM', KEYS[1], digest) end
  end
  return rows)";

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

std::vector<std::string> FieldsOfSession() {
  std::vector<std::string> fields = {"o", "m", "e", "i", "n", "a"};
  for (size_t kind = 0; kind < kFactorKindCount; ++kind) fields.push_back(FieldOf(kind));
  return fields;
}

// Of the values of FieldsOfSession; `value(i)` is the one at i. Nothing: they make no session.
template <typename ValueOf>
std::optional<SessionInfo> InfoIn(const ValueOf& value) {
  constexpr size_t kFirstFactor = 6;
  const redisReply& organization = value(0);
  const redisReply& member = value(1);
  const std::optional<int64_t> end = NumberIn(value(2));
  if (!end || organization.type != REDIS_REPLY_STRING || member.type != REDIS_REPLY_STRING)
    return std::nullopt;
  SessionInfo info;
  info.session.organization_id = TextIn(organization);
  info.session.member_id = TextIn(member);
  info.expires_at = Instant::FromUnixMillis(*end);
  info.session.id = TextIn(value(3));
  info.metadata = TextIn(value(4));
  info.session.email_address = TextIn(value(5));  // not there: written before there was one
  for (size_t kind = 0; kind < kFactorKindCount; ++kind) {
    const redisReply& shown_at = value(kFirstFactor + kind);
    if (shown_at.type == REDIS_REPLY_NIL) continue;  // written by a host that knew fewer kinds
    const std::optional<int64_t> time = NumberIn(shown_at);
    if (!time) return std::nullopt;
    AddFactor(kind, *time, &info.session.factors);
  }
  return info;
}

// The digest that names the session; empty when no session has the id. Nothing: no answer came.
std::optional<std::string> DigestOf(RedisConnection& connection, const RedisClient& client,
                                    const SessionCredential& credential, SteadyTime deadline) {
  if (credential.kind != SessionCredential::Kind::kSessionId) return SessionDigest(credential);
  if (credential.value.empty()) return std::string();
  const RedisReply reply =
      connection.Run({"GET", client.Named("i:" + std::string(credential.value))}, deadline);
  if (reply.is(REDIS_REPLY_NIL)) return std::string();
  if (!reply.is(REDIS_REPLY_STRING)) return std::nullopt;
  return std::string(reply.text());
}

// False: no answer came, or one that makes no session.
bool ReadOne(RedisClient& client, const SessionCredential& credential, Instant now,
             std::optional<SessionInfo>* info) {
  const SteadyTime deadline = client.Deadline();
  const RedisPool::Lease connection = client.pool.Take(deadline);
  if (!connection) return false;
  const std::optional<std::string> digest = DigestOf(*connection, client, credential, deadline);
  if (!digest) return false;
  std::vector<std::string> words = {"HMGET", client.Named("s:" + *digest)};
  const std::vector<std::string> fields = FieldsOfSession();
  words.insert(words.end(), fields.begin(), fields.end());
  const RedisReply reply = connection->Run(words, deadline);
  if (reply.size() != fields.size()) return false;
  if (reply.at(0).type == REDIS_REPLY_NIL) return true;
  *info = InfoIn([&](size_t i) -> const redisReply& { return reply.at(i); });
  if (!*info) return false;
  if (now >= (*info)->expires_at) info->reset();
  return true;
}

}  // namespace

RedisSessions::RedisSessions(Clock& clock, RedisOptions options)
    : clock_(clock),
      client_(std::make_unique<RedisClient>(
          std::move(options),
          std::vector<const char*>{kAdd, kExtend, kConsume, kListOf, kSetMetadata})) {}
RedisSessions::~RedisSessions() = default;

bool RedisSessions::Add(const SessionCredential& credential, const Session& session,
                        Instant expires_at, const std::string& metadata) {
  const SteadyTime deadline = client_->Deadline();
  const RedisPool::Lease connection = client_->pool.Take(deadline);
  const Duration kept = std::max(expires_at - clock_.Now(), Duration(0)) + kKeptAfterEnd;
  const std::string digest = SessionDigest(credential);
  std::vector<std::string> words = {client_->Named("s:" + digest),
                                    client_->Named("i:" + session.id.str()),
                                    client_->Named("m:" + session.member_id.str()),
                                    Text(kept.count()),
                                    digest,
                                    session.member_id.str(),
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
  return connection && connection->RunScript(kAdd, 3, words, deadline).number() == 1;
}

std::optional<SessionInfo> RedisSessions::Get(const SessionCredential& credential) {
  std::optional<SessionInfo> info;
  return ReadOne(*client_, credential, clock_.Now(), &info) ? info : std::nullopt;
}

bool RedisSessions::CompareAndSetMetadata(const SessionCredential& credential,
                                          const std::string& was, const std::string& metadata) {
  const SteadyTime deadline = client_->Deadline();
  const RedisPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return false;
  const auto digest = DigestOf(*connection, *client_, credential, deadline);
  return digest && connection
                           ->RunScript(kSetMetadata, 1,
                                       {client_->Named("s:" + *digest),
                                        Text(clock_.Now().unix_millis()), was, metadata},
                                       deadline)
                           .number() == 1;
}

bool RedisSessions::Remove(const SessionCredential& credential) {
  const SteadyTime deadline = client_->Deadline();
  const RedisPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return false;
  const auto digest = DigestOf(*connection, *client_, credential, deadline);
  return digest &&
         connection
                 ->RunScript(kConsume, 1,
                             {client_->Named("s:" + *digest), Text(clock_.Now().unix_millis()),
                              *digest, client_->Named("")},
                             deadline)
                 .number() == 1;
}

std::optional<std::vector<SessionInfo>> RedisSessions::ListOf(const EntityId& member_id) {
  const SteadyTime deadline = client_->Deadline();
  const RedisPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return std::nullopt;
  std::vector<std::string> words = {client_->Named("m:" + member_id.str()), client_->Named("")};
  const std::vector<std::string> fields = FieldsOfSession();
  words.insert(words.end(), fields.begin(), fields.end());
  const RedisReply reply = connection->RunScript(kListOf, 1, words, deadline);
  if (!reply.is(REDIS_REPLY_ARRAY)) return std::nullopt;
  std::vector<SessionInfo> listed;
  const Instant now = clock_.Now();
  for (size_t row = 0; row < reply.size(); ++row) {
    const redisReply& values = reply.at(row);
    if (values.elements != fields.size()) return std::nullopt;
    std::optional<SessionInfo> info =
        InfoIn([&](size_t i) -> const redisReply& { return *values.element[i]; });
    if (!info) return std::nullopt;
    if (now < info->expires_at) listed.push_back(*std::move(info));
  }
  return listed;
}

SessionDirectory::FindResult RedisSessions::Find(const SessionCredential& credential) {
  FindResult result;
  std::optional<SessionInfo> info;
  result.ok = ReadOne(*client_, credential, clock_.Now(), &info);
  if (info) result.session = info->session;
  return result;
}

bool RedisSessions::Apply(const SessionEffect& effect) {
  if (effect.credential.value.empty()) return true;
  const SteadyTime deadline = client_->Deadline();
  const RedisPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return false;
  const auto digest = DigestOf(*connection, *client_, effect.credential, deadline);
  if (!digest) return false;
  const std::string key = client_->Named("s:" + *digest);
  const Instant now = clock_.Now();
  if (effect.kind != SessionEffect::Kind::kExtend) {
    return connection
               ->RunScript(kConsume, 1, {key, Text(now.unix_millis()), *digest, client_->Named("")},
                           deadline)
               .number() == 1;
  }
  const Instant end = now + effect.duration;
  const Duration kept = effect.duration + kKeptAfterEnd;
  return connection
             ->RunScript(
                 kExtend, 1,
                 {key, Text(now.unix_millis()), FieldOf(static_cast<size_t>(effect.proof.kind)),
                  Text(ShownAt(effect.proof)), Text(end.unix_millis()), Text(kept.count()),
                  client_->Named(""), *digest, EmailAddressOf(effect.proof),
                  effect.organization_id.str(), effect.member_id.str()},
                 deadline)
             .number() == 1;
}

}  // namespace otpcore
