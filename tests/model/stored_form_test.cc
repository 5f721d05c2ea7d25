// SPDX-License-Identifier: Apache-2.0
// What is in stores already: version 1.0 as it was first written, literally. A change that another
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
// digest is what Python's hashlib.blake2b makes of the fields, each behind its length.
const RecordKey kMemberKey = {RecordKind::kMember, "acme", "ada"};
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
  r.totp_registration_id = "totp-9";
  r.created_at = After(-9'000'000);
  r.updated_at = After(1);
  r.phone = {EnrollmentState::kVerified, "+447400123456", "GB", 3, Uuids<Uuid>(0xA1)};
  Challenge& c = r.challenge;
  c.state = ChallengeState::kLive;
  c.id = Uuids<ChallengeId>(0xA2);
  c.digest = {{0x0B, 0xA5, 0x19, 0x3D, 0x71, 0xC4, 0xA4, 0x01, 0x71, 0x4D, 0x36,
               0xE3, 0x3D, 0xB6, 0x01, 0x20, 0xF3, 0x41, 0xDF, 0x41, 0xE4, 0x36,
               0x57, 0x34, 0xE6, 0xC6, 0x45, 0x37, 0x29, 0xCD, 0xC8, 0x64},
              7};
  c.issued_at = kIssued;
  c.expires_at = After(120'000);
  c.latest_seen = After(2);
  c.epoch = 5;
  c.failures = 2;
  c.digits = 6;
  c.linked_its_address = true;
  c.operation = Uuids<OperationId>(0xA3);
  c.superseded_id = Uuids<ChallengeId>(0xA4);
  c.superseded_digest.bytes.fill(0xA5);
  c.superseded_digest.key_id = 6;
  FailureLedger& f = r.failures;
  f.in_a_row = 3;
  f.since_success = 300;
  f.locks_in_a_row = 4;
  f.locked_at = After(-8'000'000);
  f.locked_until = After(-4'000'000);
  f.locked_until_lagging = After(-5'000'000);
  f.recent.Push(After(-70'000), 5);
  f.recent.Push(After(-60'000), 5);
  r.sends.Push(kIssued, 5);
  r.sends_pulled_from = After(-6'000'000);
  r.leased_at = After(-7'000'000);
  r.mark = {Uuids<OperationId>(0xA6), CommandKind::kSendSmsOtp, 4010};
  return r;
}
constexpr char kMemberBytes[] =
    "c71002bc020503010a656d706c6f7965652d370f616461406578616d706c652e636f6d0d4164"
    "61204cc3b676656c61636506746f74702d39bba8c5b2b733fcd0eab6b733020d2b3434373430"
    "303132333435360247420301a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a10101a2a2a2a2a2a2a2a2"
    "a2a2a2a2a2a2a2a2010ba5193d71c4a401714d36e33db60120f341df41e4365734e6c6453729"
    "cdc86407fbd0eab6b733bbfaf1b6b733fdd0eab6b7330502060101a3a3a3a3a3a3a3a3a3a3a3"
    "a3a3a3a3a301a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a401a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5"
    "a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a50603ac020400fbac82b3b733fbbef6b4b733bbbab9"
    "b4b733028baee6b6b7339bfce6b6b73301fbd0eab6b733fbb5fcb3b733bbb1bfb3b73301a6a6"
    "a6a6a6a6a6a6a6a6a6a6a6a6a6a601aa1f29e7f61f";

struct Stored {
  RecordKey key;
  Record record;
  std::string key_bytes;  // in hexadecimal, as all of these
  std::string bytes;
};

std::vector<Stored> All() {
  auto organization = std::make_shared<OrganizationRecord>();
  otpcore::Organization& o = organization->organization;
  o.organization_id = "acme";
  o.organization_slug = "acme-slug";
  o.organization_external_id = "customer-1";
  o.organization_name = "Acme";
  o.mfa_policy = MfaPolicy::kRequiredForAll;
  o.mfa_methods = MfaMethods::kRestricted;
  o.sms_otp_allowed = true;
  o.created_at = After(-10'000'000);
  o.updated_at = After(3);
  organization->mark = {Uuids<OperationId>(0xB1), CommandKind::kUpdateOrganization, 0};
  MemberRecord fresh;
  fresh.organization_id = "acme";
  fresh.member_id = "bob";
  return {
      {{RecordKind::kMember, "acme", "bob"},
       fresh,
       "020461636d65626f62",
       "c710022b00030000000000000000000000000000000000000000000000000000000000000000000000000000000"
       "0000567edbd"},
      {{RecordKind::kOrganization, {}, "acme"},
       OrganizationSnapshot(organization),
       "010061636d65",
       "c710013c0201010961636d652d736c75670a637573746f6d65722d310441636d65fba388b2b7"
       "33fed0eab6b73301b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b10600678930c9"},
      {kMemberKey, StoredMember(), "020461636d65616461", kMemberBytes},
      {{RecordKind::kPhoneClaim, "acme", "+447400123456"},
       PhoneClaim{"ada", true, After(4)},
       "030461636d652b343437343030313233343536",
       "c710030b0103616461ffd0eab6b7338095490c"},
      {{RecordKind::kOrganizationName, {}, "acme-slug"},
       NameEntry{"acme"},
       "040061636d652d736c7567",
       "c71004050461636d65988212a8"},
      {{RecordKind::kMemberName, "acme", "employee-7"},
       NameEntry{"ada"},
       "050461636d65656d706c6f7965652d37",
       "c710050403616461fec20184"},
      {{RecordKind::kMemberEmail, "acme", "ada@example.com"},
       NameEntry{"ada"},
       "060461636d65616461406578616d706c652e636f6d",
       "c71006040361646187ba777d"},
  };
}

TEST(StoredForm, KeysAndRecordsOfVersionOneAreReadAndWrittenAsEver) {  // K-07, K-08
  for (const Stored& stored : All()) {
    EXPECT_EQ(Hex(EncodeKey(stored.key)), stored.key_bytes);
    EXPECT_EQ(Hex(EncodeRecord(stored.key, stored.record, 0x10)), stored.bytes);
    const Result<Record> read = DecodeRecord(stored.key, FromHex(stored.bytes));
    ASSERT_TRUE(read) << stored.key_bytes;
    EXPECT_TRUE(Same(*read, stored.record)) << stored.key_bytes;
  }
}

TEST(StoredForm, APasscodeOfBeforeAnUpgradeIsStillTaken) {
  World world;
  world.clock.Set(After(60'000));
  world.memory.BeginEpoch(5);
  const Member ada = ViewOf(StoredMember(), kIssued);
  for (const Stored& stored : All()) {
    Changes changes;
    changes.writes.push_back({stored.key, 0, *DecodeRecord(stored.key, FromHex(stored.bytes))});
    ASSERT_EQ(world.memory.Commit(changes), CommitOutcome::kCommitted);
  }
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(ada, "271828")), "");
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
               RecordKind::kOrganizationName, RecordKind::kMemberName, RecordKind::kMemberEmail}),
      Ints({1, 2, 3, 4, 5, 6}));
  using C = CommandKind;
  EXPECT_EQ(Numbers({C::kNone, C::kSendSmsOtp, C::kAuthenticateSmsOtp, C::kReportDelivery,
                     C::kCreateOrganization, C::kCreateMember, C::kUpdateOrganization,
                     C::kDeleteOrganization, C::kUpdateMember, C::kDeleteMember,
                     C::kReactivateMember, C::kPurgeMember, C::kDeleteMfaPhoneNumber,
                     C::kSetTotpRegistration, C::kUnlockMember, C::kMfaStep}),
            Ints({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}));
  using P = PhoneNumberType;
  EXPECT_EQ(Numbers({P::kUnknown, P::kFixedLine, P::kMobile, P::kFixedLineOrMobile, P::kTollFree,
                     P::kPremiumRate, P::kSharedCost, P::kVoip, P::kPersonal, P::kPager, P::kUan,
                     P::kVoicemail}),
            Ints({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
}

}  // namespace
}  // namespace otpcore
