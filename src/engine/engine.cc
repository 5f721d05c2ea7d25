// SPDX-License-Identifier: Apache-2.0
#include "otpcore/engine/engine.h"

namespace otpcore {
namespace {

constexpr SecretAccess kAccess("the generator writes into it");

}  // namespace

bool Engine::Prepare(CallOptions* options, CallContext* context) {
  constexpr size_t kUuid = 16;
  uint8_t drawn[2 * kUuid] = {};
  const bool complete = !options->request_id.empty() && !options->operation_id.empty();
  const bool filled = complete || ports_.random.Fill(drawn, sizeof drawn);
  if (options->request_id.empty()) {
    // Without entropy the nil UUID stands in: an error too must carry a request id (C-05).
    options->request_id = FormatId("request-id", config_.policy().environment,
                                   filled ? UuidFromRandom(drawn) : Uuid());
  }
  context->config = &config_;
  context->operation_id =
      options->operation_id.empty() ? UuidFromRandom(drawn + kUuid) : options->operation_id;
  return filled;
}

void Engine::Drive(Operation* operation) {
  Need need = operation->Start();
  for (;;) {
    if (const auto* load = std::get_if<NeedLoad>(&need)) {
      need = operation->OnLoaded(Load(*load));
    } else if (const auto* admission = std::get_if<NeedAdmission>(&need)) {
      need = operation->OnAdmitted(ports_.guard == nullptr
                                       ? Admission()
                                       : ports_.guard->Admit(admission->id, *admission->quotas));
    } else if (const auto* commit = std::get_if<NeedCommit>(&need)) {
      need = operation->OnCommitted(ports_.store.Commit(*commit->changes));
    } else if (const auto* session = std::get_if<NeedSessionEffect>(&need)) {
      need = operation->OnSessionEffect(ports_.sessions.Apply(*session->effect));
    } else if (const auto* delivery = std::get_if<NeedDelivery>(&need)) {
      need = operation->OnDelivered(ports_.sink.Deliver(*delivery->message));
    } else {
      const Done& done = *std::get_if<Done>(&need);
      if (ports_.guard != nullptr && done.settlement != Settlement::kNone)
        ports_.guard->Settle(done.admission, done.settlement);
      return;
    }
  }
}

Loaded Engine::Load(const NeedLoad& need) {
  Loaded loaded;
  Store::LoadResult records = ports_.store.Load(*need.keys);
  loaded.ok = records.ok;
  loaded.epoch = records.epoch;
  loaded.records = std::move(records.records);
  if (loaded.ok && need.session != nullptr) {
    SessionDirectory::FindResult found = ports_.sessions.Find(*need.session);
    loaded.ok = found.ok;
    loaded.session = found.session;
  }
  if (loaded.ok && need.entropy) {
    loaded.has_entropy = ports_.random.Fill(loaded.entropy.RevealMutable(kAccess), Entropy::size());
  }
  loaded.now = ports_.clock.Now();  // after the load (T-01)
  return loaded;
}

}  // namespace otpcore
