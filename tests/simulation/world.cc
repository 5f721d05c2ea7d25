// SPDX-License-Identifier: Apache-2.0
#include "world.h"

#include <algorithm>
#include <utility>

#include "email_variant.h"
#include "policy_variant.h"

namespace otpcore {
namespace simulation {
namespace {

template <typename Ring, typename Key>
Ring RingOf(const std::vector<uint32_t>& ids, uint8_t first) {
  Ring ring;
  for (const uint32_t id : ids) {
    std::array<uint8_t, 32> bytes{};
    bytes.fill(static_cast<uint8_t>(first + id));
    ring.Add(id, Key(bytes));
  }
  return ring;
}

SealingKeyRing SealingKeys(const std::vector<uint32_t>& ids) {
  return RingOf<SealingKeyRing, SealingKey>(ids, 0xE0);
}

}  // namespace

World::World(const Options& options, std::vector<std::string>* log)
    : options_(options),
      log_(log),
      configs_(kKeysOfHosts.size()),
      keys_of_hosts_(options.hosts),
      model_(std::make_shared<ModelState>()),
      clocks_(options.hosts) {
  Policy policy = PolicyVariant(options.policy);
  policy.success_per_year_max = 1e-2;
  if (options.policy % 4 != 0)
    policy.operation_life = std::chrono::minutes(1 + options.policy % 29);
  const TotpVariant totp = AddTotp(options.policy, &policy);
  const uint32_t mail_share = AddEmail(options.policy, &policy);
  const uint32_t discovery_share = AddDiscovery(options.policy, &policy);
  has_sealing_keys_ = totp.has_sealing_keys;
  all_sealing_keys_ = SealingKeys({1, 2, 3});
  config_ = MakeConfig(policy, 0);
  if (config_ == nullptr) return;
  for (uint32_t i = 0; i < options.hosts * kSlotsPerHost; ++i) {
    slots_.push_back(std::make_unique<Slot>());
    slots_.back()->number = i;
    slots_.back()->host = i / kSlotsPerHost;
  }
  std::vector<std::string> numbers;
  for (const NumberFact& fact : Numbers()) numbers.emplace_back(fact.text);
  const EmailClients::MailHabits mail = {mail_share, policy.email_passcode_digits,
                                         policy.email_expiration_minutes_max};
  clients_ = std::make_unique<DiscoveryClients>(
      discovery_share, options.members, config_->policy().passcode_digits, std::move(numbers),
      [this](const std::string& organization, const std::string& member) {
        return Look(organization, member);
      },
      TotpClients::Habits{totp.share, config_->policy().totp}, mail,
      [this] { return clocks_.now(); });
  SetUp();
}

World::~World() = default;

const Config* World::MakeConfig(const Policy& policy, uint32_t keys) {
  std::string problem;
  const KeysOfHost& ids = kKeysOfHosts[keys];
  configs_[keys] = Config::Create(
      policy, RingOf<KeyRing, DigestKey>(ids.digest, 0),
      SealingKeys(has_sealing_keys_ ? ids.sealing : std::vector<uint32_t>()), {}, &problem);
  if (configs_[keys] == nullptr) Fail("the policy is refused: " + problem);
  return configs_[keys].get();
}

const Config& World::ConfigOf(uint32_t keys) {
  return configs_[keys] != nullptr ? *configs_[keys] : *MakeConfig(config_->policy(), keys);
}

void World::SetUp() {
  quiet_ = true;
  for (const Call& call : clients_->SetUp()) RunNow(call);
  quiet_ = false;
}

void World::RunNow(const Call& call) {
  Slot* const slot = slots_.front().get();
  Draw draw(attempts_ + 1);
  *slot = Slot();
  slot->call = call;
  slot->busy = true;
  slot->running = Begin(*config_, slot->call);
  slot->need = slot->running->driver().Start();
  if (std::holds_alternative<Done>(slot->need)) Finish(slot);
  while (slot->busy && problem_.empty()) Advance(slot, &draw, false);
}

Clients::Sight World::Look(const std::string& organization, const std::string& member) const {
  const auto found = model_->members.find(PathOf(organization, member));
  if (found == model_->members.end() || found->second == nullptr) return {};
  const ModelMember& known = *found->second;
  return {!known.number.empty(),
          known.verified,
          !known.candidate.number.empty(),
          known.status == MemberStatus::kDeleted,
          known.registration.state == RegistrationState::kPending ||
              known.registration.state == RegistrationState::kActive,
          known.registration.state == RegistrationState::kActive,
          known.status == MemberStatus::kDeleted ? "" : known.email};
}

void World::Learn(const NewSession& session) {
  const Instant shown = Instant::FromUnixMillis(clocks_.now());
  Session known;
  known.id = session.id;
  known.organization_id = session.organization;
  known.member_id = session.member;
  known.email_address = session.address;
  if (session.host_primary) known.factors.Add(FactorKind::kHostPrimary, shown);
  if (session.email_primary) known.factors.Add(FactorKind::kEmailPasscode, shown);
  if (session.sms) known.factors.Add(FactorKind::kSmsPasscode, shown);
  if (session.totp) known.factors.Add(FactorKind::kTotp, shown);
  if (session.recovery) known.factors.Add(FactorKind::kRecoveryCode, shown);
  sessions_[session.value] = known;
}

void World::Fail(const std::string& what) {
  if (problem_.empty()) {
    problem_ = what;
    Log("*** " + what);
  }
}

void World::Log(const std::string& line) {
  if (log_ != nullptr && !quiet_) log_->push_back(line);
}

std::string World::NameOf(const Slot& slot) {
  return "h" + std::to_string(slot.host) + "." + std::to_string(slot.number);
}

void World::Apply(const Step& step) {
  Draw draw(step.salt);
  Apply(step.kind, step.slot, &draw);
}

void World::Apply(StepKind kind, size_t slot_number, Draw* draw) {
  if (!problem_.empty()) return;
  Slot* const slot = slots_[slot_number % slots_.size()].get();
  switch (kind) {
    case StepKind::kStart:
      if (!slot->busy) Start(slot, draw);
      break;
    case StepKind::kAdvance:
      if (slot->busy) Advance(slot, draw, options_.faults);
      break;
    case StepKind::kFinish:
      while (slot->busy && problem_.empty()) Advance(slot, draw, false);
      break;
    case StepKind::kClock:
      ++events_;
      clocks_.Move(draw, options_.faults);
      Log("clock: " + FormatRfc3339(Instant::FromUnixMillis(clocks_.now())));
      break;
    case StepKind::kCrash:
      for (auto& other : slots_) {
        if (other->host != slot->host || !other->busy) continue;
        other->busy = false;
        other->running.reset();
        ++events_;
      }
      Log("host " + std::to_string(slot->host) + " crashes");
      break;
    case StepKind::kBackup:
      store_.Backup(model_);
      ++events_;
      Log("backup");
      break;
    case StepKind::kRestore: Restore(); break;
    case StepKind::kForget: Forget(slot->host); break;
    case StepKind::kKeys:
      keys_of_hosts_[slot->host] =
          (keys_of_hosts_[slot->host] + 1) % static_cast<uint32_t>(kKeysOfHosts.size());
      ++events_;
      Log("host " + std::to_string(slot->host) + " gets other keys");
      break;
    case StepKind::kPhone:
      if (!under_way_.empty()) {  // any of them: late ones overtake each other
        const auto which =
            under_way_.begin() + draw->Below(static_cast<uint32_t>(under_way_.size()));
        const Sms sms = *which;
        under_way_.erase(which);
        Arrive(sms);
      }
      break;
  }
}

void World::Restore() {
  const StatePtr restored = store_.Restore();
  if (restored == nullptr) return;
  model_ = restored;
  ++epoch_;
  ++events_;
  Count("fault: restore");
  Log("restore from the backup, epoch " + std::to_string(epoch_));
}

void World::Arrive(const Sms& sms) {
  ++events_;
  clients_->Received(sms.to, sms.code);
  Log("the code " + sms.code + " arrives at " + sms.to);
}

}  // namespace simulation
}  // namespace otpcore
