// SPDX-License-Identifier: Apache-2.0
#include "world.h"

#include <algorithm>
#include <utility>

namespace otpcore {
namespace simulation {
namespace {

constexpr Millis kSecond = 1000;
constexpr Millis kMinute = 60 * kSecond;
constexpr Millis kHour = 60 * kMinute;

KeyRing Keys() {
  std::array<uint8_t, 32> bytes{};
  bytes.fill(7);
  return KeyRing(7, DigestKey(bytes));
}

}  // namespace

// Small limits, so that short sequences reach all of them.
Policy PolicyVariant(uint32_t variant) {
  Draw draw(variant + 1);
  Policy policy;
  if (variant == 0) return policy;
  policy.passcode_digits = draw.Chance(1, 2) ? 4 : 6;
  policy.challenge_failures_max = 1 + static_cast<int>(draw.Below(5));
  policy.lock_after_failures = 2 + static_cast<int>(draw.Below(6));
  policy.disable_after_failures = 8 + static_cast<int>(draw.Below(12));
  policy.rolling_failures = 3 + static_cast<int>(draw.Below(12));
  policy.rolling_window = Duration(kHour * (1 + draw.Below(72)));
  policy.rolling_lock = Duration(kMinute * (5 + draw.Below(600)));
  policy.lock_duration = Duration(kMinute * (5 + draw.Below(60)));
  policy.lock_duration_max = policy.lock_duration * (1 + draw.Below(6));
  policy.sends_max = 2 + static_cast<int>(draw.Below(6));
  if (draw.Chance(1, 3)) policy.send_interval_min = Duration(kSecond * 20);
  policy.passcode_life = Duration(kSecond * (30 + draw.Below(120)));
  policy.replace_pending_number = draw.Chance(1, 2);
  if (draw.Chance(1, 2)) {
    const std::string code = policy.passcode_digits == 4 ? "0042" : "000042";
    policy.sandbox_numbers.push_back(
        {"+15005550006", code, Instant::FromUnixMillis(1767225600000 + 2 * kHour)});
  }
  return policy;
}

World::World(const Options& options, std::vector<std::string>* log)
    : options_(options), log_(log), model_(std::make_shared<ModelState>()) {
  std::string problem;
  config_ = Config::Create(PolicyVariant(options.policy), Keys(), {}, &problem);
  if (config_ == nullptr) {
    Fail("the policy is refused: " + problem);
    return;
  }
  clocks_.resize(options.hosts);
  for (uint32_t i = 0; i < options.hosts * kSlotsPerHost; ++i) {
    slots_.push_back(std::make_unique<Slot>());
    slots_.back()->number = i;
    slots_.back()->host = i / kSlotsPerHost;
  }
  SetUp();
}

World::~World() = default;

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

Millis World::NowOf(uint32_t host) const {
  const HostClock& clock = clocks_[host];
  return clock.frozen_at != 0 ? clock.frozen_at : now_ + clock.skew;
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
    case StepKind::kClock: MoveClock(draw); break;
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

void World::MoveClock(Draw* draw) {
  ++events_;
  HostClock& clock = clocks_[draw->Below(static_cast<uint32_t>(clocks_.size()))];
  const uint32_t what = draw->Below(100);
  static constexpr Millis kForward[] = {1,           kSecond,        5 * kSecond, 30 * kSecond,
                                        2 * kMinute, 10 * kMinute,   kHour,       5 * kHour,
                                        24 * kHour,  30 * 24 * kHour};
  static constexpr Millis kBack[] = {1, kSecond, 10 * kSecond, 3 * kMinute, kHour, 48 * kHour};
  const bool skews = options_.faults;
  if (!skews || what < 70) {
    now_ += kForward[std::min(draw->Below(10), draw->Below(10))];
  } else if (what < 80) {
    now_ -= kBack[std::min(draw->Below(6), draw->Below(6))];
  } else if (what < 90) {
    // Mostly seconds; sometimes so far that ledgers and locks cannot make sense of it (T-02).
    static constexpr Millis kFar[] = {20 * kMinute, 2 * kHour, 9 * 24 * kHour, 60 * 24 * kHour};
    clock.skew = static_cast<Millis>(draw->Below(20001)) - 10000;
    if (draw->Chance(1, 5)) clock.skew += kFar[draw->Below(4)];
  } else if (what < 95) {
    clock.frozen_at = clock.frozen_at == 0 ? now_ : 0;
  } else {
    clock = HostClock();
  }
  Log("clock: " + FormatRfc3339(Instant::FromUnixMillis(now_)));
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
  arrived_[sms.member].push_back(sms.code);
  Log("SMS " + sms.code + " arrives at " + sms.member);
}

}  // namespace simulation
}  // namespace otpcore
