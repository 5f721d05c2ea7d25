// SPDX-License-Identifier: Apache-2.0
// Records as bytes: exact both ways, bounded in size, and refused whole when anything is off
// (B-17, K-07, K-12, threat 31).
#include "otpcore/model/codec.h"

#include <gtest/gtest.h>

#include "fixture.h"
#include "random_records.h"
#include "same_records.h"

namespace otpcore {
namespace {

using testing::Packed;

RecordKey KeyOf(const MemberRecord& record) {
  return RecordKey::Member(record.organization_id, record.member_id);
}

template <typename R>
size_t PackedBytes(const R& record, uint8_t version = kRecordVersion) {
  std::array<char, kMemberRecordBytesMax> bytes;
  return Pack(record, bytes.data(), version);
}

std::string DetailOf(const RecordKey& key, const std::string& bytes) {
  const Result<std::string_view> result = Unprotect(key, bytes);
  if (result) return "";
  EXPECT_EQ(result.error().code(), ErrorCode::kInternalServerError);
  return std::string(result.error().detail());
}

// Bit by bit, to have a second opinion on the table of the codec.
std::string SlowProtect(const RecordKey& key, const std::string& record) {
  uint32_t crc = 0xFFFFFFFF;
  for (const char byte : std::string(key.bytes()) + record) {
    crc ^= static_cast<uint8_t>(byte);
    for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ (0x82F63B78u & (0u - (crc & 1)));
  }
  std::string bytes = record;
  for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(~crc >> shift);
  return bytes;
}

const RecordKey kNameKey = RecordKey::MemberName("o", "x");

// Every field at its limit.
MemberRecord GreatestMember() {
  static const std::string id(128, '~');
  static const std::string email(254, 'e');
  static const std::string name(512, '\xF4');
  MemberRecord r;
  r.organization_id = r.member_id = id;
  r.external_id = id;
  r.email_address = email;
  r.name = name;
  r.status = MemberStatus::kDeleted;
  r.email_address_verified = r.is_breakglass = r.mfa_enrolled = true;
  r.default_mfa_method = MfaMethod::kTotp;
  r.created_at = r.updated_at = Instant::Max();
  r.phone.state = EnrollmentState::kVerified;
  r.phone.number = "+123456789012345";
  r.phone.region = "001";
  r.phone.type = 255;
  r.phone.id.bytes.fill(255);
  r.phone.linked_by_host = true;
  Challenge& c = r.challenge;
  c.state = ChallengeState::kVoid;
  c.id.bytes.fill(255);
  c.superseded_id = r.mark.id = c.id;
  c.issued_by = r.mark.run = ~RunId{0};
  c.digest.bytes.fill(255);
  c.digest.key_id = 0xFFFFFFFF;
  c.superseded_digest = c.digest;
  c.issued_at = c.expires_at = c.latest_seen = Instant::Max();
  c.epoch = ~uint64_t{0};
  c.failures = c.digits = 255;
  c.linked_its_address = true;
  c.session = ~SessionTag{0};
  c.device = ~DeviceTag{0};
  r.candidate = {r.phone, c};
  r.candidate.phone.state = EnrollmentState::kPending;
  static const std::string sealed(kSealedTotpSecretBytesMax, '\xFF');
  r.totp.state = RegistrationState::kActive;
  r.totp.id.bytes.fill(255);
  r.totp.parameters = {TotpAlgorithm::kSha512, 255, 255};
  r.totp.last_step = std::numeric_limits<int64_t>::max();
  r.totp.created_at = r.totp.latest_seen = r.totp.expires_at = Instant::Max();
  r.totp.epoch = ~uint64_t{0};
  r.totp.sealed_secret = sealed;
  static const std::string digests(16 * kRecoveryCodesMax, '\xFF');
  static const std::string sealed_codes(kSealedRecoveryCodesBytesMax, '\xFF');
  r.recovery.id.bytes.fill(255);
  r.recovery.key_id = 0xFFFFFFFF;
  r.recovery.used = 0xFFFF;
  r.recovery.epoch = ~uint64_t{0};
  r.recovery.digests = digests;
  r.recovery.sealed_codes = sealed_codes;
  EmailFactor& by_email = r.email;
  by_email.id.bytes.fill(255);
  by_email.challenge = c;
  by_email.challenge.session = 0;
  by_email.challenge.device = 0;
  by_email.challenge.linked_its_address = false;
  by_email.purpose = by_email.superseded_purpose = EmailPurpose::kSignup;
  for (int i = 0; i < kEmailFailureTimesMax; ++i)
    by_email.failures.recent.Push(Instant::Max(), kEmailFailureTimesMax, {~SessionTag{0}, false});
  by_email.failures.in_a_row = by_email.failures.since_success = 65535;
  by_email.failures.locks_in_a_row = 255;
  by_email.failures.disabled = true;
  by_email.failures.lock_rule = LockRule::kRollingFailures;
  by_email.failures.locked_at = by_email.failures.locked_until =
      by_email.failures.locked_until_lagging = by_email.sends.pulled_from = Instant::Max();
  for (int i = 0; i < kEmailSendTimesMax; ++i)
    by_email.sends.Push(Instant::Max(), kEmailSendTimesMax);
  for (int i = 0; i < kGiveBacksMax; ++i)
    by_email.sends.given_back.Push(Instant::Max(), kGiveBacksMax);
  FailureLedger& f = r.failures;
  f.in_a_row = f.since_success = r.mark.answer = 65535;
  f.locks_in_a_row = 255;
  f.disabled = true;
  f.locked_at = f.locked_until = f.locked_until_lagging = r.sends.pulled_from = r.leased_at =
      Instant::Max();
  f.lock_rule = LockRule::kRollingFailures;
  for (int i = 0; i < kFailureTimesMax; ++i)
    f.recent.Push(Instant::Max(), kFailureTimesMax, {~SessionTag{0}, true});
  for (int i = 0; i < kSendTimesMax; ++i) r.sends.Push(Instant::Max(), kSendTimesMax);
  for (int i = 0; i < kGiveBacksMax; ++i) r.sends.given_back.Push(Instant::Max(), kGiveBacksMax);
  for (int i = 0; i < kDevicesMax; ++i) {
    KnownDevice& device = r.devices.Add();
    device.tag = ~DeviceTag{0};
    device.key_id = ~uint32_t{0};
    device.succeeded_at = device.remembered_at = Instant::Max();
    device.failures = 255;
    device.sends = r.sends;
  }
  r.mark.command = CommandKind::kMfaStep;
  r.mark.request = ~uint64_t{0};
  r.mark.request_key = 0xFFFFFFFF;
  r.mark.at = Instant::Max();
  return r;
}

template <typename R>
void ExpectBack(const RecordKey& key, const R& record) {
  const std::string bytes = Packed(record);
  R back;
  ASSERT_TRUE(Unpack(key, bytes, &back));
  ASSERT_TRUE(Same(back, record));
  ASSERT_EQ(Packed(back), bytes) << "a record has one form";
  ASSERT_TRUE(IsReadable(key, bytes));
}

TEST(Codec, EveryRecordComesBackAsItWas) {  // K-07
  RecordMaker make(1);
  for (int i = 0; i < 5000; ++i) {
    const MemberRecord member = make.Member();
    ExpectBack(KeyOf(member), member);
    const OrganizationRecord organization = make.Organization();
    ExpectBack(RecordKey::Organization(organization.organization_id), organization);
    const DiscoveryRecord discovery = make.Discovery();
    ExpectBack(RecordKey::Discovery(discovery.address), discovery);
    ExpectBack(RecordKey::PhoneClaim("o", "+1"), make.Claim());
    ExpectBack(kNameKey, make.Name());
    if (HasFatalFailure()) FAIL() << "round " << i;
  }
  ExpectBack(KeyOf(GreatestMember()), GreatestMember());
}

TEST(Codec, TheRunIsReadWithoutTheRest) {  // C-08
  RecordMaker make(9);
  const MemberRecord member = make.Member();
  EXPECT_EQ(RunIn(Packed(member)), member.mark.run);
  const OrganizationRecord organization = make.Organization();
  EXPECT_EQ(RunIn(Packed(organization)), organization.mark.run);
  const DiscoveryRecord discovery = make.Discovery();
  EXPECT_EQ(RunIn(Packed(discovery)), discovery.mark.run);
  EXPECT_EQ(RunIn(Packed(make.Claim())), 0u);
  EXPECT_EQ(RunIn(Packed(member).substr(0, 14)), 0u);
  EXPECT_EQ(RunIn(""), 0u);
  std::string newer = Packed(member);
  newer[0] = static_cast<char>(kRecordVersion + 16);
  EXPECT_EQ(RunIn(newer), 0u) << "nobody knows where another version keeps it";
}

TEST(Codec, AStoreReadsFromWhenOnAnAddressMayBeForgotten) {  // EM-25
  DiscoveryRecord record;
  record.email.id.bytes.fill(1);
  record.forget_at = Instant::FromUnixMillis(1767225600123);
  std::string bytes = Packed(record);
  EXPECT_EQ(ForgettableFrom(bytes), record.forget_at);
  bytes[0] = kRecordVersion + 1;
  EXPECT_EQ(ForgettableFrom(bytes), record.forget_at);
  bytes[0] = kRecordVersion + 16;
  EXPECT_EQ(ForgettableFrom(bytes), std::nullopt) << "nobody knows where another version keeps it";
  record.forget_at = Instant::Max();
  EXPECT_EQ(ForgettableFrom(Packed(record)), std::nullopt) << "locked without end";
  // Damaged: no instant has these bytes.
  bytes = Packed(record);
  bytes.replace(17, 6, 6, '\xFF');
  EXPECT_EQ(ForgettableFrom(bytes), std::nullopt);
  EXPECT_EQ(ForgettableFrom(bytes.substr(0, 22)), std::nullopt);
  RecordMaker make(10);
  EXPECT_EQ(ForgettableFrom(Packed(make.Member())), std::nullopt);
  EXPECT_EQ(ForgettableFrom(Packed(make.Organization())), std::nullopt);
  EXPECT_EQ(ForgettableFrom(Packed(make.Claim())), std::nullopt);
  EXPECT_EQ(ForgettableFrom(Packed(NameEntry{"a-name-that-is-long-enough"})), std::nullopt);
}

TEST(Codec, APasscodeOfAnAddressIsOfNoMemberAndTheOtherWayRound) {  // EM-12, K-12
  DiscoveryRecord record;
  record.email = GreatestMember().email;
  EXPECT_FALSE(IsReadable(RecordKey::Discovery("a@b.co"), Packed(record))) << "signup";
  record.email.purpose = EmailPurpose::kDiscovery;
  EXPECT_FALSE(IsReadable(RecordKey::Discovery("a@b.co"), Packed(record))) << "the one before";
  record.email.superseded_purpose = EmailPurpose::kDiscovery;
  EXPECT_TRUE(IsReadable(RecordKey::Discovery("a@b.co"), Packed(record)));
  MemberRecord member = GreatestMember();
  member.email.purpose = EmailPurpose::kDiscovery;
  EXPECT_FALSE(IsReadable(KeyOf(member), Packed(member)));
}

TEST(Codec, TheChecksumIsCrc32c) {
  const std::string record = Packed(NameEntry{"member-1"});
  EXPECT_EQ(Protect(kNameKey, record), SlowProtect(kNameKey, record));
  EXPECT_EQ(*Unprotect(kNameKey, Protect(kNameKey, record)), record);
}

TEST(Codec, EveryTruncationIsRefused) {
  RecordMaker make(2);
  for (int i = 0; i < 40; ++i) {
    const testing::StoredWrite write = make.Any();
    const std::string bytes = Protect(write.key, write.record);
    for (size_t size = 0; size < bytes.size(); ++size) {
      // An exact copy on the heap, so that a read past its end is seen.
      const std::string cut(bytes.data(), size);
      ASSERT_NE(DetailOf(write.key, cut), "") << size << " of " << bytes.size();
    }
    EXPECT_EQ(DetailOf(write.key, bytes + '\0'), "record corrupted");
    EXPECT_EQ(DetailOf(write.key, bytes.substr(0, 5)), "record truncated");
    for (size_t size = 0; size < write.record.size(); ++size)
      ASSERT_FALSE(IsReadable(write.key, std::string(write.record.data(), size)));
    ASSERT_FALSE(IsReadable(write.key, write.record + '\0'));
  }
}

TEST(Codec, EveryCorruptionOfOneByteIsRefused) {
  RecordMaker make(3);
  for (int i = 0; i < 12; ++i) {
    const testing::StoredWrite write = make.Any();
    std::string bytes = Protect(write.key, write.record);
    for (char& byte : bytes) {
      const char original = byte;
      for (int change = 1; change < 256; change += i == 0 ? 1 : 7) {
        byte = static_cast<char>(original ^ change);
        ASSERT_FALSE(Unprotect(write.key, bytes)) << (&byte - bytes.data());
      }
      byte = original;
    }
    ASSERT_TRUE(Unprotect(write.key, bytes));
  }
}

TEST(Codec, ARecordUnderAnotherKeyIsRefused) {  // K-08
  RecordMaker make(4);
  const MemberRecord record = make.Member();
  const std::string bytes = Protect(KeyOf(record), Packed(record));
  EXPECT_EQ(DetailOf(RecordKey::Member("another", record.member_id), bytes), "record corrupted");
  const RecordKey claim = RecordKey::PhoneClaim("o", "+1");
  EXPECT_EQ(DetailOf(claim, Protect(claim, Packed(record))), "record corrupted");
  EXPECT_FALSE(IsReadable(RecordKey(), Packed(record)));
  MemberRecord member;
  OrganizationRecord organization;
  PhoneClaim read_claim;
  NameEntry name;
  EXPECT_FALSE(Unpack(claim, Packed(record), &member));
  EXPECT_FALSE(Unpack(claim, Packed(make.Organization()), &organization));
  DiscoveryRecord discovery;
  EXPECT_FALSE(Unpack(kNameKey, Packed(make.Discovery()), &discovery));
  EXPECT_FALSE(Unpack(RecordKey::Discovery("a@b.co"), Packed(record), &discovery));
  EXPECT_FALSE(Unpack(kNameKey, Packed(make.Claim()), &read_claim));
  EXPECT_FALSE(Unpack(claim, Packed(make.Name()), &name));
}

TEST(Codec, OneNewerMinorVersionIsReadAndItsNewPartsSkipped) {
  const std::string body = Packed(NameEntry{"m1"}).substr(1);
  const auto id_in = [&](uint8_t version, const std::string& rest) -> std::string {
    const std::string bytes = Protect(kNameKey, static_cast<char>(version) + rest);
    const Result<std::string_view> record = Unprotect(kNameKey, bytes);
    if (!record) return std::string(record.error().detail());
    NameEntry entry;
    return Unpack(kNameKey, *record, &entry) ? entry.id.str() : "unreadable";
  };
  EXPECT_EQ(id_in(kRecordVersion, body), "m1");
  EXPECT_EQ(id_in(kRecordVersion, body + "new"), "record corrupted");
  EXPECT_EQ(id_in(kRecordVersion + 1, body), "m1");
  EXPECT_EQ(id_in(kRecordVersion + 1, body + "new"), "m1");
  EXPECT_EQ(id_in(kRecordVersion + 1, body.substr(0, 2)), "record corrupted") << "never half-read";
  EXPECT_EQ(id_in(kRecordVersion + 2, body), "record of another version");
  EXPECT_EQ(id_in(kRecordVersion + 16, body), "record of another version");
  EXPECT_EQ(id_in(kRecordVersion - 16, body), "record of another version");
}

TEST(Codec, FieldsOutOfRangeAreRefusedThoughTheChecksumIsRight) {
  const RecordKey claim = RecordKey::PhoneClaim("o", "+14155550123");
  const std::string good = Packed(PhoneClaim{"m", true, Instant::FromUnixMillis(5)});
  const auto readable = [&](size_t at, const std::string& bytes) {
    std::string changed = good;
    changed.replace(at, bytes.size(), bytes);
    return IsReadable(claim, changed);
  };
  EXPECT_TRUE(readable(0, ""));
  EXPECT_FALSE(readable(3, std::string(6, '\xFF'))) << "year 10 889";
  EXPECT_FALSE(readable(9, "\x02")) << "longer than what is there";
  EXPECT_FALSE(readable(9, "\xFF"));
  EXPECT_FALSE(readable(10, "\x05")) << "no id packs to that";
}

TEST(Codec, ANumberThatNoEnumerationHasIsRefused) {
  MemberRecord record;
  record.organization_id = "o";
  record.member_id = "m";
  const std::string good = Packed(record);
  const size_t status = 18;  // behind version, kind, parts, mark and flags
  ASSERT_EQ(good[status], static_cast<char>(MemberStatus::kActive));
  for (int number = 0; number < 256; ++number) {
    std::string changed = good;
    changed[status] = static_cast<char>(number);
    EXPECT_EQ(IsReadable(KeyOf(record), changed), number >= 1 && number <= 4) << number;
    changed = good;
    changed[status + 1] = static_cast<char>(number);
    EXPECT_EQ(IsReadable(KeyOf(record), changed), number <= 2) << number;
  }
}

// It would be a second form of the record without one.
TEST(Codec, AnOperationIdThatIsThereIsNotEmpty) {  // C-07, K-07
  MemberRecord member;
  member.organization_id = "o";
  member.member_id = "m";
  member.mark.id.bytes.fill(1);
  OrganizationRecord organization;
  organization.organization_id = "o";
  organization.mark.id.bytes.fill(1);
  const std::pair<RecordKey, std::string> records[] = {
      {KeyOf(member), Packed(member)}, {RecordKey::Organization("o"), Packed(organization)}};
  for (const auto& [key, packed] : records) {
    const size_t at = packed.find(std::string(16, '\x01'));
    ASSERT_NE(at, std::string::npos);
    std::string changed = packed;
    changed.replace(at, 15, std::string(15, '\0'));
    EXPECT_TRUE(IsReadable(key, changed)) << "one byte of it is there";
    changed[at + 15] = '\0';
    EXPECT_FALSE(IsReadable(key, changed));
  }
}

// Its part is the last one: the state of the number is its first byte.
TEST(Codec, ACandidateIsPending) {  // E-04, K-07
  MemberRecord record;
  record.organization_id = "o";
  record.member_id = "m";
  const size_t without = Packed(record).size();
  record.candidate.phone.state = EnrollmentState::kPending;
  record.candidate.phone.number = "+14155550123";
  std::string bytes = Packed(record);
  ASSERT_GT(bytes.size(), without) << "a Member without a candidate pays no byte";
  ASSERT_TRUE(IsReadable(KeyOf(record), bytes));
  for (const EnrollmentState state : {EnrollmentState::kNone, EnrollmentState::kVerified}) {
    bytes[without] = static_cast<char>(state);
    EXPECT_FALSE(IsReadable(KeyOf(record), bytes));
  }
}

TEST(Codec, ArbitraryBytesNeverCrash) {
  RecordMaker make(5);
  int accepted = 0;
  for (int i = 0; i < 200000; ++i) {
    testing::StoredWrite write = make.Any();
    for (uint64_t changes = make.Below(4); changes > 0 && write.record.size() > 4; --changes)
      write.record[2 + make.Below(write.record.size() - 2)] = static_cast<char>(make.Below(256));
    accepted += IsReadable(write.key, write.record) ? 1 : 0;
  }
  EXPECT_GT(accepted, 1000) << "the bytes must be good enough to be looked at";
}

TEST(Codec, NothingIsWrittenThatCouldNotBeRead) {
  const MemberRecord good = GreatestMember();
  EXPECT_NE(PackedBytes(good), 0u);
  EXPECT_EQ(PackedBytes(good, kRecordVersion + 1), 0u);
  EXPECT_EQ(PackedBytes(good, 0), 0u);
  const std::string longer(513, 'x');
  MemberRecord bad = good;
  bad.name = longer;
  EXPECT_EQ(PackedBytes(bad), 0u);
  bad = good;
  bad.email_address = std::string_view(longer).substr(0, 255);
  EXPECT_EQ(PackedBytes(bad), 0u);
  bad = good;
  bad.external_id = std::string_view(longer).substr(0, 129);
  EXPECT_EQ(PackedBytes(bad), 0u);
  OrganizationRecord organization;
  organization.organization_name = longer;
  EXPECT_EQ(PackedBytes(organization), 0u);
  for (const uint8_t version : {uint8_t{0}, uint8_t{kRecordVersion + 1}}) {
    EXPECT_EQ(PackedBytes(OrganizationRecord(), version), 0u);
    EXPECT_EQ(PackedBytes(PhoneClaim{"m", true, {}}, version), 0u);
    EXPECT_EQ(PackedBytes(NameEntry{"m"}, version), 0u);
  }
}

// A record whose last part is its sends: the count, then six bytes for each.
TEST(Codec, ALedgerWithMoreThanItHoldsIsRefused) {  // B-17, K-12
  MemberRecord record;
  record.organization_id = "o";
  record.member_id = "m";
  const Instant at = Instant::FromUnixMillis(5);
  for (int i = 0; i < kSendTimesMax; ++i) record.sends.Push(at, kSendTimesMax);
  const std::string good = Packed(record);
  const size_t count = good.size() - 6 * kSendTimesMax - 1;
  ASSERT_EQ(good[count], kSendTimesMax);
  const std::string time = good.substr(good.size() - 6);
  for (int more = 1; more < 256 - kSendTimesMax; ++more) {
    std::string bytes = good;
    bytes[count] = static_cast<char>(kSendTimesMax + more);
    EXPECT_FALSE(IsReadable(KeyOf(record), bytes)) << more;
    for (int i = 0; i < more; ++i) bytes += time;
    EXPECT_FALSE(IsReadable(KeyOf(record), bytes)) << more << ", and as many times";
  }
  std::string fewer = good.substr(0, good.size() - 6);
  fewer[count] = static_cast<char>(kSendTimesMax - 1);
  EXPECT_TRUE(IsReadable(KeyOf(record), fewer));
  std::string late = good;
  late.replace(good.size() - 6, 6, std::string(6, '\xFF'));
  EXPECT_FALSE(IsReadable(KeyOf(record), late)) << "year 10 889";
}

// Whatever one byte is changed to: what is read is within the limits that a writer keeps.
TEST(Codec, WhatIsReadOfADamagedRecordCouldHaveBeenWritten) {  // B-17, K-12
  const MemberRecord greatest = GreatestMember();
  std::string bytes = Packed(greatest);
  int read = 0;
  for (size_t at = 2; at < bytes.size(); ++at) {
    const char original = bytes[at];
    for (int value = 0; value < 256; value += at < 200 ? 1 : 17) {
      bytes[at] = static_cast<char>(value);
      MemberRecord back;
      if (!Unpack(KeyOf(greatest), bytes, &back)) continue;
      ++read;
      ASSERT_LE(back.sends.count, kSendTimesMax);
      ASSERT_LE(back.failures.recent.count, kFailureTimesMax);
      ASSERT_LE(back.status, MemberStatus::kDeleted);
      ASSERT_LE(back.challenge.state, ChallengeState::kVoid);
      ASSERT_LE(back.phone.state, EnrollmentState::kVerified);
      ASSERT_LE(back.updated_at, Instant::Max());
      ASSERT_NE(PackedBytes(back), 0u) << at << " " << value;
    }
    bytes[at] = original;
  }
  EXPECT_GT(read, 10000) << "the bytes must be good enough to be looked at";
}

TEST(Codec, EveryKindOfRecordHasAGreatestSize) {  // B-17
  MemberRecord record = GreatestMember();
  const size_t greatest = PackedBytes(record);
  RecordProperty("greatest_bytes", static_cast<int>(greatest));
  EXPECT_LE(greatest, kMemberRecordBytesMax);
  EXPECT_GT(greatest, kMemberRecordBytesMax * 3 / 4) << "the constant has lost its meaning";
  for (int i = 0; i < 1000000; ++i) {
    const Instant at = Instant::Max() - Duration(1000000 - i);
    record.sends.Push(at, kSendTimesMax);
    record.failures.recent.Push(at, kFailureTimesMax);
    record.email.sends.Push(at, kEmailSendTimesMax);
    record.email.failures.recent.Push(at, kEmailFailureTimesMax);
  }
  EXPECT_EQ(PackedBytes(record), greatest);
  // One of the host's in place of the library's own registration is shorter; both have no form.
  const std::string hosts(128, '~');
  record.hosts_totp_id = hosts;
  EXPECT_EQ(PackedBytes(record), 0u);
  record.totp = TotpFactor();
  record.recovery = RecoveryFactor();
  EXPECT_LT(PackedBytes(record), greatest);

  const std::string id(128, '~');
  const std::string name(512, 'n');
  OrganizationRecord organization;
  organization.organization_slug = organization.organization_external_id = id;
  organization.organization_name = name;
  organization.mark.id.bytes.fill(1);
  organization.allowed_auth_methods = 0xFFFF;
  EXPECT_LE(PackedBytes(organization), kOrganizationRecordBytesMax);
  DiscoveryRecord discovery;
  discovery.email = GreatestMember().email;
  discovery.forget_at = Instant::Max();
  discovery.mark = GreatestMember().mark;
  EXPECT_LE(PackedBytes(discovery), kDiscoveryRecordBytesMax);
  EXPECT_GT(PackedBytes(discovery), kDiscoveryRecordBytesMax * 3 / 4);
  EXPECT_LE(PackedBytes(PhoneClaim{id, true, Instant::Max()}), kIndexRecordBytesMax);
  EXPECT_LE(PackedBytes(NameEntry{id}), kIndexRecordBytesMax);
}

// The set: its id and the id of its key, the used bits, the epoch, and two texts with their
// lengths.
TEST(Codec, OnlyAMemberWithRecoveryCodesPaysForThem) {  // B-17, RC-04
  MemberRecord record = GreatestMember();
  const size_t with = PackedBytes(record);
  record.recovery = RecoveryFactor();
  EXPECT_EQ(with - PackedBytes(record),
            16 + 4 + 2 + 8 + 2 + 16 * kRecoveryCodesMax + 2 + kSealedRecoveryCodesBytesMax);
}

// The id of the address, the challenge and the passcode before it, the failures with their
// sessions, the sends and those given back.
TEST(Codec, OnlyAMemberWhoSignsInByEmailPaysForIt) {  // B-17, L-12, EM-20, EM-21
  MemberRecord record = GreatestMember();
  const size_t with = PackedBytes(record);
  record.email = EmailFactor();
  const size_t id = 16;
  const size_t challenge = 1 + 16 + 20 + 3 * 6 + 8 + 1 + 1 + 8 + 1;
  const size_t superseded = 16 + 20 + 1;
  const size_t failures = 2 + 2 + 1 + 1 + 3 * 6 + 1 + 1 + kEmailFailureTimesMax * (6 + 4);
  const size_t sends = 1 + kEmailSendTimesMax * 6 + 6 + 1 + kGiveBacksMax * 6;
  EXPECT_EQ(with - PackedBytes(record), id + challenge + superseded + failures + sends);
}

TEST(Codec, EmailLedgersWithMoreThanTheyHoldAreRefused) {  // B-17, K-12, L-12, EM-21
  MemberRecord record;
  record.organization_id = "o";
  record.member_id = "m";
  const Instant at = Instant::FromUnixMillis(5);
  const auto with = [&](int failures, int sends) {
    record.email = EmailFactor();
    record.email.id.bytes.fill(1);
    for (int i = 0; i < failures; ++i) record.email.failures.recent.Push(at, failures);
    for (int i = 0; i < sends; ++i) record.email.sends.Push(at, sends);
    return PackedBytes(record);
  };
  EXPECT_NE(with(kEmailFailureTimesMax, kEmailSendTimesMax), 0u);
  EXPECT_EQ(with(kEmailFailureTimesMax + 1, 0), 0u);
  EXPECT_EQ(with(0, kEmailSendTimesMax + 1), 0u);
  // Sends alone stand at the end: the count, the times, then six bytes and the empty list of those
  // given back.
  ASSERT_NE(with(0, 3), 0u);
  std::string bytes = Packed(record);
  const size_t count = bytes.size() - 1 - 6 - 3 * 6 - 1;
  ASSERT_EQ(bytes[count], 3);
  bytes[count] = kEmailSendTimesMax + 1;
  bytes.insert(count + 1, std::string(6 * (kEmailSendTimesMax - 2), '\0'));
  EXPECT_FALSE(IsReadable(KeyOf(record), bytes));
}

// Early snapshots wrote the text of an active registration's id beside it.
TEST(Codec, TheIdOfAnActiveRegistrationIsNotStoredTwice) {  // B-17
  MemberRecord record;
  record.organization_id = "o";
  record.member_id = "m";
  record.totp.state = RegistrationState::kActive;
  const std::string packed = Packed(record);
  record.totp = TotpFactor();
  record.hosts_totp_id = "member-totp-test-1";
  const std::string hosts = Packed(record);
  // Both parts, the text first: as it was written before.
  std::string both = packed;
  both[2] = static_cast<char>(both[2] | hosts[2]);
  const size_t head = hosts.size() - 1 - record.hosts_totp_id.size();
  both.insert(head, hosts.substr(head));
  MemberRecord back;
  ASSERT_TRUE(Unpack(KeyOf(record), both, &back));
  EXPECT_EQ(back.hosts_totp_id, "");
  EXPECT_EQ(Packed(back), packed);
  // One that no code has proved had no text.
  both[head + 1 + record.hosts_totp_id.size()] = static_cast<char>(RegistrationState::kPending);
  EXPECT_FALSE(IsReadable(KeyOf(record), both));
}

TEST(Codec, DigestsThatAreNoneAreRefused) {  // K-12, RC-04
  MemberRecord record;
  record.organization_id = "o";
  record.member_id = "m";
  for (const size_t size : {size_t{15}, size_t{17}, 16 * (kRecoveryCodesMax + 1)}) {
    const std::string digests(size, 'd');
    record.recovery.digests = digests;
    record.recovery.sealed_codes = "s";
    const size_t bytes = PackedBytes(record);
    EXPECT_EQ(bytes == 0, size > 16 * kRecoveryCodesMax) << size;
    if (bytes > 0) {
      EXPECT_FALSE(IsReadable(KeyOf(record), Packed(record))) << size;
    }
  }
}

TEST(Codec, ATypicalMemberWithALiveChallengeIsSmall) {
  World world;
  const Member member = world.MakeMember(world.MakeOrganization());
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(ErrorTypeOf(world.Send(member, i == 0 ? kNumber : "")), "");
    world.clock.Advance(std::chrono::seconds(30));
  }
  const size_t size = testing::LoadFrom(world.memory, World::KeyOf(member)).bytes.size();
  RecordProperty("typical_bytes", static_cast<int>(size));
  EXPECT_LE(size, 250u);
  EXPECT_LE(
      testing::LoadFrom(world.memory, World::KeyOf(world.MakeMember(world.MakeOrganization())))
          .bytes.size(),
      70u)
      << "what a Member does not have takes no bytes";
}

}  // namespace
}  // namespace otpcore
