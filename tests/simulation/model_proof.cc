// SPDX-License-Identifier: Apache-2.0
// What proofs of all second factors share: known devices, failures, locks, what a success does
// (rules A-01, A-09 … A-12, L-01 … L-05, L-11, DV-*).
#include <algorithm>
#include <set>

#include "model.h"

namespace otpcore {
namespace simulation {

// ---- DV ----

bool IsDevice(const std::string& device) {
  return device.empty() || (device.size() >= 16 && device.size() <= 128);
}

bool IsKnown(const Policy& policy, const ModelDevice& device, Millis now) {
  const Millis life = policy.device_life.count();
  return now < device.succeeded + life && device.succeeded < now + life;
}

std::string IdentityOf(const ModelDevice& device) {
  return device.name + "@" + std::to_string(device.key);
}

ModelDevice* DeviceOf(const Question& question, ModelMember* member) {
  for (ModelDevice& device : member->devices) {
    if (!question.call->device.empty() && device.name == question.call->device &&
        IsKnown(*question.policy, device, question.now))
      return &device;
  }
  return nullptr;
}
const ModelDevice* DeviceOf(const Question& question, const ModelMember& member) {
  return DeviceOf(question, const_cast<ModelMember*>(&member));
}

namespace {

// DV-02, DV-05.
void NoteDevice(const Question& question, ModelMember* member, Expected* expected) {
  const Call& call = *question.call;
  const Policy& policy = *question.policy;
  if (call.device.empty() || policy.device_life.count() == 0) return;
  ModelDevice* device = DeviceOf(question, member);
  if (device == nullptr) {
    std::vector<ModelDevice> kept;
    for (const ModelDevice& other : member->devices) {
      if (IsKnown(policy, other, question.now)) kept.push_back(other);
    }
    if (kept.size() == 4) {
      kept.erase(std::min_element(kept.begin(), kept.end(), [](const auto& a, const auto& b) {
        return a.succeeded < b.succeeded;
      }));
    }
    kept.emplace_back();
    kept.back().name = call.device;
    member->devices = kept;
    device = &member->devices.back();
    device->key = question.digest_key;
    expected->Tell(EventKind::kDeviceKnown);
  }
  const bool has_passcode = member->challenge.device == IdentityOf(*device);
  device->key = question.digest_key;
  if (has_passcode) member->challenge.device = IdentityOf(*device);
  device->succeeded = question.now;
  device->failures = 0;
  if (call.remember_device) device->remembered = question.now;
}

// L-04: how many stands are in the window.
size_t RecentFailures(const Question& question, const ModelBudget& budget,
                      const ModelLedger& ledger) {
  size_t recent = 0;
  for (const ModelFailure& failure : ledger.failures)
    recent += question.now < failure.at + budget.window;
  return recent;
}

ModelBudget BudgetOfSecond(const Policy& policy) {
  return {policy.rolling_failures, policy.rolling_window.count(), policy.rolling_lock.count()};
}

}  // namespace

// ---- L ----

int WindowWeight(const Policy& policy) {
  return policy.totp_window.back + 1 + policy.totp_window.ahead;
}

ModelCounted CountFailure(const Question& question, const ModelBudget& budget, int weight,
                          ModelLedger* ledger) {
  const Policy& policy = *question.policy;
  const Millis now = question.now;
  ModelCounted counted;
  const size_t before = RecentFailures(question, budget, *ledger);
  // T-02, L-10: what a clock far behind the latest failure counts is as late as that one.
  Millis at = IsFarBehind(now, ledger->locked_at) ? ledger->locked_at : now;
  for (const ModelFailure& failure : ledger->failures) {
    if (IsFarBehind(now, failure.at)) at = std::max(at, failure.at);
  }
  counted.lags = at != now;
  for (int stand = 0; stand < weight; ++stand) {  // L-11
    while (ledger->failures.size() >= static_cast<size_t>(budget.failures))
      ledger->failures.erase(ledger->failures.begin());
    const auto later = std::upper_bound(
        ledger->failures.begin(), ledger->failures.end(), at,
        [](Millis time, const ModelFailure& failure) { return time < failure.at; });
    ledger->failures.insert(later, {at, SessionOf(question), question.run});
  }
  ++ledger->in_a_row;
  ++ledger->since_success;
  Millis lock = 0;
  if (ledger->in_a_row >= policy.lock_after_failures) {  // L-02
    lock = policy.lock_duration.count();
    for (int i = 0; i < ledger->locks_in_a_row; ++i)
      lock = std::min(2 * lock, static_cast<Millis>(policy.lock_duration_max.count()));
    ++ledger->locks_in_a_row;
    ledger->in_a_row = 0;
  }
  if (before >= static_cast<size_t>(budget.failures))  // L-04
    lock = std::max(lock, budget.lock * weight);
  if (ledger->since_success >= policy.disable_after_failures) ledger->disabled = true;  // L-03
  counted.locks = lock != 0 || ledger->disabled;
  if (!counted.locks) return counted;
  ledger->locked_at = at;
  const bool far_apart = at - now > Millis{24} * 60 * 60 * 1000;
  ledger->locked_until = far_apart ? at : at + lock;
  ledger->lock_to_come = far_apart ? lock : 0;
  ledger->lagging_until = at == now ? 0 : now + lock;
  return counted;
}

ModelCounted CountFailure(const Question& question, int weight, ModelMember* member) {
  ModelDevice* const device = DeviceOf(question, member);
  if (device == nullptr)
    return CountFailure(question, BudgetOfSecond(*question.policy), weight, &member->ledger);
  ModelCounted counted;
  device->failures += weight;  // DV-03
  counted.forgets_device = device->failures >= 10;
  if (counted.forgets_device)
    member->devices.erase(member->devices.begin() + (device - member->devices.data()));
  return counted;
}

void CountFailure(const Question& question, ModelChallenge* challenge, ModelMember* member) {
  if (++challenge->failures >= question.policy->challenge_failures_max)
    challenge->state = ChallengeState::kExhausted;  // A-13
  CountFailure(question, 1, member);
}

void ClearFailures(const Question& question, ModelMember* member) {
  ClearFailures(question, BudgetOfSecond(*question.policy), &member->ledger);
}

void ClearFailures(const Question& question, const ModelBudget& budget, ModelLedger* ledger) {
  // L-05; a lock that a known device passes goes on (DV-03).
  Millis until = 0;
  ledger->since_success = 0;
  if (!IsLocked(*ledger, question.now, &until)) ledger->in_a_row = ledger->locks_in_a_row = 0;
  // Nothing is forgiven while the budget is full (L-05).
  const bool is_full =
      RecentFailures(question, budget, *ledger) >= static_cast<size_t>(budget.failures);
  const std::string session = is_full ? "" : SessionOf(question);
  std::set<ModelRun> forgiven;  // the latest four, with all their stands
  for (size_t i = ledger->failures.size(); i-- > 0 && !session.empty();) {
    const ModelFailure& failure = ledger->failures[i];
    if (failure.session != session) continue;
    if (forgiven.size() == 4 && forgiven.count(failure.run) == 0) break;
    forgiven.insert(failure.run);
    ledger->failures.erase(ledger->failures.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

// ---- A ----

ErrorCode ProofTargetShape(const Call& call) {
  const ErrorCode error = CheckIds(call);
  if (error != ErrorCode::kOk) return error;
  if (SessionCount(call.session) == 0) return ErrorCode::kNoSessionArguments;
  return SessionCount(call.session) > 1 ? ErrorCode::kTooManySessionArguments : ErrorCode::kOk;
}

ErrorCode ProofOptionsShape(const Call& call) {
  if (!call.set_mfa_enrollment.empty() && call.set_mfa_enrollment != "enroll" &&
      call.set_mfa_enrollment != "unenroll")
    return ErrorCode::kBadRequest;
  if (call.minutes && (*call.minutes < 5 || *call.minutes > 527040))
    return ErrorCode::kInvalidSessionDurationMinutes;
  return IsDevice(call.device) ? ErrorCode::kOk : ErrorCode::kBadRequest;
}

ErrorCode CheckProver(const Question& question, const ModelMember& member, bool allowed) {
  const ErrorCode error = CheckSession(question, member);
  if (error != ErrorCode::kOk) return error;
  if (!question.session->factors.HasPrimary())
    return ErrorCode::kActionAvailableOnlyOncePrimaryAuthenticationIsMet;
  if (!IsActiveFor(question, member)) return ErrorCode::kActionAvailableOnlyForActiveMembers;
  return allowed || member.breakglass ? ErrorCode::kOk
                                      : ErrorCode::kOperationRestrictedByOrganizationMfaMethods;
}

ErrorCode ReplayOfProof(const Question& question, const ModelMember& member, bool allowed) {
  const ErrorCode answer = AnswerOfReplay(question, member.mark);
  if (answer != ErrorCode::kOk) return answer;
  const bool consumed =
      !question.session && !question.call->session.intermediate_session_token.empty();
  if (!consumed) return CheckProver(question, member, allowed);
  return allowed || member.breakglass ? ErrorCode::kOk
                                      : ErrorCode::kOperationRestrictedByOrganizationMfaMethods;
}

bool OpensProof(const Question& question, ErrorCode shape,
                bool (ModelOrganization::*allows)() const, Target* target, Expected* expected) {
  const bool opens = Opens(question, shape, target, expected);
  if (!opens && !expected->replay) return false;
  const bool allowed = (target->org->*allows)();
  expected->error = opens ? CheckProver(question, *target->member, allowed)
                          : ReplayOfProof(question, *target->member, allowed);
  return opens && expected->error == ErrorCode::kOk;
}

bool RefusesLocked(const Question& question, const ModelMember& member, Expected* expected) {
  Millis until = 0;
  if (DeviceOf(question, member) != nullptr || !IsLocked(member.ledger, question.now, &until))
    return false;
  expected->retry_after = until == 0 ? 0 : until - question.now;
  expected->error = ErrorCode::kUserLockLimitReached;
  expected->Tell(EventKind::kRefusedByLimit, expected->error);
  return true;
}

void Succeed(const Question& question, const ModelOrganization& org, const std::string& method,
             ModelMember* member, Expected* expected) {
  const Call& call = *question.call;
  const bool was_enrolled = member->enrolled;
  const std::string preferred = member->default_method;
  if (!method.empty() && org.required_for_all) {  // A-09
    member->enrolled = true;
  } else if (!method.empty() && !call.set_mfa_enrollment.empty()) {
    member->enrolled = call.set_mfa_enrollment == "enroll";
  }
  if (!method.empty() && (preferred.empty() || call.set_default_mfa))  // A-10
    member->default_method = method;
  if (was_enrolled != member->enrolled)
    expected->Tell(member->enrolled ? EventKind::kEnrolled : EventKind::kUnenrolled);
  if (preferred != member->default_method) expected->Tell(EventKind::kDefaultMethodChanged);
  if (was_enrolled && !member->enrolled) {
    if (!member->devices.empty()) expected->Tell(EventKind::kDeviceForgotten);
    ForgetDevices(member);
  }
  ClearFailures(question, member);
  NoteDevice(question, member, expected);
}

}  // namespace simulation
}  // namespace otpcore
