// SPDX-License-Identifier: Apache-2.0
// What the world holds against the model of addresses outside Organizations and of exchanges, and
// what stores and session directories do there.
#include "differences.h"
#include "model_discovery.h"
#include "otpcore/model/codec.h"
#include "world.h"

namespace otpcore {
namespace simulation {

// EM-25. The model forgets with the store: neither may remember what the other does not.
void World::Forget(uint32_t host) {
  const Millis now = NowOf(host);
  const std::map<std::string, std::shared_ptr<const ModelAddress>> known = model_->addresses;
  for (const auto& [name, address] : known) {
    const RecordKey key = RecordKey::Discovery(name);
    const std::optional<Instant> from = ForgettableFrom(store_.Read(key).bytes);
    if (!from || now < from->unix_millis()) continue;
    auto after = std::make_shared<ModelState>(*model_);
    after->addresses.erase(name);
    model_ = after;
    store_.Remove(key, model_);
    TakeBack(name);
    Count("the store forgets an address");
    Log("the store forgets " + name);
  }
  ++events_;
}

void World::TakeBack(const std::string& address) {
  for (const auto& slot : slots_) {
    const bool wrote = slot->committed && slot->committed->address == address;
    slot->taken_back |= slot->busy && wrote;
  }
}

bool World::ApplyEffect(const SessionEffect& effect) {
  if (effect.credential.value.empty()) return true;  // a new one is the host's to make (SE-03)
  const auto found = sessions_.find(effect.credential.value);
  if (found == sessions_.end()) return false;
  if (effect.kind != SessionEffect::Kind::kExtend) {
    sessions_.erase(found);
    return true;
  }
  Session& session = found->second;
  session.factors.Add(effect.proof.kind, effect.proof.at);
  if (effect.proof.kind == FactorKind::kEmailPasscode) session.email_address = effect.proof.address;
  if (session.is_of_no_member()) {
    session.organization_id = effect.organization_id;
    session.member_id = effect.member_id;
  }
  return true;
}

void World::MakeSession(const Slot& slot, const SessionEffect& effect) {
  const bool wanted = slot.call.verb == Verb::kAuthenticateDiscovery ||
                      effect.kind == SessionEffect::Kind::kCreateIntermediate;
  if (!wanted) return;
  Session session;
  if (slot.session && !effect.credential.value.empty()) session = *slot.session;
  session.organization_id = effect.organization_id;
  session.member_id = effect.member_id;
  session.factors.Add(effect.proof.kind, effect.proof.at);
  if (effect.proof.kind == FactorKind::kEmailPasscode) session.email_address = effect.proof.address;
  const std::string token = "t" + std::to_string(++sessions_made_);
  if (session.id.empty()) session.id = "k" + std::to_string(sessions_made_);
  sessions_[token] = session;
  clients_->LearnToken(token);
}

std::string World::CompareAddress(const Write& write) const {
  const auto found = model_->addresses.find(write.key->name().str());
  const bool known = found != model_->addresses.end() && found->second != nullptr;
  if (known == write.record.empty()) return "an address is remembered or not";
  if (!known) return "";
  DiscoveryRecord record;
  if (!Unpack(*write.key, write.record, &record)) return "it is no address";
  const ModelAddress& model = *found->second;
  Differences differences;
  differences.Same("address", record.address.view(), model.address);
  const std::optional<Instant> from = ForgettableFrom(write.record);
  differences.Same("to be forgotten from", from ? from->unix_millis() : 0,
                   MayBeForgottenFrom(config_->policy(), model));
  const std::string text = CompareMail(record.email, model.mail);
  return text.empty() ? differences.text() : text;
}

// EM-26.
void World::CheckDiscoveryEffect(const SessionEffect& effect, const Expected& expected) {
  const ModelAddress* const model =
      expected.new_address != nullptr ? expected.new_address.get() : expected.target_address.get();
  if (!expected.effect || expected.error != ErrorCode::kOk)
    return Fail("a session is to be made by what is no success");
  Differences differences;
  differences.Same("kind", effect.kind, expected.effect->kind);
  differences.Same("value", effect.credential.value, "");
  differences.Same("organization", effect.organization_id.str(), std::string());
  differences.Same("member", effect.member_id.str(), std::string());
  differences.Same("duration", effect.duration.count(), int64_t{60000} * expected.effect->minutes);
  differences.Same("factor", effect.proof.kind, FactorKind::kEmailPasscode);
  differences.Same("address", effect.proof.address.view(), model->address);
  differences.Same("id", ProofId(effect.proof, Environment::kTest), model->mail.id);
  if (!differences.text().empty()) Fail("the session of no Member: " + differences.text());
}

void World::CheckDiscoveryAnswer(const Slot& slot, const Expected& expected, const Heard& heard) {
  const std::string who = simulation::NameOf(slot.call.verb) + (" of " + NameOf(slot));
  if (heard.member || heard.organization) return Fail(who + " shows a Member (EM-24)");
  Differences differences;
  differences.Same("applied", heard.applied, expected.applied);
  const bool proves = slot.call.verb == Verb::kAuthenticateDiscovery;
  differences.Same("email_address", heard.email_address, proves ? expected.address : "");
  differences.Same("an effect", heard.session_effect.has_value(), proves);
  if (!differences.text().empty()) return Fail("the answer of " + who + ": " + differences.text());
  if (proves) CheckDiscoveryEffect(*heard.session_effect, expected);
}

}  // namespace simulation
}  // namespace otpcore
