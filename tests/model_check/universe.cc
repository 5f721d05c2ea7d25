// SPDX-License-Identifier: Apache-2.0
#include "model_check/universe.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "otpcore/testing/records.h"

namespace otpcore {
namespace model {
namespace {

constexpr uint64_t kCodes = 1000000;
constexpr int64_t kBegin = 1767225600000;  // 2026-01-01
constexpr int64_t kFirstStep = kBegin / 30000;
constexpr size_t kSecretAt = offsetof(Entropy, secret) + offsetof(DrawnSecret, bytes);
constexpr size_t kCodesAt = offsetof(Entropy, secret) + offsetof(DrawnSecret, codes);
constexpr SecretAccess kAccess("the model reads app and note");

std::string GeneratedId(const char* kind, int number) {
  return std::string(kind) + "-test-00000000-0000-4000-8000-00000000000" + std::to_string(number);
}

// The draw that leads to `code`: in the middle of its range, so it is never one to be skipped.
uint64_t DrawFor(uint64_t code) {
  __extension__ using Wide = unsigned __int128;
  const Wide scaled = (static_cast<Wide>(code) << 64) + (static_cast<Wide>(1) << 63);
  return static_cast<uint64_t>(scaled / kCodes);
}

uint64_t CodeValue(uint8_t slot) { return slot == kWrongCode ? 0 : 100000u + slot; }

Hash RestOf(MemberRecord record) {
  record.failures = FailureLedger();
  record.mark = OperationMark();
  record.sends = SendLedger();
  record.totp = TotpFactor();  // RecordView::app has these
  record.recovery = RecoveryFactor();
  record.hosts_totp_id = {};
  record.email.failures = FailureLedger();
  record.email.sends = SendLedger();
  for (Challenge* challenge :
       {&record.challenge, &record.candidate.challenge, &record.email.challenge}) {
    challenge->latest_seen = Instant();
    challenge->failures = 0;
    // None is packed without its fields.
    if (challenge->state != ChallengeState::kNone) challenge->state = ChallengeState::kUsed;
  }
  Hasher hasher;
  hasher.Add(testing::Packed(record));
  return hasher.hash();
}

Hash RestOf(DiscoveryRecord record) {
  record.mark = OperationMark();
  record.forget_at = Instant();
  record.email.failures = FailureLedger();
  record.email.sends = SendLedger();
  Challenge& challenge = record.email.challenge;
  challenge.latest_seen = Instant();
  challenge.failures = 0;
  if (challenge.state != ChallengeState::kNone) challenge.state = ChallengeState::kUsed;
  Hasher hasher;
  hasher.Add(testing::Packed(record));
  return hasher.hash();
}

// What a digest is made of.
struct Binding {
  int member;
  int number;
  uint8_t challenge;
  FactorKind factor;
};

PasscodeDigest DigestFor(const Config& config, const Binding& binding, uint8_t code) {
  const EntityId organization = OrganizationId();
  const EntityId member = MemberId(binding.member);
  const std::string e164 = E164Text(binding.number);
  const uint32_t key_id = config.keys().current_id();
  return DigestPasscode(
      *config.keys().Find(key_id), key_id,
      {binding.factor, organization, member, e164, ChallengeIdOf(binding.challenge)},
      Passcode(CodeText(code)));
}

}  // namespace

EntityId OrganizationId() { return GeneratedId("organization", 1); }
EntityId MemberId(int member) { return GeneratedId("member", 1 + member); }
std::string E164Text(int number) {
  static const char* const kTexts[kNumbers] = {"+14155550123", "+16502530000", "+12125550123"};
  return kTexts[number];
}
std::string AddressText(int member, uint8_t spelling) {
  if (member == kAddress) return spelling == 0 ? AddressText(0, 0) : "ADA@Example.com";
  static const char* const kTexts[kMembers][2] = {{"ada@example.com", "Ada@example.com"},
                                                  {"bob@example.com", "Bob@example.com"}};
  return kTexts[member][spelling];
}
uint8_t SpellingOf(int member, std::string_view address) {
  for (uint8_t spelling = 0; spelling < 2; ++spelling) {
    if (AddressText(member, spelling) == address) return spelling;
  }
  return kNoSpelling;
}
uint8_t NumberOf(std::string_view e164) {
  for (int number = 0; number < kNumbers; ++number) {
    if (E164Text(number) == e164) return static_cast<uint8_t>(number);
  }
  return kNoNumber;
}
int MemberOf(const EntityId& id) {
  for (int member = 0; member < kMembers; ++member) {
    if (MemberId(member) == id) return member;
  }
  return -1;
}

RecordKey KeyOf(int key) {
  if (key < kClaimKeys) return RecordKey::Member(OrganizationId(), MemberId(key));
  if (key < kEmailKeys) return RecordKey::PhoneClaim(OrganizationId(), E164Text(key - kClaimKeys));
  if (key == kAddress) return RecordKey::Discovery(AddressText(kAddress, 0));
  return RecordKey::MemberEmail(OrganizationId(), NewMember(key - kEmailKeys).email_address);
}

int IndexOf(const RecordKey& key) {
  static const std::vector<RecordKey> keys = [] {
    std::vector<RecordKey> all;
    all.reserve(kKeys);
    for (int i = 0; i < kKeys; ++i) all.push_back(KeyOf(i));
    return all;
  }();
  for (int i = 0; i < kKeys; ++i) {
    if (keys[static_cast<size_t>(i)] == key) return i;
  }
  return -1;
}

std::string CodeText(uint8_t slot) {
  char text[8];
  std::snprintf(text, sizeof text, "%06u", static_cast<unsigned>(CodeValue(slot)));
  return text;
}

EntropyBytes EntropyOf(uint8_t slot) {
  EntropyBytes bytes{};
  // The second byte keeps the draws of one slot apart.
  const auto draw_at = [&](size_t at, uint8_t second) {
    bytes[at] = slot;
    bytes[at + 1] = second;
  };
  bytes[offsetof(Entropy, request_id)] = 0x44;
  draw_at(offsetof(Entropy, run_id), 0);
  draw_at(offsetof(Entropy, new_id), 1);
  bytes[offsetof(Entropy, phone_id)] = 0x22;
  draw_at(offsetof(Entropy, nonce), 2);
  draw_at(offsetof(Entropy, copy_nonce), 3);
  draw_at(offsetof(Entropy, recovery_set_id), 4);
  draw_at(kSecretAt, 5);
  for (size_t i = 0; i < kRecoveryCodesMax; ++i)
    draw_at(kCodesAt + i * RecoveryDrawBytes(kRecoveryGroupsMin), static_cast<uint8_t>(6 + i));
  const uint64_t draw = DrawFor(CodeValue(slot));
  for (size_t i = 0; i < 8; ++i)
    bytes[offsetof(Entropy, draws) + i] = static_cast<uint8_t>(draw >> (8 * i));
  return bytes;
}

namespace {

TotpSecret SecretOf(uint8_t slot) {
  const EntropyBytes bytes = EntropyOf(slot);
  return {bytes.data() + kSecretAt, TotpSecretBytes(TotpAlgorithm::kSha1)};
}

RecoveryCodes CodesOf(uint8_t slot) {
  const EntropyBytes bytes = EntropyOf(slot);
  auto codes = DrawRecoveryCodes(bytes.data() + kCodesAt, kRecoveryCodesMin, kRecoveryGroupsMin);
  if (!codes) std::abort();
  return *std::move(codes);
}

std::string CodeAtStep(uint8_t slot, int step) {
  return std::string(TotpCodeAt(SecretOf(slot), {}, kFirstStep + step).Reveal(kAccess));
}

// The codes that can be typed; no other code of a window may be one of them by chance.
std::vector<std::string> AppCodes() {
  std::vector<std::string> typed = {CodeText(kWrongCode)};
  std::vector<std::string> all = typed;
  for (uint8_t slot = 1; slot <= kSlotsMax; ++slot) {
    for (const int step : kSteps) typed.push_back(CodeAtStep(slot, step));
    for (int step = -1; step < 145; ++step) {
      if (step > 30 && step < 138) continue;
      all.push_back(CodeAtStep(slot, step));
    }
  }
  std::sort(all.begin(), all.end());
  for (const std::string& code : typed) {
    const auto [first, last] = std::equal_range(all.begin(), all.end(), code);
    if (last - first > 1) std::abort();
  }
  return typed;
}

}  // namespace

std::string AppCodeText(uint8_t typed) {
  static const std::vector<std::string> codes = AppCodes();
  if (typed == kWrongCode) return codes.front();
  return codes[1 + (SlotOfTyped(typed) - 1u) * kSteps.size() + IndexOfTyped(typed)];
}

std::string RecoveryCodeText(uint8_t typed) {
  if (typed == kWrongCode) return "zzzz-zzzz-zzzz";
  return std::string(CodesOf(SlotOfTyped(typed))[IndexOfTyped(typed)].Reveal(kAccess));
}

ChallengeId ChallengeIdOf(uint8_t slot) {
  return UuidFromRandom(EntropyOf(slot).data() + offsetof(Entropy, new_id));
}

OperationId OperationIdOf(uint8_t operation) {
  if (operation == kNotRepeated) return kNotRepeatable;
  OperationId id;
  id.bytes[0] = operation;
  id.bytes[15] = 1;
  return id;
}

Instant AtMinute(int minute) { return Instant::FromUnixMillis(kBegin + minute * int64_t{60000}); }
int MinuteOf(Instant instant) {
  return instant.unix_millis() < kBegin
             ? 0
             : static_cast<int>((instant.unix_millis() - kBegin) / 60000);
}

Policy ModelPolicy() {
  Policy policy;
  policy.passcode_digits = kDigits;
  policy.challenge_failures_max = 2;
  policy.lock_after_failures = 3;
  policy.lock_duration = std::chrono::minutes(5);
  policy.rolling_failures = 4;
  policy.rolling_window = std::chrono::hours(24);
  policy.rolling_lock = std::chrono::hours(1);
  policy.success_per_year_max = 1e-2;  // 8,765 guesses of six digits
  policy.email_expiration_minutes = kMailLife;
  policy.email_rolling_failures = 4;
  policy.email_rolling_window = std::chrono::hours(24);
  policy.email_rolling_lock = std::chrono::hours(2);
  policy.email_sends_max = 3;
  policy.email_sends_window = std::chrono::minutes(3);
  policy.sends_max = 3;
  policy.sends_window = std::chrono::minutes(3);
  policy.operation_life = std::chrono::minutes(60);
  policy.totp_issuer = "Acme";
  policy.recovery_codes = kRecoveryCodesMin;
  return policy;
}

OrganizationRecord TheOrganization() {
  OrganizationRecord record;
  record.organization_id = OrganizationId();
  record.organization_name = "Acme";
  return record;
}

MemberRecord NewMember(int member) {
  MemberRecord record;
  record.organization_id = OrganizationId();
  record.member_id = MemberId(member);
  static const std::string addresses[] = {AddressText(0, 0), AddressText(1, 0)};
  record.email_address = addresses[member];
  record.email_address_verified = true;
  record.mfa_enrolled = member == 1;  // so that a sign-in by e-mail asks for a second factor
  record.created_at = record.updated_at = AtMinute(0);
  return record;
}

static CountersView CountersOf(const FailureLedger& failures) {
  CountersView view;
  view.locks_in_a_row = failures.locks_in_a_row;
  view.recent = failures.recent.count;
  view.disabled = failures.disabled;
  view.in_a_row = failures.in_a_row;
  view.since_success = failures.since_success;
  view.locked_until = MinuteOf(failures.locked_until);
  return view;
}

uint32_t RecordTable::Intern(int key, std::string_view bytes) {
  if (bytes.empty()) return 0;
  Hasher hasher;
  hasher.Add(static_cast<uint64_t>(key));
  hasher.Add(bytes);
  const Hash hash = hasher.hash();
  return records_.Get(hash, [&] {
    return StoredRecord{hash, ViewOf(key, bytes), std::string(bytes)};
  });
}

RecordView RecordTable::ViewOf(int key, std::string_view bytes) const {
  RecordView view;
  if (key < kClaimKeys) {
    MemberRecord member;
    if (!Unpack(KeyOf(key), bytes, &member)) std::abort();
    ViewMember(key, member, &view);
  } else if (key < kEmailKeys) {
    PhoneClaim claim;
    if (!Unpack(KeyOf(key), bytes, &claim)) std::abort();
    view.holder = MemberOf(claim.member_id);
    view.permanent = claim.permanent;
  } else if (key == kAddress) {
    DiscoveryRecord address;
    if (!Unpack(KeyOf(key), bytes, &address)) std::abort();
    ViewAddress(address, &view);
  }
  return view;
}

void RecordTable::ViewMember(int member, const MemberRecord& record, RecordView* view) const {
  const Challenge& challenge = record.challenge;
  view->challenge = challenge.state;
  view->phone = record.phone.state;
  view->status = record.status;
  view->slot = SlotOf(challenge.id);
  view->superseded = SlotOf(challenge.superseded_id);
  view->number = NumberOf(record.phone.number);
  view->given_by_host = record.phone.linked_by_host;
  view->mark_operation = OperationOf(record.mark.id);
  view->mark_run = SlotOf(record.mark.run);
  view->issued_by = SlotOf(challenge.issued_by);
  view->mark_answer = record.mark.answer;
  static_cast<CountersView&>(*view) = CountersOf(record.failures);
  view->sends = record.sends.count;
  view->rest = RestOf(record);
  const PhoneCandidate& candidate = record.candidate;
  view->candidate = NumberOf(candidate.phone.number);
  view->change = candidate.challenge.state;
  view->change_slot = SlotOf(candidate.challenge.id);
  view->change_superseded = SlotOf(candidate.challenge.superseded_id);
  view->change_issued_by = SlotOf(candidate.challenge.issued_by);
  // Whether the digest is that of the slot's code for this Member and `number`.
  const auto look = [&](const Challenge& of, uint8_t number) {
    const uint8_t slot = SlotOf(of.id);
    if (of.state != ChallengeState::kLive || number == kNoNumber) return false;
    const auto fits = [&](const Binding& binding) {
      return DigestsEqual(of.digest, DigestFor(config_, binding, slot));
    };
    const Binding own = {member, number, slot, FactorKind::kSmsPasscode};
    Binding others[4] = {own, own, own, own};
    others[0].member = 1 - member;
    others[1].number = (number + 1) % kNumbers;
    others[2].challenge = static_cast<uint8_t>(slot + 1);
    others[3].factor = FactorKind::kEmailPasscode;
    for (const Binding& other : others) view->digest_loose = view->digest_loose || fits(other);
    return fits(own);
  };
  view->digest_right = look(challenge, view->number);
  view->change_digest_right = look(candidate.challenge, view->candidate);
  ViewApp(record, view);
  ViewMail(member, record, view);
}

void RecordTable::ViewMail(int member, const MemberRecord& record, RecordView* view) const {
  view->spelling = SpellingOf(member, record.email_address);
  view->address_verified = record.email_address_verified;
  ViewPasscode(member, record.email, view);
}

void RecordTable::ViewAddress(const DiscoveryRecord& record, RecordView* view) const {
  view->mark_operation = OperationOf(record.mark.id);
  view->mark_run = SlotOf(record.mark.run);
  view->mark_answer = record.mark.answer;
  view->spelling = SpellingOf(kAddress, record.address.view());
  view->rest = RestOf(record);
  ViewPasscode(kAddress, record.email, view);
}

void RecordTable::ViewPasscode(int owner, const EmailFactor& email, RecordView* view) const {
  view->mail_counters = CountersOf(email.failures);
  view->mail = email.challenge.state;
  view->mail_slot = SlotOf(email.challenge.id);
  view->mail_superseded = SlotOf(email.challenge.superseded_id);
  view->mail_issued_by = SlotOf(email.challenge.issued_by);
  view->mail_sends = email.sends.count;
  view->address_id = email.id;
  if (email.challenge.state != ChallengeState::kLive) return;
  const auto fits = [&](int whose, int addressed, const ChallengeId& id, FactorKind factor,
                        EmailPurpose purpose) {
    const EntityId organization = whose == kAddress ? EntityId() : OrganizationId();
    const EntityId who = whose == kAddress ? EntityId() : MemberId(whose);
    const std::string address = AddressText(addressed, 0);
    const uint32_t key_id = config_.keys().current_id();
    return DigestsEqual(email.challenge.digest,
                        DigestPasscode(*config_.keys().Find(key_id), key_id,
                                       {factor, organization, who, address, id, purpose},
                                       Passcode(CodeText(view->mail_slot))));
  };
  const ChallengeId& id = email.challenge.id;
  const ChallengeId other = ChallengeIdOf(static_cast<uint8_t>(view->mail_slot % kSlotsMax + 1));
  constexpr FactorKind kMail = FactorKind::kEmailPasscode;
  const bool outside = owner == kAddress;
  const EmailPurpose purpose = outside ? EmailPurpose::kDiscovery : EmailPurpose::kLogin;
  const int another = outside ? 0 : 1 - owner;  // Member
  const int elsewhere = outside ? 1 : 1 - owner;
  const auto wrong = outside ? EmailPurpose::kLogin : EmailPurpose::kDiscovery;
  view->mail_digest_right = fits(owner, owner, id, kMail, purpose);
  view->digest_loose =
      view->digest_loose || fits(another, owner, id, kMail, purpose) ||
      fits(owner, elsewhere, id, kMail, purpose) || fits(owner, owner, other, kMail, purpose) ||
      fits(owner, owner, id, FactorKind::kSmsPasscode, purpose) ||
      fits(owner, owner, id, kMail, EmailPurpose::kSignup) ||
      fits(owner, owner, id, kMail, wrong) || fits(outside ? 0 : kAddress, owner, id, kMail, wrong);
}

void RecordTable::ViewApp(const MemberRecord& record, RecordView* view) const {
  const TotpFactor& totp = record.totp;
  const RecoverySet set = SetOf(record.recovery);
  view->registration = totp.state;
  view->app_slot = totp.id.bytes[0];
  view->set_slot = set.id.bytes[0];
  view->codes_used = set.used;
  if (totp.last_step != kNoTotpStep)
    view->last_step = static_cast<int>(totp.last_step - kFirstStep);
  view->shows_app = record.HasActiveTotp();
  MemberRecord bare = NewMember(MemberOf(record.member_id));
  bare.totp = totp;
  bare.totp.latest_seen = Instant();
  bare.recovery = record.recovery;
  bare.hosts_totp_id = record.hosts_totp_id;
  Hasher hasher;
  hasher.Add(testing::Packed(bare));
  view->app = hasher.hash();
  if (totp.sealed_secret.empty()) return;

  const std::string organization = record.organization_id.str();
  const std::string member = record.member_id.str();
  const auto opens = [&](const TotpBinding& binding) {
    const auto secret = OpenTotpSecret(config_.sealing_keys(), binding, totp.sealed_secret);
    return secret && FormatTotpSecret(*secret).Reveal(kAccess) ==
                         FormatTotpSecret(SecretOf(view->app_slot)).Reveal(kAccess);
  };
  const RecoveryCodes codes = CodesOf(view->set_slot);
  const auto fits = [&](const RecoveryBinding& binding) {
    const DigestKey& key = *config_.keys().Find(set.key_id);
    size_t fitting = 0;
    for (size_t i = 0; i < set.count; ++i) {
      std::string canonical(codes[i].Reveal(kAccess));
      canonical.erase(std::remove(canonical.begin(), canonical.end(), '-'), canonical.end());
      const RecoveryDigest digest =
          DigestRecoveryCode(key, binding, CanonicalRecoveryCode(canonical));
      fitting += digest.bytes == set.digests[i].bytes;
    }
    return fitting == codes.size();
  };
  const TotpBinding secret = {organization, member, totp.id, totp.parameters};
  const RecoveryBinding note = {organization, member, totp.id, set.id};
  view->app_right = opens(secret) && set.count == codes.size() && fits(note);
  TotpBinding others[] = {secret, secret, secret};
  others[0].member_id = organization;
  others[1].registration_id.bytes[0] ^= 1;
  others[2].parameters.digits = 8;
  RecoveryBinding other_notes[] = {note, note, note};
  other_notes[0].member_id = organization;
  other_notes[1].registration_id.bytes[0] ^= 1;
  other_notes[2].set_id.bytes[0] ^= 1;
  for (const TotpBinding& other : others) view->app_loose = view->app_loose || opens(other);
  for (const RecoveryBinding& other : other_notes) view->app_loose = view->app_loose || fits(other);
}

}  // namespace model
}  // namespace otpcore
