// SPDX-License-Identifier: Apache-2.0
// What the world holds against the model: each applied commit, and each answer.
#include <utility>

#include "differences.h"
#include "otpcore/model/codec.h"
#include "otpcore/testing/doubles.h"
#include "world.h"

namespace otpcore {
namespace simulation {
namespace {

std::string NameOfError(ErrorCode error) {
  return error == ErrorCode::kOk ? "ok" : std::string(Describe(error).error_type);
}

EnrollmentState StateOf(const ModelMember& member) {
  return member.number.empty() ? EnrollmentState::kNone
         : member.verified     ? EnrollmentState::kVerified
                               : EnrollmentState::kPending;
}

}  // namespace

std::string CompareMail(const EmailFactor& email, const ModelMail& model) {
  Differences differences;
  differences.Same("e-mail id",
                   email.id.empty() ? ""
                                    : ProofId({FactorKind::kEmailPasscode, email.id, {}, {}},
                                              Environment::kTest),
                   model.id);
  differences.Same("state of the mail", email.challenge.state, model.challenge.state);
  differences.Same("purpose", email.purpose, model.purpose);
  if (model.challenge.state == ChallengeState::kLive) {
    differences.Same("mail's tries", static_cast<int>(email.challenge.failures),
                     model.challenge.failures);
    differences.Same("mail's expiry", email.challenge.expires_at.unix_millis(),
                     model.challenge.expires);
  }
  differences.Same("mails sent", size_t{email.sends.count}, model.sends.times.size());
  differences.Same("failures by e-mail", size_t{email.failures.recent.count},
                   model.ledger.failures.size());
  return differences.text();
}

namespace {

std::string CompareMember(const MemberRecord& record, const ModelMember& model, Millis now) {
  Differences differences;
  differences.Same("status", record.status, model.status);
  differences.Same("number", record.phone.number.view(), std::string_view(model.number));
  differences.Same("enrolment", record.phone.state, StateOf(model));
  differences.Same("given by the host", record.phone.linked_by_host, model.given_by_host);
  if (model.purged) return differences.text();
  differences.Same("challenge state", record.challenge.state, model.challenge.state);
  if (model.challenge.state == ChallengeState::kLive) {
    differences.Same("tries", static_cast<int>(record.challenge.failures),
                     model.challenge.failures);
    differences.Same("expiry", record.challenge.expires_at.unix_millis(), model.challenge.expires);
  }
  const PhoneCandidate& candidate = record.candidate;
  differences.Same("candidate", candidate.phone.number.view(),
                   std::string_view(model.candidate.number));
  differences.Same("its state", candidate.challenge.state, model.candidate.challenge.state);
  differences.Same("its giver", candidate.phone.linked_by_host, model.candidate.given_by_host);
  if (model.candidate.challenge.state == ChallengeState::kLive) {
    differences.Same("its tries", static_cast<int>(candidate.challenge.failures),
                     model.candidate.challenge.failures);
    differences.Same("its expiry", candidate.challenge.expires_at.unix_millis(),
                     model.candidate.challenge.expires);
  }
  differences.Same("latest lease", record.leased_at.unix_millis(), model.leased);
  differences.Same("e-mail", record.email_address, model.email);
  differences.Same("e-mail verified", record.email_address_verified, model.email_verified);
  differences.Same("name", record.name, model.name);
  differences.Same("external id", record.external_id, model.external_id);
  differences.Same("breakglass", record.is_breakglass, model.breakglass);
  differences.Same("enrolled", record.mfa_enrolled, model.enrolled);
  differences.Same("default method", WireName(record.default_mfa_method),
                   std::string_view(model.default_method));
  const Member view = ViewOf(record, Instant::FromUnixMillis(now), Environment::kTest);
  differences.Same("totp", view.totp_registration_id.view(), std::string_view(model.totp));
  Millis until = 0;
  const bool locked = IsLocked(model, now, &until);
  differences.Same("locked", view.is_locked, locked);
  differences.Same("known devices", record.devices.size(), model.devices.size());
  differences.Same("sends", size_t{record.sends.count}, model.sends.times.size());
  differences.Same("failures", size_t{record.failures.recent.count}, model.ledger.failures.size());
  if (locked)
    differences.Same("lock end", view.lock_expires_at ? view.lock_expires_at->unix_millis() : 0,
                     until);
  const std::string text = differences.text();
  return text.empty() ? CompareMail(record.email, model.mail) : text;
}

template <typename T>
const T* Find(const std::map<std::string, std::shared_ptr<const T>>& map, const std::string& path) {
  const auto found = map.find(path);
  return found == map.end() ? nullptr : found->second.get();
}

// Null: none.
std::string CompareClaim(const PhoneClaim* claim, const ModelClaim* model) {
  Differences differences;
  differences.Same("a claim", claim != nullptr, model != nullptr);
  if (claim == nullptr || model == nullptr) return differences.text();
  differences.Same("holder", claim->member_id.str(), model->holder);
  differences.Same("permanent", claim->permanent, model->permanent);
  if (!model->permanent)
    differences.Same("lease end", claim->lease_end.unix_millis(), model->lease_end);
  return differences.text();
}

std::string CompareOrganization(const Organization& organization, const ModelOrganization& model) {
  Differences differences;
  differences.Same("id", organization.organization_id.str(), model.id);
  differences.Same("slug", organization.organization_slug, model.slug);
  differences.Same("external id", organization.organization_external_id, model.external_id);
  differences.Same("name", organization.organization_name, model.name);
  differences.Same("required for all", organization.mfa_policy == MfaPolicy::kRequiredForAll,
                   model.required_for_all);
  differences.Same("restricted", organization.mfa_methods == MfaMethods::kRestricted,
                   model.restricted);
  differences.Same("sms allowed", organization.Allows(FactorKind::kSmsPasscode), model.AllowsSms());
  differences.Same("totp allowed", organization.Allows(FactorKind::kTotp), model.AllowsTotp());
  differences.Same("e-mail allowed", organization.Allows(AuthMethod::kEmailOtp),
                   model.AllowsEmail());
  return differences.text();
}

}  // namespace

static ModelChallenge& IssuedOf(const Expected& expected) {
  if (expected.issued_to == IssuedTo::kDiscovery) return expected.new_address->mail.challenge;
  ModelMember& member = *expected.new_member;
  return expected.issued_to == IssuedTo::kAddress     ? member.mail.challenge
         : expected.issued_to == IssuedTo::kCandidate ? member.candidate.challenge
                                                      : member.challenge;
}

// The id of the challenge in the record that was written first; empty: it is none.
static ChallengeId IssuedIn(const Write& write, IssuedTo issued_to) {
  if (issued_to == IssuedTo::kDiscovery) {
    DiscoveryRecord record;
    return Unpack(*write.key, write.record, &record) ? record.email.challenge.id : ChallengeId();
  }
  MemberRecord record;
  if (!Unpack(*write.key, write.record, &record)) return ChallengeId();
  return issued_to == IssuedTo::kAddress     ? record.email.challenge.id
         : issued_to == IssuedTo::kCandidate ? record.candidate.challenge.id
                                             : record.challenge.id;
}

Expected World::JudgeSlot(const Slot& slot) const {
  Question question;
  question.policy = &config_->policy();
  question.call = slot.following_up ? &slot.follow_up : &slot.call;
  question.view = &slot.view;
  question.now = slot.now;
  question.epoch = slot.epoch;
  question.run = slot.run;
  question.session = slot.session;
  question.generator_stuck = slot.generator_stuck;
  question.admission = slot.admission;
  question.new_id = slot.new_id;
  question.drawn = slot.drawn;
  const KeysOfHost& keys = kKeysOfHosts[slot.keys];
  if (has_sealing_keys_) question.sealing_keys = keys.sealing;
  question.digest_key = keys.digest.back();
  if (question.view->first != nullptr) return Judge(question);
  // Nothing was loaded: only the shape can have been wrong.
  View view;
  view.first = model_;
  question.view = &view;
  return Judge(question);
}

void World::OnApplied(Slot* slot, const Changes& changes) {
  const RecordKey& first = *changes.writes.front().key;
  if (first.kind() != RecordKind::kDiscovery) CheckNewId(*slot, first);
  const bool outside = first.kind() == RecordKind::kDiscovery;
  if (!outside) slot->new_id = first.id().str();
  Expected expected = JudgeSlot(*slot);
  const char* const verb =
      simulation::NameOf(slot->following_up ? Verb::kReportDelivery : slot->call.verb);
  const std::string who = std::string(verb) + " of " + NameOf(*slot);
  // A restore may take a commit of unknown outcome back, and then it is made again. So may whoever
  // deletes the record that it made.
  const bool before = slot->following_up ? slot->follow_up_applied : slot->committed.has_value();
  if (before && slot->committed_in == epoch_ && !slot->taken_back)
    return Fail(who + " is committed twice");
  slot->committed_in = epoch_;
  slot->taken_back = false;
  const RunId run = RunIn(changes.writes.front().record);
  const bool purges = outside && changes.writes.front().record.empty();  // no record, no mark
  if (!purges && (run == 0 || (!runs_.insert(run).second && !before)))
    return Fail(who + " leaves the mark of another run (C-08)");
  if (slot->no_entropy) return Fail(who + " commits without entropy");
  if (expected.replay) return Fail(who + " is a repetition, and commits");
  if (expected.asks_guard) return Fail(who + " commits without an admission");
  if (!Writes(expected))
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
  if (expected.new_address != nullptr || expected.purges)
    stale(slot->view.FindAddress(expected.address), Find(model_->addresses, expected.address));
  for (const auto& [claim, after] : expected.new_claims)
    stale(Find(slot->view.claims, claim), Find(model_->claims, claim));
  if (expected.issues)
    CheckIssued(slot, changes, &expected);
  else if (changes.message != nullptr)
    Fail(who + " sends an SMS, the model does not");
  else if (expected.made)
    clients_->LearnId(expected.organization, expected.member);
  if (!problem_.empty()) return;
  auto after = std::make_shared<ModelState>(*model_);
  if (expected.new_member != nullptr) after->members[path] = expected.new_member;
  if (expected.new_organization != nullptr)
    after->organizations[expected.organization] = expected.new_organization;
  for (const auto& [claim, to] : expected.new_claims) after->claims[claim] = to;
  if (expected.new_address != nullptr) after->addresses[expected.address] = expected.new_address;
  if (expected.purges) {
    after->addresses.erase(expected.address);
    TakeBack(expected.address);
  }
  model_ = after;
  store_.Apply(changes, model_);
  CheckWrites(*slot, changes, expected);
  if (slot->following_up) {
    slot->follow_up_applied = true;
    slot->gave_back = expected.gives_back;
    return;
  }
  if (slot->call.operation != kNotRepeatable) committed_.insert(slot->call.operation);
  slot->committed = std::move(expected);
}

// An id that the product chose has the generated shape and is nobody's yet (C-02, C-04).
void World::CheckNewId(const Slot& slot, const RecordKey& key) {
  const bool organization = slot.call.verb == Verb::kCreateOrganization;
  const std::string& given = organization ? slot.call.organization : slot.call.member;
  if ((!organization && slot.call.verb != Verb::kCreateMember) || !given.empty()) return;
  const EntityId id = key.id();
  const bool used =
      organization ? Find(model_->organizations, id.str()) != nullptr
                   : Find(model_->members, PathOf(key.organization().str(), id.str())) != nullptr;
  if (!id.generated() || used) return Fail("an id is chosen that is used, or not of the shape");
  if (organization)
    clients_->LearnId(id.str(), "");
  else
    clients_->LearnId(key.organization().str(), id.str());
}

// The code and the challenge's id are the product's to choose.
void World::CheckIssued(Slot* slot, const Changes& changes, Expected* expected) {
  const std::string who = NameOf(*slot);
  const Write& write = changes.writes.front();
  const bool outside = expected->issued_to == IssuedTo::kDiscovery;
  ModelMember* const member = expected->new_member.get();
  ModelChallenge& challenge = IssuedOf(*expected);
  challenge.id = slot->challenge = IssuedIn(write, expected->issued_to);
  if (challenge.id.empty()) return Fail(who + " does not write its challenge first");
  if (slot->admitted && challenge.id != slot->admission_id)
    return Fail(who + " issues a passcode under another id than its admission's (L-07)");
  if ((changes.message != nullptr) != expected->delivers)
    return Fail(who + (expected->delivers ? " has no SMS" : " has an SMS"));
  const bool mails = outside || expected->issued_to == IssuedTo::kAddress;
  const std::string path = outside ? "" : PathOf(member->organization, member->id);
  const std::string mailbox = outside ? MailboxOf("", expected->address)
                              : mails ? MailboxOf(member->organization, Lower(member->email))
                                      : path;
  const Policy& policy = config_->policy();
  if (changes.message != nullptr) {
    constexpr SecretAccess kAccess("this is the phone");
    challenge.code = changes.message->passcode.Reveal(kAccess);
    CheckMessage(*slot, *changes.message, *expected);
  } else if (mails) {
    challenge.code = policy.sandbox_addresses.front().code;
    Arrive({mailbox, challenge.code});
  } else {
    challenge.code = policy.sandbox_numbers.front().code;
    Arrive({mailbox, challenge.code});
  }
  const int digits = mails ? policy.email_passcode_digits : policy.passcode_digits;
  if (challenge.code.size() != static_cast<size_t>(digits)) return Fail(who + " sends no code");
  if (outside) return clients_->LearnDiscoveryChallenge(expected->address, challenge.id);
  if (expected->made) clients_->LearnId(member->organization, member->id);
  clients_->LearnChallenge(path, challenge.id);
}

void World::CheckMessage(const Slot& slot, const Message& message, const Expected& expected) {
  constexpr SecretAccess kAccess("this is the phone");
  const bool outside = expected.issued_to == IssuedTo::kDiscovery;
  const ModelMember member = outside ? ModelMember() : *expected.new_member;
  const ModelChallenge& challenge = IssuedOf(expected);
  const std::string text(message.text.Reveal(kAccess));
  if (testing::CodeIn(text, challenge.code.size()) != challenge.code)
    Fail("the text of an SMS has not its passcode");
  const std::string& to = outside                                      ? expected.address
                          : expected.issued_to == IssuedTo::kAddress   ? member.email
                          : expected.issued_to == IssuedTo::kCandidate ? member.candidate.number
                                                                       : member.number;
  if (message.to.view() != to) Fail("a message goes to another number or address");
  if (outside) CheckEmailMessage(slot, message, expected.new_address->mail);
  if (expected.issued_to == IssuedTo::kAddress) CheckEmailMessage(slot, message, member.mail);
  if (message.organization_id.str() != member.organization || message.member_id.str() != member.id)
    Fail("an SMS is of another Member");
  if (message.challenge_id != challenge.id || message.expires_at.unix_millis() != challenge.expires)
    Fail("an SMS is of another challenge");
}

// What the write left, against the model.
std::string World::CompareWrite(const Write& write, Millis now) const {
  const RecordKey& key = *write.key;
  const std::string name = key.name().str();
  const std::string path = PathOf(key.organization().str(), name);
  if (!write.record.empty() && !IsReadable(key, write.record)) return "it cannot be read";
  switch (key.kind()) {
    case RecordKind::kMember: {
      MemberRecord record;
      const ModelMember* model = Find(model_->members, path);
      if (model == nullptr || !Unpack(key, write.record, &record)) return "no such Member";
      const std::string difference = CompareMember(record, *model, now);
      return difference.empty() ? CompareRegistration(record, *model) : difference;
    }
    case RecordKind::kOrganization: {
      OrganizationRecord record;
      const ModelOrganization* model = Find(model_->organizations, name);
      if (model == nullptr || !Unpack(key, write.record, &record)) return "no such Organization";
      if (record.deleted != model->deleted) return "one is deleted, the other is not";
      return CompareOrganization(record, *model);
    }
    case RecordKind::kPhoneClaim: {
      PhoneClaim claim;
      const bool held = !write.record.empty() && Unpack(key, write.record, &claim);
      return CompareClaim(held ? &claim : nullptr, Find(model_->claims, path));
    }
    case RecordKind::kDiscovery: return CompareAddress(write);
    default: return "";  // what a name stands for shows when it is looked up
  }
}

void World::CheckWrites(const Slot& slot, const Changes& changes, const Expected& expected) {
  const auto report = [&](const RecordKey& key, const std::string& difference) {
    if (!difference.empty())
      Fail("after " + std::string(simulation::NameOf(slot.call.verb)) + ", " +
           PathOf(key.organization().str(), key.name().str()) + ": " + difference);
  };
  for (const Write& write : changes.writes) report(*write.key, CompareWrite(write, slot.now));
  // Claims that should have been written, too.
  for (const auto& [path, claim] : expected.new_claims) {
    const size_t slash = path.find('/');
    const RecordKey key = RecordKey::PhoneClaim(path.substr(0, slash), path.substr(slash + 1));
    report(key, CompareWrite({&key, 0, store_.Read(key).bytes}, slot.now));
  }
}

void World::CheckReply(Slot* slot, const Heard& heard) {
  const std::string who = simulation::NameOf(slot->call.verb) + (" of " + NameOf(*slot));
  if (heard.error == ErrorCode::kServerUnavailable && slot->excuse) return;
  CheckEvents(*slot, heard);
  if (slot->must_fail) return Fail(who + " answers as if nothing had gone wrong");
  if (slot->no_entropy) {
    if (heard.error != ErrorCode::kInternalServerError)
      Fail(who + " answers " + NameOfError(heard.error) + " without entropy (R-02)");
    return;
  }
  slot->following_up = false;
  Expected expected = slot->committed ? *slot->committed : JudgeSlot(*slot);
  // Of a purge in doubt it does not matter who deleted the record.
  if (expected.purges && slot->found_gone) slot->committed = expected;
  // After a conflict over the number, its admission is none for the other one (L-06).
  if (expected.asks_guard && !slot->admitted_for.empty() &&
      slot->admitted_for != expected.asks_for && heard.error == ErrorCode::kServerUnavailable)
    return;
  if (!slot->committed && (Writes(expected) || expected.asks_guard))
    return Fail(who + " answers " + NameOfError(heard.error) + " without the commit it needs");
  if (slot->committed && slot->committed->delivers && !slot->delivery)
    return Fail(who + " sent no SMS");
  if (slot->delivery && slot->delivery->kind != Delivery::Kind::kAccepted) {
    expected.initiated = false;
    expected.sends_left.reset();
    expected.knows_events = false;  // the report's stand beside them
    const bool mails =
        slot->call.verb == Verb::kSendEmail || slot->call.verb == Verb::kSendDiscovery;
    if (mails || slot->call.verb == Verb::kSend || slot->call.verb == Verb::kStartPhoneChange)
      expected.error = ErrorOf(*slot->delivery, mails);
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
  if (expected.tries_left && heard.hints.tries_left != *expected.tries_left)
    return Fail(who + " says " + std::to_string(heard.hints.tries_left) + " tries left, not " +
                std::to_string(*expected.tries_left));
  if (expected.sends_left && heard.hints.sends_left != *expected.sends_left)
    return Fail(who + " says " + std::to_string(heard.hints.sends_left) + " sends left, not " +
                std::to_string(*expected.sends_left));
  CheckToldEvents(slot, expected, heard);
  if (expected.error != ErrorCode::kOk) return;
  if (IsOfDiscovery(slot.call.verb)) return CheckDiscoveryAnswer(slot, expected, heard);
  CheckTotpAnswer(slot, expected, heard);
  if (slot.call.verb == Verb::kReportDelivery && heard.applied != expected.applied)
    return Fail(who + ": whether the report was applied differs");
  const bool unsent = slot.delivery && slot.delivery->kind != Delivery::Kind::kAccepted;
  if (heard.member && !unsent) {
    const ModelMember* model = expected.new_member.get();
    if (model == nullptr || !slot.committed)
      model = expected.target ? expected.target.get()
                              : slot.view.FindMember(expected.organization, expected.member);
    if (model == nullptr) return Fail(who + " shows a Member that the model does not know");
    if (!model->purged) CheckMember(*heard.member, *model, slot.now);
  }
  if (heard.organization && !unsent) {
    const ModelOrganization* const model = slot.committed && expected.new_organization != nullptr
                                               ? expected.new_organization.get()
                                               : slot.view.FindOrganization(expected.organization);
    if (model == nullptr) return Fail(who + " shows an Organization that the model does not know");
    const std::string difference = CompareOrganization(*heard.organization, *model);
    if (!difference.empty()) return Fail("the Organization in the answer: " + difference);
  }
  if (FactorOf(slot.call.verb) != FactorKind::kHostPrimary) {
    if (!heard.session_effect) return Fail(who + ": what becomes of the session is not said");
    if (!IsOfEmail(slot.call.verb)) CheckSessionChanged(slot);
  }
  if (IsOfEmail(slot.call.verb)) CheckEmailAnswer(slot, expected, heard);
  if (slot.call.verb != Verb::kMfaStep && slot.call.verb != Verb::kAuthenticateEmail &&
      slot.call.verb != Verb::kExchange)
    return;
  if (heard.member_authenticated != expected.authenticated ||
      heard.mfa_required.has_value() != expected.required)
    return Fail(who + ": whether MFA is required differs");
  if (!heard.mfa_required) return;
  if (heard.mfa_required->secondary_auth_initiated != expected.initiated)
    return Fail(who + ": whether an SMS was sent differs");
  CheckOptions(slot, expected, *heard.mfa_required);
}

// What is asked of the session directory.
void World::CheckEffect(const Slot& slot, const SessionEffect& effect) {
  const SessionArguments& given = slot.call.session;
  const bool intermediate = !given.intermediate_session_token.empty();
  const std::string& value = intermediate                   ? given.intermediate_session_token
                             : !given.session_token.empty() ? given.session_token
                                                            : given.session_jwt;
  const Expected expected = slot.committed ? *slot.committed : JudgeSlot(slot);
  if (IsOfDiscovery(slot.call.verb)) return CheckDiscoveryEffect(effect, expected);
  const ModelMember* const member =
      slot.committed ? expected.new_member.get()
                     : slot.view.FindMember(expected.organization, expected.member);
  const bool exchanges = slot.call.verb == Verb::kExchange;
  const FactorKind factor =
      exchanges && expected.effect ? expected.effect->factor : FactorOf(slot.call.verb);
  if (FactorOf(slot.call.verb) == FactorKind::kHostPrimary || expected.error != ErrorCode::kOk ||
      member == nullptr)
    return Fail("a session is to be changed by what is no success");
  using Kind = SessionEffect::Kind;
  ModelEffect wanted;
  wanted.kind = intermediate ? Kind::kUpgrade : Kind::kExtend;
  wanted.minutes = slot.call.minutes.value_or(60);
  if (expected.effect) wanted = *expected.effect;
  const bool of_session =
      wanted.kind == Kind::kUpgrade || wanted.kind == Kind::kExtend || wanted.consumes;
  Differences differences;
  differences.Same("value", effect.credential.value, of_session ? value : "");
  differences.Same("kind", effect.kind, wanted.kind);
  differences.Same("organization", effect.organization_id.str(), expected.organization);
  differences.Same("member", effect.member_id.str(), expected.member);
  differences.Same("duration", effect.duration.count(), int64_t{60000} * wanted.minutes);
  differences.Same("factor", effect.proof.kind, factor);
  differences.Same("address", effect.proof.address.view(),
                   factor == FactorKind::kSmsPasscode     ? std::string_view(member->number)
                   : factor == FactorKind::kEmailPasscode ? std::string_view(member->email)
                                                          : "");
  const std::string id = factor == FactorKind::kTotp            ? member->registration.id
                         : factor == FactorKind::kRecoveryCode  ? member->registration.set
                         : factor == FactorKind::kEmailPasscode ? member->mail.id
                                                                : std::string();
  if (!id.empty()) differences.Same("id", ProofId(effect.proof, Environment::kTest), id);
  differences.Same("time", effect.proof.at.unix_millis(),
                   exchanges ? expected.effect->shown : slot.now);
  if (!differences.text().empty()) Fail("what becomes of a session: " + differences.text());
}

// After a success, a repeated one too, the token is consumed or the session has its factor.
void World::CheckSessionChanged(const Slot& slot) {
  const SessionArguments& given = slot.call.session;
  const std::string& token = given.intermediate_session_token;
  const std::string& full = given.session_token.empty() ? given.session_jwt : given.session_token;
  const auto found = sessions_.find(token.empty() ? full : token);
  if (found == sessions_.end()
          ? token.empty()
          : !found->second.factors.Has(FactorOf(slot.call.verb)) || !token.empty())
    Fail("a success of " + NameOf(slot) + " left its session as it was");
}

void World::CheckMember(const Member& heard, const ModelMember& model, Millis now) {
  Differences differences;
  differences.Same("member_id", heard.member_id.str(), model.id);
  differences.Same("mfa_phone_number", heard.mfa_phone_number.view(), model.number);
  differences.Same("email_address", heard.email_address, std::string_view(model.email));
  differences.Same("email_address_verified", heard.email_address_verified, model.email_verified);
  differences.Same("mfa_phone_number_verified", heard.mfa_phone_number_verified, model.verified);
  differences.Same("status", heard.status, model.status);
  differences.Same("totp_registration_id", heard.totp_registration_id.view(),
                   std::string_view(model.totp));
  differences.Same("mfa_enrolled", heard.mfa_enrolled, model.enrolled);
  differences.Same("default_mfa_method", WireName(heard.default_mfa_method),
                   std::string_view(model.default_method));
  Millis until = 0;
  differences.Same("is_locked", heard.is_locked, IsLocked(model, now, &until));
  if (!differences.text().empty()) Fail("the Member in the answer: " + differences.text());
}

// V-01: the events of one passcode carry its id.
void World::CheckEvents(const Slot& slot, const Heard& heard) {
  const bool finishes = slot.call.verb == Verb::kFinishPhoneChange;
  const bool mails = slot.call.verb == Verb::kAuthenticateEmail;
  const bool outside = slot.call.verb == Verb::kAuthenticateDiscovery;
  const bool own = finishes || mails || outside || slot.call.verb == Verb::kAuthenticate;
  ChallengeId judged;
  ChallengeId verified;
  if (slot.committed && slot.committed->new_member != nullptr)
    verified = slot.committed->new_member->mail.challenge.id;
  if (outside && slot.committed) judged = slot.committed->target_address->mail.challenge.id;
  if (own && slot.committed && slot.committed->target != nullptr)
    judged = finishes ? slot.committed->target->candidate.challenge.id
             : mails  ? slot.committed->target->mail.challenge.id
                      : slot.committed->target->challenge.id;
  const bool reports =
      slot.call.verb == Verb::kReportDelivery || slot.call.verb == Verb::kReportDiscovery;
  const ChallengeId& sent = reports ? slot.call.challenge : slot.challenge;
  for (const Event& event : heard.reply->events()) {
    ChallengeId id;
    switch (event.kind) {
      case EventKind::kSent:
      case EventKind::kEmailSent:
      case EventKind::kDiscoverySent:
      case EventKind::kDeliveryFailed: id = sent; break;
      // After a success by e-mail only the SMS of its MFA step can have ended.
      case EventKind::kChallengeDead: id = own && slot.challenge.empty() ? judged : sent; break;
      case EventKind::kEmailVerified: id = verified; break;
      case EventKind::kEmailAuthenticated:
      case EventKind::kDiscoveryAuthenticated:
      case EventKind::kAuthenticated:
      case EventKind::kFailure:
      case EventKind::kNumberVerified:
      case EventKind::kPhoneChanged: id = judged; break;
      default: break;
    }
    if (event.challenge_id != id)
      Fail("the event " + std::string(otpcore::NameOf(event.kind)) +
           " is about another passcode (V-01)");
  }
}

void World::HashReply(const Heard& heard) {
  hash_.Number(static_cast<uint64_t>(heard.error));
  hash_.Number(static_cast<uint64_t>(heard.retry_after.count()));
  hash_.Text(heard.reply->request_id());
  hash_.Number(heard.member_authenticated);
  hash_.Number(heard.applied);
  if (heard.member) {
    hash_.Text(heard.member->member_id.text());
    hash_.Text(heard.member->mfa_phone_number);
    hash_.Number(static_cast<uint64_t>(heard.member->status));
    hash_.Number(heard.member->is_locked);
    hash_.Number(static_cast<uint64_t>(heard.member->updated_at.unix_millis()));
  }
  hash_.Number(static_cast<uint64_t>(heard.hints.sends_left));
  hash_.Number(static_cast<uint64_t>(heard.hints.tries_left));
  hash_.Number(static_cast<uint64_t>(heard.hints.expires_at.unix_millis()));
  hash_.Number(static_cast<uint64_t>(heard.hints.next_send_at.unix_millis()));
  hash_.Number(heard.member_created);
  hash_.Text(heard.method_id);
  hash_.Text(heard.email_address);
  hash_.Text(heard.registration_id);
  hash_.Text(heard.uri);
  for (const std::string& code : heard.recovery_codes) hash_.Text(code);
  hash_.Number(static_cast<uint64_t>(heard.codes_left));
  if (heard.session_effect) hash_.Text(ProofId(heard.session_effect->proof, Environment::kTest));
  for (const Event& event : heard.reply->events()) {
    hash_.Number(static_cast<uint64_t>(event.kind));
    hash_.Number(static_cast<uint64_t>(event.reason));
    hash_.Number(event.codes_left);
  }
}

// The bytes that a store would keep.
void World::HashChanges(const Changes& changes) {
  for (const Write& write : changes.writes) {
    hash_.Text(write.key->bytes());
    hash_.Number(write.expected);
    hash_.Text(write.record);
  }
}

}  // namespace simulation
}  // namespace otpcore
