#include "postgres_guard.h"

#include <algorithm>
#include <utility>

#include "guard_buckets.h"

namespace otpcore::examples {
namespace {

constexpr Admission kUnreachable = {Admission::Kind::kUnreachable, Duration(0)};

// How long until the newest `max` sends of the bucket are fewer than `max`: a row, or none when
// there is room now.
constexpr char kWait[] =
    "SELECT ceil(extract(epoch FROM at + w - clock_timestamp()) * 1000)::bigint "
    "FROM otpcore_guard_events, (SELECT $2::bigint * interval '1 millisecond') AS span(w) "
    "WHERE bucket = $1 AND at > clock_timestamp() - w ORDER BY at DESC OFFSET $3::bigint LIMIT 1";

// Sends that have ended, and numbers verified, within the window.
constexpr char kConversions[] =
    "SELECT count(*) FILTER (WHERE bucket = $1 AND at <= clock_timestamp() - "
    "$4::bigint * interval '1 millisecond'), count(*) FILTER (WHERE bucket = $2) "
    "FROM otpcore_guard_events WHERE bucket IN ($1, $2) "
    "AND at > clock_timestamp() - $3::bigint * interval '1 millisecond'";

// $1 failures, $3 the mark that the event was raised. One row: it is to be raised now. Failures
// that come at the same moment may each see one less; the next one then sees them all.
constexpr char kFailure[] =
    "WITH noted AS (INSERT INTO otpcore_guard_events VALUES ($1, clock_timestamp(), $2)), "
    "seen AS (SELECT count(*) + 1 AS failures FROM otpcore_guard_events WHERE bucket = $1 "
    "AND at > clock_timestamp() - interval '1 hour') "
    "INSERT INTO otpcore_guard_events SELECT $3, clock_timestamp(), $2 FROM seen "
    "WHERE failures > $4::bigint AND NOT EXISTS (SELECT FROM otpcore_guard_events "
    "WHERE bucket = $3 AND at > clock_timestamp() - interval '1 hour')";

// The quota's answer. False: the server did not give one.
bool Judge(PgConnection& connection, const Quota& quota, SteadyTime deadline,
           Admission* admission) {
  if (quota.kind == Quota::Kind::kConversion) {
    const PgResult counts = connection.Run(
        kConversions,
        {BucketOf(quota), VerifiedBucketOf(quota.organization_id, quota.region),
         int64_t{quota.window.count()}, int64_t{Duration(kLongestPasscodeLife).count()}},
        deadline);
    if (!counts.ok()) return false;
    const int64_t ended = counts.number(0, 0);
    if (ended >= quota.min_ended && counts.number(0, 1) * 100 < ended * quota.max)
      admission->kind = Admission::Kind::kTooFewAuthenticated;
    return true;
  }
  if (quota.max <= 0) {
    *admission = {Admission::Kind::kTooMany, quota.window};
    return true;
  }
  const PgResult wait = connection.Run(
      kWait, {BucketOf(quota), int64_t{quota.window.count()}, int64_t{quota.max - 1}}, deadline);
  if (!wait.ok()) return false;
  if (wait.rows() == 1 && admission->kind != Admission::Kind::kTooFewAuthenticated)
    *admission = {Admission::Kind::kTooMany,
                  std::max(admission->retry_after, Duration(wait.number(0, 0)))};
  return true;
}

}  // namespace

PostgresGuard::PostgresGuard(std::string conninfo, int connections_max,
                             std::chrono::milliseconds timeout, int spraying_failures)
    : timeout_(timeout),
      spraying_failures_(spraying_failures),
      pool_(connections_max,
            [conninfo](SteadyTime deadline) { return PgConnection::Open(conninfo, deadline); }) {}

Admission PostgresGuard::Admit(const OperationId& operation_id, const std::vector<Quota>& quotas) {
  const SteadyTime deadline = Deadline();
  const PgPool::Lease connection = pool_.Take(deadline);
  if (!connection || !connection->Run("BEGIN", {}, deadline).ok()) return kUnreachable;
  const Admission admission = AdmitWithin(*connection, BytesOf(operation_id), quotas, deadline);
  const bool keep = admission.kind != Admission::Kind::kUnreachable;
  // Without an answer to COMMIT the caller hears "unreachable" and settles, which gives back
  // whatever may have been taken.
  const PgResult ended = connection->Run(keep ? "COMMIT" : "ROLLBACK", {}, deadline);
  return keep && ended.ok() && ended.tag() == "COMMIT" ? admission : kUnreachable;
}

Admission PostgresGuard::AdmitWithin(PgConnection& connection, const std::string& operation,
                                     const std::vector<Quota>& quotas, SteadyTime deadline) {
  const PgResult first = connection.Run(
      "INSERT INTO otpcore_admissions VALUES ($1, 1, 0, clock_timestamp()) ON CONFLICT DO NOTHING",
      {operation}, deadline);
  if (!first.ok()) return kUnreachable;
  if (first.affected() == 0) {  // asked before: the same answer, and nothing is taken
    const PgResult known = connection.Run(
        "SELECT kind::bigint, retry_after_ms FROM otpcore_admissions WHERE operation_id = $1",
        {operation}, deadline);
    if (!known.ok() || known.rows() != 1) return kUnreachable;
    return {static_cast<Admission::Kind>(known.number(0, 0) - 1), Duration(known.number(0, 1))};
  }

  // One admission at a time per bucket, always locked in the same order.
  std::vector<std::string> buckets;
  for (const Quota& quota : quotas) buckets.push_back(BucketOf(quota));
  std::sort(buckets.begin(), buckets.end());
  for (const std::string& bucket : buckets) {
    if (!connection
             .Run("SELECT pg_advisory_xact_lock(hashtextextended(encode($1::bytea, 'hex'), 0))",
                  {bucket}, deadline)
             .ok())
      return kUnreachable;
  }
  Admission admission;
  for (const Quota& quota : quotas) {
    if (!Judge(connection, quota, deadline, &admission)) return kUnreachable;
  }
  if (admission.kind != Admission::Kind::kAdmitted) {
    const PgResult noted = connection.Run(
        "UPDATE otpcore_admissions SET kind = $2::bigint, retry_after_ms = $3 "
        "WHERE operation_id = $1",
        {operation, static_cast<int64_t>(admission.kind) + 1,
         int64_t{admission.retry_after.count()}},
        deadline);
    return noted.ok() ? admission : kUnreachable;
  }
  for (const std::string& bucket : buckets) {
    if (!connection
             .Run("INSERT INTO otpcore_guard_events VALUES ($1, clock_timestamp(), $2)",
                  {bucket, operation}, deadline)
             .ok())
      return kUnreachable;
  }
  return admission;
}

void PostgresGuard::Settle(const OperationId& operation_id, Settlement settlement) {
  if (settlement != Settlement::kReturned) return;
  const SteadyTime deadline = Deadline();
  const PgPool::Lease connection = pool_.Take(deadline);
  if (!connection) return;  // the sends stay counted until they leave their windows
  connection->Run(
      "WITH returned AS (DELETE FROM otpcore_admissions WHERE operation_id = $1) "
      "DELETE FROM otpcore_guard_events WHERE operation_id = $1",
      {BytesOf(operation_id)}, deadline);
}

void PostgresGuard::Observe(EventList* events) {
  const bool proved = events->Has(EventKind::kAuthenticated);
  for (const Event& event : EventList(*events)) {
    if (event.kind == EventKind::kFailure) ObserveFailure(events, event.at);
    if (event.kind != EventKind::kNumberVerified || !proved) continue;  // imported: no conversion
    const SteadyTime deadline = Deadline();
    const PgPool::Lease connection = pool_.Take(deadline);
    if (!connection) return;
    connection->Run(
        "INSERT INTO otpcore_guard_events VALUES ($1, clock_timestamp(), $2)",
        {VerifiedBucketOf(events->organization_id, event.region), events->member_id.str()},
        deadline);
  }
}

void PostgresGuard::ObserveFailure(EventList* events, Instant at) {
  const SteadyTime deadline = Deadline();
  const PgPool::Lease connection = pool_.Take(deadline);
  if (!connection) return;
  const PgResult raised =
      connection->Run(kFailure,
                      {FailuresBucketOf(events->organization_id), events->member_id.str(),
                       SprayingBucketOf(events->organization_id), int64_t{spraying_failures_}},
                      deadline);
  if (!raised.ok() || raised.affected() != 1) return;
  Event event;
  event.kind = EventKind::kSpraying;
  event.at = at;
  events->Add(event);
}

bool PostgresGuard::Sweep() {
  const SteadyTime deadline = Deadline();
  const PgPool::Lease connection = pool_.Take(deadline);
  const int64_t age = Duration(kLongestWindow).count();
  constexpr char kOld[] =
      "WITH old AS (DELETE FROM otpcore_admissions "
      "WHERE at < clock_timestamp() - $1::bigint * interval '1 millisecond') "
      "DELETE FROM otpcore_guard_events "
      "WHERE at < clock_timestamp() - $1::bigint * interval '1 millisecond'";
  return connection && connection->Run(kOld, {age}, deadline).ok();
}

}  // namespace otpcore::examples
