// SPDX-License-Identifier: Apache-2.0
// Drives one command by hand: the loop inside otpcore::Engine, spelled out. A host with an event
// loop of its own copies it and meets each need in its own way; coroutine_host does so with
// co_await. MeetNeed (engine.h) is this loop's body for ports that block.
//
// Exit status: 0 when the passcode was accepted.
#include <iostream>
#include <utility>
#include <variant>

#include "otpcore/engine/engine.h"
#include "otpcore/testing/world.h"

namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): this is what a host would do

// Everything that an operation may ask for. Each answer may as well come later and from elsewhere.
Loaded Load(testing::World& world, const NeedLoad& need) {
  Loaded loaded;
  loaded.ok = true;
  LoadBatch batch = need.batch;
  if (batch.size() > 0) {
    const Store::LoadResult result = world.store.Load(batch);
    loaded.ok = result.ok;
    loaded.epoch = result.epoch;
  }
  if (need.session != nullptr) {
    const auto found = world.sessions.Find(*need.session);
    loaded.ok = loaded.ok && found.ok;
    loaded.session = found.session;
  }
  if (need.entropy != nullptr) {
    loaded.has_entropy =
        world.codes.Fill(reinterpret_cast<uint8_t*>(need.entropy), need.entropy_bytes);
  }
  loaded.now = world.clock.Now();  // after everything else was read
  return loaded;
}

template <typename Request>
Reply<CommandOfT<Request>> Run(testing::World& world, const Request& request,
                               const OperationId& id) {
  CallContext context;
  context.config = world.config.get();
  context.operation_id = id;
  OperationFor<CommandOfT<Request>> operation(context, request);
  Operation& driver = operation.driver();

  Need need = driver.Start();
  while (!std::holds_alternative<Done>(need)) {
    if (const auto* load = std::get_if<NeedLoad>(&need)) {
      need = driver.OnLoaded(Load(world, *load));
    } else if (const auto* admission = std::get_if<NeedAdmission>(&need)) {
      need = driver.OnAdmitted(world.guard.Admit(admission->id, *admission->quotas));
    } else if (const auto* commit = std::get_if<NeedCommit>(&need)) {
      need = driver.OnCommitted(world.store.Commit(*commit->changes));
    } else if (const auto* session = std::get_if<NeedSessionEffect>(&need)) {
      need = driver.OnSessionEffect(world.sessions.Apply(*session->effect));
    } else if (const auto* delivery = std::get_if<NeedDelivery>(&need)) {
      need = driver.OnDelivered(world.sink.Deliver(*delivery->message));
    } else if (const auto* settlement = std::get_if<NeedSettlement>(&need)) {
      world.guard.Settle(settlement->id, settlement->settlement);
      need = driver.OnSettled();
    }
  }
  Reply<CommandOfT<Request>> reply;
  operation.Respond("request-1", &reply);
  world.guard.Observe(&reply.events());
  return reply;
}

OperationId Drawn(testing::World& world) {
  uint8_t bytes[16] = {};
  world.random.Fill(bytes, sizeof bytes);
  return UuidFromRandom(bytes);
}

}  // namespace

int main() {
  testing::World world;
  const Member ada = world.MakeMember(world.MakeOrganization());

  SendSmsOtpRequest send;
  send.organization_id = ada.organization_id.str();
  send.member_id = ada.member_id.str();
  send.mfa_phone_number = testing::kNumber;
  const auto sent = Run(world, send, Drawn(world));
  std::cout << "send: " << (sent.ok() ? "on its way" : testing::ErrorTypeOf(sent)) << "\n";

  AuthenticateSmsOtpRequest proof;
  proof.organization_id = ada.organization_id.str();
  proof.member_id = ada.member_id.str();
  proof.code.emplace(world.Code());
  proof.session = world.Intermediate(ada);
  const auto proved = Run(world, proof, Drawn(world));
  std::cout << "authenticate: " << (proved.ok() ? "welcome" : testing::ErrorTypeOf(proved)) << "\n";
  return sent.ok() && proved.ok() ? 0 : 1;
}
