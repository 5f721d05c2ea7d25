// SPDX-License-Identifier: Apache-2.0
// Record keys: bytes that no other key has, and the same key from them again (K-07, K-08).
#include "otpcore/model/record.h"

#include <gtest/gtest.h>

#include <vector>

namespace otpcore {
namespace {

constexpr char kGenerated[] = "member-test-01234567-89ab-4def-8123-456789abcdef";

TEST(RecordKey, KeepsKeysApart) {  // K-07, K-08
  const std::vector<RecordKey> keys = {
      RecordKey::Member("a", "bc"),           RecordKey::Member("ab", "c"),
      RecordKey::MemberName("a", "bc"),       RecordKey::Organization("a"),
      RecordKey::OrganizationName("a"),       RecordKey::PhoneClaim("a", "+1415"),
      RecordKey::MemberName("a", "+1415"),    RecordKey::Member("A", "bc"),
      RecordKey::Member("a", "bd"),           RecordKey::Member("a", kGenerated),
      RecordKey::MemberName("a", kGenerated), RecordKey::MemberEmail("a", "a@b"),
      RecordKey::OrganizationSlug("a"),       RecordKey::Discovery("a@b"),
  };
  for (size_t i = 0; i < keys.size(); ++i) {
    for (size_t j = 0; j < keys.size(); ++j) {
      EXPECT_EQ(keys[i] == keys[j], i == j);
      EXPECT_EQ(keys[i].bytes() == keys[j].bytes(), i == j);
      EXPECT_EQ(keys[i].hash() == keys[j].hash(), i == j);
    }
  }
}

TEST(RecordKey, NamesWhatItWasMadeOf) {
  const RecordKey member = RecordKey::Member("acme", kGenerated);
  EXPECT_EQ(member.kind(), RecordKind::kMember);
  EXPECT_EQ(member.organization(), EntityId("acme"));
  EXPECT_EQ(member.id(), EntityId(kGenerated));
  EXPECT_EQ(member.name().view(), kGenerated);
  EXPECT_LT(member.bytes().size(), 30u) << "a generated id takes 17 bytes";
  const RecordKey claim = RecordKey::PhoneClaim("acme", "+14155550123");
  EXPECT_EQ(claim.name().view(), "+14155550123");
  EXPECT_TRUE(RecordKey::Organization("acme").organization().empty());
  EXPECT_TRUE(RecordKey().empty());
}

TEST(RecordKey, AddressesAreTheSameInAnyCase) {  // M-07
  EXPECT_EQ(RecordKey::MemberEmail("acme", "Ada@Example.COM"),
            RecordKey::MemberEmail("acme", "ada@example.com"));
  EXPECT_NE(RecordKey::MemberEmail("acme", "ada@example.com"),
            RecordKey::MemberEmail("acme", "ada@example.co"));
}

TEST(RecordKey, AnAddressOutsideOrganizationsIsTheSameInAnyCase) {  // EM-25, EM-02
  const RecordKey key = RecordKey::Discovery("Ada@Example.COM");
  EXPECT_EQ(key, RecordKey::Discovery("ada@example.com"));
  EXPECT_EQ(key.name().view(), "ada@example.com");
  EXPECT_TRUE(key.organization().empty());
  const std::string longest = std::string(250, 'x') + "@b.c";
  EXPECT_EQ(RecordKey::Discovery(longest).name().view(), longest);
  EXPECT_EQ(RecordKey::FromBytes(key.bytes()), key);
}

TEST(RecordKey, SlugsAreTheSameInAnyCase) {  // C-02
  EXPECT_EQ(RecordKey::OrganizationSlug("Acme-~.Z"), RecordKey::OrganizationSlug("acme-~.z"));
  EXPECT_NE(RecordKey::OrganizationSlug("acme"), RecordKey::OrganizationSlug("acm3"));
  EXPECT_NE(RecordKey::OrganizationName("Acme"), RecordKey::OrganizationName("acme"));
}

TEST(RecordKey, IsReadBackFromItsBytes) {  // K-07
  for (const RecordKey& key :
       {RecordKey::Member("acme", kGenerated), RecordKey::OrganizationName("acme"),
        RecordKey::MemberEmail("acme", std::string(254, 'x'))}) {
    const RecordKey read = RecordKey::FromBytes(key.bytes());
    EXPECT_EQ(read, key);
    EXPECT_EQ(read.hash(), key.hash());
  }
  using namespace std::string_view_literals;
  for (const std::string_view no_key :
       {""sv, "\x01"sv, "\x00\x00x"sv, "\x09\x00x"sv, "\x02\x05oops"sv, "\x02\xFFx"sv}) {
    EXPECT_TRUE(RecordKey::FromBytes(no_key).empty());
  }
  EXPECT_TRUE(RecordKey::FromBytes(std::string(RecordKey::kBytesMax + 1, '\x01')).empty());
}

TEST(RecordKey, NamesAnOrganizationByTheTextOfItsId) {  // K-07
  constexpr char kId[] = "organization-test-01234567-89ab-4def-8123-456789abcdef";
  const RecordKey organization = RecordKey::Organization(kId);
  EXPECT_EQ(organization.name().view(), kId);
  EXPECT_EQ(organization.id(), EntityId(kId));
  EXPECT_EQ(RecordKey::OrganizationName(kId).name().view(), kId);
  EXPECT_EQ(RecordKey::MemberName("acme", "ada").name().view(), "ada");
}

}  // namespace
}  // namespace otpcore
