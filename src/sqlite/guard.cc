// SPDX-License-Identifier: Apache-2.0
#include "otpcore/sqlite/guard.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "otpcore/adapters/guard_buckets.h"
#include "sqlite/file.h"

namespace otpcore {
namespace {

constexpr Admission kUnreachable = {Admission::Kind::kUnreachable, Duration(0)};
constexpr Admission kAdmitted = {Admission::Kind::kAdmitted, Duration(0)};

// `kind` wins over what refused before it, and the longest wait is told.
void Refuse(Admission::Kind kind, int64_t wait, Admission* answer) {
  answer->kind = kind;
  answer->retry_after = std::max(answer->retry_after, Duration(wait));
}

// False: a row cannot be read; else `*answer` is refused when too few of the passcodes that ended
// were proved.
bool JudgeConversion(SqliteConnection& connection, const Quota& quota, int64_t now,
                     Admission* answer) {
  SqliteQuery row(connection,
                  "SELECT sum(min(passcodes, 2)), sum(proofs), min(first) FROM "
                  "(SELECT count(*) AS passcodes, sum(proved) AS proofs, min(ends_at) AS first "
                  "FROM otpcore_guard_passcodes WHERE bucket = ?1 AND ends_at > ?2 AND "
                  "ends_at <= ?3 GROUP BY member)",
                  {BucketOf(quota), now - quota.window.count(), now});
  if (!row.Next()) return false;
  const int64_t ended = row.number(0);
  if (ended >= quota.min_ended && row.number(1) * 100 < ended * quota.max)
    Refuse(Admission::Kind::kTooFewAuthenticated, row.number(2) + quota.window.count() - now,
           answer);
  return true;
}

// False: a row cannot be read; else `*answer` is refused when the window is full.
bool JudgeSends(SqliteConnection& connection, const Quota& quota, int64_t now, Admission* answer) {
  int64_t full_until = now + quota.window.count();
  if (quota.max > 0) {  // the newest `max` fill it until the oldest of them leaves
    SqliteQuery row(connection,
                    "SELECT at FROM otpcore_guard_events WHERE bucket = ?1 AND at > ?2 "
                    "ORDER BY at DESC LIMIT 1 OFFSET ?3",
                    {BucketOf(quota), now - quota.window.count(), int64_t{quota.max} - 1});
    if (!row.Next()) return row.ok();
    full_until = row.number(0) + quota.window.count();
  }
  Refuse(Admission::Kind::kTooMany, full_until - now, answer);
  return true;
}

// What `quotas` say to `id`; `*known`: it was admitted or given back before. Nothing: a row cannot
// be read.
std::optional<Admission> Judge(SqliteConnection& connection, const std::string& id,
                               const Quotas& quotas, int64_t now, bool* known) {
  {
    SqliteQuery row(connection, "SELECT returned FROM otpcore_admissions WHERE operation_id = ?1",
                    {id});
    *known = row.Next();
    if (!row.ok()) return std::nullopt;
    if (*known && row.number(0) != 0) return Admission{Admission::Kind::kTooMany, kReturnKept};
    if (*known) return kAdmitted;
  }
  Admission answer = kAdmitted;
  if (const Quota* const conversion = ConversionOf(quotas);
      conversion != nullptr && !JudgeConversion(connection, *conversion, now, &answer))
    return std::nullopt;
  for (const Quota& quota : quotas) {
    if (quota.subject == Quota::Subject::kConversion) continue;
    if (!JudgeSends(connection, quota, now, &answer)) return std::nullopt;
  }
  return answer;
}

// Notes the passcode of an admission, and the end of the one that it replaces.
bool TakeConversion(SqliteConnection& connection, const std::string& id, const Quota& quota,
                    int64_t now) {
  return SqliteQuery(connection,
                     "INSERT INTO otpcore_guard_passcodes VALUES (?1, ?2, ?3, ?4, ?5, 0)",
                     {id, BucketOf(quota), quota.member_id.packed(), quota.address.str(),
                      now + quota.life.count()})
             .Run() &&
         SqliteQuery(connection,
                     "UPDATE otpcore_guard_passcodes SET ends_at = ?2 WHERE operation_id = ?1 AND "
                     "ends_at > ?2",
                     {BytesOf(quota.replaces), now})
             .Run();
}

bool Take(SqliteConnection& connection, const std::string& id, const Quotas& quotas, int64_t now) {
  if (!SqliteQuery(connection, "INSERT INTO otpcore_admissions VALUES (?1, 0, ?2)", {id, now})
           .Run())
    return false;
  for (const Quota& quota : quotas) {
    const bool taken = quota.subject == Quota::Subject::kConversion
                           ? TakeConversion(connection, id, quota, now)
                           : SqliteQuery(connection,
                                         "INSERT INTO otpcore_guard_events VALUES (?1, ?2, ?3) "
                                         "ON CONFLICT DO NOTHING",
                                         {BucketOf(quota), now, id})
                                 .Run();
    if (!taken) return false;
  }
  return true;
}

// The admission may still be on the way, perhaps once more, from a host that heard no answer: from
// the first return on it is one too many and takes nothing.
SqliteWork Return(SqliteConnection& connection, const std::string& id, int64_t now) {
  const bool done =
      SqliteQuery(connection,
                  "INSERT INTO otpcore_admissions VALUES (?1, 1, ?2) ON CONFLICT (operation_id) "
                  "DO UPDATE SET returned = 1, at = ?2 WHERE returned = 0",
                  {id, now})
          .Run() &&
      SqliteQuery(connection, "DELETE FROM otpcore_guard_events WHERE operation_id = ?1", {id})
          .Run() &&
      SqliteQuery(connection, "DELETE FROM otpcore_guard_passcodes WHERE operation_id = ?1", {id})
          .Run();
  return done ? SqliteWork::kWrote : SqliteWork::kFailed;
}

// A passcode ended before its expiry. A proof counts unless one of the same Member or number does.
SqliteWork End(SqliteConnection& connection, const std::string& id, bool proves, int64_t now) {
  const bool done =
      SqliteQuery(connection,
                  "UPDATE otpcore_guard_passcodes SET ends_at = min(ends_at, ?2) "
                  "WHERE operation_id = ?1",
                  {id, now})
          .Run() &&
      (!proves ||
       SqliteQuery(connection,
                   "UPDATE otpcore_guard_passcodes AS own SET proved = 1 WHERE operation_id = ?1 "
                   "AND NOT EXISTS (SELECT 1 FROM otpcore_guard_passcodes AS other WHERE "
                   "other.bucket = own.bucket AND other.ends_at > ?2 AND other.proved = 1 AND "
                   "(other.member = own.member OR other.number = own.number))",
                   {id, now - Duration(kLongestWindow).count()})
           .Run());
  return done ? SqliteWork::kWrote : SqliteWork::kFailed;
}

// Counts a failure, no more of them than it takes to raise the event. `*raise`: it is to be raised
// now.
SqliteWork CountFailure(SqliteTransaction& transaction, const EntityId& organization, int limit,
                        int64_t now, bool* raise) {
  SqliteConnection& connection = transaction.connection();
  const std::string failures = FailuresBucketOf(organization);
  const std::string raised = SprayingBucketOf(organization);
  const int64_t since = now - Duration(std::chrono::hours(1)).count();
  // A row of its own for each, whatever happened in the same millisecond.
  const std::string unique = std::to_string(transaction.NextRevision());
  const auto count = [&](const std::string& bucket, int64_t most) {
    SqliteQuery row(connection,
                    "SELECT count(*) FROM (SELECT 1 FROM otpcore_guard_events WHERE bucket = ?1 "
                    "AND at > ?2 LIMIT ?3)",
                    {bucket, since, most});
    return row.Next() ? row.number(0) : -1;
  };
  const auto note = [&](const std::string& bucket) {
    return SqliteQuery(connection, "INSERT INTO otpcore_guard_events VALUES (?1, ?2, ?3)",
                       {bucket, now, unique})
        .Run();
  };
  const int64_t earlier = count(failures, limit);
  const int64_t marks = count(raised, 1);
  if (earlier < 0 || marks < 0 || !note(failures)) return SqliteWork::kFailed;
  *raise = earlier >= limit && marks == 0;
  return !*raise || note(raised) ? SqliteWork::kWrote : SqliteWork::kFailed;
}

}  // namespace

Admission SqliteGuard::Admit(const AdmissionId& admission_id, const Quotas& quotas) {
  const std::string id = BytesOf(admission_id);
  std::optional<Admission> answer;
  bool known = false;
  const auto judge = [&](SqliteConnection& connection) {
    answer = Judge(connection, id, quotas, clock_.Now().unix_millis(), &known);
    return answer.has_value();
  };
  if (!file_.Read(judge)) return kUnreachable;
  if (known || answer->kind != Admission::Kind::kAdmitted) return *answer;
  SqliteWork work = SqliteWork::kFailed;
  const SqliteOutcome outcome = file_.Run(
      [&](SqliteTransaction& transaction) {
        SqliteConnection& connection = transaction.connection();
        if (!judge(connection)) return SqliteWork::kFailed;
        if (known || answer->kind != Admission::Kind::kAdmitted) return SqliteWork::kUnchanged;
        return Take(connection, id, quotas, clock_.Now().unix_millis()) ? SqliteWork::kWrote
                                                                        : SqliteWork::kFailed;
      },
      &work);
  // Without an answer the caller settles, which gives back whatever may have been taken.
  return outcome == SqliteOutcome::kDone ? *answer : kUnreachable;
}

void SqliteGuard::Settle(const AdmissionId& admission_id, Settlement settlement) {
  if (settlement != Settlement::kReturned) return;
  const std::string id = BytesOf(admission_id);
  const int64_t now = clock_.Now().unix_millis();
  SqliteWork work = SqliteWork::kFailed;
  // Where it fails the sends stay counted until they leave their windows.
  file_.Run(
      [&](SqliteTransaction& transaction) { return Return(transaction.connection(), id, now); },
      &work);
}

void SqliteGuard::Observe(EventList* events) {
  const int64_t now = clock_.Now().unix_millis();
  const PasscodeEnd end = PasscodeEndOf(*events);
  SqliteWork work = SqliteWork::kFailed;
  if (!end.challenge_id.empty()) {
    const std::string id = BytesOf(end.challenge_id);
    // Where it fails the passcode ends with its life, and proves nothing.
    file_.Run(
        [&](SqliteTransaction& transaction) {
          return End(transaction.connection(), id, end.proved, now);
        },
        &work);
  }
  for (const Event& event : EventList(*events)) {
    if (event.kind != EventKind::kFailure) continue;
    bool raise = false;
    const SqliteOutcome outcome = file_.Run(
        [&](SqliteTransaction& transaction) {
          return CountFailure(transaction, events->organization_id, spraying_failures_, now,
                              &raise);
        },
        &work);
    if (outcome != SqliteOutcome::kDone || !raise) continue;
    Event spraying;
    spraying.kind = EventKind::kSpraying;
    spraying.at = event.at;
    events->Add(spraying);
  }
}

bool SqliteGuard::Sweep() {
  const int64_t now = clock_.Now().unix_millis();
  const auto before = [now](Duration age) { return now - age.count(); };
  return file_.Change("DELETE FROM otpcore_admissions WHERE at < ?1 OR returned = 1 AND at < ?2",
                      {before(kAdmissionKept), before(kReturnKept)}) >= 0 &&
         file_.Change("DELETE FROM otpcore_guard_passcodes WHERE ends_at < ?1",
                      {before(kLongestWindow)}) >= 0 &&
         file_.Change("DELETE FROM otpcore_guard_events WHERE at < ?1", {before(kLongestWindow)}) >=
             0;
}

}  // namespace otpcore
