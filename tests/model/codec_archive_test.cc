// SPDX-License-Identifier: Apache-2.0
// What the codec refuses field by field, and which record belongs under which key (K-07, K-08,
// K-12).
#include "model/codec_archive.h"

#include <gtest/gtest.h>

#include <memory>

#include "frame.h"
#include "otpcore/model/codec.h"

namespace otpcore {
namespace {

TEST(FieldReader, RefusesANumberThatDoesNotFitItsField) {
  const auto read = [](const std::string& bytes, auto value) {
    FieldReader reader(bytes, 0);
    reader.Number(value);
    return reader.ok() ? static_cast<int64_t>(value) : -1;
  };
  EXPECT_EQ(read("\xFF\xFF\x03", uint16_t{0}), 65535);
  EXPECT_EQ(read("\x80\x80\x04", uint16_t{0}), -1);
  EXPECT_EQ(read("\xFF\xFF\xFF\xFF\x0F", uint32_t{0}), 0xFFFFFFFF);
  EXPECT_EQ(read("\x80\x80\x80\x80\x10", uint32_t{0}), -1);
  EXPECT_EQ(read("", uint16_t{7}), -1);
}

TEST(FieldReader, RefusesANumberOfMoreBytesThanItCanNeed) {
  const std::string bytes = std::string(10, '\x80') + '\x01';
  FieldReader reader(bytes, 0);
  uint64_t number = 7;
  reader.Number(number);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(number, 7u);
}

TEST(FieldReader, RefusesAFlagThatIsNeitherAndALedgerThatIsTooLong) {
  std::array<uint8_t, 2> bytes = {1, 2};
  FieldReader none(std::string_view("\0", 1), 0);
  none.Bytes(bytes);
  EXPECT_TRUE(none.ok());
  FieldReader two("\x02zz", 0);
  two.Bytes(bytes);
  EXPECT_FALSE(two.ok());
  EXPECT_EQ(bytes[0], 1) << "left as it was";

  TimeLedger<2> ledger;
  FieldReader full("\x02\x05\x06", 0);
  full.Times(ledger);
  EXPECT_TRUE(full.ok());
  EXPECT_EQ(ledger.count, 2);
  FieldReader longer("\x03\x05\x06\x07", 0);
  longer.Times(ledger);
  EXPECT_FALSE(longer.ok());
  EXPECT_EQ(ledger.count, 2);
}

TEST(FieldReader, TakesOfAnEnumerationWhatLiesWithinItsBounds) {
  const auto read = [](char number) {
    const std::string bytes(1, number);
    FieldReader reader(bytes, 0);
    MemberStatus status = MemberStatus::kActive;
    reader.Enum(status, MemberStatus::kPending, MemberStatus::kDeleted);
    return reader.ok() ? static_cast<int>(status) : -1;
  };
  EXPECT_EQ(read(0), -1);
  EXPECT_EQ(read(1), 1);
  EXPECT_EQ(read(4), 4);
  EXPECT_EQ(read(5), -1);
}

TEST(FieldReader, StaysFailedAndLeavesFurtherFieldsAlone) {
  FieldReader reader("\x05\x01\x01", 0);
  MfaMethod method = MfaMethod::kNone;
  reader.Enum(method, MfaMethod::kNone, MfaMethod::kTotp);
  EXPECT_FALSE(reader.ok());
  uint8_t byte = 9;
  bool flag = true;
  Instant at = Instant::Max();
  std::string text = "text";
  InlineText<4> inline_text = "in";
  CommandKind kind = CommandKind::kMfaStep;
  TimeLedger<2> ledger;
  std::array<uint8_t, 1> bytes = {7};
  reader.Byte(byte);
  reader.Bits(flag);
  reader.Time(at);
  reader.Text(text, 9);
  reader.Text(inline_text);
  reader.OpenEnum(kind);
  reader.Times(ledger);
  reader.Bytes(bytes);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(byte, 9);
  EXPECT_EQ(at, Instant::Max());
  EXPECT_EQ(text + inline_text.str(), "textin");
  EXPECT_EQ(kind, CommandKind::kMfaStep);
  EXPECT_EQ(bytes[0], 7);
}

TEST(FieldArchives, KnowTheMinorVersionTheyAreFor) {
  std::string out;
  EXPECT_EQ(FieldWriter(&out, 3).minor(), 3);
  EXPECT_EQ(FieldReader("", 4).minor(), 4);
}

TEST(FieldWriter, StaysFailedAfterATextThatIsTooLong) {
  std::string out;
  FieldWriter writer(&out, 0);
  writer.Text(std::string("four"), 4);
  EXPECT_TRUE(writer.ok());
  writer.Text(std::string("fiver"), 4);
  writer.Text(std::string("four"), 4);
  EXPECT_FALSE(writer.ok());
}

// ---- Keys ----

RecordKey Key(RecordKind kind, const char* organization, const char* name) {
  return {kind, organization, name};
}

OrganizationSnapshot OrganizationNamed(const char* id) {
  auto record = std::make_shared<OrganizationRecord>();
  record->organization.organization_id = id;
  return record;
}

MemberRecord MemberNamed(const char* organization, const char* id) {
  MemberRecord record;
  record.organization_id = organization;
  record.member_id = id;
  return record;
}

TEST(Codec, EncodesARecordUnderItsOwnKeyOnly) {  // K-08
  using Kind = RecordKind;
  const auto written = [](const RecordKey& key, const Record& record) {
    return !EncodeRecord(key, record).empty();
  };
  const MemberRecord member = MemberNamed("o", "m");
  EXPECT_TRUE(written(Key(Kind::kMember, "o", "m"), member));
  EXPECT_FALSE(written(Key(Kind::kMemberName, "o", "m"), member));
  EXPECT_FALSE(written(Key(Kind::kMember, "p", "m"), member));
  EXPECT_FALSE(written(Key(Kind::kMember, "o", "n"), member));
  const OrganizationSnapshot organization = OrganizationNamed("o");
  EXPECT_TRUE(written(Key(Kind::kOrganization, "", "o"), organization));
  EXPECT_FALSE(written(Key(Kind::kOrganizationName, "", "o"), organization));
  EXPECT_FALSE(written(Key(Kind::kOrganization, "o", "o"), organization));
  EXPECT_FALSE(written(Key(Kind::kOrganization, "", "p"), organization));
  EXPECT_TRUE(written(Key(Kind::kPhoneClaim, "o", "+1"), PhoneClaim()));
  EXPECT_FALSE(written(Key(Kind::kMember, "o", "+1"), PhoneClaim()));
  for (const Kind kind : {Kind::kOrganizationName, Kind::kMemberName, Kind::kMemberEmail})
    EXPECT_TRUE(written(Key(kind, "o", "n"), NameEntry()));
  EXPECT_FALSE(written(Key(Kind::kPhoneClaim, "o", "n"), NameEntry()));
}

TEST(FieldReader, TakesNoTextThatIsTooLong) {  // K-12
  const std::string_view three(
      "\x03"
      "abc",
      4);
  const auto reads = [&](size_t bytes_max) {
    FieldReader reader(three, 0);
    std::string text;
    reader.Text(text, bytes_max);
    return reader.ok();
  };
  EXPECT_TRUE(reads(3));
  EXPECT_FALSE(reads(2));
  FieldReader reader(three, 0);
  InlineText<2> text;
  reader.Text(text);
  EXPECT_FALSE(reader.ok());
}

TEST(Codec, DecodesNothingUnderAKeyThatCannotBe) {  // K-12
  const RecordKey good = Key(RecordKind::kOrganization, "", "o");
  const std::string bytes = EncodeRecord(good, OrganizationNamed("o"));
  const std::string body = bytes.substr(4, bytes.size() - 8);
  ASSERT_TRUE(DecodeRecord(good, Frame(good, kCodecVersion, body)));
  const RecordKey inside = Key(RecordKind::kOrganization, "other", "o");
  EXPECT_FALSE(DecodeRecord(inside, Frame(inside, kCodecVersion, body)));
  const RecordKey no_kind = Key(static_cast<RecordKind>(99), "", "o");
  EXPECT_FALSE(DecodeRecord(no_kind, Frame(no_kind, kCodecVersion, body)));
  // The kind in the frame is the one of the key, whatever the checksum says.
  EXPECT_FALSE(DecodeRecord(good, FrameOfKind(good, RecordKind::kMember, kCodecVersion, body)));
}

}  // namespace
}  // namespace otpcore
