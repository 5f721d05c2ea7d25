// SPDX-License-Identifier: Apache-2.0
// What the world holds against the model of TOTP registrations, recovery codes and the events of
// the commands on them (V-02).
#include <algorithm>
#include <tuple>

#include "differences.h"
#include "otpcore/model/codec.h"
#include "totp_text.h"
#include "world.h"

namespace otpcore {
namespace simulation {
namespace {

constexpr SecretAccess kAccess("the test looks into a record");

std::string PlainOf(const TotpSecret& secret) {
  return {reinterpret_cast<const char*>(secret.Reveal(kAccess)), secret.size()};
}

Uuid Flipped(Uuid id) {
  id.bytes[0] = static_cast<uint8_t>(id.bytes[0] ^ 1);
  return id;
}

// The sealed secret, and whether it opens for something else too (TO-22).
std::string CompareSecret(const SealingKeyRing& keys, const MemberRecord& record,
                          const ModelMember& model) {
  const ModelRegistration& registration = model.registration;
  const TotpBinding own = {model.organization, model.id, record.totp.id, registration.parameters};
  const auto opens = [&](const TotpBinding& binding) {
    return OpenTotpSecret(keys, binding, record.totp.sealed_secret);
  };
  const auto secret = opens(own);
  if (!secret) return "the secret does not open";
  if (PlainOf(*secret) != registration.secret) return "the secret is another one";
  if (SealingKeyIdOf(record.totp.sealed_secret) != registration.sealing_key)
    return "the secret is sealed with another key";
  TotpBinding others[] = {own, own, own, own};
  others[0].registration_id = Flipped(own.registration_id);
  others[1].member_id = own.organization_id;
  others[2].organization_id = own.member_id;
  others[3].parameters.digits = own.parameters.digits == 6 ? 8 : 6;
  for (const TotpBinding& other : others) {
    if (opens(other)) return "the secret opens for another registration, Member or parameters too";
  }
  return "";
}

// The digests of the codes, and whether one would do for something else too (RC-04).
std::string CompareDigests(const KeyRing& keys, const MemberRecord& record,
                           const ModelMember& model) {
  const RecoverySet set = SetOf(record.recovery);
  const RecoveryBinding own = {model.organization, model.id, record.totp.id, set.id};
  const auto& codes = model.registration.codes;
  if (set.count != codes.size()) return "the number of recovery codes differs";
  if (set.key_id != model.registration.digest_key)
    return "the recovery codes are digested with another key";
  const DigestKey* const key = keys.Find(set.key_id);
  if (key == nullptr) return "the key of the recovery codes is none";
  const auto fits = [&](const RecoveryBinding& binding, const std::string& code) {
    return MatchRecoveryCode(set, DigestRecoveryCode(*key, binding, CanonicalRecoveryCode(code)));
  };
  RecoveryBinding others[] = {own, own, own, own};
  others[0].set_id = Flipped(own.set_id);
  others[1].registration_id = Flipped(own.registration_id);
  others[2].member_id = own.organization_id;
  others[3].organization_id = own.member_id;
  for (size_t i = 0; i < codes.size(); ++i) {
    const auto found = fits(own, codes[i].canonical);
    if (found != (codes[i].used ? std::nullopt : std::optional<size_t>(i)))
      return "a recovery code does not fit its place, or is used or not";
    for (const RecoveryBinding& other : others) {
      if (fits(other, codes[i].canonical))
        return "a recovery code fits for another set, registration or Member too";
    }
  }
  return "";
}

std::vector<std::string> Unused(const ModelRegistration& registration) {
  std::vector<std::string> codes;
  for (const ModelRecoveryCode& code : registration.codes) {
    if (!code.used) codes.push_back(code.shown);
  }
  return codes;
}

// The readable copy (RC-14, RC-15).
std::string CompareCopy(const SealingKeyRing& keys, const MemberRecord& record,
                        const ModelMember& model) {
  const ModelRegistration& registration = model.registration;
  const std::string_view sealed = record.recovery.sealed_codes;
  if (sealed.empty() != (registration.copy_key == 0)) return "there is a copy of the codes or not";
  if (sealed.empty()) return "";
  if (SealingKeyIdOf(sealed) != registration.copy_key)
    return "the copy of the codes is sealed with another key";
  const RecoveryBinding own = {model.organization, model.id, record.totp.id, record.recovery.id};
  RecoveryBinding other = own;
  other.set_id = Flipped(own.set_id);
  const auto codes = OpenRecoveryCodes(keys, own, sealed);
  if (!codes || codes->size() != registration.codes.size())
    return "the copy of the codes does not open";
  for (size_t i = 0; i < codes->size(); ++i) {
    if ((*codes)[i].Reveal(kAccess) != registration.codes[i].shown)
      return "the copy has another code";
  }
  return OpenRecoveryCodes(keys, other, sealed) ? "the copy opens for another set too" : "";
}

// All that is compared of an event, in an order of its own.
using Told = std::tuple<EventKind, ErrorCode, int, bool>;
Told ToldOf(EventKind kind, ErrorCode reason, int codes_left, bool after_restore) {
  return {kind, reason, codes_left, after_restore};
}

std::string Names(const std::vector<Told>& events) {
  std::string names;
  for (const Told& event : events)
    names += (names.empty() ? "" : ", ") + std::string(otpcore::NameOf(std::get<0>(event)));
  return names.empty() ? "nothing" : names;
}

}  // namespace

FactorKind FactorOf(Verb verb) {
  switch (verb) {
    case Verb::kAuthenticate: return FactorKind::kSmsPasscode;
    case Verb::kAuthenticateTotp: return FactorKind::kTotp;
    case Verb::kUseRecoveryCode: return FactorKind::kRecoveryCode;
    case Verb::kAuthenticateEmail:
    case Verb::kAuthenticateDiscovery:
    case Verb::kExchange: return FactorKind::kEmailPasscode;
    default: return FactorKind::kHostPrimary;
  }
}

std::string World::CompareRegistration(const MemberRecord& record, const ModelMember& model) const {
  const TotpFactor& totp = record.totp;
  const ModelRegistration& registration = model.registration;
  const bool has_secret = registration.state == RegistrationState::kPending ||
                          registration.state == RegistrationState::kActive;
  Differences differences;
  differences.Same("registration", totp.state, registration.state);
  differences.Same("its last step", totp.last_step, registration.step);
  if (!differences.text().empty()) return differences.text();
  if (!has_secret) {
    return totp.sealed_secret.empty() && record.recovery.empty() &&
                   record.recovery.sealed_codes.empty()
               ? ""
               : "a secret or a recovery set outlived its registration (TO-05, RC-18)";
  }
  FactorProof id;
  id.kind = FactorKind::kTotp;
  id.id = totp.id;
  differences.Same("its id", ProofId(id, Environment::kTest), registration.id);
  id.kind = FactorKind::kRecoveryCode;
  id.id = record.recovery.id;
  differences.Same("its set", ProofId(id, Environment::kTest), registration.set);
  differences.Same("its algorithm", totp.parameters.algorithm, registration.parameters.algorithm);
  differences.Same("its digits", totp.parameters.digits, registration.parameters.digits);
  if (registration.state == RegistrationState::kPending)
    differences.Same("its end", totp.expires_at.unix_millis(), registration.expires);
  std::string text = differences.text();
  if (text.empty()) text = CompareSecret(all_sealing_keys_, record, model);
  if (text.empty()) text = CompareDigests(config_->keys(), record, model);
  return text.empty() ? CompareCopy(all_sealing_keys_, record, model) : text;
}

const ModelMember* World::MemberOf(const Slot& slot, const Expected& expected) const {
  if (slot.committed && expected.new_member != nullptr) return expected.new_member.get();
  return expected.target ? expected.target.get()
                         : slot.view.FindMember(expected.organization, expected.member);
}

// P-06, P-09.
void World::CheckOptions(const Slot& slot, const Expected& expected, const MfaRequired& required) {
  const std::string who = simulation::NameOf(slot.call.verb) + (" of " + NameOf(slot));
  const ModelMember* const member = MemberOf(slot, expected);
  const bool active = member->registration.state == RegistrationState::kActive;
  Differences differences;
  differences.Same("options", required.member_options.has_value(), expected.has_options);
  differences.Same("recovery codes left", required.recovery_codes_left,
                   active ? member->registration.left() : 0);
  if (required.member_options && expected.has_options) {
    const MfaMemberOptions& options = *required.member_options;
    differences.Same("number", options.mfa_phone_number.view(), std::string_view(member->number));
    differences.Same("registration", options.totp_registration_id.view(),
                     std::string_view(member->totp));
  }
  if (!differences.text().empty()) Fail(who + ", the MFA step: " + differences.text());
}

void World::CheckTotpAnswer(const Slot& slot, const Expected& expected, const Heard& heard) {
  const Call& call = slot.call;
  if (!IsOfTotp(call.verb)) return;
  const ModelMember* const member = MemberOf(slot, expected);
  const ModelRegistration& registration = member->registration;
  Differences differences;
  if (call.verb == Verb::kCreateTotp || call.verb == Verb::kMigrateTotp)
    differences.Same("id", heard.registration_id, registration.id);
  const std::string secret = expected.shows_secret ? Base32(registration.secret) : "";
  const std::string account = member->email.empty() ? member->id : member->email;
  differences.Same("secret", heard.secret, secret);
  differences.Same("uri", heard.uri,
                   secret.empty() ? ""
                                  : OtpauthUri(config_->policy().totp_issuer, account, secret,
                                               registration.parameters));
  if (expected.shows_secret)
    differences.Same("end", heard.expires_at->unix_millis(), registration.expires);
  const auto codes = expected.shows_codes ? Unused(registration) : std::vector<std::string>();
  differences.Same("codes", heard.recovery_codes == codes, true);
  differences.Same("codes left", heard.codes_left,
                   call.verb == Verb::kUseRecoveryCode ? registration.left() : 0);
  differences.Same("an old digest key", heard.old_digest_key, expected.keeps_digest_key);
  if (!differences.text().empty())
    return Fail("the answer of " + std::string(simulation::NameOf(call.verb)) + ": " +
                differences.text());
  const std::string path = PathOf(expected.organization, expected.member);
  if (expected.shows_secret) clients_->LearnSecret(path, secret, registration.parameters);
  if (call.verb == Verb::kMigrateTotp)
    clients_->LearnSecret(path, *call.secret, registration.parameters);
  if (expected.shows_codes) clients_->LearnCodes(path, codes);
}

// V-02. How often the clock is told to be wrong does not matter.
void World::CheckToldEvents(const Slot& slot, const Expected& expected, const Heard& heard) {
  const std::string who = simulation::NameOf(slot.call.verb) + (" of " + NameOf(slot));
  const EventList& events = heard.reply->events();
  // The candidate's passcode proves nothing to a session, and is judged like one of SMS (E-04).
  const FactorKind factor = slot.call.verb == Verb::kFinishPhoneChange ? FactorKind::kSmsPasscode
                                                                       : FactorOf(slot.call.verb);
  const bool of_a_code = std::any_of(events.begin(), events.end(), [](const Event& event) {
    return event.kind == EventKind::kAuthenticated || event.kind == EventKind::kFailure ||
           event.kind == EventKind::kLocked || event.kind == EventKind::kPhoneChanged;
  });
  if (of_a_code && events.factor != factor)
    return Fail(who + " names another method in its events (V-02)");
  if (!expected.knows_events) return;
  std::vector<Told> told, wanted;
  for (const Event& event : events)
    told.push_back(ToldOf(event.kind, event.reason, event.codes_left, event.after_restore));
  for (const ModelEvent& event : expected.events)
    wanted.push_back(ToldOf(event.kind, event.reason, event.codes_left, event.after_restore));
  for (std::vector<Told>* const list : {&told, &wanted}) {
    std::sort(list->begin(), list->end());
    const Told anomaly = ToldOf(EventKind::kClockAnomaly, ErrorCode::kOk, 0, false);
    const auto [first, last] = std::equal_range(list->begin(), list->end(), anomaly);
    if (first != last) list->erase(first + 1, last);
  }
  if (told != wanted)
    Fail(who + " tells of " + Names(told) + ", not of " + Names(wanted) + " (V-02)");
}

}  // namespace simulation
}  // namespace otpcore
