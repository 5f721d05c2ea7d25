// SPDX-License-Identifier: Apache-2.0
// Passcodes by e-mail outside any Organization (rules EM-24 … EM-26, EM-28, L-12).
#include <algorithm>

#include "model_discovery.h"
#include "model_mail.h"

namespace otpcore {
namespace simulation {
namespace {

constexpr Millis kDay = Millis{24} * 60 * 60 * 1000;

// The copy that will be written: marked, and its challenge has seen `now`.
std::shared_ptr<ModelAddress> Changed(const Question& question, const ModelAddress& address,
                                      ErrorCode answer) {
  auto changed = std::make_shared<ModelAddress>(address);
  changed->mark = MarkOf(question, answer);
  ModelChallenge& challenge = changed->mail.challenge;
  if (challenge.state != ChallengeState::kNone)
    challenge.seen = std::max(challenge.seen, question.now);
  return changed;
}

ErrorCode ShapeOf(const Question& question) {
  const Call& call = *question.call;
  const ErrorCode error = AddressShape(call.email);
  if (error != ErrorCode::kOk) return error;
  if (call.verb == Verb::kSendDiscovery) {
    if (!IsMailLocale(call.locale)) return ErrorCode::kInvalidLocale;
    if (!IsMailLife(*question.policy, call.login_minutes)) return ErrorCode::kInvalidExpirationOtp;
    if (call.login_template.size() > 128) return ErrorCode::kBadRequest;
  }
  if (call.verb == Verb::kAuthenticateDiscovery) {
    if (!call.code) return ErrorCode::kBadRequest;
    if (!IsCodeShaped(*call.code)) return ErrorCode::kInvalidCode;
  }
  return ErrorCode::kOk;
}

// EM-24: whoever has the address, and whether somebody has.
void JudgeSend(const Question& question, const ModelAddress& address, Expected* expected) {
  const bool sandbox = IsSandboxAddress(*question.policy, address.address, question.now);
  const std::string asks_for =
      "discovery " + CountingKeyOf(address.address) + (sandbox ? " sandbox" : "");
  if (!MayBeMailed(question, address.mail, asks_for, expected)) return;
  expected->new_address = Changed(question, address, ErrorCode::kOk);
  IssueMail(question, EmailPurpose::kDiscovery, question.call->login_minutes,
            &expected->new_address->mail, expected);
  expected->Tell(EventKind::kDiscoverySent);
  expected->issued_to = IssuedTo::kDiscovery;
  expected->delivers = !sandbox;
}

// EM-26.
void TellEffect(Expected* expected) {
  expected->effect = ModelEffect();
  expected->effect->kind = SessionEffect::Kind::kCreateIntermediate;
  expected->effect->minutes = 10;
}

void JudgeAuthenticate(const Question& question, const ModelAddress& address, Expected* expected) {
  if (RefusesLockedMail(question, address.mail, expected)) return;
  const MailCode code = JudgeCode(question, address.mail, expected);
  if (code == MailCode::kRefused) return;
  expected->new_address = Changed(question, address, expected->error);
  ModelMail& mail = expected->new_address->mail;
  if (code == MailCode::kExpired) return ExpireMail(&mail, expected);
  if (code == MailCode::kWrong) return CountWrongMail(question, &mail, expected);
  mail.challenge.state = ChallengeState::kUsed;
  ClearFailures(question, BudgetOfMail(*question.policy), &mail.ledger);
  expected->Tell(EventKind::kDiscoveryAuthenticated);
  TellEffect(expected);
}

// D-02 … D-04.
void JudgeReport(const Question& question, const ModelAddress& address, Expected* expected) {
  const Delivery& delivery = question.call->delivery;
  const ModelChallenge& challenge = address.mail.challenge;
  if (challenge.state != ChallengeState::kLive || challenge.id != question.call->challenge ||
      delivery.kind == Delivery::Kind::kAccepted)
    return;
  const ErrorCode error = ErrorOf(delivery, true);
  expected->Tell(EventKind::kDeliveryFailed, error);
  if (delivery.kind == Delivery::Kind::kUnknown) return;
  expected->Tell(EventKind::kChallengeDead, error);
  expected->applied = true;
  expected->new_address = Changed(question, address, ErrorCode::kOk);
  ModelAddress& changed = *expected->new_address;
  // While the send is the latest operation, a client that repeats it hears of the failure.
  if (address.mark.run == challenge.issued_by) {
    changed.mark = address.mark;
    changed.mark.run = question.run;
    changed.mark.answer = error;
  }
  expected->gives_back = GivesBack(question, challenge, &changed.mail.sends);
  changed.mail.challenge.state = ChallengeState::kVoid;
  changed.mail.challenge.superseded_code.clear();  // D-05
}

}  // namespace

Millis MayBeForgottenFrom(const Policy& policy, const ModelAddress& address) {
  const ModelLedger& ledger = address.mail.ledger;
  const ModelSends& sends = address.mail.sends;
  if (ledger.disabled) return 0;
  const Millis window = policy.email_sends_window.count();
  Millis end = std::max({address.mail.challenge.expires, ledger.locked_until, ledger.lagging_until,
                         ledger.locked_at + ledger.lock_to_come});
  for (const ModelFailure& failure : ledger.failures)
    end = std::max(end, failure.at + policy.email_rolling_window.count());
  for (const Millis time : sends.times) end = std::max(end, time + window);
  if (sends.moved_from != 0) end = std::max(end, sends.moved_from + window);
  for (const Millis time : sends.given_back) end = std::max(end, time + kDay);
  const ModelMark& mark = address.mark;
  if (mark.call != nullptr && mark.call->operation != kNotRepeatable)
    end = std::max<Millis>(end, mark.at + policy.operation_life.count());
  return end + policy.clock_tolerance.count();
}

Expected JudgeDiscovery(const Question& question) {
  const Call& call = *question.call;
  Expected expected;
  expected.knows_events = true;
  expected.error = ShapeOf(question);
  if (expected.error != ErrorCode::kOk) return expected;
  expected.address = Lower(call.email);
  const ModelAddress* const known = question.view->FindAddress(expected.address);
  if (call.verb == Verb::kPurgeAddress) {  // nothing stays that would tell a repetition
    expected.purges = expected.applied = known != nullptr;
    if (expected.purges) expected.Tell(EventKind::kDiscoveryPurged);
    return expected;
  }
  auto address = std::make_shared<ModelAddress>();
  address->address = expected.address;
  if (known != nullptr) {
    *address = *known;
    expected.anomaly = PullBackMail(*question.policy, question.now, &address->mail);
  }
  expected.target_address = address;
  if (known != nullptr && Repeats(question, address->mark)) {
    expected.replay = true;
    expected.error = AnswerOfReplay(question, address->mark);
    if (expected.error == ErrorCode::kOk && call.verb == Verb::kAuthenticateDiscovery)
      TellEffect(&expected);
    return expected;
  }
  switch (call.verb) {
    case Verb::kSendDiscovery: JudgeSend(question, *address, &expected); break;
    case Verb::kAuthenticateDiscovery: JudgeAuthenticate(question, *address, &expected); break;
    case Verb::kReportDiscovery: JudgeReport(question, *address, &expected); break;
    default:  // unlock (L-12)
      if (known == nullptr) break;
      expected.new_address = Changed(question, *address, ErrorCode::kOk);
      expected.new_address->mail.ledger = ModelLedger();
      expected.new_address->mail.sends = ModelSends();
      expected.applied = true;
      expected.Tell(EventKind::kUnlocked);
  }
  // A clock anomaly is written also by a command that is refused (T-02).
  const bool refused = expected.error != ErrorCode::kOk && expected.new_address == nullptr;
  if (expected.anomaly && refused) {
    expected.new_address = Changed(question, *address, expected.error);
    expected.new_address->mark.refused = true;
  }
  return expected;
}

}  // namespace simulation
}  // namespace otpcore
