// SPDX-License-Identifier: Apache-2.0
#include "otpcore/model/explain.h"

#include <algorithm>

#include "model/ledgers.h"

namespace otpcore {
namespace {

HoldKind KindOf(LockRule rule) {
  switch (rule) {
    case LockRule::kFailuresSinceSuccess: return HoldKind::kLockedForGood;
    case LockRule::kRollingFailures: return HoldKind::kLockedByBudget;
    default: return HoldKind::kLockedInARow;
  }
}

void ExplainFailures(const FailureLedger& failures, const Policy& policy, Instant now,
                     std::vector<Hold>* holds) {
  if (IsLocked(failures, now)) {
    Hold hold = {KindOf(failures.lock_rule), failures.locked_at};
    if (failures.disabled) hold.kind = HoldKind::kLockedForGood;
    if (!failures.disabled) hold.until = LockEnd(failures, now);
    holds->push_back(hold);
  }
  // The failure whose leaving makes room again.
  const FailureTimes& recent = failures.recent;
  if (recent.count < policy.rolling_failures) return;
  const Instant until = recent[recent.count - policy.rolling_failures] + policy.rolling_window;
  if (now < until) holds->push_back({HoldKind::kBudgetSpent, recent.latest(), until});
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
  ExplainFailures(record.failures, policy, now, &holds);
  ExplainSends(record.sends, policy, now, &holds);
  ExplainCode(record, policy, now, &holds);
  ExplainPhoneChange(record, policy, now, &holds);
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
  }
  return "";
}

}  // namespace otpcore
