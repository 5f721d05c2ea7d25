// SPDX-License-Identifier: Apache-2.0
// Send, authenticate, report-delivery and the MFA step (rules S-*, D-*, A-*, L-*, P-*).
#include <algorithm>
#include <utility>

#include "model.h"

namespace otpcore {
namespace simulation {

bool IsLocale(const std::string& locale) {
  return locale.empty() || locale == "en" || locale == "DE-de" || locale == "fa" ||
         locale == "pt-br";
}

namespace {

// The times within the rolling `window`, oldest first (L-06: an event leaves at its time + window).
std::vector<Millis> Within(const std::vector<Millis>& times, Millis window, Millis now) {
  std::vector<Millis> within;
  for (Millis time : times) {
    if (now < time + window) within.push_back(time);
  }
  std::sort(within.begin(), within.end());
  return within;
}

// Adds `now`. A limit of `max` needs the latest `max` times and no others; an earlier one that has
// left its window does not come back when a clock steps back.
void Remember(std::vector<Millis>* times, int max, Millis now) {
  std::sort(times->begin(), times->end());
  while (times->size() >= static_cast<size_t>(max)) times->erase(times->begin());
  times->push_back(now);
}

// T-02: a clock that shows what the one showed whose sends were moved back does not find them any
// more, and must take them for all that its window allows.
bool SeesMovedSends(Millis window, const ModelSends& sends, Millis now) {
  return sends.moved_from != 0 && !IsFarBehind(now, sends.moved_from) &&
         now < sends.moved_from + window;
}

// How long until less than `max` sends lie within `window`; may be negative.
Millis WaitFor(const ModelSends& sends, int max, Millis window, Millis now) {
  const std::vector<Millis> recent = Within(sends.times, window, now);
  const auto most = static_cast<size_t>(max);
  return recent.size() >= most ? recent[recent.size() - most] + window - now : 0;
}

constexpr Millis kMinute = 60 * 1000;
constexpr Millis kDay = 24 * 60 * kMinute;

}  // namespace

// L-06, the Member's part: how long until a send is allowed; 0: now.
Millis WaitForSend(const Policy& policy, const ModelSends& sends, Millis now) {
  Millis wait = 0;
  for (const auto& [max, window] :
       {std::pair<int, Millis>(policy.sends_max, policy.sends_window.count()),
        std::pair<int, Millis>(policy.sends_day_max, kDay)})
    wait = std::max(wait, WaitFor(sends, max, window, now));
  const Millis interval = policy.send_interval_min.count();
  for (const Millis time : Within(sends.times, interval, now)) {  // further ahead: another clock's
    if (interval > 0 && time <= now + policy.clock_tolerance.count() + interval)
      wait = std::max(wait, time + interval - now);
  }
  const Millis window = policy.sends_window.count();
  if (SeesMovedSends(window, sends, now)) wait = std::max(wait, sends.moved_from + window - now);
  return std::max<Millis>(wait, 0);
}

Millis WaitForEmail(const Policy& policy, const ModelSends& sends, Millis now) {
  const Millis window = policy.email_sends_window.count();
  Millis wait = WaitFor(sends, policy.email_sends_max, window, now);
  if (SeesMovedSends(window, sends, now)) wait = std::max(wait, sends.moved_from + window - now);
  return std::max<Millis>(wait, 0);
}

ModelSends AfterEmail(const Policy& policy, ModelSends sends, Millis now) {
  Remember(&sends.times, policy.email_sends_max, now);
  return sends;
}

int EmailsLeft(const Policy& policy, const ModelSends& sends, Millis now) {
  const Millis window = policy.email_sends_window.count();
  if (SeesMovedSends(window, sends, now)) return 0;
  return std::max(
      0, policy.email_sends_max - static_cast<int>(Within(sends.times, window, now).size()));
}

ModelSends AfterSend(const Policy& policy, ModelSends sends, Millis now) {
  Remember(&sends.times, std::max(policy.sends_max, policy.sends_day_max), now);
  return sends;
}

int SendsLeft(const Policy& policy, const ModelSends& sends, Millis now) {
  if (SeesMovedSends(policy.sends_window.count(), sends, now)) return 0;
  const auto left = [&](int most, Millis window) {
    return std::max(0, most - static_cast<int>(Within(sends.times, window, now).size()));
  };
  return std::min(left(policy.sends_max, policy.sends_window.count()),
                  left(policy.sends_day_max, kDay));
}

namespace {

void RememberSend(const Policy& policy, ModelSends* sends, Millis now) {
  *sends = AfterSend(policy, *sends, now);
}

// ---- DV ----

ModelSends* SendsOf(const Question& question, ModelMember* member) {
  ModelDevice* const device = DeviceOf(question, member);
  return device != nullptr ? &device->sends : &member->sends;
}

bool HasDevice(const ModelMember& member, const std::string& identity) {
  return std::any_of(member.devices.begin(), member.devices.end(),
                     [&](const ModelDevice& device) { return IdentityOf(device) == identity; });
}

}  // namespace

bool IsSpared(const Question& question, const ModelOrganization& org, const ModelMember& member) {
  const ModelDevice* const device = DeviceOf(question, member);
  const Millis life = question.policy->remember_life.count();
  if (device == nullptr || device->remembered == 0) return false;
  if (org.required_for_all && !question.policy->remember_where_required) return false;
  return question.now < device->remembered + life && device->remembered < question.now + life;
}

static std::string TagOfSession(const Question& question, const std::string& id) {
  return id.empty() ? id : id + "@" + std::to_string(question.digest_key);
}

std::string SessionOf(const Question& question) {
  return TagOfSession(question, question.session ? question.session->id.str() : "");
}

std::string SenderOf(const Question& question) {
  const std::string& named = question.call->session_id;
  return named.empty() ? SessionOf(question) : TagOfSession(question, named);
}

Life LifeOf(const Question& question, const ModelChallenge& challenge) {
  if (challenge.state == ChallengeState::kNone || challenge.state == ChallengeState::kVoid)
    return Life::kNone;
  if (challenge.state != ChallengeState::kLive) return Life::kDead;
  if (challenge.epoch != question.epoch) return Life::kForgotten;  // L-10: void
  if (question.now >= challenge.expires || challenge.seen >= challenge.expires)
    return Life::kExpired;
  if (question.now < challenge.issued - question.policy->clock_tolerance.count())
    return Life::kNotYet;
  return Life::kLive;
}

namespace {

// S-21: how long the live passcode may not be replaced; 0: it may.
Millis HeldBackFor(const Question& question, const ModelMember& member) {
  const ModelChallenge& challenge = member.challenge;
  if (LifeOf(question, challenge) != Life::kLive || DeviceOf(question, member) != nullptr) return 0;
  if (!challenge.device.empty() && HasDevice(member, challenge.device))
    return challenge.expires - question.now;
  const std::string session = SenderOf(question);
  if (challenge.session.empty() || session.empty() || session == challenge.session) return 0;
  return std::max<Millis>(0,
                          challenge.issued + question.policy->resend_after.count() - question.now);
}

// P-02.
bool KeepsLiveCode(const Question& question, const ModelMember& member) {
  const ModelChallenge& challenge = member.challenge;
  const ModelDevice* const device = DeviceOf(question, member);
  return LifeOf(question, challenge) == Life::kLive &&
         (device == nullptr || challenge.device == IdentityOf(*device)) &&
         challenge.expires - question.now >= question.policy->passcode_life.count() / 4;
}

}  // namespace

// S-20.
void TellOfLiveCode(const Question& question, const ModelMember& member,
                    const ModelChallenge& challenge, Expected* expected) {
  if (LifeOf(question, challenge) != Life::kLive) return;
  ModelMember copy = member;
  expected->sends_left = SendsLeft(*question.policy, *SendsOf(question, &copy), question.now);
  expected->tries_left = question.policy->challenge_failures_max - challenge.failures;
}

static void TellOfLiveCode(const Question& question, const ModelMember& member,
                           Expected* expected) {
  TellOfLiveCode(question, member, member.challenge, expected);
}

bool Admits(const Question& question, const std::string& asks_for, Expected* expected) {
  if (!question.admission) {
    expected->asks_guard = true;
    expected->asks_for = asks_for;
    return false;
  }
  const Admission& admission = *question.admission;
  if (admission.kind == Admission::Kind::kAdmitted) return true;
  if (admission.kind == Admission::Kind::kTooMany)
    expected->retry_after = admission.retry_after.count();
  expected->error = admission.kind == Admission::Kind::kTooFewAuthenticated
                        ? ErrorCode::kTooFewTokensAuthenticated
                    : admission.kind == Admission::Kind::kUnreachable
                        ? ErrorCode::kServerUnavailable
                        : ErrorCode::kTooManyRequests;
  return false;
}

bool MayBeSent(const Question& question, const std::string& number, const ModelMember& member,
               const ModelChallenge& waits_for, Expected* expected) {
  const bool sandbox = IsSandbox(*question.policy, number, question.now);
  if (Admits(question, number + (sandbox ? " sandbox" : ""), expected)) return true;
  if (expected->error == ErrorCode::kTooManyRequests)
    TellOfLiveCode(question, member, waits_for, expected);
  return false;
}

ModelChallenge Issued(const Question& question, const ModelChallenge& before) {
  ModelChallenge issued;
  // S-10, A-03: a passcode that somebody may still type in.
  if (before.state != ChallengeState::kNone && before.state != ChallengeState::kVoid)
    issued.superseded_code = before.code;
  issued.state = ChallengeState::kLive;
  issued.issued = issued.seen = question.now;
  issued.expires = question.now + question.policy->passcode_life.count();  // S-09
  issued.epoch = question.epoch;
  issued.issued_by = question.run;
  issued.session = SenderOf(question);
  return issued;
}

void ForgetDevices(ModelMember* member) { member->devices.clear(); }

void JudgeSending(const Question& question, const ModelOrganization& org, const ModelMember& member,
                  Expected* expected) {
  const Policy& policy = *question.policy;
  const Verb verb = question.call->verb;
  const bool automatic =
      verb == Verb::kMfaStep || verb == Verb::kAuthenticateEmail || verb == Verb::kExchange;
  const std::string text = automatic ? "" : question.call->number;
  const auto refuse = [&](ErrorCode error) { expected->error = error; };
  if (!org.AllowsSms() && !member.breakglass)  // S-13
    return refuse(ErrorCode::kOperationRestrictedByOrganizationMfaMethods);
  Millis until = 0;
  const bool known = DeviceOf(question, member) != nullptr;
  if (!known && IsLocked(member.ledger, question.now, &until)) {  // S-14, DV-03
    expected->retry_after = until == 0 ? 0 : until - question.now;
    return refuse(ErrorCode::kUserLockLimitReached);
  }
  if (member.number.empty() && text.empty()) return refuse(ErrorCode::kSecondaryFactorNotFound);
  // S-12, also of a number that was linked before there was another factor.
  if (!member.verified && member.HasFactor() &&
      !(question.session && question.session->factors.HasSecond()))
    return refuse(ErrorCode::kInsufficientFactors);
  Link link;
  if (!text.empty() && text != member.number) link = CheckLink(question, org, member, true);
  const bool taken = link.error == ErrorCode::kDuplicateMemberPhoneNumber;
  if (link.error != ErrorCode::kOk && !taken) return refuse(link.error);
  const std::string& number = link.number.empty() ? member.number : link.number;
  const bool sandbox = IsSandbox(policy, number, question.now);
  const NumberFact* fact = FactOf(number);
  const std::string region = fact == nullptr ? "" : fact->region;
  // A sandbox number whose time is over is an ordinary one, and may be none at all. Of any other
  // one it is known what it is (N-04).
  const bool is_known = link.number.empty() && !member.linked_as_sandbox;
  if (!taken && !sandbox && !is_known && !fact->valid)
    return refuse(ErrorCode::kInvalidPhoneNumber);
  if (!taken && !sandbox && region != "US" && region != "CA")  // S-16: at each send
    return refuse(ErrorCode::kInvalidPhoneNumberCountryCode);
  const ModelClaim* claim = question.view->FindClaim(org.id, number);
  const bool verified = link.number.empty() && member.verified && !taken;
  const bool lost = !taken && !verified && claim != nullptr && claim->permanent &&
                    claim->holder != member.id;  // S-07
  if (automatic && !lost && KeepsLiveCode(question, member)) {
    expected->initiated = true;
    return TellOfLiveCode(question, member, expected);
  }
  ModelMember sender = member;
  const Millis wait = std::max(WaitForSend(policy, *SendsOf(question, &sender), question.now),
                               HeldBackFor(question, member));
  if (wait > 0) {
    expected->retry_after = wait;
    TellOfLiveCode(question, member, expected);
    return refuse(ErrorCode::kTooManyRequests);
  }
  if (lost) return refuse(ErrorCode::kDuplicateMemberPhoneNumber);
  if (taken) {  // S-19
    auto asked = Changed(question, member, ErrorCode::kDuplicateMemberPhoneNumber);
    RememberSend(policy, SendsOf(question, asked.get()), question.now);
    expected->new_member = asked;
    return refuse(ErrorCode::kDuplicateMemberPhoneNumber);
  }
  if (question.generator_stuck) return refuse(ErrorCode::kInternalServerError);  // R-01
  if (!verified && !MayBeSent(question, number, member, member.challenge, expected)) return;
  auto changed = Changed(question, member, ErrorCode::kOk);
  ModelChallenge issued =
      Issued(question, link.number.empty() ? member.challenge : ModelChallenge());
  if (!link.number.empty())
    LinkNumber(question, {link.number, false, false}, changed.get(), expected);
  issued.linked = !link.number.empty();
  if (known) issued.device = IdentityOf(*DeviceOf(question, member));
  changed->challenge = issued;
  ModelSends* const sends = SendsOf(question, changed.get());
  RememberSend(policy, sends, question.now);
  expected->sends_left = SendsLeft(policy, *sends, question.now);
  expected->new_member = changed;
  expected->issues = true;
  expected->delivers = !sandbox;  // X-01
}

static ErrorCode SendShape(const Call& call) {
  const ErrorCode error = CheckIds(call);
  if (error != ErrorCode::kOk) return error;
  if (!call.number.empty() && !ShapedLikeANumber(call.number))
    return ErrorCode::kInvalidPhoneNumber;
  if (!IsLocale(call.locale)) return ErrorCode::kInvalidLocale;
  if (SessionCount(call.session) > 1) return ErrorCode::kTooManySessionArguments;
  return IsDevice(call.device) ? ErrorCode::kOk : ErrorCode::kBadRequest;
}

Expected JudgeSend(const Question& question) {
  Expected expected;
  const auto refuse = [&](ErrorCode error) {
    expected.error = error;
    return expected;
  };
  Target target;
  if (!Opens(question, SendShape(*question.call), &target, &expected)) return expected;
  const auto& [org, member] = target;
  const ErrorCode error = CheckSession(question, *member);
  if (error != ErrorCode::kOk) return refuse(error);
  if (!IsActiveFor(question, *member))
    return refuse(ErrorCode::kActionAvailableOnlyForActiveMembers);
  JudgeSending(question, *org, *member, &expected);
  return expected;
}

namespace {

// The number is proved (A-08).
void VerifyNumber(ModelMember* member, Expected* expected) {
  if (member->verified) return;
  member->verified = true;
  ModelClaim claim;
  claim.holder = member->id;
  claim.permanent = true;
  expected->new_claims[PathOf(member->organization, member->number)] =
      std::make_shared<ModelClaim>(claim);
  ForgetDevices(member);  // DV-06: a factor was added
}

// A-03, A-04, A-08: after every other check.
void JudgeCode(const Question& question, const ModelOrganization& org, const ModelMember& member,
               Expected* expected) {
  const ModelChallenge& challenge = member.challenge;
  const auto write = [&](ErrorCode error) {
    expected->error = error;
    expected->new_member = Changed(question, member, error);
    return expected->new_member.get();
  };
  const auto digits = static_cast<size_t>(question.policy->passcode_digits);
  if (challenge.state != ChallengeState::kNone && question.call->code->size() != digits) {  // A-05
    expected->error = ErrorCode::kInvalidCode;
    return;
  }
  switch (LifeOf(question, challenge)) {
    case Life::kNone:
    case Life::kForgotten: expected->error = ErrorCode::kOtpCodeNotFound; return;
    case Life::kDead:
    case Life::kNotYet: expected->error = ErrorCode::kUnableToAuthOtpCode; return;
    case Life::kExpired:  // the first sight of it is written
      write(ErrorCode::kUnableToAuthOtpCode)->challenge.state = ChallengeState::kExpired;
      return;
    case Life::kLive: break;
  }
  if (*question.call->code == challenge.code) {
    const ModelClaim* claim = question.view->FindClaim(org.id, member.number);
    if (!member.verified && claim != nullptr && claim->permanent && claim->holder != member.id) {
      write(ErrorCode::kDuplicateMemberPhoneNumber)->challenge.state = ChallengeState::kUsed;
      return;
    }
    ModelMember* const succeeded = write(ErrorCode::kOk);
    succeeded->challenge.state = ChallengeState::kUsed;
    VerifyNumber(succeeded, expected);
    return Succeed(question, org, "sms_otp", succeeded, expected);
  }
  if (*question.call->code == challenge.superseded_code) {
    expected->error = ErrorCode::kUnableToAuthOtpCode;
    return;
  }
  ModelMember* const failed = write(ErrorCode::kOtpCodeNotFound);
  CountFailure(question, &failed->challenge, failed);
  expected->tries_left = question.policy->challenge_failures_max - failed->challenge.failures;
}

}  // namespace

// Codes of the simulation are plain digits: A-05's other forms have their own tests.
bool IsCodeShaped(const std::string& code) {
  return code.size() >= 4 && code.size() <= 10 &&
         std::all_of(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; });
}

namespace {

ErrorCode AuthenticateShape(const Call& call) {
  const ErrorCode error = ProofTargetShape(call);
  if (error != ErrorCode::kOk) return error;
  if (!call.code) return ErrorCode::kBadRequest;
  if (!IsCodeShaped(*call.code)) return ErrorCode::kInvalidCode;
  return ProofOptionsShape(call);
}

}  // namespace

Expected JudgeAuthenticate(const Question& question) {
  Expected expected;
  Target target;
  if (!OpensProof(question, AuthenticateShape(*question.call), &ModelOrganization::AllowsSms,
                  &target, &expected))
    return expected;
  const auto& [org, member] = target;
  if (!member->number.empty() && !member->verified && member->HasFactor() &&  // S-12
      !question.session->factors.HasSecond()) {
    expected.error = ErrorCode::kInsufficientFactors;
    return expected;
  }
  if (RefusesLocked(question, *member, &expected)) return expected;
  JudgeCode(question, *org, *member, &expected);
  return expected;
}

// The ledger that the challenge's send was counted in; null: its device is not known any more.
static ModelSends* SendsOf(const ModelChallenge& challenge, ModelMember* member) {
  ModelSends* sends = challenge.id == member->mail.challenge.id ? &member->mail.sends
                      : challenge.device.empty()                ? &member->sends
                                                                : nullptr;
  for (ModelDevice& device : member->devices) {
    if (IdentityOf(device) == challenge.device) sends = &device.sends;
  }
  return sends;
}

// D-02: two sends within ten minutes are given back, four within a day.
bool GivesBack(const Question& question, const ModelChallenge& challenge, ModelSends* sends) {
  if (sends == nullptr || Within(sends->given_back, 10 * kMinute, question.now).size() >= 2 ||
      Within(sends->given_back, kDay, question.now).size() >= 4)
    return false;
  Remember(&sends->given_back, 4, question.now);
  // The newest at that time; one that was moved back is the latest (T-02).
  auto spent = std::find(sends->times.rbegin(), sends->times.rend(), challenge.issued);
  if (spent == sends->times.rend())
    spent = std::max_element(sends->times.rbegin(), sends->times.rend());
  if (spent != sends->times.rend()) sends->times.erase(std::next(spent).base());
  return true;
}

// D-02 … D-04, EM-13.
ErrorCode ErrorOf(const Delivery& delivery, bool mail) {
  const bool rejected = delivery.kind == Delivery::Kind::kRejected;
  if (mail) return rejected ? ErrorCode::kInactiveEmail : ErrorCode::kEmailGatewayUnavailable;
  if (!rejected) return ErrorCode::kDownstreamCarrierUnavailable;
  return delivery.unsubscribed ? ErrorCode::kUnsubscribedPhoneNumber
                               : ErrorCode::kDownstreamCarrierRejected;
}

// D-02 … D-06.
Expected JudgeReport(const Question& question) {
  const Call& call = *question.call;
  Expected expected;
  Target target;
  if (!Opens(question, CheckIds(call), &target, &expected)) return expected;
  const ModelMember* const member = target.member;
  const bool of_candidate = member->candidate.challenge.id == call.challenge;
  const bool of_mail = !of_candidate && member->mail.challenge.id == call.challenge;
  const ModelChallenge& challenge = of_candidate ? member->candidate.challenge
                                    : of_mail    ? member->mail.challenge
                                                 : member->challenge;
  if (challenge.state != ChallengeState::kLive || challenge.id != call.challenge ||
      call.delivery.kind == Delivery::Kind::kAccepted ||
      call.delivery.kind == Delivery::Kind::kUnknown)
    return expected;
  expected.applied = true;
  auto changed = Changed(question, *member, ErrorCode::kOk);
  // While the send is the latest operation, a client that repeats it hears of the failure.
  if (member->mark.run == challenge.issued_by) {
    changed->mark = member->mark;
    changed->mark.run = question.run;
    changed->mark.answer = ErrorOf(call.delivery, of_mail);
  }
  expected.gives_back = GivesBack(question, challenge, SendsOf(challenge, changed.get()));
  if (of_candidate) {  // E-04: it goes with its message
    if (changed->leased == challenge.issued) changed->leased = 0;
    ReleaseClaim(question, *member, member->candidate.number, &expected);
    changed->candidate = ModelCandidate();
    expected.new_member = changed;
    return expected;
  }
  ModelChallenge& ended = of_mail ? changed->mail.challenge : changed->challenge;
  ended.state = ChallengeState::kVoid;
  ended.superseded_code.clear();  // D-05: it never comes back
  if (!of_mail && challenge.linked && !member->verified) {
    ReleaseClaim(question, *member, &expected);
    changed->number.clear();
    changed->leased = 0;
  }
  expected.new_member = changed;
  return expected;
}

ErrorCode WithoutDelivery(ErrorCode answer) {
  const bool of_delivery = answer == ErrorCode::kDownstreamCarrierRejected ||
                           answer == ErrorCode::kDownstreamCarrierUnavailable ||
                           answer == ErrorCode::kUnsubscribedPhoneNumber;
  return of_delivery ? ErrorCode::kOk : answer;
}

void TakeStock(const Question& question, const ModelOrganization& org, const ModelMember& member,
               Expected* expected) {
  expected->required = (org.required_for_all || member.enrolled) &&
                       !(question.session && question.session->factors.HasSecond());
  expected->authenticated = !expected->required;
  expected->has_options = !member.number.empty() || !member.totp.empty();
}

void TakeMfaStep(const Question& question, const ModelOrganization& org,
                 const std::shared_ptr<ModelMember>& member, Expected* expected) {
  TakeStock(question, org, *member, expected);
  const bool prefers_totp = member->default_method == "totp" && !member->totp.empty() &&
                            (org.AllowsTotp() || member->breakglass);
  if (expected->required && IsSpared(question, org, *member)) {  // DV-05
    expected->required = false;
    expected->authenticated = true;
    expected->Tell(EventKind::kMfaSpared);
  }
  if (!expected->required || member->number.empty() || prefers_totp) return;  // P-02
  Expected sending;
  JudgeSending(question, org, *member, &sending);
  expected->asks_guard = sending.asks_guard;
  expected->asks_for = sending.asks_for;
  expected->sends_left = sending.sends_left;
  if (sending.error == ErrorCode::kOk && sending.issues) {
    expected->new_member = sending.new_member;
    expected->new_claims = sending.new_claims;
    expected->issues = expected->initiated = true;
    expected->delivers = sending.delivers;
    return;
  }
  const bool refused_by_limits = sending.error == ErrorCode::kTooManyRequests ||
                                 sending.error == ErrorCode::kTooFewTokensAuthenticated;
  expected->initiated = sending.initiated ||
                        (refused_by_limits && LifeOf(question, member->challenge) == Life::kLive);
  expected->tries_left = sending.tries_left;
}

static ErrorCode StepShape(const Call& call) {
  const ErrorCode error = OneSessionShape(call);
  if (error != ErrorCode::kOk) return error;
  return IsDevice(call.device) ? ErrorCode::kOk : ErrorCode::kBadRequest;
}

Expected JudgeMfaStep(const Question& question) {
  Expected expected;
  Target target;
  const bool opens = Opens(question, StepShape(*question.call), &target, &expected);
  if (!opens && !expected.replay) return expected;
  const auto& [org, member] = target;
  TakeStock(question, *org, *member, &expected);
  if (expected.replay) {
    expected.initiated = member->challenge.state == ChallengeState::kLive &&
                         member->challenge.issued_by == member->mark.run;
    expected.error = WithoutDelivery(expected.error);
    return expected;
  }
  expected.error = CheckSession(question, *member);
  if (expected.error != ErrorCode::kOk) return expected;
  auto active = Changed(question, *member, ErrorCode::kOk);
  active->status = MemberStatus::kActive;  // P-05
  TakeMfaStep(question, *org, active, &expected);
  if (expected.new_member == nullptr &&
      (member->status != MemberStatus::kActive || expected.anomaly ||
       (ProvesAddress(question, *member) && !member->email_verified)))
    expected.new_member = active;
  return expected;
}

}  // namespace simulation
}  // namespace otpcore
