// SPDX-License-Identifier: Apache-2.0
// A Member with a verified number who changes it: what the tests of E-04 stand on.
#ifndef OTPCORE_TESTS_PHONE_CHANGES_H_
#define OTPCORE_TESTS_PHONE_CHANGES_H_

#include <optional>
#include <string>
#include <utility>

#include "fixture.h"

namespace otpcore {

inline constexpr char kThirdNumber[] = "+16135550187";

inline StartPhoneChangeRequest StartChange(const Member& member, Actor actor,
                                           const std::string& number) {
  auto request = On<StartPhoneChangeRequest>(member, std::move(actor));
  request.mfa_phone_number = number;
  return request;
}
inline FinishPhoneChangeRequest FinishChange(const Member& member, Actor actor,
                                             const std::string& code) {
  auto request = On<FinishPhoneChangeRequest>(member, std::move(actor));
  request.code.emplace(code);
  return request;
}

// kNumber is verified; the change is to kOtherNumber unless a test says otherwise.
class PhoneChanges : public ::testing::Test {
 protected:
  explicit PhoneChanges(Policy policy = Policy::Default()) : world(std::move(policy)) {}

  // A new session of the Member that has shown the verified number.
  Actor Shown(const Member& who) {
    Session session = World::PrimarySession();
    session.factors.Add(FactorKind::kSmsPasscode, world.clock.Now());
    return Actor::Person(world.Full(who, session));
  }
  Reply<StartPhoneChange> Start(const std::string& number = kOtherNumber,
                                CallOptions options = {}) {
    return world.engine.Run(StartChange(ada, in_session, number), std::move(options));
  }
  Reply<FinishPhoneChange> Finish(const std::string& code, CallOptions options = {}) {
    return world.engine.Run(FinishChange(ada, in_session, code), std::move(options));
  }
  Reply<ReportDelivery> Report(const ChallengeId& challenge, Delivery delivery) {
    return world.engine.Run(
        ReportDeliveryRequest{ada.organization_id.str(), ada.member_id.str(), challenge, delivery});
  }

  testing::Kept<MemberRecord> Record() { return *world.RecordOf(ada); }
  // "+1…0123 verified" with the number, then the candidate if there is one: "… to +1650… open".
  std::string Numbers() {
    const auto record = Record();
    std::string text = record.phone.number.str() + " " + std::string(NameOf(record.phone.state));
    const PhoneCandidate& candidate = record.candidate;
    if (candidate.phone.state == EnrollmentState::kNone) return text;
    const bool open = candidate.challenge.state == ChallengeState::kLive;
    return text + " to " + candidate.phone.number.str() + (open ? " open" : " over");
  }
  // "ada for good", "ada until 2026…" as seconds from now, or "nobody".
  std::string Claim(const std::string& number) {
    const auto claim = world.ClaimOf(organization, HandsetKey(number).str());
    if (!claim) return "nobody";
    const std::string who = claim->member_id == ada.member_id ? "ada" : "another";
    if (claim->permanent) return who + " for good";
    const Duration left = claim->lease_end - world.clock.Now();
    return who +
           (left > Duration(0) ? " for " + std::to_string(left.count() / 1000) + " s" : " no more");
  }

  World world;
  Organization organization = world.MakeOrganization();
  Member ada = world.MakeVerifiedMember(organization, kNumber);
  Actor in_session = Shown(ada);
};

}  // namespace otpcore

#endif  // OTPCORE_TESTS_PHONE_CHANGES_H_
