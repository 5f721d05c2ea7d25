// SPDX-License-Identifier: Apache-2.0
// Records as bytes: exact both ways, bounded in size, and refused whole when anything is off
// (B-17, K-07, K-12, threat 31).
#include "otpcore/model/codec.h"

#include <gtest/gtest.h>

#include "fixture.h"
#include "frame.h"
#include "random_records.h"
#include "same_records.h"

namespace otpcore {
namespace {

RecordKey KeyOf(const MemberRecord& record) {
  return {RecordKind::kMember, record.organization_id, record.member_id.view()};
}

std::string DetailOf(const RecordKey& key, const std::string& bytes) {
  const Result<Record> result = DecodeRecord(key, bytes);
  if (result) return "";
  EXPECT_EQ(result.error().code(), ErrorCode::kInternalServerError);
  return std::string(result.error().detail());
}

const RecordKey kNameKey = {RecordKind::kMemberName, "o", "x"};

// Every field at its limit.
MemberRecord GreatestMember() {
  MemberRecord r;
  const std::string id(128, '~');
  r.organization_id = r.member_id = r.external_id = r.totp_registration_id = id;
  r.email_address = std::string(254, 'e');
  r.name = std::string(512, '\xF4');
  r.status = MemberStatus::kDeleted;
  r.email_address_verified = r.is_breakglass = r.mfa_enrolled = true;
  r.default_mfa_method = MfaMethod::kTotp;
  r.created_at = r.updated_at = Instant::Max();
  r.phone.number = "+123456789012345";
  r.phone.region = "001";
  r.phone.type = 255;
  r.phone.id.bytes.fill(255);
  Challenge& c = r.challenge;
  c.state = ChallengeState::kVoid;
  c.id.bytes.fill(255);
  c.operation = c.superseded_id = r.mark.id = c.id;
  c.digest.bytes.fill(255);
  c.digest.key_id = 0xFFFFFFFF;
  c.superseded_digest = c.digest;
  c.issued_at = c.expires_at = c.latest_seen = Instant::Max();
  c.epoch = ~uint64_t{0};
  c.failures = c.digits = 255;
  c.linked_its_address = true;
  FailureLedger& f = r.failures;
  f.in_a_row = f.since_success = r.mark.answer = 65535;
  f.locks_in_a_row = 255;
  f.disabled = true;
  f.locked_at = f.locked_until = f.locked_until_lagging = r.sends_pulled_from = r.leased_at =
      Instant::Max();
  for (int i = 0; i < kFailureTimesMax; ++i) f.recent.Push(Instant::Max(), kFailureTimesMax);
  for (int i = 0; i < kSendTimesMax; ++i) r.sends.Push(Instant::Max(), kSendTimesMax);
  r.mark.command = CommandKind::kMfaStep;
  return r;
}

TEST(Codec, EveryRecordComesBackAsItWas) {  // K-07
  RecordMaker make(1);
  for (int i = 0; i < 20000; ++i) {
    const Write write = make.Any();
    const std::string bytes = EncodeRecord(write.key, write.record);
    ASSERT_FALSE(bytes.empty());
    const Result<Record> back = DecodeRecord(write.key, bytes);
    ASSERT_TRUE(back) << back.error().detail() << " in round " << i;
    ASSERT_TRUE(Same(*back, write.record)) << "round " << i;
    ASSERT_EQ(EncodeRecord(write.key, *back), bytes) << "a record has one form";
  }
}

TEST(Codec, TheChecksumIsCrc32c) {
  EXPECT_EQ(SlowCrc32c("123456789"), 0xE3069283u);  // RFC 3720, appendix B.4
  NameEntry entry;
  entry.id = "member-1";
  EXPECT_EQ(EncodeRecord(kNameKey, entry), Frame(kNameKey, kCodecVersion, "\x08member-1"));
}

TEST(Codec, EveryTruncationIsRefused) {
  RecordMaker make(2);
  for (int i = 0; i < 40; ++i) {
    const Write write = make.Any();
    const std::string bytes = EncodeRecord(write.key, write.record);
    for (size_t size = 0; size < bytes.size(); ++size) {
      // An exact copy on the heap, so that a read past its end is seen.
      const std::string cut(bytes.data(), size);
      ASSERT_EQ(DetailOf(write.key, cut), "record truncated") << size << " of " << bytes.size();
    }
    EXPECT_EQ(DetailOf(write.key, bytes + '\0'), "record corrupted");
  }
}

TEST(Codec, EveryCorruptionOfOneByteIsRefused) {
  RecordMaker make(3);
  for (int i = 0; i < 12; ++i) {
    const Write write = make.Any();
    std::string bytes = EncodeRecord(write.key, write.record);
    for (char& byte : bytes) {
      const char original = byte;
      for (int change = 1; change < 256; change += i == 0 ? 1 : 7) {
        byte = static_cast<char>(original ^ change);
        ASSERT_FALSE(DecodeRecord(write.key, bytes)) << (&byte - bytes.data());
      }
      byte = original;
    }
    ASSERT_TRUE(DecodeRecord(write.key, bytes));
  }
}

TEST(Codec, ARecordUnderAnotherKeyIsRefused) {  // K-08
  RecordMaker make(4);
  const MemberRecord record = make.Member();
  const std::string bytes = EncodeRecord(KeyOf(record), record);
  RecordKey other = KeyOf(record);
  other.organization = other.organization.str().substr(1);
  EXPECT_EQ(DetailOf(other, bytes), "record corrupted");
  other = KeyOf(record);
  other.kind = RecordKind::kMemberName;
  EXPECT_EQ(DetailOf(other, bytes), "record corrupted");
}

TEST(Codec, OneNewerMinorVersionIsReadAndItsNewFieldsSkipped) {
  const std::string body = "\x02m1";
  const auto id_in = [&](uint8_t version, const std::string& text) -> std::string {
    const Result<Record> result = DecodeRecord(kNameKey, Frame(kNameKey, version, text));
    return result ? std::get_if<NameEntry>(&*result)->id.str()
                  : std::string(result.error().detail());
  };
  EXPECT_EQ(id_in(kCodecVersion, body), "m1");
  EXPECT_EQ(id_in(kCodecVersion, body + "new"), "record corrupted");
  EXPECT_EQ(id_in(kCodecVersion + 1, body), "m1");
  EXPECT_EQ(id_in(kCodecVersion + 1, body + "new"), "m1");
  EXPECT_EQ(id_in(kCodecVersion + 1, "\x03m1"), "record corrupted") << "never half-read";
  EXPECT_EQ(id_in(kCodecVersion + 2, body), "record from a newer version");
  EXPECT_EQ(id_in(kCodecVersion + 16, body), "record from a newer version");
  EXPECT_EQ(id_in(0x0F, body), "record corrupted") << "there is no major version 0";

  // The checksum of the newer version counts as well.
  std::string damaged = Frame(kNameKey, kCodecVersion + 1, body + "new");
  damaged[damaged.size() - 5] ^= 1;
  EXPECT_EQ(DetailOf(kNameKey, damaged), "record corrupted");
}

// A checksum proves nothing about who made the frame.
TEST(Codec, AFrameThatIsNoneIsRefusedThoughTheChecksumIsRight) {
  const auto detail = [](char magic, const std::string& length_and_body) {
    const std::string start = {magic, static_cast<char>(kCodecVersion),
                               static_cast<char>(kNameKey.kind)};
    return DetailOf(kNameKey, WithChecksum(kNameKey, start + length_and_body));
  };
  EXPECT_EQ(detail('\xC7', "\x02\x01m"), "");
  EXPECT_EQ(detail('\xC6', "\x02\x01m"), "record corrupted");
  EXPECT_EQ(detail('\xC7', "\x02x\x01m"), "record corrupted") << "the body is longer than that";
}

TEST(Codec, FieldsOutOfRangeAreRefusedThoughTheChecksumIsRight) {
  const RecordKey claim = {RecordKind::kPhoneClaim, "o", "+14155550123"};
  const auto detail = [&](const std::string& body) {
    return DetailOf(claim, Frame(claim, kCodecVersion, body));
  };
  const std::string start = std::string(1, '\1') + "\x01m";
  EXPECT_EQ(detail(start + "\x05"), "");
  EXPECT_EQ(detail("\x02\x01m\x05"), "record corrupted") << "a flag that does not exist";
  EXPECT_EQ(detail(start + std::string("\x85\x00", 2)), "record corrupted") << "padded number";
  EXPECT_EQ(detail(start + std::string(9, '\xFF') + "\x01"), "record corrupted") << "year 500 000";
  EXPECT_EQ(detail(start + std::string(9, '\xFF') + "\x02"), "record corrupted") << "65 bits";
  EXPECT_EQ(detail(start + std::string(12, '\xFF')), "record corrupted") << "no end";
  EXPECT_EQ(detail(start), "record corrupted") << "no time";
  EXPECT_EQ(detail("\x01\x81\x01" + std::string(100, 'm') + "\x05"), "record corrupted");
}

TEST(Codec, AStatusThatNoMemberHasIsRefused) {
  MemberRecord record;
  record.organization_id = "o";
  record.member_id = "m";
  const std::string bytes = EncodeRecord(KeyOf(record), record);
  std::string body = bytes.substr(4, bytes.size() - 8);
  ASSERT_EQ(Frame(KeyOf(record), kCodecVersion, body), bytes);
  ASSERT_EQ(body[1], static_cast<char>(MemberStatus::kActive));
  for (int number = 0; number < 256; ++number) {
    body[1] = static_cast<char>(number);
    EXPECT_EQ(DetailOf(KeyOf(record), Frame(KeyOf(record), kCodecVersion, body)),
              number >= 1 && number <= 4 ? "" : "record corrupted")
        << number;
  }
}

TEST(Codec, ArbitraryBytesInAGoodFrameNeverCrash) {
  RecordMaker make(5);
  int accepted = 0;
  for (int i = 0; i < 50000; ++i) {
    const Write write = make.Any();
    const std::string body = make.Text(127);
    accepted += DecodeRecord(write.key, Frame(write.key, kCodecVersion + 1, body)) ? 1 : 0;
  }
  EXPECT_GT(accepted, 0) << "the frames must be good enough for the bodies to be looked at";
}

TEST(Codec, NothingIsWrittenThatCouldNotBeRead) {
  RecordMaker make(6);
  const MemberRecord good = GreatestMember();
  EXPECT_FALSE(EncodeRecord(KeyOf(good), good).empty());
  EXPECT_TRUE(EncodeRecord(KeyOf(good), std::monostate()).empty());
  EXPECT_TRUE(EncodeRecord(KeyOf(good), make.Claim()).empty());
  EXPECT_TRUE(EncodeRecord(KeyOf(good), OrganizationSnapshot()).empty());
  EXPECT_TRUE(EncodeRecord(KeyOf(good), good, kCodecVersion + 1).empty());
  EXPECT_TRUE(EncodeRecord(KeyOf(good), good, 0).empty());

  MemberRecord bad = good;
  bad.member_id = "another";
  EXPECT_TRUE(EncodeRecord(KeyOf(good), bad).empty());
  bad = good;
  bad.name += 'x';
  EXPECT_TRUE(EncodeRecord(KeyOf(bad), bad).empty());
  bad = good;
  bad.email_address += 'x';
  EXPECT_TRUE(EncodeRecord(KeyOf(bad), bad).empty());
  for (const int number : {0, 5}) {
    bad = good;
    bad.status = static_cast<MemberStatus>(number);
    EXPECT_TRUE(EncodeRecord(KeyOf(bad), bad).empty()) << number;
  }
}

TEST(Codec, AMemberRecordHasAGreatestSize) {  // B-17
  MemberRecord record = GreatestMember();
  const size_t greatest = EncodeRecord(KeyOf(record), record).size();
  RecordProperty("greatest_bytes", static_cast<int>(greatest));
  EXPECT_LE(greatest, kMemberRecordBytesMax);
  EXPECT_GT(greatest, kMemberRecordBytesMax * 3 / 4) << "the constant has lost its meaning";

  RecordMaker make(7);
  for (int i = 0; i < 2000; ++i) {
    const MemberRecord random = make.Member();
    ASSERT_LE(EncodeRecord(KeyOf(random), random).size(), greatest);
  }
  for (int i = 0; i < 1000000; ++i) {
    const Instant at = Instant::Max() - Duration(1000000 - i);
    record.sends.Push(at, kSendTimesMax);
    record.failures.recent.Push(at, kFailureTimesMax);
  }
  EXPECT_EQ(EncodeRecord(KeyOf(record), record).size(), greatest);
}

TEST(Codec, ATypicalMemberWithALiveChallengeIsSmall) {
  World world;
  const Member member = world.MakeMember(world.MakeOrganization());
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(ErrorTypeOf(world.Send(member, i == 0 ? kNumber : "")), "");
    world.clock.Advance(std::chrono::seconds(30));
  }
  const std::optional<MemberRecord> record = world.RecordOf(member);
  ASSERT_TRUE(record);
  const size_t size = EncodeRecord(KeyOf(*record), *record).size();
  RecordProperty("typical_bytes", static_cast<int>(size));
  EXPECT_LE(size, 350u);
}

}  // namespace
}  // namespace otpcore
