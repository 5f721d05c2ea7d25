// SPDX-License-Identifier: Apache-2.0
// What the world holds against the model: each applied commit, and each answer.
#include <utility>

#include "otpcore/model/codec.h"
#include "otpcore/testing/doubles.h"
#include "world.h"

namespace otpcore {
namespace simulation {
namespace {

std::string NameOfError(ErrorCode error) {
  return error == ErrorCode::kOk ? "ok" : std::string(Describe(error).error_type);
}

// The first field in which two descriptions differ; both are "name=value" in one order.
class Differences {
 public:
  template <typename A, typename B>
  void Same(const char* name, const A& product, const B& model) {
    if (product == model || !text_.empty()) return;
    text_ = std::string(name) + " is " + Show(product) + ", the model has " + Show(model);
  }
  const std::string& text() const { return text_; }

 private:
  static std::string Show(const std::string& text) { return '"' + text + '"'; }
  static std::string Show(std::string_view text) { return '"' + std::string(text) + '"'; }
  static std::string Show(const char* text) { return text; }
  static std::string Show(bool value) { return value ? "true" : "false"; }
  template <typename Number>
  static std::string Show(const Number& number) {
    return std::to_string(static_cast<int64_t>(number));
  }
  std::string text_;
};

EnrollmentState StateOf(const ModelMember& member) {
  return member.number.empty() ? EnrollmentState::kNone
         : member.verified     ? EnrollmentState::kVerified
                               : EnrollmentState::kPending;
}

std::string CompareMember(const MemberRecord& record, const ModelMember& model, Millis now) {
  Differences differences;
  differences.Same("status", record.status, model.status);
  differences.Same("number", record.phone.number.view(), std::string_view(model.number));
  differences.Same("enrolment", record.phone.state, StateOf(model));
  if (model.purged) return differences.text();
  differences.Same("challenge state", record.challenge.state, model.challenge.state);
  if (model.challenge.state == ChallengeState::kLive) {
    differences.Same("tries", static_cast<int>(record.challenge.failures),
                     model.challenge.failures);
    differences.Same("expiry", record.challenge.expires_at.unix_millis(), model.challenge.expires);
  }
  differences.Same("e-mail", record.email_address, model.email);
  differences.Same("e-mail verified", record.email_address_verified, model.email_verified);
  differences.Same("name", record.name, model.name);
  differences.Same("external id", record.external_id.view(), std::string_view(model.external_id));
  differences.Same("breakglass", record.is_breakglass, model.breakglass);
  differences.Same("enrolled", record.mfa_enrolled, model.enrolled);
  differences.Same("default method", WireName(record.default_mfa_method),
                   std::string_view(model.default_method));
  differences.Same("totp", record.totp_registration_id.view(), std::string_view(model.totp));
  const Member view = ViewOf(record, Instant::FromUnixMillis(now));
  Millis until = 0;
  const bool locked = IsLocked(model, now, &until);
  differences.Same("locked", view.is_locked, locked);
  if (locked)
    differences.Same("lock end", view.lock_expires_at ? view.lock_expires_at->unix_millis() : 0,
                     until);
  return differences.text();
}

template <typename T>
const T* Find(const std::map<std::string, std::shared_ptr<const T>>& map, const std::string& path) {
  const auto found = map.find(path);
  return found == map.end() ? nullptr : found->second.get();
}

std::string CompareClaim(const Record& record, const ModelClaim* model) {
  const auto* claim = std::get_if<PhoneClaim>(&record);
  Differences differences;
  differences.Same("a claim", claim != nullptr, model != nullptr);
  if (claim == nullptr || model == nullptr) return differences.text();
  differences.Same("holder", claim->member_id.view(), std::string_view(model->holder));
  differences.Same("permanent", claim->permanent, model->permanent);
  if (!model->permanent)
    differences.Same("lease end", claim->lease_end.unix_millis(), model->lease_end);
  return differences.text();
}

std::string CompareOrganization(const OrganizationRecord& record, const ModelOrganization& model) {
  const Organization& org = record.organization;
  Differences differences;
  differences.Same("deleted", record.deleted, model.deleted);
  if (model.deleted) return differences.text();
  differences.Same("slug", org.organization_slug.view(), std::string_view(model.slug));
  differences.Same("external id", org.organization_external_id.view(),
                   std::string_view(model.external_id));
  differences.Same("name", org.organization_name, model.name);
  differences.Same("required for all", org.mfa_policy == MfaPolicy::kRequiredForAll,
                   model.required_for_all);
  differences.Same("restricted", org.mfa_methods == MfaMethods::kRestricted, model.restricted);
  differences.Same("sms allowed", org.Allows(FactorKind::kSmsPasscode), model.AllowsSms());
  differences.Same("totp allowed", org.Allows(FactorKind::kTotp), model.Allows(FactorKind::kTotp));
  return differences.text();
}

}  // namespace

Expected World::JudgeSlot(const Slot& slot) const {
  Question question;
  question.policy = &config_->policy();
  question.call = slot.following_up ? &slot.follow_up : &slot.call;
  question.view = &slot.view;
  question.now = slot.now;
  question.epoch = slot.epoch;
  question.session = slot.session;
  question.has_entropy = slot.has_entropy;
  question.admission = slot.admission;
  if (question.view->first != nullptr) return Judge(question);
  // Nothing was loaded: only the shape can have been wrong.
  View view;
  view.first = model_;
  question.view = &view;
  return Judge(question);
}

void World::OnApplied(Slot* slot, const Changes& changes) {
  Expected expected = JudgeSlot(*slot);
  const char* const verb =
      simulation::NameOf(slot->following_up ? Verb::kReportDelivery : slot->call.verb);
  const std::string who = std::string(verb) + " of " + NameOf(*slot);
  // A restore may take a commit of unknown outcome back, and then it is made again.
  const bool before = slot->following_up ? slot->follow_up_applied : slot->committed.has_value();
  if (before && slot->committed_in == epoch_) return Fail(who + " is committed twice");
  slot->committed_in = epoch_;
  if (expected.replay) return Fail(who + " is a repetition, and commits");
  if (expected.asks_guard) return Fail(who + " commits without an admission");
  if (expected.new_member == nullptr && expected.new_organization == nullptr)
    return Fail(who + " commits, the model answers " + NameOfError(expected.error));
  const std::string path = PathOf(expected.organization, expected.member);
  const auto stale = [&](const auto* seen, const auto* current) {
    if (seen != current) Fail(who + " is committed on something that has changed since");
  };
  if (expected.new_member != nullptr)
    stale(slot->view.FindMember(expected.organization, expected.member),
          Find(model_->members, path));
  if (expected.new_organization != nullptr)
    stale(slot->view.FindOrganization(expected.organization),
          Find(model_->organizations, expected.organization));
  for (const auto& [claim, after] : expected.new_claims)
    stale(Find(slot->view.claims, claim), Find(model_->claims, claim));
  if (expected.issues) {
    const auto* record = std::get_if<MemberRecord>(&changes.writes.front().record);
    if (record == nullptr) return Fail(who + " writes no Member first");
    ModelChallenge& challenge = expected.new_member->challenge;
    challenge.id = slot->challenge = record->challenge.id;
    if ((changes.message != nullptr) != expected.delivers)
      return Fail(who + (expected.delivers ? " has no SMS" : " has an SMS"));
    const auto digits = static_cast<size_t>(config_->policy().passcode_digits);
    constexpr SecretAccess kAccess("this is the phone");
    challenge.code =
        changes.message == nullptr
            ? config_->policy().sandbox_numbers.front().code
            : testing::CodeIn(std::string(changes.message->text.Reveal(kAccess)), digits);
    if (challenge.code.size() != digits) return Fail(who + " sends no code");
    if (changes.message != nullptr && changes.message->to.view() != expected.new_member->number)
      return Fail(who + " sends to another number");
    if (changes.message == nullptr) Arrive({path, challenge.code});
    issued_.emplace_back(path, challenge.id);
  } else if (changes.message != nullptr) {
    return Fail(who + " sends an SMS, the model does not");
  }
  auto after = std::make_shared<ModelState>(*model_);
  if (expected.new_member != nullptr) after->members[path] = expected.new_member;
  if (expected.new_organization != nullptr)
    after->organizations[expected.organization] = expected.new_organization;
  for (const auto& [claim, to] : expected.new_claims) after->claims[claim] = to;
  model_ = after;
  store_.Apply(changes, model_);
  CheckWrites(*slot, changes, expected);
  if (slot->following_up)
    slot->follow_up_applied = true;
  else
    committed_[slot->call.operation] = *(slot->committed = std::move(expected));
}

void World::CheckWrites(const Slot& slot, const Changes& changes, const Expected& expected) {
  const auto report = [&](const std::string& path, const std::string& difference) {
    if (!difference.empty())
      Fail("after " + std::string(simulation::NameOf(slot.call.verb)) + ", " + path + ": " +
           difference);
  };
  for (const Write& write : changes.writes) {
    const std::string path = PathOf(write.key.organization.str(), write.key.name.str());
    if (const auto* member = std::get_if<MemberRecord>(&write.record)) {
      const ModelMember* model = Find(model_->members, path);
      if (model == nullptr) return report(path, "the model has no such Member");
      report(path, CompareMember(*member, *model, slot.now));
    }
    if (write.key.kind == RecordKind::kPhoneClaim)
      report(path, CompareClaim(write.record, Find(model_->claims, path)));
    if (const auto* organization = std::get_if<OrganizationSnapshot>(&write.record)) {
      const ModelOrganization* model = Find(model_->organizations, write.key.name.str());
      if (model == nullptr) return report(path, "the model has no such Organization");
      report(path, CompareOrganization(**organization, *model));
    }
  }
  for (const auto& [path, claim] : expected.new_claims) {
    const size_t slash = path.find('/');
    const RecordKey key = {RecordKind::kPhoneClaim, path.substr(0, slash), path.substr(slash + 1)};
    report(path, CompareClaim(store_.Read(key).record, claim.get()));
  }
}

void World::CheckReply(Slot* slot, const Heard& heard) {
  const std::string who = simulation::NameOf(slot->call.verb) + (" of " + NameOf(*slot));
  if (heard.error == ErrorCode::kServerUnavailable && slot->excuse) return;
  if (slot->must_fail) return Fail(who + " answers as if nothing had gone wrong");
  slot->following_up = false;
  // A commit in doubt that was lost, and then made by the same client's second call on another
  // host.
  const auto twin = committed_.find(slot->call.operation);
  if (!slot->committed && slot->unknown && twin != committed_.end()) {
    if (heard.error != twin->second.error) Fail(who + " answers otherwise than its repetition");
    return;
  }
  // Two reports of one delivery leave the same mark, the send's, so either may be taken for the
  // other.
  if (!slot->committed && slot->unknown && slot->call.verb == Verb::kReportDelivery) return;
  Expected expected = slot->committed ? *slot->committed : JudgeSlot(*slot);
  // After a conflict over the number, its admission is none for the other one (L-06).
  if (expected.asks_guard && !slot->admitted_for.empty() &&
      slot->admitted_for != expected.asks_for && heard.error == ErrorCode::kServerUnavailable)
    return;
  if (!slot->committed && (expected.must_write || expected.asks_guard))
    return Fail(who + " answers " + NameOfError(heard.error) + " without the commit it needs");
  if (slot->committed && slot->committed->delivers && !slot->delivery)
    return Fail(who + " sent no SMS");
  if (slot->delivery && slot->delivery->kind != Delivery::Kind::kAccepted) {
    expected.initiated = false;
    expected.sends_left.reset();
    if (slot->call.verb == Verb::kSend)
      expected.error = slot->delivery->kind != Delivery::Kind::kRejected
                           ? ErrorCode::kDownstreamCarrierUnavailable
                       : slot->delivery->unsubscribed ? ErrorCode::kUnsubscribedPhoneNumber
                                                      : ErrorCode::kDownstreamCarrierRejected;
  }
  CheckAnswer(*slot, expected, heard);
}

void World::CheckAnswer(const Slot& slot, const Expected& expected, const Heard& heard) {
  const std::string who = simulation::NameOf(slot.call.verb) + (" of " + NameOf(slot));
  if (heard.error != expected.error)
    return Fail(who + " answers " + NameOfError(heard.error) + ", the model answers " +
                NameOfError(expected.error));
  if (expected.retry_after && heard.retry_after.count() != *expected.retry_after)
    return Fail(who + " says to wait " + std::to_string(heard.retry_after.count()) +
                " ms, the model says " + std::to_string(*expected.retry_after));
  if (expected.error != ErrorCode::kOk) return;
  if (heard.session_effect.has_value() != expected.session_change.has_value() && !expected.replay)
    return Fail(who + ": what becomes of the session differs");
  if (expected.session_change && heard.session_effect &&
      heard.session_effect->credential.value != expected.session_change->value)
    return Fail(who + " changes another session");
  const bool unsent = slot.delivery && slot.delivery->kind != Delivery::Kind::kAccepted;
  if (expected.sends_left && heard.hints && heard.hints->sends_left != *expected.sends_left)
    return Fail(who + " says " + std::to_string(heard.hints->sends_left) + " sends left, not " +
                std::to_string(*expected.sends_left));
  if (heard.member && !unsent) {
    const ModelMember* model = expected.new_member.get();
    if (model == nullptr || !slot.committed)
      model = expected.target ? expected.target.get()
                              : slot.view.FindMember(expected.organization, expected.member);
    if (model != nullptr && !model->purged) CheckMember(*heard.member, *model, slot.now);
  }
  if (slot.call.verb == Verb::kAuthenticate) CheckSessionChanged(slot);
  if (slot.call.verb != Verb::kMfaStep) return;
  if (heard.member_authenticated != expected.authenticated ||
      heard.mfa_required.has_value() != expected.required)
    return Fail(who + ": whether MFA is required differs");
  if (!heard.mfa_required || expected.replay) return;
  if (heard.mfa_required->secondary_auth_initiated != expected.initiated)
    return Fail(who + ": whether an SMS was sent differs");
  if (heard.mfa_required->member_options.has_value() != expected.has_options)
    return Fail(who + ": the options differ");
}

// After a success, a repeated one too, the token is consumed or the session has its factor.
void World::CheckSessionChanged(const Slot& slot) {
  const SessionArguments& given = slot.call.session;
  const std::string& token = given.intermediate_session_token;
  const std::string& full = given.session_token.empty() ? given.session_jwt : given.session_token;
  const auto found = sessions_.find(token.empty() ? full : token);
  if (found == sessions_.end()
          ? token.empty()
          : !found->second.factors.Has(FactorKind::kSmsPasscode) || !token.empty())
    Fail("a success of " + NameOf(slot) + " left its session as it was");
}

void World::CheckMember(const Member& heard, const ModelMember& model, Millis now) {
  Differences differences;
  differences.Same("member_id", heard.member_id.view(), std::string_view(model.id));
  differences.Same("mfa_phone_number", heard.mfa_phone_number, model.number);
  differences.Same("mfa_phone_number_verified", heard.mfa_phone_number_verified, model.verified);
  differences.Same("status", heard.status, model.status);
  differences.Same("mfa_enrolled", heard.mfa_enrolled, model.enrolled);
  differences.Same("default_mfa_method", WireName(heard.default_mfa_method),
                   std::string_view(model.default_method));
  Millis until = 0;
  differences.Same("is_locked", heard.is_locked, IsLocked(model, now, &until));
  if (!differences.text().empty()) Fail("the Member in the answer: " + differences.text());
}

void World::HashReply(const Heard& heard) {
  hash_.Number(static_cast<uint64_t>(heard.error));
  hash_.Number(static_cast<uint64_t>(heard.retry_after.count()));
  hash_.Number(heard.member_authenticated);
  hash_.Number(heard.applied);
  if (heard.member) {
    hash_.Text(heard.member->member_id.view());
    hash_.Text(heard.member->mfa_phone_number);
    hash_.Number(static_cast<uint64_t>(heard.member->status));
    hash_.Number(heard.member->is_locked);
    hash_.Number(static_cast<uint64_t>(heard.member->updated_at.unix_millis()));
  }
  if (heard.hints) {
    hash_.Number(static_cast<uint64_t>(heard.hints->sends_left));
    hash_.Number(static_cast<uint64_t>(heard.hints->expires_at.unix_millis()));
    hash_.Number(static_cast<uint64_t>(heard.hints->next_send_at.unix_millis()));
  }
  if (heard.session_effect) hash_.Text(heard.session_effect->phone_id);
  for (const Event& event : heard.events) {
    hash_.Number(static_cast<uint64_t>(event.kind));
    hash_.Number(static_cast<uint64_t>(event.reason));
  }
}

// The bytes a store would keep.
void World::HashChanges(const Changes& changes) {
  for (const Write& write : changes.writes) {
    hash_.Text(EncodeKey(write.key));
    hash_.Number(write.expected);
    hash_.Text(EncodeRecord(write.key, write.record));
  }
}

}  // namespace simulation
}  // namespace otpcore
