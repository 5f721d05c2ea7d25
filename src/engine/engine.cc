// SPDX-License-Identifier: Apache-2.0
#include "otpcore/engine/engine.h"

namespace otpcore {

CallContext ContextOf(const Config& config, const OperationId& operation_id) {
  CallContext context;
  context.config = &config;
  context.operation_id = operation_id.empty() ? kNotRepeatable : operation_id;
  return context;
}

Loaded MeetLoad(const NeedLoad& need, const Ports& ports) {
  Loaded loaded;
  LoadBatch batch = need.batch;
  loaded.ok = true;
  if (batch.size() > 0) {
    const Store::LoadResult records = ports.store.Load(batch);
    loaded.ok = records.ok;
    loaded.epoch = records.epoch;
  }
  if (loaded.ok && need.session != nullptr) {
    const SessionDirectory::FindResult found = ports.sessions.Find(*need.session);
    loaded.ok = found.ok;
    if (found.session) loaded.session.emplace(*found.session);
  }
  if (loaded.ok && need.entropy != nullptr) {
    loaded.has_entropy =
        ports.random.Fill(reinterpret_cast<uint8_t*>(need.entropy), need.entropy_bytes);
  }
  loaded.now = ports.clock.Now();  // after the load (T-01)
  return loaded;
}

Need MeetNeed(const Need& need, const Ports& ports, Operation* operation) {
  if (const auto* load = std::get_if<NeedLoad>(&need))
    return operation->OnLoaded(MeetLoad(*load, ports));
  if (const auto* admission = std::get_if<NeedAdmission>(&need))
    return operation->OnAdmitted(ports.guard.Admit(admission->id, *admission->quotas));
  if (const auto* commit = std::get_if<NeedCommit>(&need))
    return operation->OnCommitted(ports.store.Commit(*commit->changes));
  if (const auto* session = std::get_if<NeedSessionEffect>(&need))
    return operation->OnSessionEffect(ports.sessions.Apply(*session->effect));
  if (const auto* delivery = std::get_if<NeedDelivery>(&need))
    return operation->OnDelivered(ports.sink.Deliver(*delivery->message));
  if (const auto* settlement = std::get_if<NeedSettlement>(&need)) {
    ports.guard.Settle(settlement->id, settlement->settlement);
    return operation->OnSettled();
  }
  return need;
}

void Engine::Drive(Operation* operation) {
  Need need = operation->Start();
  while (!std::holds_alternative<Done>(need)) need = MeetNeed(need, ports_, operation);
}

void Engine::DrawRequestId(ReplyBase* reply) {
  Uuid drawn;
  // Without entropy the nil UUID stands in: an error too must carry a request id (C-05).
  if (ports_.random.Fill(drawn.bytes.data(), drawn.bytes.size()))
    Replying::SetRequestId(UuidFromRandom(drawn.bytes.data()), reply);
}

}  // namespace otpcore
