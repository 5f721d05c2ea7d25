// SPDX-License-Identifier: Apache-2.0
#include "backends.h"

#include <sodium.h>

#include <array>
#include <ctime>
#include <type_traits>
#include <utility>

#ifdef MFA_SERVER_STORES
#include "postgres_guard.h"
#include "postgres_sessions.h"
#include "postgres_store.h"
#include "redis_guard.h"
#include "redis_sessions.h"
#include "redis_store.h"
#include "schema_sql.h"
#endif

namespace mfa_server {
namespace {

// Keeps `sessions` in `backends`, with what the host itself does with them.
template <typename Directory>
void SetSessions(std::unique_ptr<Directory> sessions, Backends* backends) {
  using otpcore::SessionCredential;
  Directory* const directory = sessions.get();
  backends->session_store.add =
      [directory](const SessionCredential& credential, const otpcore::Session& session,
                  otpcore::Instant expires_at, const std::string& metadata) {
        if constexpr (std::is_same_v<Directory, otpcore::MemorySessionDirectory>) {
          directory->Add(credential, session, expires_at, metadata);
          return true;
        } else {
          return directory->Add(credential, session, expires_at, metadata);
        }
      };
  backends->session_store.get = [directory](const SessionCredential& credential) {
    return directory->Get(credential);
  };
  backends->session_store.compare_and_set_metadata =
      [directory](const SessionCredential& credential, const std::string& was,
                  const std::string& metadata) {
        return directory->CompareAndSetMetadata(credential, was, metadata);
      };
  backends->sessions = std::move(sessions);
}

}  // namespace

#ifdef MFA_SERVER_STORES
namespace {

using otpcore::examples::PostgresGuard;
using otpcore::examples::PostgresSessions;
using otpcore::examples::PostgresStore;
using otpcore::examples::RedisGuard;
using otpcore::examples::RedisServer;
using otpcore::examples::RedisSessions;
using otpcore::examples::RedisStore;

bool StartsWith(const std::string& text, const char* start) { return text.rfind(start, 0) == 0; }

// Makes the tables where they are missing; one process at a time.
bool MakeSchema(const std::string& url, std::string* problem) {
  // A server that takes connections and says nothing must not keep this one from starting for ever.
  const char* const names[] = {"connect_timeout", "dbname", nullptr};
  const char* const values[] = {"10", url.c_str(), nullptr};
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(
      PQconnectdbParams(names, values, /*expand_dbname=*/1), PQfinish);
  const std::string sql =
      std::string(
          "SET client_min_messages = warning; BEGIN; SELECT pg_advisory_xact_lock(67890);") +
      kSchema + "COMMIT;";
  const std::unique_ptr<PGresult, decltype(&PQclear)> made(PQexec(connection.get(), sql.c_str()),
                                                           PQclear);
  if (PQresultStatus(made.get()) == PGRES_COMMAND_OK) return true;
  *problem = PQerrorMessage(connection.get());
  return false;
}

// "redis://host:port" or "redis:///path/of/socket".
bool ReadRedisUrl(const std::string& url, RedisServer* server) {
  const std::string rest = url.substr(std::string("redis://").size());
  if (!rest.empty() && rest[0] == '/') {
    server->unix_socket = rest;
    return true;
  }
  const std::string authority = rest.substr(0, rest.find('/'));
  const size_t colon = authority.find(':');
  if (!authority.empty() && colon != 0) server->host = authority.substr(0, colon);
  if (colon == authority.npos) return true;
  server->port = std::atoi(authority.c_str() + colon + 1);
  return server->port > 0 && server->port < 65536;
}

std::unique_ptr<Backends> OpenPostgres(const std::string& url, otpcore::Clock& clock,
                                       std::string* problem) {
  if (!MakeSchema(url, problem)) return nullptr;
  auto backends = std::make_unique<Backends>();
  otpcore::examples::PostgresOptions options;
  options.conninfo = url;
  backends->store = std::make_unique<PostgresStore>(std::move(options));
  auto guard = std::make_unique<PostgresGuard>(url);
  // What a guard remembers is of use for a day at most, and grows with every send.
  backends->tidy_up = [guard = guard.get()] { guard->Sweep(); };
  backends->guard = std::move(guard);
  SetSessions(std::make_unique<PostgresSessions>(clock, url), backends.get());
  return backends;
}

std::unique_ptr<Backends> OpenRedis(const std::string& url, otpcore::Clock& clock,
                                    std::string* problem) {
  RedisServer server;
  if (!ReadRedisUrl(url, &server)) {
    *problem = "a Redis URL is redis://host:port or redis:///path/of/socket";
    return nullptr;
  }
  auto backends = std::make_unique<Backends>();
  auto store = std::make_unique<RedisStore>(server);
  // A server without an epoch is new, or has lost everything; an operator would look first. One
  // that has an epoch keeps it, even when it cannot be reached at first: another one would void all
  // passcodes of the other hosts.
  if (!store->BeginFirstEpoch(static_cast<uint64_t>(std::time(nullptr)))) {
    *problem = "the Redis server cannot be reached";
    return nullptr;
  }
  backends->store = std::move(store);
  backends->guard = std::make_unique<RedisGuard>(server);
  SetSessions(std::make_unique<RedisSessions>(clock, server), backends.get());
  return backends;
}

}  // namespace
#endif

std::unique_ptr<Backends> OpenBackends(const std::string& url, otpcore::Clock& clock,
                                       std::string* problem) {
  if (url == "memory") {
    auto backends = std::make_unique<Backends>();
    backends->store = std::make_unique<otpcore::MemoryStore>();
    backends->guard = std::make_unique<otpcore::MemorySendGuard>(clock);
    SetSessions(std::make_unique<otpcore::MemorySessionDirectory>(clock), backends.get());
    return backends;
  }
#ifdef MFA_SERVER_STORES
  if (StartsWith(url, "postgresql://") || StartsWith(url, "postgres://"))
    return OpenPostgres(url, clock, problem);
  if (StartsWith(url, "redis://")) return OpenRedis(url, clock, problem);
#endif
  *problem = "--store takes memory, postgresql://... or redis://..., as far as they are built in";
  return nullptr;
}

namespace {

std::array<uint8_t, 32> KeyBytesOf(const std::string& text) {
  std::array<uint8_t, 32> key{};
  crypto_generichash(key.data(), key.size(), reinterpret_cast<const uint8_t*>(text.data()),
                     text.size(), nullptr, 0);
  return key;
}

}  // namespace

otpcore::KeyRing KeysOf(const std::string& secret) {
  return otpcore::KeyRing(1, otpcore::DigestKey(KeyBytesOf(secret)));
}

otpcore::SealingKeyRing SealingKeysOf(const std::string& secret) {
  return otpcore::SealingKeyRing(1, otpcore::SealingKey(KeyBytesOf("sealing key:" + secret)));
}

std::string BasicCredentials(const std::string& project_id, const std::string& secret) {
  constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;
  const std::string pair = project_id + ":" + secret;
  std::string encoded(sodium_base64_encoded_len(pair.size(), kVariant), '\0');
  sodium_bin2base64(encoded.data(), encoded.size(),
                    reinterpret_cast<const unsigned char*>(pair.data()), pair.size(), kVariant);
  encoded.pop_back();  // the terminating NUL it counts
  return "Basic " + encoded;
}

}  // namespace mfa_server
