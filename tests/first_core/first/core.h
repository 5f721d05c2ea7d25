// SPDX-License-Identifier: Apache-2.0
// The first core as driver.cc sees it; second/core.h is its twin.
#ifndef OTPCORE_TESTS_FIRST_CORE_FIRST_CORE_H_
#define OTPCORE_TESTS_FIRST_CORE_FIRST_CORE_H_

#include <string>
#include <string_view>
#include <utility>

#include "otpcore/engine.h"
#include "otpcore/memory_guard.h"
#include "otpcore/testing/doubles.h"
#include "simulation/call.h"
#include "simulation/clients.h"
#include "simulation/sim_store.h"

namespace otpcore {
namespace core {

// It knows no bound on an attacker's chance.
inline void AdmitShortCodes(Policy*) {}

inline std::string Text(const std::string& text) { return text; }
inline std::string Text(std::string_view text) { return std::string(text); }
template <typename T>
std::string Text(const T& text) {
  return text.str();
}

// What an operation that is not repeatable is run under: here an id that comes once.
inline OperationId OnceId(uint64_t number) {
  OperationId id;
  for (size_t i = 0; i < 8; ++i) id.bytes[i] = static_cast<uint8_t>(number >> (8 * i));
  id.bytes[15] = 2;
  return id;
}

inline Session SessionOf(const simulation::NewSession& from, Instant) {
  Session session;
  session.organization_id = from.organization;
  session.member_id = from.member;
  session.has_primary_factor = from.host_primary || from.email_primary;
  session.has_sms_otp_factor = from.sms;
  session.has_totp_factor = from.totp;
  return session;
}

// Reads what is asked for, Members as they were `back` versions ago. `fill(draws, id, phone_id)`
// is the generator.
template <typename Fill>
Loaded Load(const simulation::SimStore& store, const NeedLoad& need, size_t back, Fill fill) {
  Loaded loaded;
  for (const RecordKey& key : *need.keys) {
    const auto& version = store.Read(key, key.kind == RecordKind::kMember ? back : 0);
    const bool gone = std::holds_alternative<std::monostate>(version.record);
    loaded.records.push_back({key, gone ? 0 : version.revision, version.record});
  }
  if (need.entropy) {
    constexpr SecretAccess kAccess("the generator writes into it");
    uint8_t* const bytes = loaded.entropy.RevealMutable(kAccess);
    loaded.has_entropy = fill(bytes, bytes + kPasscodeEntropyBytes, bytes + kEntropyBytes - 16);
  }
  return loaded;
}

inline std::string QuotaText(const Quota& quota) {
  return std::to_string(static_cast<int>(quota.kind)) + "/" + Text(quota.organization_id) + "/" +
         Text(quota.phone_number) + "/" + Text(quota.region) + "/" + std::to_string(quota.max) +
         "/" + std::to_string(quota.min_ended) + "/" + std::to_string(quota.window.count()) + "/" +
         std::to_string(quota.life.count());
}

inline bool Consumes(const SessionEffect& effect) {
  return effect.credential.kind == SessionCredential::Kind::kIntermediateToken;
}
inline void AddFactor(const SessionEffect&, Session* session) {
  session->has_sms_otp_factor = true;
}
inline std::string EffectText(const SessionEffect& effect, Environment) {
  return Text(effect.organization_id) + "/" + Text(effect.member_id) + " " +
         std::to_string(effect.session_duration.count()) + " " + effect.phone_id + " " +
         effect.phone_number;
}

inline std::string BodyOf(const SmsMessage& message) {
  return std::string(message.body.Reveal(SecretAccess("this is the phone")));
}

// True: the operation has ended. `settle(id, settlement)` tells the guard of it.
template <typename Settle>
bool MeetEnd(Operation*, Need* need, Settle settle) {
  const auto* const done = std::get_if<Done>(need);
  if (done == nullptr) return false;
  if (done->settlement != Settlement::kNone) settle(done->admission, done->settlement);
  return true;
}

inline EventList& EventsOf(simulation::Heard& heard) { return heard.events; }
inline Hints HintsOf(const simulation::Heard& heard) { return heard.hints.value_or(Hints()); }

}  // namespace core
}  // namespace otpcore

#endif  // OTPCORE_TESTS_FIRST_CORE_FIRST_CORE_H_
