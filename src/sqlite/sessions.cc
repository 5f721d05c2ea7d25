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

#define OTPCORE_SELECT_SESSION                                                                   \
  "SELECT organization_id, member_id, session_id, factors, expires_at, metadata, email_address " \
  "FROM otpcore_sessions WHERE "
constexpr char kOfToken[] = OTPCORE_SELECT_SESSION "token = ?1 AND expires_at > ?2";
constexpr char kOfId[] = OTPCORE_SELECT_SESSION "session_id = ?1 AND expires_at > ?2";
constexpr char kOfMember[] = OTPCORE_SELECT_SESSION "member_id = ?1 AND expires_at > ?2";
#undef OTPCORE_SELECT_SESSION
constexpr char kEnd[] = "DELETE FROM otpcore_sessions WHERE token = ?1 AND expires_at > ?2";

SessionInfo InfoIn(const SqliteQuery& row) {
  SessionInfo info;
  info.session.organization_id = row.bytes(0);
  info.session.member_id = row.bytes(1);
  info.session.id = row.bytes(2);
  const std::vector<int64_t> times = Unpacked(row.bytes(3));
  for (size_t kind = 0; kind < kFactorKindCount; ++kind)
    AddFactor(kind, times[kind], &info.session.factors);
  info.expires_at = Instant::FromUnixMillis(row.number(4));
  info.metadata = row.bytes(5);
  info.session.email_address = row.bytes(6);
  return info;
}

// False: it could not be read. No session has an empty id.
bool ReadOne(SqliteFile& file, const SessionCredential& credential, Instant now,
             std::optional<SessionInfo>* info) {
  const bool by_id = credential.kind == SessionCredential::Kind::kSessionId;
  if (by_id && credential.value.empty()) return true;
  const std::string name = by_id ? std::string(credential.value) : SessionDigest(credential);
  return file.Read([&](SqliteConnection& connection) {
    SqliteQuery row(connection, by_id ? kOfId : kOfToken, {name, now.unix_millis()});
    info->reset();
    if (row.Next()) *info = InfoIn(row);
    return row.ok();
  });
}

// Under which name its row is; empty, as no row's, when there is none.
std::string TokenOf(SqliteFile& file, const SessionCredential& credential) {
  if (credential.kind != SessionCredential::Kind::kSessionId) return SessionDigest(credential);
  std::string token;
  if (credential.value.empty()) return token;
  file.Read([&](SqliteConnection& connection) {
    SqliteQuery row(connection, "SELECT token FROM otpcore_sessions WHERE session_id = ?1",
                    {credential.value});
    token = row.Next() ? row.bytes(0) : std::string_view();
    return row.ok();
  });
  return token;
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
  std::optional<SessionInfo> info;
  return ReadOne(file_, credential, clock_.Now(), &info) ? info : std::nullopt;
}

bool SqliteSessions::CompareAndSetMetadata(const SessionCredential& credential,
                                           const std::string& was, const std::string& metadata) {
  const std::string token = TokenOf(file_, credential);
  return file_.Change(
             "UPDATE otpcore_sessions SET metadata = ?3 WHERE token = ?1 AND metadata = ?2 AND "
             "expires_at > ?4",
             {token, was, metadata, clock_.Now().unix_millis()}) == 1;
}

bool SqliteSessions::Remove(const SessionCredential& credential) {
  return file_.Change(kEnd, {TokenOf(file_, credential), clock_.Now().unix_millis()}) == 1;
}

std::optional<std::vector<SessionInfo>> SqliteSessions::ListOf(const EntityId& member_id) {
  std::vector<SessionInfo> listed;
  const std::string member = member_id.str();
  const Instant now = clock_.Now();
  const bool read = file_.Read([&](SqliteConnection& connection) {
    listed.clear();
    SqliteQuery row(connection, kOfMember, {member, now.unix_millis()});
    while (row.Next()) listed.push_back(InfoIn(row));
    return row.ok();
  });
  if (!read) return std::nullopt;
  return listed;
}

SessionDirectory::FindResult SqliteSessions::Find(const SessionCredential& credential) {
  FindResult result;
  std::optional<SessionInfo> info;
  result.ok = ReadOne(file_, credential, clock_.Now(), &info);
  if (info) result.session = info->session;
  return result;
}

bool SqliteSessions::Apply(const SessionEffect& effect) {
  if (effect.credential.value.empty()) return true;
  const std::string token = TokenOf(file_, effect.credential);
  const Instant now = clock_.Now();
  if (effect.kind != SessionEffect::Kind::kExtend)
    return file_.Change(kEnd, {token, now.unix_millis()}) == 1;
  SqliteWork work = SqliteWork::kFailed;
  const SqliteOutcome outcome = file_.Run(
      [&](SqliteTransaction& transaction) {
        return Extend(transaction.connection(), token, effect, now);
      },
      &work);
  return outcome == SqliteOutcome::kDone && work == SqliteWork::kWrote;
}

}  // namespace otpcore
