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

template <typename Request>
SearchReply Engine::Search(const Request& request, Directory& directory, CallOptions options) {
  SearchOperation operation(config_, request);
  SearchNeed need = operation.Start();
  while (!std::holds_alternative<Done>(need)) {
    if (const auto* load = std::get_if<NeedLoad>(&need)) {
      LoadBatch batch = load->batch;
      need = operation.OnLoaded(ports_.store.Load(batch).ok);
    } else {
      need = operation.OnVisited(directory.Visit(*std::get_if<NeedVisit>(&need)->batch));
    }
  }
  if (options.request_id.empty()) {
    Uuid drawn;  // without entropy the nil UUID stands in, as below
    if (ports_.random.Fill(drawn.bytes.data(), drawn.bytes.size()))
      drawn = UuidFromRandom(drawn.bytes.data());
    options.request_id = FormatId("request-id", config_.policy().environment, drawn);
  }
  SearchReply reply;
  operation.Respond(ports_.clock.Now(), std::move(options.request_id), &reply);
  return reply;
}

SearchReply Engine::SearchMembers(const SearchMembersRequest& request, Directory& directory,
                                  CallOptions options) {
  return Search(request, directory, std::move(options));
}

SearchReply Engine::SearchOrganizations(const SearchOrganizationsRequest& request,
                                        Directory& directory, CallOptions options) {
  return Search(request, directory, std::move(options));
}

Reply<otpcore::DangerouslyGetMember> Engine::DangerouslyGetMember(
    DangerouslyGetMemberRequest request, Directory& directory, CallOptions options) {
  EntityId id;
  request.organizations.clear();
  if (EntityId::Parse(request.member_id, config_.policy().environment, &id) == ErrorCode::kOk)
    request.directory_ok = directory.OrganizationsOf(id, &request.organizations);
  Reply<otpcore::DangerouslyGetMember> reply;
  OperationFor<otpcore::DangerouslyGetMember> operation(ContextOf(config_, {}), request);
  Drive(&operation.driver());
  operation.Respond(std::move(options.request_id), &reply);
  if (!Replying::HasRequestId(reply)) DrawRequestId(&reply);
  return reply;
}

void Engine::DrawRequestId(ReplyBase* reply) {
  Uuid drawn;
  // Without entropy the nil UUID stands in: an error too must carry a request id (C-05).
  if (ports_.random.Fill(drawn.bytes.data(), drawn.bytes.size()))
    Replying::SetRequestId(UuidFromRandom(drawn.bytes.data()), reply);
}

}  // namespace otpcore
