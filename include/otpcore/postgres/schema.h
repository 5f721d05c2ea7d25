// SPDX-License-Identifier: Apache-2.0
// The tables and functions that otpcore::postgres needs, and their version. A server never makes
// them itself: DDL waits for locks that a backup holds, everybody else waits behind it, and a role
// that serves requests needs no right to make tables.
#ifndef OTPCORE_POSTGRES_SCHEMA_H_
#define OTPCORE_POSTGRES_SCHEMA_H_

#include <string>

#include "otpcore/base/export.h"
#include "otpcore/postgres/options.h"

namespace otpcore {

// The version that this library needs. It serves a newer one too: a migration only adds.
inline constexpr int kPostgresSchemaVersion = 2;

// Brings the schema of the database to this version; `otpcore migrate` does it. Run it before the
// hosts of a new version start, as a role that may create tables; several at once wait for each
// other. A schema of this version or a newer one is left alone, without a lock. All or nothing. A
// lock that cannot be had within `options.timeout` ends it, so that nobody waits behind it.
// "", or a sentence that says what went wrong: nothing was changed then, unless the connection
// broke at the very end; run it again.
OTPCORE_EXPORT std::string MigratePostgres(const PostgresOptions& options);

// "" when hosts may start on this database; otherwise a sentence that says what is wrong: it cannot
// be reached, its schema is missing or older, or the role may not use it. Only reads. Ask it once,
// before the first command.
OTPCORE_EXPORT std::string PostgresSchemaProblem(const PostgresOptions& options);

}  // namespace otpcore

#endif  // OTPCORE_POSTGRES_SCHEMA_H_
