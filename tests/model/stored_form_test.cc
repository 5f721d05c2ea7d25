// SPDX-License-Identifier: Apache-2.0
// What is in stores already: version 2.0 as it was first written, literally. A change that another
// test would follow fails here, since records, keys and digests outlive the library that made them.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "fixture.h"
#include "otpcore/model/codec.h"
#include "same_records.h"

namespace otpcore {
namespace {

std::string FromHex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}
std::string Hex(const std::string& bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const char byte : bytes) {
    hex += kDigits[static_cast<uint8_t>(byte) >> 4];
    hex += kDigits[static_cast<uint8_t>(byte) & 15];
  }
  return hex;
}
template <typename Id>
Id Uuids(uint8_t byte) {
  Id id;
  id.bytes.fill(byte);
  return id;
}

const Instant kIssued = Instant::FromUnixMillis(1767225600123);
Instant After(int64_t millis) { return kIssued + Duration(millis); }

// No two of its fields are alike. Its challenge was issued with TestKeys and the code 271828: the
// digest is what Python's hashlib.blake2b makes of key and fields.
const RecordKey kMemberKey = RecordKey::Member("acme", "ada");
MemberRecord StoredMember() {
  MemberRecord r;
  r.organization_id = "acme";
  r.member_id = "ada";
  r.external_id = "employee-7";
  r.email_address = "ada@example.com";
  r.email_address_verified = true;
  r.name = "Ada L\xC3\xB6velace";
  r.status = MemberStatus::kActive;
  r.mfa_enrolled = true;
  r.default_mfa_method = MfaMethod::kSmsOtp;
  r.hosts_totp_id = "totp-9";
  r.created_at = After(-9'000'000);
  r.updated_at = After(1);
  r.phone = {EnrollmentState::kVerified, "+447400123456", "GB", 3, Uuids<Uuid>(0xA1), true};
  Challenge& c = r.challenge;
  c.state = ChallengeState::kLive;
  c.id = Uuids<ChallengeId>(0xA2);
  c.digest = {{0xBE, 0xF6, 0xCA, 0x05, 0x74, 0xCD, 0x2A, 0x7B, 0xD7, 0x06, 0x16, 0x36, 0x4A, 0x42,
               0x4B, 0x2D},
              7};
  c.issued_at = kIssued;
  c.expires_at = After(120'000);
  c.latest_seen = After(2);
  c.epoch = 5;
  c.failures = 2;
  c.digits = 6;
  c.linked_its_address = true;
  c.issued_by = 0xA3A3A3A3A3A3A3A3;
  c.session = 0xA8A8A8A8;
  c.device = 0xA9A9A9A9A9A9A9A9;
  c.superseded_id = Uuids<ChallengeId>(0xA4);
  c.superseded_digest.bytes.fill(0xA5);
  c.superseded_digest.key_id = 6;
  FailureLedger& f = r.failures;
  f.in_a_row = 3;
  f.since_success = 300;
  f.locks_in_a_row = 4;
  f.lock_rule = LockRule::kRollingFailures;
  f.locked_at = After(-8'000'000);
  f.locked_until = After(-4'000'000);
  f.locked_until_lagging = After(-5'000'000);
  f.recent.Push(After(-70'000), 5);
  f.recent.Push(After(-60'000), 5, {0xAAAAAAAA, true});
  r.sends.Push(kIssued, 5);
  r.sends.pulled_from = After(-6'000'000);
  r.sends.given_back.Push(After(-9'000'000), 4);
  KnownDevice& device = r.devices.Add();
  device.tag = 0xABABABABABABABAB;
  device.key_id = 7;
  device.succeeded_at = After(-11'000'000);
  device.remembered_at = After(-12'000'000);
  device.failures = 3;
  device.sends.Push(kIssued, 5);
  device.sends.pulled_from = After(-13'000'000);
  device.sends.given_back.Push(After(-14'000'000), 4);
  r.leased_at = After(-7'000'000);
  r.mark = {Uuids<OperationId>(0xA6),
            0xA7A7A7A7A7A7A7A7,
            CommandKind::kSendSmsOtp,
            4010,
            0xA8A9AAABACADAEAF,
            7,
            After(4)};
  return r;
}

OrganizationRecord StoredOrganization() {
  OrganizationRecord o;
  o.organization_id = "acme";
  o.organization_slug = "acme-slug";
  o.organization_external_id = "customer-1";
  o.organization_name = "Acme";
  o.mfa_policy = MfaPolicy::kRequiredForAll;
  o.mfa_methods = MfaMethods::kRestricted;
  o.sms_otp_allowed = true;
  o.created_at = After(-10'000'000);
  o.updated_at = After(3);
  o.mark = {Uuids<OperationId>(0xB1),
            0xB2,
            CommandKind::kUpdateOrganization,
            0,
            0xB3B4B5B6B7B8B9BA,
            8,
            After(2)};
  return o;
}

MemberRecord FreshMember() {
  MemberRecord fresh;
  fresh.organization_id = "acme";
  fresh.member_id = "bob";
  return fresh;
}

// Python's struct and binascii made its bytes.
MemberRecord MemberWithTotp() {
  MemberRecord r;
  r.organization_id = "acme";
  r.member_id = "eve";
  TotpFactor& totp = r.totp;
  totp.state = RegistrationState::kPending;
  totp.id = Uuids<Uuid>(0xC1);
  totp.parameters = {TotpAlgorithm::kSha256, 8, 30};
  totp.last_step = 58913456;
  totp.created_at = After(5);
  totp.latest_seen = After(6);
  totp.expires_at = After(3'600'000);
  totp.epoch = 5;
  totp.sealed_secret = "sealed bytes";
  return r;
}

MemberRecord MemberWithRecoveryCodes() {
  MemberRecord r;
  r.organization_id = "acme";
  r.member_id = "fay";
  RecoveryFactor& recovery = r.recovery;
  recovery.id = Uuids<Uuid>(0xD1);
  recovery.key_id = 7;
  recovery.used = 0x8002;
  recovery.epoch = 5;
  recovery.digests = "digest of code 1digest of code 2";
  recovery.sealed_codes = "sealed codes";
  return r;
}

// So did they of this one, whose phone is being changed.
MemberRecord MemberWithCandidate() {
  MemberRecord r;
  r.organization_id = "acme";
  r.member_id = "kim";
  r.phone = {EnrollmentState::kVerified, "+14155550123", "US", 3, Uuids<Uuid>(0xD1), false};
  r.candidate.phone = {EnrollmentState::kPending, "+16135550187", "CA", 2, Uuids<Uuid>(0xD2), true};
  Challenge& c = r.candidate.challenge;
  c.state = ChallengeState::kLive;
  c.id = Uuids<ChallengeId>(0xD3);
  c.digest.bytes.fill(0xD4);
  c.digest.key_id = 7;
  c.issued_at = kIssued;
  c.expires_at = After(120'000);
  c.latest_seen = After(2);
  c.epoch = 5;
  c.failures = 2;
  c.digits = 6;
  c.issued_by = 0xD5;
  c.session = 0xD6;
  c.superseded_id = Uuids<ChallengeId>(0xD7);
  c.superseded_digest.bytes.fill(0xD8);
  c.superseded_digest.key_id = 6;
  r.mark.command = CommandKind::kFinishPhoneChange;
  r.mark.run = 0xD0D1;
  return r;
}

// And of this one, who signs in by e-mail.
MemberRecord MemberWithEmail() {
  MemberRecord r;
  r.organization_id = "acme";
  r.member_id = "leo";
  EmailFactor& email = r.email;
  email.id = Uuids<Uuid>(0xE1);
  Challenge& c = email.challenge;
  c.state = ChallengeState::kLive;
  c.id = Uuids<ChallengeId>(0xE2);
  c.digest.bytes.fill(0xE3);
  c.digest.key_id = 7;
  c.issued_at = kIssued;
  c.expires_at = After(600'000);
  c.latest_seen = After(2);
  c.epoch = 5;
  c.failures = 2;
  c.digits = 6;
  c.issued_by = 0xE4;
  c.superseded_id = Uuids<ChallengeId>(0xE5);
  c.superseded_digest.bytes.fill(0xE6);
  c.superseded_digest.key_id = 6;
  email.purpose = EmailPurpose::kLogin;
  email.superseded_purpose = EmailPurpose::kSignup;
  FailureLedger& f = email.failures;
  f.in_a_row = 3;
  f.since_success = 300;
  f.locks_in_a_row = 4;
  f.lock_rule = LockRule::kRollingFailures;
  f.locked_at = After(-8'000'000);
  f.locked_until = After(-4'000'000);
  f.locked_until_lagging = After(-5'000'000);
  f.recent.Push(After(-70'000), 5);
  f.recent.Push(After(-60'000), 5, {0xE7E7E7E7, false});
  email.sends.Push(kIssued, 5);
  email.sends.pulled_from = After(-6'000'000);
  email.sends.given_back.Push(After(-9'000'000), 4);
  r.mark.command = CommandKind::kAuthenticateEmailPasscode;
  r.mark.run = 0xE0E1;
  return r;
}

// And of what is remembered of an address outside any Organization.
DiscoveryRecord StoredDiscovery() {
  DiscoveryRecord r;
  r.address = "ada@example.com";
  EmailFactor& email = r.email;
  email.id = Uuids<Uuid>(0xF1);
  Challenge& c = email.challenge;
  c.state = ChallengeState::kLive;
  c.id = Uuids<ChallengeId>(0xF2);
  c.digest.bytes.fill(0xF3);
  c.digest.key_id = 7;
  c.issued_at = kIssued;
  c.expires_at = After(600'000);
  c.latest_seen = After(2);
  c.epoch = 5;
  c.failures = 2;
  c.digits = 6;
  c.issued_by = 0xF4;
  c.superseded_id = Uuids<ChallengeId>(0xF5);
  c.superseded_digest.bytes.fill(0xF7);
  c.superseded_digest.key_id = 6;
  email.purpose = email.superseded_purpose = EmailPurpose::kDiscovery;
  FailureLedger& f = email.failures;
  f.in_a_row = 3;
  f.since_success = 300;
  f.locks_in_a_row = 4;
  f.lock_rule = LockRule::kRollingFailures;
  f.locked_at = After(-8'000'000);
  f.locked_until = After(-4'000'000);
  f.locked_until_lagging = After(-5'000'000);
  f.recent.Push(After(-70'000), 5);
  email.sends.Push(kIssued, 5);
  email.sends.pulled_from = After(-6'000'000);
  email.sends.given_back.Push(After(-9'000'000), 4);
  r.forget_at = After(2'592'000'000);
  r.mark = {Uuids<OperationId>(0xF6),
            0xF0F1,
            CommandKind::kSendDiscoveryPasscode,
            0,
            0xA8A9AAABACADAEAF,
            7,
            After(4)};
  return r;
}

struct Stored {
  RecordKey key;
  std::string packed;
  std::string key_bytes;  // in hexadecimal, as all of these
  std::string bytes;
};

std::vector<Stored> All() {
  using testing::Packed;
  return {
      {RecordKey::Member("acme", "bob"), Packed(FreshMember()), "020461636d65626f62",
       "20020000000000000000000000000000000003000000000000000000000000003109692f"},
      {RecordKey::Organization("acme"), Packed(StoredOrganization()), "010061636d65",
       "200107000000060000b200000000000000020101fb1142769b017ea8da769b01040041636d65"
       "b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1bab9b8b7b6b5b4b3080000007da8da769b010961636d"
       "652d736c75670a637573746f6d65722d31063d08f9"},
      {kMemberKey, Packed(StoredMember()), "020461636d65616461",
       "2002ffbf030001aa0fa7a7a7a7a7a7a7a70503013b5451769b017ca8da769b01a6a6a6a6a6a6"
       "a6a6a6a6a6a6a6a6a6a6afaeadacabaaa9a8070000007fa8da769b010f616461406578616d70"
       "6c652e636f6d0a656d706c6f7965652d370d00416461204cc3b676656c61636506746f74702d"
       "39020d2b34343734303031323334353602474203a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a10101"
       "a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2bef6ca0574cd2a7bd70616364a424b2d070000007ba8"
       "da769b013b7ddc769b017da8da769b010500000000000000020601a3a3a3a3a3a3a3a3a8a8a8"
       "a8a9a9a9a9a9a9a9a9a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a5a5a5a5a5a5a5a5a5a5a5a5a5"
       "a5a5a50600000003002c01047b9660769b017b9f9d769b013b5d8e769b0103020b97d9769b01"
       "1bbed9769b01017ba8da769b01fb1a7f769b01bbd86f769b010000000000aaaaaaaa01013b54"
       "51769b0101abababababababab07000000bbcf32769b017b8d23769b01033b4b14769b01017b"
       "a8da769b0101fb0805769b014c67d0ff"},
      {RecordKey::Member("acme", "eve"), Packed(MemberWithTotp()), "020461636d65657665",
       "200200400000000000000000000000000000030000000000000000000000000001c1c1c1c1c1"
       "c1c1c1c1c1c1c1c1c1c1c102081eb0f282030000000080a8da769b0181a8da769b01fb961177"
       "9b0105000000000000000c7365616c65642062797465735c8338f5"},
      {RecordKey::Member("acme", "fay"), Packed(MemberWithRecoveryCodes()), "020461636d65666179",
       "2002000004000000000000000000000000000300000000000000000000000000d1d1d1d1d1d1"
       "d1d1d1d1d1d1d1d1d1d107000000028005000000000000002000646967657374206f6620636f"
       "64652031646967657374206f6620636f646520320c007365616c656420636f646573c60065fe"},
      {RecordKey::Member("acme", "kim"), Packed(MemberWithCandidate()), "020461636d656b696d",
       "200220000001290000d1d0000000000000000300000000000000000000000000020c2b313431"
       "353535353031323302555303d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d100010c2b313631333535"
       "353031383702434102d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d20101d3d3d3d3d3d3d3d3d3d3d3"
       "d3d3d3d3d3d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4070000007ba8da769b013b7ddc769b017d"
       "a8da769b010500000000000000020600d500000000000000d60000000000000000000000d7d7"
       "d7d7d7d7d7d7d7d7d7d7d7d7d7d7d8d8d8d8d8d8d8d8d8d8d8d8d8d8d8d80600000012859677"},
      {RecordKey::Member("acme", "leo"), Packed(MemberWithEmail()), "020461636d656c656f",
       "20020000f800190000e1e0000000000000000300000000000000000000000000e1e1e1e1e1e1"
       "e1e1e1e1e1e1e1e1e1e101e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e3e3e3e3e3e3e3e3e3e3e3"
       "e3e3e3e3e3070000007ba8da769b013bd0e3769b017da8da769b0105000000000000000206e4"
       "0000000000000001e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e6e6e6e6e6e6e6e6e6e6e6e6e6e6"
       "e6e6060000000203002c0104007b9660769b017b9f9d769b013b5d8e769b0103020b97d9769b"
       "011bbed9769b0100000000e7e7e7e7017ba8da769b01fb1a7f769b01013b5451769b01b7d38b"
       "21"},
      {RecordKey::Discovery("Ada@example.com"), Packed(StoredDiscovery()),
       "0800616461406578616d706c652e636f6d",
       "20080100f800320000f1f00000000000007b7059119c01f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6"
       "f6afaeadacabaaa9a8070000007fa8da769b01f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f101f2f2"
       "f2f2f2f2f2f2f2f2f2f2f2f2f2f2f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3f3070000007ba8da76"
       "9b013bd0e3769b017da8da769b0105000000000000000206f40000000000000003f5f5f5f5f5"
       "f5f5f5f5f5f5f5f5f5f5f5f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7060000000303002c010400"
       "7b9660769b017b9f9d769b013b5d8e769b0103010b97d9769b0100000000017ba8da769b01fb"
       "1a7f769b01013b5451769b01065bb42e"},
      {RecordKey::PhoneClaim("acme", "+447400123456"), Packed(PhoneClaim{"ada", true, After(4)}),
       "030461636d652b343437343030313233343536", "2003017fa8da769b0103616461ce394d24"},
      {RecordKey::OrganizationName("acme-slug"), Packed(NameEntry{"acme"}),
       "040061636d652d736c7567", "20040461636d65d11ac886"},
      {RecordKey::OrganizationSlug("Acme-Slug"), Packed(NameEntry{"acme"}),
       "070061636d652d736c7567", "20040461636d65ac1c7397"},
      {RecordKey::MemberName("acme", "employee-7"), Packed(NameEntry{"ada"}),
       "050461636d65656d706c6f7965652d37", "2004036164612ec95c05"},
      {RecordKey::MemberEmail("acme", "ada@example.com"),
       Packed(NameEntry{"member-test-01234567-89ab-4cde-8f01-23456789abcd"}),
       "060461636d65616461406578616d706c652e636f6d",
       "200411030123456789ab4cde8f0123456789abcdd65db53d"},
  };
}

TEST(StoredForm, KeysAndRecordsOfVersionTwoAreReadAndWrittenAsEver) {  // K-07, K-08
  for (const Stored& stored : All()) {
    EXPECT_EQ(Hex(std::string(stored.key.bytes())), stored.key_bytes);
    EXPECT_EQ(Hex(Protect(stored.key, stored.packed)), stored.bytes);
    const std::string bytes = FromHex(stored.bytes);
    const Result<std::string_view> read = Unprotect(stored.key, bytes);
    EXPECT_TRUE(read) << stored.key_bytes;
    if (!read) continue;
    EXPECT_EQ(*read, stored.packed) << stored.key_bytes;
  }
  MemberRecord member;
  ASSERT_TRUE(Unpack(kMemberKey, All()[2].packed, &member));
}

TEST(StoredForm, EveryFieldIsRead) {
  const std::string packed = testing::Packed(StoredMember());
  MemberRecord member;
  ASSERT_TRUE(Unpack(kMemberKey, packed, &member));
  EXPECT_TRUE(Same(member, StoredMember()));
  const std::string with_totp = testing::Packed(MemberWithTotp());
  MemberRecord eve;
  ASSERT_TRUE(Unpack(RecordKey::Member("acme", "eve"), with_totp, &eve));
  EXPECT_TRUE(Same(eve, MemberWithTotp()));
  const std::string with_codes = testing::Packed(MemberWithRecoveryCodes());
  MemberRecord fay;
  ASSERT_TRUE(Unpack(RecordKey::Member("acme", "fay"), with_codes, &fay));
  EXPECT_TRUE(Same(fay, MemberWithRecoveryCodes()));
  const std::string with_candidate = testing::Packed(MemberWithCandidate());
  MemberRecord kim;
  ASSERT_TRUE(Unpack(RecordKey::Member("acme", "kim"), with_candidate, &kim));
  EXPECT_TRUE(Same(kim, MemberWithCandidate()));
  const std::string with_email = testing::Packed(MemberWithEmail());
  MemberRecord leo;
  ASSERT_TRUE(Unpack(RecordKey::Member("acme", "leo"), with_email, &leo));
  EXPECT_TRUE(Same(leo, MemberWithEmail()));
  const std::string of_address = testing::Packed(StoredDiscovery());
  DiscoveryRecord discovery;
  ASSERT_TRUE(Unpack(RecordKey::Discovery("ada@example.com"), of_address, &discovery));
  EXPECT_TRUE(Same(discovery, StoredDiscovery()));
}

TEST(StoredForm, APasscodeOfBeforeAnUpgradeIsStillTaken) {
  World world;
  world.clock.Set(After(60'000));
  world.memory.BeginEpoch(5);
  const MemberRecord record = StoredMember();
  for (const Stored& stored : All()) {
    const std::string bytes = FromHex(stored.bytes);
    ASSERT_EQ(testing::CommitTo(world.memory,
                                {{stored.key, 0, std::string(*Unprotect(stored.key, bytes))}}),
              CommitOutcome::kCommitted);
  }
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(ViewOf(record, kIssued, Environment::kTest), "271828")),
            "");
}

template <typename Enum>
std::vector<int> Numbers(std::initializer_list<Enum> values) {
  std::vector<int> numbers;
  for (const Enum value : values) numbers.push_back(static_cast<int>(value));
  return numbers;
}

TEST(StoredForm, NumbersOfNamesAreStable) {
  using Ints = std::vector<int>;
  EXPECT_EQ(Numbers({MemberStatus::kPending, MemberStatus::kInvited, MemberStatus::kActive,
                     MemberStatus::kDeleted}),
            Ints({1, 2, 3, 4}));
  EXPECT_EQ(Numbers({MfaMethod::kNone, MfaMethod::kSmsOtp, MfaMethod::kTotp}), Ints({0, 1, 2}));
  EXPECT_EQ(Numbers({MfaPolicy::kOptional, MfaPolicy::kRequiredForAll}), Ints({0, 1}));
  EXPECT_EQ(Numbers({MfaMethods::kAllAllowed, MfaMethods::kRestricted}), Ints({0, 1}));
  EXPECT_EQ(
      Numbers({EnrollmentState::kNone, EnrollmentState::kPending, EnrollmentState::kVerified}),
      Ints({0, 1, 2}));
  EXPECT_EQ(Numbers({ChallengeState::kNone, ChallengeState::kLive, ChallengeState::kUsed,
                     ChallengeState::kExpired, ChallengeState::kExhausted, ChallengeState::kVoid}),
            Ints({0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(
      Numbers({RecordKind::kOrganization, RecordKind::kMember, RecordKind::kPhoneClaim,
               RecordKind::kOrganizationName, RecordKind::kMemberName, RecordKind::kMemberEmail,
               RecordKind::kOrganizationSlug, RecordKind::kDiscovery}),
      Ints({1, 2, 3, 4, 5, 6, 7, 8}));
  using C = CommandKind;
  EXPECT_EQ(Numbers({C::kNone,
                     C::kSendSmsOtp,
                     C::kAuthenticateSmsOtp,
                     C::kReportDelivery,
                     C::kCreateOrganization,
                     C::kCreateMember,
                     C::kUpdateOrganization,
                     C::kDeleteOrganization,
                     C::kUpdateMember,
                     C::kDeleteMember,
                     C::kReactivateMember,
                     C::kPurgeMember,
                     C::kDeleteMfaPhoneNumber,
                     C::kSetTotpRegistration,
                     C::kUnlockMember,
                     C::kMfaStep,
                     C::kCreateTotp,
                     C::kAuthenticateTotp,
                     C::kDeleteTotp,
                     C::kForgetDevices,
                     C::kMigrateTotp,
                     C::kUseRecoveryCode,
                     C::kRotateRecoveryCodes,
                     C::kReseal,
                     C::kSendEmailPasscode,
                     C::kAuthenticateEmailPasscode,
                     C::kStartPhoneChange,
                     C::kFinishPhoneChange,
                     C::kSendDiscoveryPasscode,
                     C::kAuthenticateDiscoveryPasscode,
                     C::kReportDiscoveryDelivery,
                     C::kUnlockDiscoveryAddress,
                     C::kPurgeDiscoveryAddress,
                     C::kExchangeIntermediateSession}),
            Ints({0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16,
                  17, 18, 19, 20, 21, 22, 23, 24, 25, 40, 41, 50, 51, 52, 53, 54, 55}));
  EXPECT_EQ(
      Numbers({RegistrationState::kNone, RegistrationState::kPending, RegistrationState::kExpired,
               RegistrationState::kActive, RegistrationState::kExternal}),
      Ints({0, 1, 2, 3, 4}));
  EXPECT_EQ(Numbers({TotpAlgorithm::kSha1, TotpAlgorithm::kSha256, TotpAlgorithm::kSha512}),
            Ints({1, 2, 3}));
  EXPECT_EQ(Numbers({EmailPurpose::kNone, EmailPurpose::kLogin, EmailPurpose::kSignup,
                     EmailPurpose::kDiscovery}),
            Ints({0, 1, 2, 3}));
  EXPECT_EQ(Numbers({AuthMethods::kAllAllowed, AuthMethods::kRestricted}), Ints({0, 1}));
  EXPECT_EQ(Numbers({AuthMethod::kSso, AuthMethod::kMagicLink, AuthMethod::kEmailOtp,
                     AuthMethod::kPassword, AuthMethod::kGoogleOauth, AuthMethod::kMicrosoftOauth,
                     AuthMethod::kSlackOauth, AuthMethod::kGithubOauth, AuthMethod::kHubspotOauth}),
            Ints({0, 1, 2, 3, 4, 5, 6, 7, 8}));
  using P = PhoneNumberType;
  EXPECT_EQ(Numbers({P::kUnknown, P::kFixedLine, P::kMobile, P::kFixedLineOrMobile, P::kTollFree,
                     P::kPremiumRate, P::kSharedCost, P::kVoip, P::kPersonal, P::kPager, P::kUan,
                     P::kVoicemail}),
            Ints({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
}

}  // namespace
}  // namespace otpcore
