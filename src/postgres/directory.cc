// SPDX-License-Identifier: Apache-2.0
#include "otpcore/postgres/directory.h"

#include <string>
#include <utility>

#include "otpcore/model/codec.h"
#include "postgres/connection.h"

namespace otpcore {
namespace {

constexpr char kVisit[] =
    "SELECT key, body FROM otpcore_records WHERE key > $1 AND key < $2 ORDER BY key "
    "LIMIT $3::bigint";

// Word for word as the index has it.
constexpr char kOrganizationsOf[] =
    "SELECT key FROM otpcore_records WHERE get_byte(key, 0) = 2 AND "
    "substr(key, 3 + get_byte(key, 1)) = $1 LIMIT 2";
static_assert(static_cast<int>(RecordKind::kMember) == 2, "kOrganizationsOf names it");

}  // namespace

PostgresDirectory::PostgresDirectory(PostgresOptions options)
    : client_(std::make_unique<PgClient>(std::move(options))) {}
PostgresDirectory::~PostgresDirectory() = default;

bool PostgresDirectory::Visit(VisitBatch& batch) {
  const SteadyTime deadline = client_->Deadline();
  const PgPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return false;
  const size_t limit = batch.range().limit;
  const PgResult rows = connection->Call(
      kVisit, {batch.behind(), batch.end(), static_cast<int64_t>(limit)}, deadline);
  if (!rows.ok()) return false;
  for (int row = 0; row < rows.rows(); ++row) {
    const RecordKey key = RecordKey::FromBytes(rows.bytes(row, 0));
    const Result<std::string_view> record = Unprotect(key, rows.bytes(row, 1));
    if (!record || !batch.Found(key, *record)) return false;
  }
  if (static_cast<size_t>(rows.rows()) < limit) batch.AtEnd();
  return true;
}

bool PostgresDirectory::OrganizationsOf(const EntityId& member_id,
                                        std::vector<EntityId>* organizations) {
  organizations->clear();
  const SteadyTime deadline = client_->Deadline();
  const PgPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return false;
  const PgResult rows =
      connection->Call(kOrganizationsOf, {std::string(member_id.packed())}, deadline);
  for (int row = 0; rows.ok() && row < rows.rows(); ++row)
    organizations->push_back(RecordKey::FromBytes(rows.bytes(row, 0)).organization());
  return rows.ok();
}

}  // namespace otpcore
