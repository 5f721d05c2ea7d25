// SPDX-License-Identifier: Apache-2.0
#include "rules/request_tag.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "fixture.h"

namespace otpcore {
namespace {

const KeyRing& Keys() {
  static const KeyRing keys = [] {
    KeyRing made = TestKeys(7);
    std::array<uint8_t, 32> other{};
    other.fill(8);
    made.Add(8, DigestKey(other));
    return made;
  }();
  return keys;
}

using Fields = std::function<void(RequestTag*)>;
uint64_t TagOf(const Fields& add, CommandKind kind = CommandKind::kSendSmsOtp, uint32_t key = 7) {
  RequestTag tag(*Keys().FindTagKey(key), kind);
  add(&tag);
  return tag.Finish();
}

// Marks outlive the library that wrote them. The number is that of a Python program: blake2b of
// hashlib, keyed with the key of TestKeys, over "otpcore2 request", and SipHash-2-4 with that key
// over the bytes 00 01 00 04 "acme" 02 06 "271828" 03 08 and 60 in eight bytes.
TEST(RequestTag, IsTheSameEverywhere) {  // C-07
  EXPECT_EQ(TagOf([](RequestTag* tag) {
              tag->Text("acme");
              tag->Absent();
              tag->Text("271828");
              tag->Number(60);
            }),
            0x87F5EB6FCB2CC55Fu);
}

TEST(RequestTag, DependsOnTheKeyTheCommandAndEachField) {  // C-07
  const Fields request = [](RequestTag* tag) {
    tag->Text("a");
    tag->Text("b");
  };
  const std::set<uint64_t> tags = {
      TagOf(request),
      TagOf(request, CommandKind::kMfaStep),
      TagOf(request, CommandKind::kSendSmsOtp, 8),
      TagOf([](RequestTag* tag) {
        tag->Text("a");
        tag->Text("c");
      }),
      TagOf([](RequestTag* tag) {
        tag->Text("ab");
        tag->Text("");
      }),
      TagOf([](RequestTag* tag) {
        tag->Text("");
        tag->Text("ab");
      }),
      TagOf([](RequestTag* tag) {
        tag->Absent();
        tag->Text("ab");
      }),
      TagOf([](RequestTag* tag) { tag->Text("ab"); }),
      TagOf([](RequestTag* tag) { tag->Number('a'); }),
      TagOf([](RequestTag* tag) { tag->Number(0); }),
      TagOf([](RequestTag*) {}),
      TagOf([](RequestTag* tag) {
        tag->List(2);
        tag->Item("a");
        tag->Item("b");
      }),
      TagOf([](RequestTag* tag) {
        tag->List(1);
        tag->Item("ab");
      }),
      TagOf([](RequestTag* tag) { tag->List(0); }),
  };
  EXPECT_EQ(tags.size(), 13u) << "an empty list is the number 0, in whose place it never stands";
}

TEST(RequestTag, OfFieldsBehindTheLastOneThatIsThereIsTheSame) {  // C-07
  const auto with_absent = [](int count) {
    return TagOf([count](RequestTag* tag) {
      tag->Text("a");
      for (int i = 0; i < count; ++i) tag->Absent();
    });
  };
  EXPECT_EQ(with_absent(0), with_absent(5)) << "a later version may have more fields";
}

// A JWT is longer than a block. Each byte of it counts, wherever the blocks end.
TEST(RequestTag, OfALongRequestDependsOnEachOfItsBytes) {  // C-07
  std::set<uint64_t> tags;
  for (size_t length = 0; length < 1200; ++length)
    tags.insert(TagOf([&](RequestTag* tag) { tag->Text(std::string(length, 'x')); }));
  EXPECT_EQ(tags.size(), 1200u);
  std::string jwt(1600, 'x');
  for (char& c : jwt) {
    c = 'y';
    tags.insert(TagOf([&](RequestTag* tag) { tag->Text(jwt); }));
    c = 'x';
  }
  EXPECT_EQ(tags.size(), 2800u);
  for (size_t first = 240; first < 520; ++first)
    tags.insert(TagOf([&](RequestTag* tag) {
      tag->Text(std::string(first, 'x'));
      tag->Text(std::string(1000 - first, 'x'));
    }));
  EXPECT_EQ(tags.size(), 3080u) << "where one field ends and the next one begins";
}

TEST(KeyRing, HasAKeyForTagsBesideEachKey) {  // C-07
  constexpr SecretAccess kTest("compared in a test");
  const auto bytes = [kTest](const TagKey& key) {
    return std::vector<uint8_t>(key.Reveal(kTest), key.Reveal(kTest) + TagKey::size());
  };
  KeyRing keys = TestKeys(7);
  ASSERT_NE(keys.FindTagKey(7), nullptr);
  EXPECT_EQ(keys.FindTagKey(8), nullptr);
  const std::vector<uint8_t> made = bytes(*keys.FindTagKey(7));
  EXPECT_NE(made, std::vector<uint8_t>(made.size(), 7)) << "not the key itself";
  keys.Add(8, keys.Find(7)->Duplicate());
  EXPECT_EQ(bytes(*keys.FindTagKey(8)), made) << "of the key, whatever its id";
  keys.Remove(7);
  EXPECT_EQ(keys.FindTagKey(7), nullptr);
}

TEST(RequestTag, FillsItsBlockAndKnowsTwoIds) {  // C-07
  const KeyRing keys = testing::TestKeys();
  const TagKey& key = *keys.FindTagKey(7);
  const auto tag_of = [&](char last) {
    RequestTag tag(key, CommandKind::kSendSmsOtp);
    for (int i = 0; i < 3; ++i) tag.Text(std::string(200, 'x'));
    tag.List(2);
    tag.Item("");
    tag.Item(std::string(1, last));
    return tag.Finish();
  };
  EXPECT_EQ(tag_of('a'), tag_of('a'));
  EXPECT_NE(tag_of('a'), tag_of('b'));

  RequestTag tag(key, CommandKind::kSendSmsOtp);
  const std::string texts[3] = {"a", "b", "c"};
  const EntityId ids[3] = {"a", "b", "c"};
  for (int i = 0; i < 3; ++i) tag.Know(texts[i], ids[i]);
  EXPECT_EQ(tag.IdOf(texts[1]), &ids[1]);
  EXPECT_EQ(tag.IdOf(texts[2]), nullptr);
}

}  // namespace
}  // namespace otpcore
