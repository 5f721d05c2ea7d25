// SPDX-License-Identifier: Apache-2.0
#include "model.h"

#include <algorithm>
#include <cstdlib>
#include <tuple>

namespace otpcore {
namespace simulation {

namespace {

template <typename T>
const T* Look(const std::map<std::string, std::shared_ptr<const T>>& own,
              const std::map<std::string, std::shared_ptr<const T>>& first,
              const std::string& path) {
  auto found = own.find(path);
  if (found != own.end()) return found->second.get();
  found = first.find(path);
  return found == first.end() ? nullptr : found->second.get();
}

bool WellFormedId(const std::string& id) {
  if (id.empty() || id.size() > 128) return false;
  return std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '_' || c == '-' || c == '|' || c == '~';
  });
}

}  // namespace

const ModelOrganization* View::FindOrganization(const std::string& id) const {
  return Look(organizations, first->organizations, id);
}
const ModelOrganization* View::FindBySlug(const std::string& slug) const {
  for (const auto& [id, other] : At(kSlugs, Lower(slug)).organizations) {
    if (!other->deleted && Lower(other->slug) == Lower(slug)) return other.get();
  }
  return nullptr;
}
const ModelMember* View::FindMember(const std::string& organization, const std::string& id) const {
  return Look(members, first->members, PathOf(organization, id));
}
const ModelClaim* View::FindClaim(const std::string& organization,
                                  const std::string& number) const {
  return Look(claims, first->claims, PathOf(organization, number));
}

const ModelAddress* View::FindAddress(const std::string& address) const {
  return Look(addresses, first->addresses, address);
}

const ModelState& View::At(const std::string& organization, const std::string& name) const {
  const auto found = names.find(PathOf(organization, name));
  return found == names.end() ? *first : *found->second;
}

const std::vector<NumberFact>& Numbers() {
  static const std::vector<NumberFact> numbers = {
      {"+14155550123", "+14155550123", "US", true},
      {"+16502530000", "+16502530000", "US", true},
      {"+16135550187", "+16135550187", "CA", true},
      {"+12423650123", "+12423650123", "BS", true},
      {"+447400123456", "+447400123456", "GB", true},
      {"+4407400123456", "+447400123456", "GB", true},
      {"+19002530000", "+19002530000", "US", false},
      {"+18002530000", "+18002530000", "US", false},
      {"+15005550006", "+15005550006", "US", false},
  };
  return numbers;
}

const NumberFact* FactOf(const std::string& text) {
  for (const NumberFact& fact : Numbers()) {
    if (text == fact.text) return &fact;
  }
  return nullptr;
}

