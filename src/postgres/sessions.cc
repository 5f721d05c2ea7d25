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
    "metadata, session_id, email_address) VALUES ($1, $2, $3, $4, $5, $7, $8, $9)";

// Arrays start from 1, and are as long as the latest kind of factor that was set.
constexpr char kExtend[] =
    "UPDATE otpcore_sessions SET "
    "factors[$2::bigint + 1] = greatest(factors[$2::bigint + 1], $3::bigint), "
    "expires_at_ms = greatest(expires_at_ms, $4::bigint), "
    "email_address = CASE WHEN $6::bytea = '' THEN email_address ELSE $6 END, "
    "organization_id = CASE WHEN member_id = '' THEN $7 ELSE organization_id END, "
    "member_id = CASE WHEN member_id = '' THEN $8 ELSE member_id END "
    "WHERE token = $1 AND expires_at_ms > $5";

constexpr char kFind[] =
    "SELECT organization_id, member_id, expires_at_ms, session_id, email_address, factors[1], "
    "factors[2], factors[3], factors[4], factors[5] FROM otpcore_sessions WHERE token = $1";
constexpr int kFirstFactorColumn = 5;
static_assert(kFactorKindCount == 5, "kFind must name them all");

constexpr char kGet[] =
    "SELECT session_id, metadata, expires_at_ms FROM otpcore_sessions WHERE token = $1";

constexpr char kConsume[] = "DELETE FROM otpcore_sessions WHERE token = $1 AND expires_at_ms > $2";

constexpr char kSetMetadata[] =
    "UPDATE otpcore_sessions SET metadata = $3 WHERE token = $1 AND metadata = $2 AND "
    "expires_at_ms > $4";

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
                                   metadata, session.id.str(), session.email_address.str()},
                                  deadline)
                           .ok();
}

std::optional<SessionInfo> PostgresSessions::Get(const SessionCredential& credential) {
  const SteadyTime deadline = client_->Deadline();
  const PgPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return std::nullopt;
  const PgResult row = connection->Call(kGet, {SessionDigest(credential)}, deadline);
  if (!row.ok() || row.rows() != 1) return std::nullopt;
  const Instant expires_at = Instant::FromUnixMillis(row.number(0, 2));
  if (clock_.Now() >= expires_at) return std::nullopt;
  return SessionInfo{std::string(row.bytes(0, 0)), std::string(row.bytes(0, 1)), expires_at};
}

bool PostgresSessions::CompareAndSetMetadata(const SessionCredential& credential,
                                             const std::string& was, const std::string& metadata) {
  const SteadyTime deadline = client_->Deadline();
  const PgPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return false;
  const PgResult done = connection->Call(
      kSetMetadata, {SessionDigest(credential), was, metadata, int64_t{clock_.Now().unix_millis()}},
      deadline);
  return done.ok() && done.affected() == 1;
}

SessionDirectory::FindResult PostgresSessions::Find(const SessionCredential& credential) {
  FindResult result;
  const SteadyTime deadline = client_->Deadline();
  const PgPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return result;
  const PgResult row = connection->Call(kFind, {SessionDigest(credential)}, deadline);
  result.ok = row.ok();
  if (!row.ok() || row.rows() != 1) return result;
  if (clock_.Now().unix_millis() >= row.number(0, 2)) return result;
  Session session;
  session.organization_id = row.bytes(0, 0);
  session.member_id = row.bytes(0, 1);
  session.id = row.bytes(0, 3);
  session.email_address = row.bytes(0, 4);
  for (size_t kind = 0; kind < kFactorKindCount; ++kind)
    AddFactor(kind, row.number(0, kFirstFactorColumn + static_cast<int>(kind)), &session.factors);
  result.session = session;
  return result;
}

bool PostgresSessions::Apply(const SessionEffect& effect) {
  if (effect.credential.value.empty()) return true;
  const SteadyTime deadline = client_->Deadline();
  const PgPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return false;
  const std::string token = SessionDigest(effect.credential);
  const Instant now = clock_.Now();
  const Instant end = now + effect.duration;
  const PgResult done =
      effect.kind != SessionEffect::Kind::kExtend
          ? connection->Call(kConsume, {token, int64_t{now.unix_millis()}}, deadline)
          : connection->Call(kExtend,
                             {token, static_cast<int64_t>(effect.proof.kind), ShownAt(effect.proof),
                              int64_t{end.unix_millis()}, int64_t{now.unix_millis()},
                              EmailAddressOf(effect.proof), effect.organization_id.str(),
                              effect.member_id.str()},
                             deadline);
  return done.ok() && done.affected() == 1;
}

}  // namespace otpcore
