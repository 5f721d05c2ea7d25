// SPDX-License-Identifier: Apache-2.0
// What a SendGuard must answer (L-06, L-07), in the plainest way: it keeps every admission and
// counts anew at each question. Its clock does not step back. The tests of all guards and the
// simulation hold guards against it.
#ifndef OTPCORE_TESTS_GUARD_MODEL_H_
#define OTPCORE_TESTS_GUARD_MODEL_H_

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "otpcore/engine/ports.h"

namespace otpcore {

class GuardModel {
 public:
  Admission Admit(const AdmissionId& id, const Quotas& quotas, Instant now) {
    if (Find(id) != nullptr) return Admission();
    Admission worst;
    for (const Quota& quota : quotas) {
      const Admission one = quota.subject == Quota::Subject::kConversion
                                ? CheckConversion(quota, now)
                                : CheckSends(quota, now);
      worst.retry_after = std::max(worst.retry_after, one.retry_after);
      if (one.kind == Admission::Kind::kTooMany || worst.kind == Admission::Kind::kAdmitted)
        worst.kind = one.kind;
    }
    if (worst.kind != Admission::Kind::kAdmitted) return worst;
    for (const Quota& quota : quotas) End(quota.replaces, now);
    Send send;
    send.id = id;
    send.quotas = quotas;
    send.at = send.end = now;
    for (const Quota& quota : quotas) send.end = std::max(send.end, now + quota.life);
    sends_.push_back(send);
    return Admission();
  }

  void Settle(const AdmissionId& id, Settlement settlement) {
    if (settlement != Settlement::kReturned) return;
    const auto gone = [&](const Send& send) { return send.id == id; };
    sends_.erase(std::remove_if(sends_.begin(), sends_.end(), gone), sends_.end());
  }

  void Observe(const EventList& events, Instant now) {
    for (const Event& event : events) {
      const bool used = event.kind == EventKind::kNumberVerified ||
                        (event.kind == EventKind::kChallengeDead &&
                         event.reason == ErrorCode::kDuplicateMemberPhoneNumber);
      const bool exhausted =
          event.kind == EventKind::kChallengeDead && events.Has(EventKind::kFailure);
      if (used || exhausted) End(event.challenge_id, now);
      if (event.kind == EventKind::kNumberVerified) Prove(event.challenge_id, now);
    }
  }

 private:
  struct Send {
    AdmissionId id;
    Quotas quotas;
    Instant at;
    Instant end;  // of its passcode
    bool counts_as_proved = false;
  };

  Send* Find(const AdmissionId& id) {
    for (Send& send : sends_) {
      if (!id.empty() && send.id == id) return &send;
    }
    return nullptr;
  }
  static const Quota* ConversionOf(const Send& send) {
    for (const Quota& quota : send.quotas) {
      if (quota.subject == Quota::Subject::kConversion) return &quota;
    }
    return nullptr;
  }
  void End(const ChallengeId& id, Instant now) {
    if (Send* const send = Find(id)) send->end = std::min(send->end, now);
  }
  // The ended ones of the Organization and region that still count.
  std::vector<const Send*> Ended(const Quota& quota, Instant now) const {
    std::vector<const Send*> ended;
    for (const Send& send : sends_) {
      const Quota* const own = ConversionOf(send);
      if (own != nullptr && own->organization_id == quota.organization_id &&
          own->region == quota.region && send.end <= now && now - send.end < quota.window)
        ended.push_back(&send);
    }
    return ended;
  }
  void Prove(const ChallengeId& id, Instant now) {
    Send* const send = Find(id);
    if (send == nullptr || ConversionOf(*send) == nullptr) return;
    const Quota& quota = *ConversionOf(*send);
    for (const Send* other : Ended(quota, now)) {
      const Quota& its = *ConversionOf(*other);
      if (other->counts_as_proved &&
          (its.member_id == quota.member_id || its.address == quota.address))
        return;
    }
    send->counts_as_proved = true;
  }

  Admission CheckConversion(const Quota& quota, Instant now) const {
    std::map<std::string, int> by_member;
    int proved = 0;
    Instant first = Instant::Max();
    for (const Send* send : Ended(quota, now)) {
      ++by_member[ConversionOf(*send)->member_id.str()];
      proved += send->counts_as_proved ? 1 : 0;
      first = std::min(first, send->end);
    }
    int ended = 0;
    for (const auto& [member, count] : by_member) ended += std::min(count, 2);
    if (ended < quota.min_ended || proved * 100 >= ended * quota.max) return {};
    return {Admission::Kind::kTooFewAuthenticated, first + quota.window - now};
  }

  Admission CheckSends(const Quota& quota, Instant now) const {
    std::vector<Instant> taken;
    for (const Send& send : sends_) {
      for (const Quota& own : send.quotas) {
        if (own == quota && now - send.at < quota.window) taken.push_back(send.at);
      }
    }
    std::sort(taken.rbegin(), taken.rend());
    const auto max = static_cast<size_t>(quota.max);
    if (taken.size() < max) return {};
    return {Admission::Kind::kTooMany,
            max == 0 ? quota.window : taken[max - 1] + quota.window - now};
  }

  std::vector<Send> sends_;
};

}  // namespace otpcore

#endif  // OTPCORE_TESTS_GUARD_MODEL_H_