bool ShapedLikeANumber(const std::string& text) {
  return text.size() >= 9 && text.size() <= 16 && text[0] == '+' &&
         std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

//
bool IsSandbox(const Policy& policy, const std::string& number, Millis now) {
  for (const SandboxNumber& sandbox : policy.sandbox_numbers) {
    if (sandbox.e164 == number) return now < sandbox.until.unix_millis();
  }
  return false;
}

// L-02 … L-04.
bool IsLocked(const ModelLedger& ledger, Millis now, Millis* until) {
  const Millis end = ledger.lagging_until != 0 && IsFarBehind(now, ledger.locked_at)
                         ? ledger.lagging_until
                         : ledger.locked_until;
  *until = ledger.disabled ? 0 : end;
  return ledger.disabled || now < end;
}

// L-12: the lock that ends last of the Member's two.
bool IsLocked(const ModelMember& member, Millis now, Millis* until) {
  Millis of_mail = 0;
  const bool second = IsLocked(member.ledger, now, until);
  const bool mail = IsLocked(member.mail.ledger, now, &of_mail);
  if (mail && (!second || of_mail == 0 || (*until != 0 && of_mail > *until))) *until = of_mail;
  return second || mail;
}

bool IsFarBehind(Millis now, Millis time) { return time - now > Millis{60} * 1000; }

// T-02, L-10: the lock as a clock far behind its beginning, or one that is not, finds it.
static bool PullBackLock(Millis now, Millis latest_end, ModelLedger* ledger) {
  const Millis length = std::max(ledger->locked_until - ledger->locked_at, ledger->lock_to_come);
  if (!IsFarBehind(now, ledger->locked_at)) {
    if (ledger->lock_to_come == 0) return false;
    ledger->locked_at = now;
    ledger->locked_until = now + length;
    ledger->lock_to_come = 0;
    return true;
  }
  if (ledger->lagging_until != 0) {
    if (now < ledger->lagging_until || ledger->disabled) return false;
    ledger->locked_until = ledger->lagging_until;  // over, for everybody
    ledger->locked_at = ledger->locked_until - length;
    ledger->lagging_until = ledger->lock_to_come = 0;
    return false;
  }
  if (ledger->locked_until <= latest_end) return false;
  ledger->lagging_until = now + length;
  return true;
}

// T-02: a send further ahead than its window, beyond what hosts may disagree by, is moved to that
// far ahead. A lock that ends further ahead than the longest one lasts from now on for as long as
// it was to last, for this clock and others far behind. For those not behind nothing is sooner than
// it was (L-10).
static bool MoveBack(Millis latest_send, ModelSends* sends) {
  Millis newest = 0;
  for (const Millis time : sends->times) newest = std::max(newest, time);
  if (newest <= latest_send) return false;
  sends->moved_from = newest;
  for (Millis& time : sends->times) time = std::min(time, latest_send);
  return true;
}
bool PullBackMail(const Policy& policy, Millis now, ModelMail* mail) {
  const Millis latest = now + policy.clock_tolerance.count();
  const Millis longest =
      std::max<Millis>(policy.lock_duration_max.count(), policy.email_rolling_lock.count());
  const bool moved = MoveBack(latest + policy.email_sends_window.count(), &mail->sends);
  return PullBackLock(now, latest + longest, &mail->ledger) || moved;
}
static bool PullBack(const Policy& policy, Millis now, ModelMember* member) {
  const Millis latest = now + policy.clock_tolerance.count();
  bool anomaly = MoveBack(latest + policy.sends_window.count(), &member->sends);
  for (ModelDevice& device : member->devices)
    anomaly |= MoveBack(latest + policy.sends_window.count(), &device.sends);
  const int weight = policy.totp_issuer.empty() ? 1 : WindowWeight(policy);
  const Millis longest =
      std::max<Millis>(policy.lock_duration_max.count(), policy.rolling_lock.count() * weight);
  anomaly |= PullBackLock(now, latest + longest, &member->ledger);
  return PullBackMail(policy, now, &member->mail) || anomaly;
}

int SessionCount(const SessionArguments& session) {
  return !session.intermediate_session_token.empty() + !session.session_token.empty() +
         !session.session_jwt.empty();
}
bool HasSession(const SessionArguments& session) { return SessionCount(session) > 0; }

bool Repeats(const Question& question, const ModelMark& mark) {
  const OperationId& operation = question.call->operation;
  return operation != kNotRepeatable && mark.call != nullptr && mark.call->operation == operation &&
         !mark.refused;
}

// Fields that a verb does not have are the same whenever it is called again.
static bool SameRequest(const Call& a, const Call& b) {
  const auto fields = [](const Call& call) {
    return std::tie(
        call.verb, call.organization, call.member, call.session.intermediate_session_token,
        call.session.session_token, call.session.session_jwt, call.number, call.locale, call.code,
        call.minutes, call.set_mfa_enrollment, call.set_default_mfa, call.device,
        call.remember_device, call.session_id, call.challenge, call.delivery.kind,
        call.delivery.unsubscribed, call.slug, call.mfa_policy, call.mfa_methods,
        call.allowed_methods, call.external_id, call.email, call.name, call.email_verified,
        call.breakglass, call.enrolled, call.pending, call.invited, call.number_verified, call.totp,
        call.default_method, call.expiration, call.secret, call.recovery_codes,
        call.parameters.algorithm, call.parameters.digits, call.login_template,
        call.signup_template, call.login_minutes, call.signup_minutes, call.just_in_time,
        call.auth_methods, call.allowed_auth_methods);
  };
  return fields(a) == fields(b);
}

ErrorCode AnswerOfReplay(const Question& question, const ModelMark& mark) {
  const Millis age = std::abs(question.now - mark.at);
  const bool in_time = age < question.policy->operation_life.count();
  return in_time && SameRequest(*question.call, *mark.call) ? mark.answer : ErrorCode::kBadRequest;
}

ErrorCode AnswerOfReplay(const Question& question, const ModelMember& member) {
  const ErrorCode answer = AnswerOfReplay(question, member.mark);
  return answer == ErrorCode::kOk ? CheckSession(question, member) : answer;
}

ModelMark MarkOf(const Question& question, ErrorCode answer) {
  return {std::make_shared<Call>(*question.call), question.run, answer, question.now, false};
}

bool ShapedLikeAGeneratedId(const std::string& id) {
  static const std::string kUuid = "-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  if (id.size() <= kUuid.size()) return false;
  const std::string kind = id.substr(0, id.size() - kUuid.size());
  for (size_t i = 0; i < kUuid.size(); ++i) {
    const char c = id[kind.size() + i];
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (kUuid[i] == 'x' ? !hex : c != '-') return false;
  }
  return kind == "member-test" || kind == "member-live" || kind == "organization-test" ||
         kind == "organization-live";
}

ErrorCode CheckId(const std::string& id) {
  if (id.empty()) return ErrorCode::kBadRequest;
  if (!WellFormedId(id)) return ErrorCode::kInvalidId;
  const bool live = id.find("-live-") != std::string::npos && ShapedLikeAGeneratedId(id);
  return live ? ErrorCode::kLiveIdUsedInTestEnvironment : ErrorCode::kOk;  // C-04
}

ErrorCode CheckIds(const Call& call) {
  const ErrorCode error = CheckId(call.organization);
  return error == ErrorCode::kOk ? CheckId(call.member) : error;
}

// C-01: the id, then the slug, then the external id; C-09.
ErrorCode FindOrganizationOnly(const Question& question, Expected* expected,
                               const ModelOrganization** org) {
  const std::string& text = question.call->organization;
  const ModelOrganization* found = question.view->FindOrganization(text);
  for (const auto& [id, other] : question.view->At("", text).organizations) {
    if (found == nullptr && !other->deleted && other->slug == text)
      found = question.view->FindOrganization(id);
  }
  for (const auto& [id, other] : question.view->At("", text).organizations) {
    if (found == nullptr && !other->deleted && other->external_id == text)
      found = question.view->FindOrganization(id);
  }
  const ModelOrganization* const holder = question.view->FindBySlug(text);
  if (found == nullptr && holder != nullptr) found = question.view->FindOrganization(holder->id);
  // A deleted Organization still knows its deletion (C-07), also when an alias that was looked up
  // before led there.
  if (found != nullptr && question.call->verb == Verb::kDeleteOrganization) *org = found;
  if (found == nullptr || found->deleted) return ErrorCode::kOrganizationNotFound;
  *org = found;
  expected->organization = found->id;
  return ErrorCode::kOk;
}

ErrorCode FindTarget(const Question& question, Expected* expected, const ModelOrganization** org,
                     const ModelMember** member, bool deleted_too) {
  const Call& call = *question.call;
  const std::string& text = call.member;
  const bool by_email = (call.verb == Verb::kGetMember && text.empty()) || IsOfEmail(call.verb);
  const ErrorCode error = FindOrganizationOnly(question, expected, org);
  if (error != ErrorCode::kOk) return error;
  const std::string& organization = (*org)->id;
  const std::string email =
      call.verb == Verb::kExchange ? question.session->email_address.str() : call.email;
  const ModelMember* found = by_email ? FindByEmail(question, organization, email)
                                      : question.view->FindMember(organization, text);
  for (const auto& [path, other] : question.view->At(organization, text).members) {
    if (found == nullptr && !by_email && other->organization == organization &&
        other->external_id == text)
      found = question.view->FindMember(organization, other->id);
  }
  if (found == nullptr) return ErrorCode::kMemberNotFound;
  if (found->status == MemberStatus::kDeleted && !deleted_too) return ErrorCode::kMemberNotFound;
  auto target = std::make_shared<ModelMember>(*found);
  expected->anomaly = PullBack(*question.policy, question.now, target.get());
  expected->target = target;
  expected->member = found->id;
  *member = target.get();
  return ErrorCode::kOk;
}

ErrorCode OneSessionShape(const Call& call) {
  const ErrorCode error = CheckIds(call);
  if (error != ErrorCode::kOk) return error;
  return SessionCount(call.session) > 1 ? ErrorCode::kTooManySessionArguments : ErrorCode::kOk;
}

bool Opens(const Question& question, ErrorCode shape, Target* target, Expected* expected) {
  expected->error = shape;
  if (shape == ErrorCode::kOk)
    expected->error = FindTarget(question, expected, &target->org, &target->member);
  if (expected->error != ErrorCode::kOk) return false;
  if (!Repeats(question, target->member->mark)) return true;
  expected->replay = true;
  expected->error = AnswerOfReplay(question, *target->member);
  return false;
}

// EM-27.
bool ProvesAddress(const Question& question, const ModelMember& member) {
  return question.session && !question.call->session.intermediate_session_token.empty() &&
         question.session->organization_id.str().empty() &&
         question.session->member_id.str().empty() && !question.session->factors.HasSecond() &&
         !member.email.empty() &&
         Lower(question.session->email_address.str()) == Lower(member.email);
}

bool MayUseSession(const Question& question, const ModelMember& member) {
  const bool own = question.session->organization_id.str() == member.organization &&
                   question.session->member_id.str() == member.id;
  return own || ProvesAddress(question, member);
}

bool IsActiveFor(const Question& question, const ModelMember& member) {
  return member.status == MemberStatus::kActive || ProvesAddress(question, member);
}

void VerifyMail(ModelMember* member, Expected* expected) {
  if (!member->email_verified) expected->Tell(EventKind::kEmailVerified);
  member->email_verified = true;
  if (member->status != MemberStatus::kActive) expected->Tell(EventKind::kActivated);
  member->status = MemberStatus::kActive;
}

// S-11.
ErrorCode CheckSession(const Question& question, const ModelMember& member) {
  const SessionArguments& session = question.call->session;
  if (!HasSession(session)) return ErrorCode::kOk;
  if (!question.session)
    return session.intermediate_session_token.empty() ? ErrorCode::kSessionNotFound
                                                      : ErrorCode::kIntermediateSessionNotFound;
  return MayUseSession(question, member) ? ErrorCode::kOk
                                         : ErrorCode::kMemberSessionMemberIdMismatch;
}

std::shared_ptr<ModelMember> Changed(const Question& question, const ModelMember& member,
                                     ErrorCode answer) {
  auto changed = std::make_shared<ModelMember>(member);
  changed->mark = MarkOf(question, answer);
  // T-02: what its record has seen since issue.
  for (ModelChallenge* challenge :
       {&changed->challenge, &changed->candidate.challenge, &changed->mail.challenge}) {
    if (challenge->state != ChallengeState::kNone)
      challenge->seen = std::max(challenge->seen, question.now);
  }
  if (changed->registration.state == RegistrationState::kPending)
    changed->registration.seen = std::max(changed->registration.seen, question.now);
  return changed;
}

// Somebody else has verified the number that `member` has pending (S-07).
static bool ClaimLost(const Question& question, const ModelMember& member) {
  if (member.number.empty() || member.verified) return false;
  const ModelClaim* claim = question.view->FindClaim(member.organization, member.number);
  return claim != nullptr && claim->permanent && claim->holder != member.id;
}

// A number that the host gave is a factor for S-12 before anybody has proved it, unless it is lost.
static bool CountsUnproved(const Question& question, const ModelMember& member) {
  return !member.number.empty() && !member.verified && member.given_by_host &&
         !ClaimLost(question, member);
}

bool MustShowFactor(const Question& question, const ModelMember& member) {
  if (!HasSession(question.call->session)) return false;  // the host itself
  const bool has_factor = member.HasFactor() || CountsUnproved(question, member);
  return has_factor && !(question.session && question.session->factors.HasSecond());
}

// A number other than the stored one, or the first one, in the order of S-01.
Link CheckLink(const Question& question, const ModelOrganization& org, const ModelMember& member,
               bool needs_factor, bool imports) {
  const Policy& policy = *question.policy;
  const std::string& text = question.call->number;
  const bool lacks_factor =
      needs_factor && !(question.session && question.session->factors.HasSecond());
  if (!member.verified && member.HasFactor() && lacks_factor)
    return {ErrorCode::kInsufficientFactors, ""};
  const NumberFact* fact = FactOf(text);
  const bool sandbox = IsSandbox(policy, text, question.now);
  if (!sandbox && (fact == nullptr || (!fact->valid && !imports)))
    return {ErrorCode::kInvalidPhoneNumber, ""};
  const std::string canonical = sandbox ? text : fact->canonical;
  if (canonical == member.number) return {ErrorCode::kOk, ""};  // S-03: the same after all
  const bool may_replace =
      member.number.empty() || ClaimLost(question, member) ||
      (policy.replace_pending_number && !member.verified && !member.HasFactor());
  if (!may_replace) return {ErrorCode::kDuplicateMemberPhoneNumberForMember, ""};
  if (lacks_factor && CountsUnproved(question, member))
    return {ErrorCode::kInsufficientFactors, ""};
  const std::string region = fact == nullptr ? "" : fact->region;
  if (!sandbox && region != "US" && region != "CA")
    return {ErrorCode::kInvalidPhoneNumberCountryCode, ""};
  ModelMember asking = member;
  asking.organization = org.id;
  if (IsTaken(question, asking, canonical)) return {ErrorCode::kDuplicateMemberPhoneNumber, ""};
  return {ErrorCode::kOk, canonical};
}

bool IsTaken(const Question& question, const ModelMember& member, const std::string& number) {
  const Policy& policy = *question.policy;
  const ModelClaim* claim = question.view->FindClaim(member.organization, number);
  // A lease that no right clock can have given keeps nobody out (T-02).
  const Millis longest = policy.passcode_life.count() + policy.clock_tolerance.count();
  const bool leased = claim != nullptr && question.now < claim->lease_end &&
                      claim->lease_end <= question.now + longest;
  return claim != nullptr && claim->holder != member.id && (claim->permanent || leased);
}

void ReleaseClaim(const Question& question, const ModelMember& member, Expected* expected) {
  ReleaseClaim(question, member, member.number, expected);
}
void ReleaseClaim(const Question& question, const ModelMember& member, const std::string& number,
                  Expected* expected) {
  if (number.empty()) return;
  const ModelClaim* claim = question.view->FindClaim(member.organization, number);
  if (claim != nullptr && claim->holder == member.id)
    expected->new_claims[PathOf(member.organization, number)] = nullptr;
}

Millis TakeLease(const Question& question, ModelMember* member) {
  const Millis life = question.policy->passcode_life.count();
  const bool had_one = member->leased != 0 && question.now < member->leased + 5 * life &&
                       member->leased <= question.now + 5 * life;
  if (had_one) return 0;
  member->leased = question.now;
  return question.now + life;
}

void LinkNumber(const Question& question, const NewNumber& fresh, ModelMember* member,
                Expected* expected) {
  const auto& [number, verified, by_host] = fresh;
  if (!member->number.empty()) {
    ReleaseClaim(question, *member, expected);
    member->challenge = ModelChallenge();
  }
  member->number = number;
  member->linked_as_sandbox = IsSandbox(*question.policy, number, question.now);
  member->verified = verified;
  member->given_by_host = by_host;
  ModelClaim claim;
  claim.holder = member->id;
  claim.permanent = verified;
  // A lease of one passcode life, but of none for who had one in the last five; the end of a
  // permanent claim means nothing.
  claim.lease_end = verified ? 0 : TakeLease(question, member);
  expected->new_claims[PathOf(member->organization, number)] = std::make_shared<ModelClaim>(claim);
}

static Expected JudgeVerb(const Question& question) {
  switch (question.call->verb) {
    case Verb::kSend: return JudgeSend(question);
    case Verb::kAuthenticate: return JudgeAuthenticate(question);
    case Verb::kReportDelivery: return JudgeReport(question);
    case Verb::kMfaStep: return JudgeMfaStep(question);
    case Verb::kCreateOrganization:
    case Verb::kGetOrganization:
    case Verb::kUpdateOrganization:
    case Verb::kDeleteOrganization: return JudgeOrganization(question);
    case Verb::kCreateMember: return JudgeCreateMember(question);
    case Verb::kUpdateMember: return JudgeUpdateMember(question);
    case Verb::kStartPhoneChange: return JudgeStartPhoneChange(question);
    case Verb::kFinishPhoneChange: return JudgeFinishPhoneChange(question);
    case Verb::kCreateTotp: return JudgeCreateTotp(question);
    case Verb::kAuthenticateTotp: return JudgeAuthenticateTotp(question);
    case Verb::kMigrateTotp: return JudgeMigrateTotp(question);
    case Verb::kDeleteTotp: return JudgeDeleteTotp(question);
    case Verb::kUseRecoveryCode: return JudgeUseRecoveryCode(question);
    case Verb::kGetRecoveryCodes: return JudgeGetRecoveryCodes(question);
    case Verb::kRotateRecoveryCodes: return JudgeRotateRecoveryCodes(question);
    case Verb::kReseal: return JudgeReseal(question);
    case Verb::kSendEmail: return JudgeSendEmail(question);
    case Verb::kAuthenticateEmail: return JudgeAuthenticateEmail(question);
    case Verb::kSendDiscovery:
    case Verb::kAuthenticateDiscovery:
    case Verb::kReportDiscovery:
    case Verb::kUnlockAddress:
    case Verb::kPurgeAddress: return JudgeDiscovery(question);
    case Verb::kExchange: return JudgeExchange(question);
    default: return JudgeMember(question);
  }
}

Expected Judge(const Question& question) {
  Expected expected = JudgeVerb(question);
  const Verb verb = question.call->verb;
  // EM-27: not an address that the command itself has set.
  if (expected.new_member != nullptr && expected.target != nullptr &&
      expected.error == ErrorCode::kOk && ProvesAddress(question, *expected.target) &&
      ProvesAddress(question, *expected.new_member))
    VerifyMail(expected.new_member.get(), &expected);
  // A clock anomaly is written and told, also by a command that is refused (T-02).
  const bool refused = expected.target != nullptr && expected.error != ErrorCode::kOk &&
                       expected.new_member == nullptr && !expected.replay;
  if (expected.anomaly && !expected.replay) expected.Tell(EventKind::kClockAnomaly);
  if (expected.anomaly && refused && verb != Verb::kGetMember && verb != Verb::kReportDelivery) {
    auto changed = Changed(question, *expected.target, expected.error);
    changed->mark.refused = true;
    expected.new_member = changed;
  }
  return expected;
}

}  // namespace simulation
}  // namespace otpcore
