// SPDX-License-Identifier: Apache-2.0
#include "otpcore/postgres/sessions.h"

#include <utility>

#include "otpcore/adapters/session_digest.h"
#include "postgres/connection.h"

namespace otpcore {
namespace {

// Clocks of hosts differ, and one that is wrong must not remove what lives for the others.
constexpr std::chrono::hours kKeptAfterEnd{24};

constexpr char kAdd[] =
    "WITH ended AS (DELETE FROM otpcore_sessions WHERE token IN (SELECT token FROM "
    "otpcore_sessions WHERE expires_at_ms < $6 ORDER BY expires_at_ms LIMIT 4 "
    "FOR UPDATE SKIP LOCKED)) "
    "INSERT INTO otpcore_sessions (token, organization_id, member_id, factors, expires_at_ms, "
    "metadata, session_id) VALUES ($1, $2, $3, $4, $5, $7, $8)";

// Arrays start from 1, and are as long as the latest kind of factor that was set.
constexpr char kExtend[] =
    "UPDATE otpcore_sessions SET "
    "factors[$2::bigint + 1] = greatest(factors[$2::bigint + 1], $3::bigint), "
    "expires_at_ms = greatest(expires_at_ms, $4::bigint) WHERE token = $1 AND expires_at_ms > $5";

#define OTPCORE_SELECT_SESSION                                                           \
  "SELECT organization_id, member_id, expires_at_ms, session_id, metadata, factors[1], " \
  "factors[2], factors[3], factors[4], factors[5] FROM otpcore_sessions WHERE "
constexpr char kOfToken[] = OTPCORE_SELECT_SESSION "token = $1";
constexpr char kOfId[] =
    OTPCORE_SELECT_SESSION "session_id = $1 ORDER BY expires_at_ms DESC LIMIT 1";
constexpr char kOfMember[] = OTPCORE_SELECT_SESSION "member_id = $1 AND expires_at_ms > $2";
#undef OTPCORE_SELECT_SESSION
constexpr int kFirstFactorColumn = 5;
static_assert(kFactorKindCount == 5, "they must name them all");

constexpr char kTokenOf[] =
    "SELECT token FROM otpcore_sessions WHERE session_id = $1 ORDER BY expires_at_ms DESC LIMIT 1";

constexpr char kConsume[] = "DELETE FROM otpcore_sessions WHERE token = $1 AND expires_at_ms > $2";

constexpr char kSetMetadata[] =
    "UPDATE otpcore_sessions SET metadata = $3 WHERE token = $1 AND metadata = $2 AND "
    "expires_at_ms > $4";

SessionInfo InfoIn(const PgResult& result, int row) {
  SessionInfo info;
  info.session.organization_id = result.bytes(row, 0);
  info.session.member_id = result.bytes(row, 1);
  info.expires_at = Instant::FromUnixMillis(result.number(row, 2));
  info.session.id = result.bytes(row, 3);
  info.metadata = result.bytes(row, 4);
  for (size_t kind = 0; kind < kFactorKindCount; ++kind) {
    AddFactor(kind, result.number(row, kFirstFactorColumn + static_cast<int>(kind)),
              &info.session.factors);
  }
  return info;
}

// Under which name its row is; empty, as no row's, when there is none or no answer came.
std::string TokenOf(PgConnection& connection, const SessionCredential& credential,
                    SteadyTime deadline) {
  if (credential.kind != SessionCredential::Kind::kSessionId) return SessionDigest(credential);
  if (credential.value.empty()) return {};
  const PgResult row = connection.Call(kTokenOf, {std::string(credential.value)}, deadline);
  return row.ok() && row.rows() == 1 ? std::string(row.bytes(0, 0)) : std::string();
}

// False: no answer came. No session has an empty id.
bool ReadOne(PgClient& client, const SessionCredential& credential, Instant now,
             std::optional<SessionInfo>* info) {
  const bool by_id = credential.kind == SessionCredential::Kind::kSessionId;
  if (by_id && credential.value.empty()) return true;
  const SteadyTime deadline = client.Deadline();
  const PgPool::Lease connection = client.pool.Take(deadline);
  if (!connection) return false;
  const PgResult row = connection->Call(
      by_id ? kOfId : kOfToken, {by_id ? std::string(credential.value) : SessionDigest(credential)},
      deadline);
  if (!row.ok()) return false;
  if (row.rows() == 1) *info = InfoIn(row, 0);
  if (*info && now >= (*info)->expires_at) info->reset();
  return true;
}

}  // namespace

PostgresSessions::PostgresSessions(Clock& clock, PostgresOptions options)
    : clock_(clock), client_(std::make_unique<PgClient>(std::move(options))) {}
PostgresSessions::~PostgresSessions() = default;

bool PostgresSessions::Add(const SessionCredential& credential, const Session& session,
                           Instant expires_at, const std::string& metadata) {
  const SteadyTime deadline = client_->Deadline();
  const PgPool::Lease connection = client_->pool.Take(deadline);
  const Instant old = clock_.Now() - kKeptAfterEnd;
  return connection && connection
                           ->Call(kAdd,
                                  {SessionDigest(credential), session.organization_id.str(),
                                   session.member_id.str(), FactorTimesOf(session.factors),
                                   int64_t{expires_at.unix_millis()}, int64_t{old.unix_millis()},
                                   metadata, session.id.str()},
                                  deadline)
                           .ok();
}

std::optional<SessionInfo> PostgresSessions::Get(const SessionCredential& credential) {
  std::optional<SessionInfo> info;
  return ReadOne(*client_, credential, clock_.Now(), &info) ? info : std::nullopt;
}

bool PostgresSessions::CompareAndSetMetadata(const SessionCredential& credential,
                                             const std::string& was, const std::string& metadata) {
  const SteadyTime deadline = client_->Deadline();
  const PgPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return false;
  const PgResult done = connection->Call(kSetMetadata,
                                         {TokenOf(*connection, credential, deadline), was, metadata,
                                          int64_t{clock_.Now().unix_millis()}},
                                         deadline);
  return done.ok() && done.affected() == 1;
}

bool PostgresSessions::Remove(const SessionCredential& credential) {
  const SteadyTime deadline = client_->Deadline();
  const PgPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return false;
  const PgResult done = connection->Call(
      kConsume, {TokenOf(*connection, credential, deadline), int64_t{clock_.Now().unix_millis()}},
      deadline);
  return done.ok() && done.affected() == 1;
}

std::optional<std::vector<SessionInfo>> PostgresSessions::ListOf(const EntityId& member_id) {
  const SteadyTime deadline = client_->Deadline();
  const PgPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return std::nullopt;
  const PgResult rows =
      connection->Call(kOfMember, {member_id.str(), int64_t{clock_.Now().unix_millis()}}, deadline);
  if (!rows.ok()) return std::nullopt;
  std::vector<SessionInfo> listed;
  listed.reserve(static_cast<size_t>(rows.rows()));
  for (int row = 0; row < rows.rows(); ++row) listed.push_back(InfoIn(rows, row));
  return listed;
}

SessionDirectory::FindResult PostgresSessions::Find(const SessionCredential& credential) {
  FindResult result;
  std::optional<SessionInfo> info;
  result.ok = ReadOne(*client_, credential, clock_.Now(), &info);
  if (info) result.session = info->session;
  return result;
}

bool PostgresSessions::Apply(const SessionEffect& effect) {
  using Kind = SessionEffect::Kind;
  if (effect.kind != Kind::kUpgrade && effect.kind != Kind::kExtend) return true;
  const SteadyTime deadline = client_->Deadline();
  const PgPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return false;
  const std::string token = TokenOf(*connection, effect.credential, deadline);
  const Instant now = clock_.Now();
  const Instant end = now + effect.duration;
  const PgResult done =
      effect.kind == Kind::kUpgrade
          ? connection->Call(kConsume, {token, int64_t{now.unix_millis()}}, deadline)
          : connection->Call(kExtend,
                             {token, static_cast<int64_t>(effect.proof.kind), ShownAt(effect.proof),
                              int64_t{end.unix_millis()}, int64_t{now.unix_millis()}},
                             deadline);
  return done.ok() && done.affected() == 1;
}

}  // namespace otpcore
