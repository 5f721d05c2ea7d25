// SPDX-License-Identifier: Apache-2.0
#include "open_store.h"

#include <ctime>
#include <utility>

#include "otpcore/storage/memory_store.h"
#ifdef OTPCORE_TOOL_POSTGRES
#include "otpcore/postgres/schema.h"
#include "otpcore/postgres/store.h"
#endif
#ifdef OTPCORE_TOOL_REDIS
#include "otpcore/redis/store.h"
#endif
#ifdef OTPCORE_TOOL_SQLITE
#include "otpcore/sqlite/database.h"
#include "otpcore/sqlite/store.h"
#endif

namespace otpcore_tool {
namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): a tool reads as a host would

bool StartsWith(const std::string& text, const char* start) { return text.rfind(start, 0) == 0; }

#ifdef OTPCORE_TOOL_POSTGRES
std::string OpenPostgres(const std::string& url, int connections, OpenedStore* opened) {
  PostgresOptions options;
  options.conninfo = url;
  options.connections_max = connections;
  std::string problem = PostgresSchemaProblem(options);
  if (problem.empty()) opened->store = std::make_unique<PostgresStore>(options);
  opened->kind = "postgres";
  return problem;
}
#endif

#ifdef OTPCORE_TOOL_REDIS
std::string OpenRedis(const std::string& url, int connections, OpenedStore* opened) {
  RedisOptions options;
  std::string problem;
  if (!ParseRedisUrl(url, &options, &problem)) return problem;
  options.connections_max = connections;
  problem = RedisProblem(options);
  if (!problem.empty()) return problem;
  auto store = std::make_unique<RedisStore>(options);
  if (!store->BeginFirstEpoch(static_cast<uint64_t>(std::time(nullptr))))
    return "The Redis server takes no writes.";
  opened->store = std::move(store);
  opened->kind = "redis";
  return "";
}
#endif

#ifdef OTPCORE_TOOL_SQLITE
std::string OpenSqlite(const std::string& path, OpenedStore* opened) {
  SqliteOptions options;
  options.path = path;
  std::string problem;
  std::shared_ptr<SqliteDatabase> database = SqliteDatabase::Open(options, &problem);
  if (database == nullptr) return problem;
  opened->store = std::make_unique<SqliteStore>(*database);
  opened->database = std::move(database);
  opened->kind = "sqlite";
  return "";
}
#endif

}  // namespace

std::string OpenStore(const std::string& url, int connections, OpenedStore* opened) {
  static_cast<void>(connections);
  if (url == "memory") {
    opened->store = std::make_unique<MemoryStore>();
    opened->kind = "memory";
    return "";
  }
#ifdef OTPCORE_TOOL_SQLITE
  if (const std::string scheme = "sqlite:"; StartsWith(url, scheme.c_str()))
    return OpenSqlite(url.substr(scheme.size()), opened);
#endif
#ifdef OTPCORE_TOOL_REDIS
  for (const char* scheme : {"redis://", "rediss://", "redis+socket:", "unix:"}) {
    if (StartsWith(url, scheme)) return OpenRedis(url, connections, opened);
  }
#endif
#ifdef OTPCORE_TOOL_POSTGRES
  const bool is_list = url.find(':') > url.find('=');
  if (StartsWith(url, "postgresql://") || StartsWith(url, "postgres://") || is_list)
    return OpenPostgres(url, connections, opened);
#endif
  return "--store takes memory, sqlite:FILE, a connection string of PostgreSQL or a URL of Redis, "
         "as "
         "far as they are built in.";
}

}  // namespace otpcore_tool
