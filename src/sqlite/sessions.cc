// SPDX-License-Identifier: Apache-2.0
#include "otpcore/sqlite/sessions.h"

#include <algorithm>
#include <vector>

#include "otpcore/adapters/session_digest.h"
#include "sqlite/file.h"

namespace otpcore {
namespace {

// Clocks of hosts differ, and one that is wrong must not remove what lives for the others.
constexpr std::chrono::hours kKeptAfterEnd{24};

// Eight bytes for each kind, the lowest first.
std::string Packed(const std::vector<int64_t>& times) {
  std::string bytes;
  for (const int64_t time : times) {
    for (int i = 0; i < 8; ++i) bytes += static_cast<char>(static_cast<uint64_t>(time) >> (8 * i));
  }
  return bytes;
}

// Hosts of another version have a longer or a shorter list.
std::vector<int64_t> Unpacked(std::string_view bytes) {
  std::vector<int64_t> times(std::max(bytes.size() / 8, kFactorKindCount));
  for (size_t i = 0; i + 8 <= bytes.size(); i += 8) {
    uint64_t time = 0;
    for (size_t byte = 8; byte > 0; --byte)
      time = time << 8 | static_cast<uint8_t>(bytes[i + byte - 1]);
    times[i / 8] = static_cast<int64_t>(time);
  }
  return times;
}

// True, and done, when the session is there and has not ended.
SqliteWork Extend(SqliteConnection& connection, const std::string& token,
                  const SessionEffect& effect, Instant now) {
  std::vector<int64_t> times;
  {
    SqliteQuery row(connection,
                    "SELECT factors FROM otpcore_sessions WHERE token = ?1 AND expires_at > ?2",
                    {token, now.unix_millis()});
    if (!row.Next()) return row.ok() ? SqliteWork::kUnchanged : SqliteWork::kFailed;
    times = Unpacked(row.bytes(0));
  }
  int64_t& shown = times[static_cast<size_t>(effect.proof.kind)];
  shown = std::max(shown, ShownAt(effect.proof));
  return SqliteQuery(
             connection,
             "UPDATE otpcore_sessions SET factors = ?2, expires_at = max(expires_at, ?3), "
             "email_address = CASE WHEN ?4 = x'' THEN email_address ELSE ?4 END, "
             "organization_id = CASE WHEN member_id = x'' THEN ?5 ELSE organization_id END, "
             "member_id = CASE WHEN member_id = x'' THEN ?6 ELSE member_id END "
             "WHERE token = ?1",
             {token, Packed(times), (now + effect.duration).unix_millis(),
              EmailAddressOf(effect.proof), effect.organization_id.str(), effect.member_id.str()})
                 .Run()
             ? SqliteWork::kWrote
             : SqliteWork::kFailed;
}

}  // namespace

bool SqliteSessions::Add(const SessionCredential& credential, const Session& session,
                         Instant expires_at, const std::string& metadata) {
  const std::string token = SessionDigest(credential);
  const std::string factors = Packed(FactorTimesOf(session.factors));
  const Instant old = clock_.Now() - kKeptAfterEnd;
  SqliteWork work = SqliteWork::kFailed;
  const SqliteOutcome outcome = file_.Run(
      [&](SqliteTransaction& transaction) {
        SqliteConnection& connection = transaction.connection();
        const bool done =
            SqliteQuery(connection,
                        "DELETE FROM otpcore_sessions WHERE token IN (SELECT token FROM "
                        "otpcore_sessions WHERE expires_at < ?1 ORDER BY expires_at LIMIT 4)",
                        {old.unix_millis()})
                .Run() &&
            SqliteQuery(
                connection,
                "INSERT OR REPLACE INTO otpcore_sessions (token, organization_id, "
                "member_id, session_id, factors, expires_at, metadata, email_address) "
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                {token, session.organization_id.str(), session.member_id.str(), session.id.str(),
                 factors, expires_at.unix_millis(), metadata, session.email_address.str()})
                .Run();
        return done ? SqliteWork::kWrote : SqliteWork::kFailed;
      },
      &work);
  return outcome == SqliteOutcome::kDone;
}

std::optional<SessionInfo> SqliteSessions::Get(const SessionCredential& credential) {
  const std::string token = SessionDigest(credential);
  std::optional<SessionInfo> info;
  file_.Read([&](SqliteConnection& connection) {
    SqliteQuery row(
        connection,
        "SELECT session_id, metadata, expires_at FROM otpcore_sessions WHERE token = ?1", {token});
    if (row.Next())
      info = SessionInfo{std::string(row.bytes(0)), std::string(row.bytes(1)),
                         Instant::FromUnixMillis(row.number(2))};
    return row.ok();
  });
  if (info && clock_.Now() >= info->expires_at) info.reset();
  return info;
}

bool SqliteSessions::CompareAndSetMetadata(const SessionCredential& credential,
                                           const std::string& was, const std::string& metadata) {
  const std::string token = SessionDigest(credential);
  return file_.Change(
             "UPDATE otpcore_sessions SET metadata = ?3 WHERE token = ?1 AND metadata = ?2 AND "
             "expires_at > ?4",
             {token, was, metadata, clock_.Now().unix_millis()}) == 1;
}

SessionDirectory::FindResult SqliteSessions::Find(const SessionCredential& credential) {
  const std::string token = SessionDigest(credential);
  FindResult result;
  const Instant now = clock_.Now();
  result.ok = file_.Read([&](SqliteConnection& connection) {
    SqliteQuery row(connection,
                    "SELECT organization_id, member_id, session_id, factors, email_address FROM "
                    "otpcore_sessions WHERE token = ?1 AND expires_at > ?2",
                    {token, now.unix_millis()});
    if (!row.Next()) return row.ok();
    Session session;
    session.organization_id = row.bytes(0);
    session.member_id = row.bytes(1);
    session.id = row.bytes(2);
    session.email_address = row.bytes(4);
    const std::vector<int64_t> times = Unpacked(row.bytes(3));
    for (size_t kind = 0; kind < kFactorKindCount; ++kind)
      AddFactor(kind, times[kind], &session.factors);
    result.session = session;
    return true;
  });
  return result;
}

bool SqliteSessions::Apply(const SessionEffect& effect) {
  if (effect.credential.value.empty()) return true;
  const std::string token = SessionDigest(effect.credential);
  const Instant now = clock_.Now();
  if (effect.kind != SessionEffect::Kind::kExtend)
    return file_.Change("DELETE FROM otpcore_sessions WHERE token = ?1 AND expires_at > ?2",
                        {token, now.unix_millis()}) == 1;
  SqliteWork work = SqliteWork::kFailed;
  const SqliteOutcome outcome = file_.Run(
      [&](SqliteTransaction& transaction) {
        return Extend(transaction.connection(), token, effect, now);
      },
      &work);
  return outcome == SqliteOutcome::kDone && work == SqliteWork::kWrote;
}

}  // namespace otpcore
