// SPDX-License-Identifier: Apache-2.0
#include "host.h"

#include <cstdint>
#include <variant>

namespace coroutine_host {

using otpcore::Loaded;
using otpcore::Need;

bool Host::DrawIds(otpcore::CallContext* context, std::string* request_id) {
  uint8_t drawn[32] = {};
  const bool filled = ports_.random.Fill(drawn, sizeof drawn);
  *request_id = otpcore::FormatId("request-id", config_.policy().environment,
                                  filled ? otpcore::UuidFromRandom(drawn) : otpcore::Uuid());
  context->config = &config_;
  context->operation_id = otpcore::UuidFromRandom(drawn + 16);
  return filled;
}

// What a need points to lives in the operation until its next input, so it may be referred to while
// this coroutine waits.
Async<void> Host::Drive(otpcore::Operation& operation) {
  Need need = operation.Start();
  for (;;) {
    if (const auto* load = std::get_if<otpcore::NeedLoad>(&need)) {
      auto loading = Load(*load);
      Loaded loaded = co_await std::move(loading);
      need = operation.OnLoaded(std::move(loaded));
    } else if (const auto* admission = std::get_if<otpcore::NeedAdmission>(&need)) {
      otpcore::Admission admitted;
      if (ports_.guard != nullptr)
        admitted = ports_.guard->Admit(admission->id, *admission->quotas);
      need = operation.OnAdmitted(admitted);
    } else if (const auto* commit = std::get_if<otpcore::NeedCommit>(&need)) {
      auto committing = ports_.store.Commit(*commit->changes);
      const otpcore::CommitOutcome outcome = co_await std::move(committing);
      need = operation.OnCommitted(outcome);
    } else if (const auto* session = std::get_if<otpcore::NeedSessionEffect>(&need)) {
      auto applying = ports_.sessions.Apply(*session->effect);
      const bool applied = co_await std::move(applying);
      need = operation.OnSessionEffect(applied);
    } else if (const auto* sms = std::get_if<otpcore::NeedDelivery>(&need)) {
      auto delivering = ports_.sink.Deliver(*sms->message);
      const otpcore::Delivery delivery = co_await std::move(delivering);
      need = operation.OnDelivered(delivery);
    } else {
      const otpcore::Done& done = *std::get_if<otpcore::Done>(&need);
      if (ports_.guard != nullptr && done.settlement != otpcore::Settlement::kNone)
        ports_.guard->Settle(done.admission, done.settlement);
      co_return;
    }
  }
}

Async<Loaded> Host::Load(const otpcore::NeedLoad& need) {
  Loaded loaded;
  auto loading = ports_.store.Load(*need.keys);
  otpcore::Store::LoadResult records = co_await std::move(loading);
  loaded.ok = records.ok;
  loaded.epoch = records.epoch;
  loaded.records = std::move(records.records);
  if (loaded.ok && need.session != nullptr) {
    auto finding = ports_.sessions.Find(*need.session);
    const otpcore::SessionDirectory::FindResult found = co_await std::move(finding);
    loaded.ok = found.ok;
    loaded.session = found.session;
  }
  if (loaded.ok && need.entropy) {
    constexpr otpcore::SecretAccess kAccess("the generator writes into it");
    loaded.has_entropy =
        ports_.random.Fill(loaded.entropy.RevealMutable(kAccess), otpcore::Entropy::size());
  }
  loaded.now = ports_.clock.Now();  // after everything else was read
  co_return std::move(loaded);
}

}  // namespace coroutine_host
