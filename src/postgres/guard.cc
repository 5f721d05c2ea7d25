// SPDX-License-Identifier: Apache-2.0
#include "otpcore/postgres/guard.h"

#include <utility>

#include "otpcore/adapters/guard_buckets.h"
#include "postgres/connection.h"

namespace otpcore {
namespace {

constexpr Admission kUnreachable = {Admission::Kind::kUnreachable, Duration(0)};

// $1 failures, $3 the mark that the event was raised. One row: it is to be raised now. Failures
// that come at the same moment may each see one less; the next one then sees them all. No more are
// counted than it takes, however many an attacker makes.
constexpr char kFailure[] =
    "WITH noted AS (INSERT INTO otpcore_guard_events VALUES ($1, clock_timestamp(), $2)), "
    "earlier AS (SELECT FROM otpcore_guard_events WHERE bucket = $1 "
    "AND at > statement_timestamp() - interval '1 hour' LIMIT $4::bigint) "
    "INSERT INTO otpcore_guard_events SELECT $3, clock_timestamp(), $2 "
    "WHERE (SELECT count(*) FROM earlier) >= $4::bigint AND NOT EXISTS (SELECT FROM "
    "otpcore_guard_events WHERE bucket = $3 AND at > statement_timestamp() - interval '1 hour')";

}  // namespace

PostgresGuard::PostgresGuard(PostgresOptions options, int spraying_failures)
    : spraying_failures_(spraying_failures),
      client_(std::make_unique<PgClient>(std::move(options))) {}
PostgresGuard::~PostgresGuard() = default;

Admission PostgresGuard::Admit(const AdmissionId& id, const Quotas& quotas) {
  std::vector<std::string> sends;
  std::vector<int64_t> most, windows;
  for (const Quota& quota : quotas) {
    if (quota.subject == Quota::Subject::kConversion) continue;
    sends.push_back(BucketOf(quota));
    most.push_back(quota.max);
    windows.push_back(quota.window.count());
  }
  const Quota* const asked = ConversionOf(quotas);
  const Quota conversion = asked != nullptr ? *asked : Quota();
  const SteadyTime deadline = client_->Deadline();
  const PgPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return kUnreachable;
  const PgResult admitted = connection->Call(
      "SELECT answer::bigint, wait_ms FROM "
      "otpcore_admit($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
      {BytesOf(id), sends, most, windows, asked != nullptr ? BucketOf(conversion) : std::string(),
       int64_t{conversion.max}, int64_t{conversion.min_ended}, int64_t{conversion.window.count()},
       int64_t{conversion.life.count()}, std::string(conversion.member_id.packed()),
       conversion.address.str(), BytesOf(conversion.replaces)},
      deadline);
  // Without an answer the caller settles, which gives back whatever may have been taken.
  if (!admitted.ok() || admitted.rows() != 1) return kUnreachable;
  return {static_cast<Admission::Kind>(admitted.number(0, 0) - 1), Duration(admitted.number(0, 1))};
}

void PostgresGuard::Settle(const AdmissionId& id, Settlement settlement) {
  if (settlement != Settlement::kReturned) return;
  const SteadyTime deadline = client_->Deadline();
  const PgPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return;  // the sends stay counted until they leave their windows
  connection->Call("SELECT otpcore_return($1)", {BytesOf(id)}, deadline);
}

void PostgresGuard::Observe(EventList* events) {
  const PasscodeEnd end = PasscodeEndOf(*events);
  if (!end.challenge_id.empty()) {
    const SteadyTime deadline = client_->Deadline();
    const PgPool::Lease connection = client_->pool.Take(deadline);
    if (!connection) return;  // it ends with its life, and proves nothing
    connection->Call(
        "SELECT otpcore_end($1, $2::bigint = 1, $3)",
        {BytesOf(end.challenge_id), int64_t{end.proved}, int64_t{Duration(kLongestWindow).count()}},
        deadline);
  }
  for (const Event& event : EventList(*events)) {
    if (event.kind == EventKind::kFailure) ObserveFailure(events, event.at);
  }
}

void PostgresGuard::ObserveFailure(EventList* events, Instant at) {
  const SteadyTime deadline = client_->Deadline();
  const PgPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return;
  const PgResult raised =
      connection->Call(kFailure,
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
  const SteadyTime deadline = client_->Deadline();
  const PgPool::Lease connection = client_->pool.Take(deadline);
  constexpr char kOld[] =
      "WITH old AS (DELETE FROM otpcore_admissions "
      "WHERE at < clock_timestamp() - $1::bigint * interval '1 millisecond' "
      "OR kind <> 1 AND at < clock_timestamp() - $2::bigint * interval '1 millisecond'), "
      "ended AS (DELETE FROM otpcore_guard_passcodes "
      "WHERE ends_at < clock_timestamp() - $3::bigint * interval '1 millisecond') "
      "DELETE FROM otpcore_guard_events "
      "WHERE at < clock_timestamp() - $3::bigint * interval '1 millisecond'";
  const auto millis = [](Duration age) { return int64_t{age.count()}; };
  return connection &&
         connection
             ->Call(kOld, {millis(kAdmissionKept), millis(kReturnKept), millis(kLongestWindow)},
                    deadline)
             .ok();
}

}  // namespace otpcore
