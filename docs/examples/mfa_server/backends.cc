// SPDX-License-Identifier: Apache-2.0
#include "backends.h"

#include <sodium.h>

#include <array>
#include <ctime>
#include <type_traits>
#include <utility>

#ifdef MFA_SERVER_POSTGRES
#include "otpcore/postgres/directory.h"
#include "otpcore/postgres/guard.h"
#include "otpcore/postgres/schema.h"
#include "otpcore/postgres/sessions.h"
#include "otpcore/postgres/store.h"
#endif
#ifdef MFA_SERVER_REDIS
#include "otpcore/redis/guard.h"
#include "otpcore/redis/sessions.h"
#include "otpcore/redis/store.h"
#endif
#ifdef MFA_SERVER_SQLITE
#include "otpcore/sqlite/database.h"
#include "otpcore/sqlite/directory.h"
#include "otpcore/sqlite/guard.h"
#include "otpcore/sqlite/sessions.h"
#include "otpcore/sqlite/store.h"
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
  backends->session_store.find = [directory](const SessionCredential& credential) {
    return directory->Find(credential);
  };
  backends->session_store.extend = [directory](const SessionCredential& credential,
                                               otpcore::Duration duration) {
    const auto found = directory->Find(credential);
    if (!found.session) return false;
    // A factor that it has, at the time it was shown: nothing but the end changes.
    otpcore::SessionEffect effect;
    effect.credential = credential;
    effect.duration = duration;
    for (const otpcore::FactorTraits& traits : otpcore::kFactorTable) {
      if (!found.session->factors.Has(traits.kind)) continue;
      effect.proof.kind = traits.kind;
      effect.proof.at = found.session->factors.LastShown(traits.kind);
      return directory->Apply(effect);
    }
    return false;
  };
  backends->session_store.remove = [directory](const SessionCredential& credential) {
    return directory->Remove(credential);
  };
  backends->session_store.list = [directory](const otpcore::EntityId& member_id) {
    return std::optional<std::vector<otpcore::SessionInfo>>(directory->ListOf(member_id));
  };
  backends->sessions = std::move(sessions);
}

bool StartsWith(const std::string& text, const char* start) { return text.rfind(start, 0) == 0; }

#ifdef MFA_SERVER_POSTGRES
std::unique_ptr<Backends> OpenPostgres(const std::string& url, otpcore::Clock& clock,
                                       int spraying_failures, std::string* problem) {
  otpcore::PostgresOptions options;
  options.conninfo = url;
  *problem = otpcore::PostgresSchemaProblem(options);
  if (!problem->empty()) return nullptr;
  auto backends = std::make_unique<Backends>();
  backends->store = std::make_unique<otpcore::PostgresStore>(options);
  options.connections_max = 4;
  backends->directory = std::make_unique<otpcore::PostgresDirectory>(options);
  auto guard = std::make_unique<otpcore::PostgresGuard>(options, spraying_failures);
  // What a guard remembers is of use for a day at most, and grows with every send.
  backends->tidy_up = [guard = guard.get()] { guard->Sweep(); };
  backends->guard = std::move(guard);
  SetSessions(std::make_unique<otpcore::PostgresSessions>(clock, options), backends.get());
  return backends;
}
#endif

#ifdef MFA_SERVER_REDIS
std::unique_ptr<Backends> OpenRedis(const std::string& url, otpcore::Clock& clock,
                                    int spraying_failures, std::string* problem) {
  otpcore::RedisOptions options;
  if (!otpcore::ParseRedisUrl(url, &options, problem)) return nullptr;
  *problem = otpcore::RedisProblem(options);
  if (!problem->empty()) return nullptr;
  auto backends = std::make_unique<Backends>();
  auto store = std::make_unique<otpcore::RedisStore>(options);
  // A server without an epoch is new, or has lost everything; an operator would look first. One
  // that has an epoch keeps it, even when it cannot be reached at first: another one would void all
  // passcodes of the other hosts.
  if (!store->BeginFirstEpoch(static_cast<uint64_t>(std::time(nullptr)))) {
    *problem = "The Redis server takes no writes.";
    return nullptr;
  }
  backends->store = std::move(store);
  backends->guard = std::make_unique<otpcore::RedisGuard>(options, spraying_failures);
  SetSessions(std::make_unique<otpcore::RedisSessions>(clock, options), backends.get());
  return backends;
}
#endif

#ifdef MFA_SERVER_SQLITE
std::unique_ptr<Backends> OpenSqlite(const std::string& path, otpcore::Clock& clock,
                                     int spraying_failures, std::string* problem) {
  otpcore::SqliteOptions options;
  options.path = path;
  std::shared_ptr<otpcore::SqliteDatabase> database =
      otpcore::SqliteDatabase::Open(options, problem);
  if (database == nullptr) return nullptr;
  auto backends = std::make_unique<Backends>();
  backends->database = database;
  backends->store = std::make_unique<otpcore::SqliteStore>(*database);
  backends->directory = std::make_unique<otpcore::SqliteDirectory>(*database);
  auto guard = std::make_unique<otpcore::SqliteGuard>(clock, *database, spraying_failures);
  backends->tidy_up = [guard = guard.get()] { guard->Sweep(); };
  backends->guard = std::move(guard);
  SetSessions(std::make_unique<otpcore::SqliteSessions>(clock, *database), backends.get());
  return backends;
}
#endif

}  // namespace

std::unique_ptr<Backends> OpenBackends(const std::string& url, otpcore::Clock& clock,
                                       int spraying_failures, std::string* problem) {
  if (url == "memory") {
    auto backends = std::make_unique<Backends>();
    auto store = std::make_unique<otpcore::MemoryStore>();
    backends->directory = std::make_unique<otpcore::MemoryDirectory>(*store);
    backends->store = std::move(store);
    otpcore::MemorySendGuard::Options guard;
    guard.spraying_failures = spraying_failures;
    backends->guard = std::make_unique<otpcore::MemorySendGuard>(clock, guard);
    SetSessions(std::make_unique<otpcore::MemorySessionDirectory>(clock), backends.get());
    return backends;
  }
#ifdef MFA_SERVER_SQLITE
  if (const std::string scheme = "sqlite:"; StartsWith(url, scheme.c_str()))
    return OpenSqlite(url.substr(scheme.size()), clock, spraying_failures, problem);
#endif
#ifdef MFA_SERVER_POSTGRES
  // A URI of libpq, or its list of names and values.
  const bool is_list = url.find(':') > url.find('=');
  if (StartsWith(url, "postgresql://") || StartsWith(url, "postgres://") || is_list)
    return OpenPostgres(url, clock, spraying_failures, problem);
#endif
#ifdef MFA_SERVER_REDIS
  for (const char* scheme : {"redis://", "rediss://", "redis+socket:", "unix:"}) {
    if (StartsWith(url, scheme)) return OpenRedis(url, clock, spraying_failures, problem);
  }
#endif
  *problem =
      "--store takes memory, sqlite:FILE, a URI of PostgreSQL or one of Redis, as far as they are "
      "built in";
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
