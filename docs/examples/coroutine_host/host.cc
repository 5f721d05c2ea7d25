// SPDX-License-Identifier: Apache-2.0
#include "host.h"

#include <cstdint>
#include <variant>

namespace coroutine_host {

using otpcore::Loaded;
using otpcore::Need;

std::string Host::RequestIdWithout(const otpcore::Entropy& entropy) {
  otpcore::Uuid drawn;
  if (entropy.request_id != drawn.bytes) return "";
  // Without entropy the nil UUID stands in: an error too has a request id.
  if (ports_.random.Fill(drawn.bytes.data(), drawn.bytes.size()))
    drawn = otpcore::UuidFromRandom(drawn.bytes.data());
  return otpcore::FormatId("request-id", config_.policy().environment, drawn);
}

// What a need points to lives in the operation until its next input, so it may be referred to while
// this coroutine waits.
Async<void> Host::Drive(otpcore::Operation& operation) {
  Need need = operation.Start();
  for (;;) {
    if (const auto* load = std::get_if<otpcore::NeedLoad>(&need)) {
      auto loading = Load(*load);
      const Loaded loaded = co_await std::move(loading);
      need = operation.OnLoaded(loaded);
    } else if (const auto* admission = std::get_if<otpcore::NeedAdmission>(&need)) {
      need = operation.OnAdmitted(ports_.guard.Admit(admission->id, *admission->quotas));
    } else if (const auto* commit = std::get_if<otpcore::NeedCommit>(&need)) {
      auto committing = ports_.store.Commit(*commit->changes);
      const otpcore::CommitOutcome outcome = co_await std::move(committing);
      need = operation.OnCommitted(outcome);
    } else if (const auto* session = std::get_if<otpcore::NeedSessionEffect>(&need)) {
      auto applying = ports_.sessions.Apply(*session->effect);
      const bool applied = co_await std::move(applying);
      need = operation.OnSessionEffect(applied);
    } else if (const auto* sending = std::get_if<otpcore::NeedDelivery>(&need)) {
      auto delivering = ports_.sink.Deliver(*sending->message);
      const otpcore::Delivery delivery = co_await std::move(delivering);
      need = operation.OnDelivered(delivery);
    } else if (const auto* end = std::get_if<otpcore::NeedSettlement>(&need)) {
      ports_.guard.Settle(end->id, end->settlement);
      need = operation.OnSettled();
    } else {
      co_return;  // Done
    }
  }
}

Async<Loaded> Host::Load(const otpcore::NeedLoad& need) {
  Loaded loaded;
  loaded.ok = true;
  otpcore::LoadBatch batch = need.batch;
  if (batch.size() > 0) {
    auto loading = ports_.store.Load(batch);
    const otpcore::Store::LoadResult records = co_await std::move(loading);
    loaded.ok = records.ok;
    loaded.epoch = records.epoch;
  }
  if (loaded.ok && need.session != nullptr) {
    auto finding = ports_.sessions.Find(*need.session);
    const otpcore::SessionDirectory::FindResult found = co_await std::move(finding);
    loaded.ok = found.ok;
    loaded.session = found.session;
  }
  if (loaded.ok && need.entropy != nullptr)
    loaded.has_entropy =
        ports_.random.Fill(reinterpret_cast<uint8_t*>(need.entropy), need.entropy_bytes);
  loaded.now = ports_.clock.Now();  // after everything else was read
  co_return loaded;
}

}  // namespace coroutine_host
