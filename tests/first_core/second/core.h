// SPDX-License-Identifier: Apache-2.0
// The core of this tree as driver.cc sees it; first/core.h is its twin.
#ifndef OTPCORE_TESTS_FIRST_CORE_SECOND_CORE_H_
#define OTPCORE_TESTS_FIRST_CORE_SECOND_CORE_H_

#include <string>
#include <string_view>
#include <utility>

#include "otpcore/adapters/memory_guard.h"
#include "otpcore/engine/engine.h"
#include "otpcore/testing/doubles.h"
#include "simulation/call.h"
#include "simulation/clients.h"
#include "simulation/sim_store.h"

namespace otpcore {
namespace core {

// As far as a policy may (L-09).
inline void AdmitShortCodes(Policy* policy) { policy->success_per_year_max = 1e-2; }

inline std::string Text(const std::string& text) { return text; }
inline std::string Text(std::string_view text) { return std::string(text); }
template <typename T>
std::string Text(const T& text) {
  return text.str();
}

// What an operation that is not repeatable is run under.
inline OperationId OnceId(uint64_t) { return kNotRepeatable; }

inline Session SessionOf(const simulation::NewSession& from, Instant now) {
  Session session;
  session.organization_id = from.organization;
  session.member_id = from.member;
  if (from.host_primary) session.factors.Add(FactorKind::kHostPrimary, now);
  if (from.email_primary) session.factors.Add(FactorKind::kEmailPasscode, now);
  if (from.sms) session.factors.Add(FactorKind::kSmsPasscode, now);
  if (from.totp) session.factors.Add(FactorKind::kTotp, now);
  return session;
}

// Reads what is asked for, Members as they were `back` versions ago. `fill(draws, id, phone_id)`
// is the generator.
template <typename Fill>
Loaded Load(const simulation::SimStore& store, const NeedLoad& need, size_t back, Fill fill) {
  Loaded loaded;
  LoadBatch batch = need.batch;
  for (size_t i = 0; i < batch.size(); ++i) {
    const auto& version =
        store.Read(batch.key(i), batch.key(i).kind() == RecordKind::kMember ? back : 0);
    if (version.answered() != 0) batch.Found(i, version.revision, version.bytes);
  }
  if (need.entropy != nullptr) {
    constexpr SecretAccess kAccess("the generator writes into it");
    Entropy drawn;
    static uint64_t runs = 0;  // ids that the first core has not
    ++runs;
    drawn.request_id.fill(1);
    for (size_t i = 0; i < 8; ++i) drawn.run_id[i] = static_cast<uint8_t>(runs >> (8 * i));
    loaded.has_entropy =
        fill(drawn.draws.RevealMutable(kAccess), drawn.new_id.data(), drawn.phone_id.data());
    std::memcpy(static_cast<void*>(need.entropy), static_cast<const void*>(&drawn),
                need.entropy_bytes);
  }
  return loaded;
}

// As the first core has them: of a conversion without Member, number and what is replaced (L-07).
inline std::string QuotaText(const Quota& quota) {
  const bool of_address = quota.subject == Quota::Subject::kAddress;
  return std::to_string(static_cast<int>(quota.subject)) + "/" + Text(quota.organization_id) + "/" +
         (of_address ? Text(quota.address) : "") + "/" + Text(quota.region) + "/" +
         std::to_string(quota.max) + "/" + std::to_string(quota.min_ended) + "/" +
         std::to_string(quota.window.count()) + "/" + std::to_string(quota.life.count());
}

inline bool Consumes(const SessionEffect& effect) {
  return effect.kind == SessionEffect::Kind::kUpgrade;
}
inline void AddFactor(const SessionEffect& effect, Session* session) {
  session->factors.Add(effect.proof.kind, effect.proof.at);
}
inline std::string EffectText(const SessionEffect& effect, Environment environment) {
  return Text(effect.organization_id) + "/" + Text(effect.member_id) + " " +
         std::to_string(effect.duration.count()) + " " + ProofId(effect.proof, environment) + " " +
         Text(effect.proof.address);
}

inline std::string BodyOf(const Message& message) {
  return std::string(message.text.Reveal(SecretAccess("this is the phone")));
}

// True: the operation has ended. `settle(id, settlement)` tells the guard of it.
template <typename Settle>
bool MeetEnd(Operation* operation, Need* need, Settle settle) {
  if (const auto* const settlement = std::get_if<NeedSettlement>(need)) {
    settle(settlement->id, settlement->settlement);
    *need = operation->OnSettled();
  }
  return std::holds_alternative<Done>(*need);
}

inline EventList EventsOf(const simulation::Heard& heard) { return heard.reply->events(); }
inline Hints HintsOf(const simulation::Heard& heard) { return heard.hints; }

}  // namespace core
}  // namespace otpcore

#endif  // OTPCORE_TESTS_FIRST_CORE_SECOND_CORE_H_
