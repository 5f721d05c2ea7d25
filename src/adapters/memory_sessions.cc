// SPDX-License-Identifier: Apache-2.0
#include "otpcore/adapters/memory_sessions.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "absl/hash/hash.h"

namespace otpcore {
namespace {

using Key = std::pair<SessionCredential::Kind, std::string>;

constexpr size_t kFewest = 64;

struct Held {
  Session session;
  Instant expires_at;
  std::string metadata;
};

}  // namespace

struct MemorySessionDirectory::Impl {
  // Not absl's: its tables are destroyed when memory runs out while they grow.
  using Sessions = std::unordered_map<Key, Held, absl::Hash<Key>>;

  // Sessions that nobody looks up any more are erased when there are twice as many as last time.
  void Sweep() {
    const Instant now = clock->Now();
    for (auto at = sessions.begin(); at != sessions.end();)
      at = now >= at->second.expires_at ? sessions.erase(at) : ++at;
    swept_at = std::max(kFewest, 2 * sessions.size());
  }
  Sessions::iterator Named(const SessionCredential& credential) {
    if (credential.kind != SessionCredential::Kind::kSessionId)
      return sessions.find(Key(credential.kind, std::string(credential.value)));
    return std::find_if(sessions.begin(), sessions.end(), [&](const auto& entry) {
      return !credential.value.empty() && entry.second.session.id.view() == credential.value;
    });
  }
  // The end of `sessions` when it has ended; a clock that steps back then revives none.
  Sessions::iterator Living(const SessionCredential& credential, Instant now) {
    const auto found = Named(credential);
    if (found == sessions.end() || now < found->second.expires_at) return found;
    sessions.erase(found);
    return sessions.end();
  }

  Clock* clock;
  std::mutex mutex;
  Sessions sessions;
  size_t swept_at = kFewest;
};

MemorySessionDirectory::MemorySessionDirectory(Clock& clock) : impl_(std::make_unique<Impl>()) {
  impl_->clock = &clock;
}
MemorySessionDirectory::~MemorySessionDirectory() = default;

void MemorySessionDirectory::Add(const SessionCredential& credential, const Session& session,
                                 Instant expires_at, std::string metadata) {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  if (impl_->sessions.size() >= impl_->swept_at) impl_->Sweep();
  impl_->sessions[Key(credential.kind, std::string(credential.value))] = {session, expires_at,
                                                                          std::move(metadata)};
}

std::optional<SessionInfo> MemorySessionDirectory::Get(const SessionCredential& credential) {
  const Instant now = impl_->clock->Now();
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  const auto living = impl_->Living(credential, now);
  if (living == impl_->sessions.end()) return std::nullopt;
  const Held& held = living->second;
  return SessionInfo{held.session, held.metadata, held.expires_at};
}

bool MemorySessionDirectory::CompareAndSetMetadata(const SessionCredential& credential,
                                                   const std::string& was, std::string metadata) {
  const Instant now = impl_->clock->Now();
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  const auto living = impl_->Living(credential, now);
  if (living == impl_->sessions.end() || living->second.metadata != was) return false;
  living->second.metadata = std::move(metadata);
  return true;
}

bool MemorySessionDirectory::Remove(const SessionCredential& credential) {
  const Instant now = impl_->clock->Now();
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  const auto living = impl_->Living(credential, now);
  if (living == impl_->sessions.end()) return false;
  impl_->sessions.erase(living);
  return true;
}

std::vector<SessionInfo> MemorySessionDirectory::ListOf(const EntityId& member_id) {
  std::vector<SessionInfo> listed;
  const Instant now = impl_->clock->Now();
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  for (const auto& [key, held] : impl_->sessions) {
    if (held.session.member_id == member_id && now < held.expires_at)
      listed.push_back({held.session, held.metadata, held.expires_at});
  }
  return listed;
}

SessionDirectory::FindResult MemorySessionDirectory::Find(const SessionCredential& credential) {
  FindResult result;
  result.ok = true;
  const Instant now = impl_->clock->Now();
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  const auto living = impl_->Living(credential, now);
  if (living != impl_->sessions.end()) result.session = living->second.session;
  return result;
}

bool MemorySessionDirectory::Apply(const SessionEffect& effect) {
  if (effect.credential.value.empty()) return true;
  const Instant now = impl_->clock->Now();
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  const auto living = impl_->Living(effect.credential, now);
  if (living == impl_->sessions.end()) return false;
  if (effect.kind != SessionEffect::Kind::kExtend) {
    impl_->sessions.erase(living);
    return true;
  }
  Held& held = living->second;
  Session& session = held.session;
  session.factors.Add(effect.proof.kind,
                      std::max(effect.proof.at, session.factors.LastShown(effect.proof.kind)));
  if (effect.proof.kind == FactorKind::kEmailPasscode) session.email_address = effect.proof.address;
  if (session.is_of_no_member()) {
    session.organization_id = effect.organization_id;
    session.member_id = effect.member_id;
  }
  held.expires_at = std::max(held.expires_at, now + effect.duration);
  return true;
}

}  // namespace otpcore
