// SPDX-License-Identifier: Apache-2.0
#include "otpcore/model/explain.h"

#include <algorithm>

#include "model/ledgers.h"

namespace otpcore {
namespace {

// The kinds of hold of one ledger of failures.
struct LockKinds {
  HoldKind in_a_row, for_good, by_budget, budget_spent;
};
constexpr LockKinds kOfSecondFactors = {HoldKind::kLockedInARow, HoldKind::kLockedForGood,
                                        HoldKind::kLockedByBudget, HoldKind::kBudgetSpent};
constexpr LockKinds kOfEmail = {HoldKind::kEmailLockedInARow, HoldKind::kEmailLockedForGood,
                                HoldKind::kEmailLockedByBudget, HoldKind::kEmailBudgetSpent};

constexpr LockKinds kOfDiscovery = {
    HoldKind::kDiscoveryLockedInARow, HoldKind::kDiscoveryLockedForGood,
    HoldKind::kDiscoveryLockedByBudget, HoldKind::kDiscoveryBudgetSpent};

HoldKind KindOf(LockRule rule, const LockKinds& kinds) {
  switch (rule) {
    case LockRule::kFailuresSinceSuccess: return kinds.for_good;
    case LockRule::kRollingFailures: return kinds.by_budget;
    default: return kinds.in_a_row;
  }
}

void ExplainFailures(const FailureLedger& failures, const FailureLimits& limits,
                     const LockKinds& kinds, Instant now, std::vector<Hold>* holds) {
  if (IsLocked(failures, now)) {
    Hold hold = {KindOf(failures.lock_rule, kinds), failures.locked_at};
    if (failures.disabled) hold.kind = kinds.for_good;
    if (!failures.disabled) hold.until = LockEnd(failures, now);
    holds->push_back(hold);
  }
  // The failure whose leaving makes room again.
  const FailureTimes& recent = failures.recent;
  if (recent.count < limits.rolling_failures) return;
  const Instant until = recent[recent.count - limits.rolling_failures] + limits.rolling_window;
  if (now < until) holds->push_back({kinds.budget_spent, recent.latest(), until});
}

void ExplainSends(const SendLedger& sends, const Policy& policy, Instant now,
                  std::vector<Hold>* holds) {
  if (sends.empty()) return;
  const Instant latest = sends.latest();
  const auto add = [&](HoldKind kind, Instant until) {
    if (now < until) holds->push_back({kind, latest, until});
  };
  add(HoldKind::kSendsOfWindow, SendsOfWindow(policy, sends, now).next_at);
  add(HoldKind::kSendsOfDay, SendsOfDay(policy, sends, now).next_at);
  add(HoldKind::kSendInterval, latest + policy.send_interval_min);
}

void ExplainEmailSends(const SendLedger& sends, HoldKind kind, const Policy& policy, Instant now,
                       std::vector<Hold>* holds) {
  if (sends.empty()) return;
  const Instant until = EmailSendBudgetOf(policy, sends, now).next_at;
  if (now < until) holds->push_back({kind, sends.latest(), until});
}

bool IsLive(const Challenge& challenge, Instant now) {
  return challenge.state == ChallengeState::kLive &&
         std::max(challenge.latest_seen, now) < challenge.expires_at;
}

// A passcode that is live, and which only its session may replace until then.
void ExplainSession(const Challenge& challenge, HoldKind kind, const Policy& policy, Instant now,
                    std::vector<Hold>* holds) {
  const Instant until = challenge.issued_at + policy.resend_after;
  if (challenge.session != 0 && now < until) holds->push_back({kind, challenge.issued_at, until});
}

void ExplainCode(const MemberRecord& record, const Policy& policy, Instant now,
                 std::vector<Hold>* holds) {
  const Challenge& challenge = record.challenge;
  if (!IsLive(challenge, now)) return;
  const bool of_known =
      challenge.device != 0 &&
      std::any_of(record.devices.begin(), record.devices.end(),
                  [&](const KnownDevice& device) { return device.tag == challenge.device; });
  if (of_known) {
    holds->push_back({HoldKind::kCodeOfKnownDevice, challenge.issued_at, challenge.expires_at});
  } else {
    ExplainSession(challenge, HoldKind::kCodeOfOtherSession, policy, now, holds);
  }
}

void ExplainPhoneChange(const MemberRecord& record, const Policy& policy, Instant now,
                        std::vector<Hold>* holds) {
  const Challenge& challenge = record.candidate.challenge;
  if (IsLive(challenge, now))
    ExplainSession(challenge, HoldKind::kPhoneChangeOfOtherSession, policy, now, holds);
}

}  // namespace

std::vector<Hold> Explain(const MemberRecord& record, const Policy& policy, Instant now) {
  std::vector<Hold> holds;
  ExplainFailures(record.failures, SecondFactorLimits(policy), kOfSecondFactors, now, &holds);
  ExplainSends(record.sends, policy, now, &holds);
  ExplainCode(record, policy, now, &holds);
  ExplainPhoneChange(record, policy, now, &holds);
  ExplainFailures(record.email.failures, EmailFailureLimits(policy), kOfEmail, now, &holds);
  ExplainEmailSends(record.email.sends, HoldKind::kEmailSendsOfWindow, policy, now, &holds);
  return holds;
}

std::vector<Hold> Explain(const DiscoveryRecord& record, const Policy& policy, Instant now) {
  std::vector<Hold> holds;
  ExplainFailures(record.email.failures, EmailFailureLimits(policy), kOfDiscovery, now, &holds);
  ExplainEmailSends(record.email.sends, HoldKind::kDiscoverySendsOfWindow, policy, now, &holds);
  return holds;
}

std::string_view RuleOf(HoldKind kind) {
  switch (kind) {
    case HoldKind::kLockedInARow: return "L-02";
    case HoldKind::kLockedForGood: return "L-03";
    case HoldKind::kLockedByBudget:
    case HoldKind::kBudgetSpent: return "L-04";
    case HoldKind::kSendsOfWindow:
    case HoldKind::kSendsOfDay:
    case HoldKind::kSendInterval: return "L-06";
    case HoldKind::kCodeOfOtherSession:
    case HoldKind::kCodeOfKnownDevice:
    case HoldKind::kPhoneChangeOfOtherSession: return "S-21";
    case HoldKind::kEmailLockedInARow:
    case HoldKind::kEmailLockedForGood:
    case HoldKind::kEmailLockedByBudget:
    case HoldKind::kEmailBudgetSpent:
    case HoldKind::kDiscoveryLockedInARow:
    case HoldKind::kDiscoveryLockedForGood:
    case HoldKind::kDiscoveryLockedByBudget:
    case HoldKind::kDiscoveryBudgetSpent: return "L-12";
    case HoldKind::kEmailSendsOfWindow: return "EM-21";
    case HoldKind::kDiscoverySendsOfWindow: return "EM-24";
  }
  return "";
}

std::string_view EndOf(HoldKind kind) {
  switch (kind) {
    case HoldKind::kLockedInARow:
    case HoldKind::kLockedByBudget: return "UnlockMember ends it. A known device is not stopped.";
    case HoldKind::kLockedForGood:
      return "Only UnlockMember ends it. A known device is not stopped.";
    case HoldKind::kBudgetSpent:
      return "UnlockMember clears it. Failures of a session leave with its success.";
    case HoldKind::kSendsOfWindow:
    case HoldKind::kSendsOfDay:
    case HoldKind::kSendInterval:
      return "UnlockMember clears it. A known device has its own sends.";
    case HoldKind::kCodeOfOtherSession:
      return "The session that it was sent for may replace it. So may a known device.";
    case HoldKind::kCodeOfKnownDevice: return "A known device may replace it.";
    case HoldKind::kPhoneChangeOfOtherSession:
      return "The session that started the change, or the host itself, may start it anew.";
    case HoldKind::kEmailLockedInARow:
    case HoldKind::kEmailLockedByBudget:
      return "UnlockMember ends it. Second factors are not stopped.";
    case HoldKind::kEmailLockedForGood:
      return "Only UnlockMember ends it. Second factors are not stopped.";
    case HoldKind::kEmailBudgetSpent:
    case HoldKind::kEmailSendsOfWindow: return "UnlockMember clears it.";
    case HoldKind::kDiscoveryLockedInARow:
    case HoldKind::kDiscoveryLockedByBudget:
      return "UnlockDiscoveryAddress ends it. Members with this address are not stopped.";
    case HoldKind::kDiscoveryLockedForGood:
      return "Only UnlockDiscoveryAddress ends it. Members with this address are not stopped.";
    case HoldKind::kDiscoveryBudgetSpent:
    case HoldKind::kDiscoverySendsOfWindow: return "UnlockDiscoveryAddress clears it.";
  }
  return "";
}

}  // namespace otpcore
