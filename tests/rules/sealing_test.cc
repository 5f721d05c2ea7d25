// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/sealing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "rules/aead.h"
#include "vectors/published.h"

namespace otpcore {
namespace {

using Bytes = std::vector<uint8_t>;

SealingKey KeyOf(const Bytes& bytes) {
  std::array<uint8_t, 32> array{};
  std::copy_n(bytes.begin(), array.size(), array.begin());
  return SealingKey(array);
}
SealingKey KeyOf(uint8_t byte) { return KeyOf(Bytes(32, byte)); }

SealingNonce NonceOf(uint8_t first) {
  SealingNonce nonce;
  for (size_t i = 0; i < nonce.bytes.size(); ++i) nonce.bytes[i] = static_cast<uint8_t>(first + i);
  return nonce;
}

SealingContext ContextOfAda() {
  SealingContext context;
  context.purpose = "totp-secret";
  context.organization_id = "acme";
  context.member_id = "ada";
  context.subject = "0123456789abcdef";
  context.parameters = "\x01\x06\x1e";
  return context;
}

Bytes Plain(const std::string& text) { return {text.begin(), text.end()}; }

std::string Sealed(const SealingKeyRing& keys, const SealingContext& context, const Bytes& plain,
                   const SealingNonce& nonce = NonceOf(1)) {
  std::string sealed(SealedSize(plain.size()), '\0');
  const auto size = Seal(keys, nonce, context, plain.data(), plain.size(),
                         reinterpret_cast<uint8_t*>(sealed.data()), sealed.size());
  EXPECT_TRUE(size.has_value());
  EXPECT_EQ(size ? *size : 0, sealed.size());
  return sealed;
}

// The plain text, or the error's detail in angle brackets.
std::string Opened(const SealingKeyRing& keys, const SealingContext& context,
                   const std::string& sealed, size_t capacity = 1000) {
  std::string plain(capacity, '\0');
  const auto size =
      Open(keys, context, sealed, reinterpret_cast<uint8_t*>(plain.data()), plain.size());
  if (size) return plain.substr(0, *size);
  EXPECT_EQ(size.error().code(), ErrorCode::kInternalServerError);
  EXPECT_EQ(plain, std::string(capacity, '\0')) << "something was opened";
  return "<" + std::string(size.error().detail()) + ">";
}

// ---- The cipher ----

bool Agrees(const PublishedTest& test) {
  const Bytes iv = FromHex(test.at("iv"));
  if (iv.size() != kAeadNonceBytes) return false;  // another cipher's
  AeadNonce nonce;
  std::copy(iv.begin(), iv.end(), nonce.begin());
  const SealingKey key = KeyOf(FromHex(test.at("key")));
  const Bytes aad = FromHex(test.at("aad"));
  const Bytes message = FromHex(test.at("msg"));
  Bytes expected = FromHex(test.at("ct"));
  const Bytes tag = FromHex(test.at("tag"));
  expected.insert(expected.end(), tag.begin(), tag.end());

  Bytes sealed(message.size() + kAeadTagBytes);
  AeadSeal(key, nonce, {aad.data(), aad.size()}, message.data(), message.size(), sealed.data());
  Bytes opened(message.size());
  const bool opens = AeadOpen(key, nonce, {aad.data(), aad.size()}, expected.data(),
                              expected.size(), opened.data());
  EXPECT_EQ(opens, sealed == expected) << test.at("tcId");
  return opens && opened == message;
}

// From C2SP's Wycheproof; the first is draft-irtf-cfrg-xchacha-03, appendix A.3.1.
TEST(Aead, MatchesSomeOfWycheproof) {  // TO-22
  EXPECT_TRUE(Agrees(
      {{"tcId", "1"},
       {"key", "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"},
       {"iv", "404142434445464748494a4b4c4d4e4f5051525354555657"},
       {"aad", "50515253c0c1c2c3c4c5c6c7"},
       {"msg",
        "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a2049"
        "66204920636f756c64206f6666657220796f75206f6e6c79206f6e652074697020666f7220746865206675"
        "747572652c2073756e73637265656e20776f756c642062652069742e"},
       {"ct",
        "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a8"
        "2f4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369"
        "488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52e"},
       {"tag", "c0875924c1c7987947deafd8780acf49"}}));
  EXPECT_TRUE(Agrees({{"tcId", "3"},
                      {"key", "d821dce9b890ea37ae1c89e7cb6aeae9371b8179add0d08f5494718322ae0071"},
                      {"iv", "3ec3f7c45e687d75a895bf5e71809e7cdac32158bb48ec0d"},
                      {"aad", "8780fb400f94c55d"},
                      {"msg", ""},
                      {"ct", ""},
                      {"tag", "966c22d655b9e56326024f028cf887ad"}}));
  EXPECT_FALSE(Agrees(  // a flipped bit in the tag
      {{"tcId", "200"},
       {"key", "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"},
       {"iv", "000102030405060708090a0b0c0d0e0f1011121314151617"},
       {"aad", "000102"},
       {"msg", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"},
       {"ct", "b70886f2313d015e1fe741365f5e35f1080e0f78ccfb51809417e879689418ef98"},
       {"tag", "8061d3df064071df8082a0f813417f07"}}));
}

TEST(Aead, MatchesAllOfWycheproof) {  // TO-22
  const std::string path = VectorsFolder(OTPCORE_SOURCE_DIR) + "/xchacha20_poly1305_test.json";
  size_t announced = 0;
  const std::vector<PublishedTest> tests = ReadPublished(path, &announced);
  if (tests.empty()) GTEST_SKIP() << "no " << path;
  EXPECT_EQ(tests.size(), announced);
  EXPECT_GE(tests.size(), 315u);
  for (const PublishedTest& test : tests)
    EXPECT_EQ(Agrees(test), test.at("result") == "valid") << test.at("tcId");
}

// ---- Sealing ----

TEST(Seal, OpensToWhatWasSealed) {  // TO-22
  const SealingKeyRing keys(7, KeyOf(1));
  for (const size_t size : {size_t{0}, size_t{1}, size_t{20}, size_t{64}, size_t{700}}) {
    const std::string plain(size, 'x');
    const std::string sealed = Sealed(keys, ContextOfAda(), Plain(plain));
    EXPECT_EQ(Opened(keys, ContextOfAda(), sealed), plain);
    EXPECT_EQ(sealed.find("xxxxxxxx"), std::string::npos);
    EXPECT_EQ(SealingKeyIdOf(sealed), 7u);
  }
}

// The form of sealed bytes and of what is authenticated beside them, written down by hand: records
// that are stored must open in every later version.
TEST(Seal, HasTheFormOfTheHeader) {  // TO-22
  const SealingKeyRing keys(0x01020304, KeyOf(9));
  const std::string sealed = Sealed(keys, ContextOfAda(), Plain("secret"), NonceOf(0xE0));
  ASSERT_EQ(sealed.size(), 6 + kSealingOverhead);
  EXPECT_EQ(sealed.substr(0, 5), std::string("\x01\x04\x03\x02\x01", 5));
  EXPECT_EQ(sealed.substr(5, 24),
            std::string(reinterpret_cast<const char*>(NonceOf(0xE0).bytes.data()), 24));
  const std::string associated =
      "\x10otpcore/1 sealed"
      "\x0btotp-secret"
      "\x04"
      "acme"
      "\x03"
      "ada"
      "\x10"
      "0123456789abcdef"
      "\x03\x01\x06\x1e";
  Bytes expected(6 + kAeadTagBytes);
  const Bytes plain = Plain("secret");
  AeadSeal(KeyOf(9), NonceOf(0xE0).bytes,
           {reinterpret_cast<const uint8_t*>(associated.data()), associated.size()}, plain.data(),
           plain.size(), expected.data());
  EXPECT_EQ(sealed.substr(29), std::string(expected.begin(), expected.end()));
}

TEST(Open, RefusesEveryOtherContext) {  // TO-22
  const SealingKeyRing keys(1, KeyOf(1));
  const std::string sealed = Sealed(keys, ContextOfAda(), Plain("secret"));
  std::vector<SealingContext> others(9, ContextOfAda());
  others[0].purpose = "recovery-codes";
  others[1].organization_id = "acm";
  others[2].member_id = "bob";
  others[3].subject = "0123456789abcdee";
  others[4].parameters = "\x01\x08\x1e";
  others[5].organization_id = "acmea";  // the same bytes in a row
  others[5].member_id = "da";
  others[6].member_id = "";
  others[7].parameters = {};
  others[8].purpose = {};
  for (size_t i = 0; i < others.size(); ++i)
    EXPECT_EQ(Opened(keys, others[i], sealed), "<the sealed bytes do not open here>") << i;
  EXPECT_EQ(Opened(keys, ContextOfAda(), sealed), "secret");
}

TEST(Open, RefusesEveryChangedBitAndEveryCut) {  // TO-22, TO-23
  const SealingKeyRing keys(1, KeyOf(1));
  const std::string sealed = Sealed(keys, ContextOfAda(), Plain("secret"));
  for (size_t i = 0; i < sealed.size() * 8; ++i) {
    std::string changed = sealed;
    changed[i / 8] = static_cast<char>(changed[i / 8] ^ (1 << i % 8));
    EXPECT_EQ(Opened(keys, ContextOfAda(), changed).front(), '<') << i;
  }
  for (size_t size = 0; size < sealed.size(); ++size)
    EXPECT_EQ(Opened(keys, ContextOfAda(), sealed.substr(0, size)).front(), '<') << size;
  EXPECT_EQ(Opened(keys, ContextOfAda(), sealed + "x").front(), '<');
}

TEST(Open, TellsAMissingKeyFromDamage) {  // TO-23
  SealingKeyRing keys(1, KeyOf(1));
  const std::string sealed = Sealed(keys, ContextOfAda(), Plain("secret"));
  keys.Add(2, KeyOf(2));
  EXPECT_EQ(Opened(keys, ContextOfAda(), sealed), "secret") << "the old key still opens";
  EXPECT_NE(SealingKeyIdOf(sealed), keys.current_id());
  keys.Remove(1);
  EXPECT_EQ(Opened(keys, ContextOfAda(), sealed), "<the sealing key is gone>");
  keys.Add(1, KeyOf(3));
  EXPECT_EQ(Opened(keys, ContextOfAda(), sealed), "<the sealed bytes do not open here>");
  EXPECT_EQ(Opened(keys, ContextOfAda(), ""), "<no sealed bytes>");
  EXPECT_EQ(SealingKeyIdOf("\x02" + sealed.substr(1)), std::nullopt) << "another version";
}

TEST(Seal, UsesTheKeyThatWasAddedLast) {  // TO-23
  SealingKeyRing keys(5, KeyOf(5));
  keys.Add(4, KeyOf(4));
  EXPECT_EQ(SealingKeyIdOf(Sealed(keys, ContextOfAda(), Plain("x"))), 4u);
}

std::string DetailOf(const Result<size_t>& result) {
  if (result) return "";
  EXPECT_EQ(result.error().code(), ErrorCode::kInternalServerError);
  return std::string(result.error().detail());
}

TEST(Seal, RefusesWhatItCannotDoWell) {  // TO-23
  const SealingKeyRing keys(1, KeyOf(1));
  const Bytes plain = Plain("secret");
  uint8_t room[SealedSize(6)];
  const auto seal = [&](const SealingKeyRing& ring, const SealingNonce& nonce,
                        const SealingContext& context, size_t capacity) {
    return DetailOf(Seal(ring, nonce, context, plain.data(), plain.size(), room, capacity));
  };
  EXPECT_EQ(seal(keys, NonceOf(1), ContextOfAda(), sizeof room), "");
  EXPECT_EQ(seal(SealingKeyRing(), NonceOf(1), ContextOfAda(), sizeof room),
            "there is no sealing key");
  EXPECT_EQ(seal(keys, SealingNonce(), ContextOfAda(), sizeof room), "the nonce was never drawn");
  for (const size_t capacity : {size_t{0}, size_t{44}, size_t{50}})
    EXPECT_EQ(seal(keys, NonceOf(1), ContextOfAda(), capacity), "no room for the sealed bytes");
  const std::string longest(kSealingFieldBytesMax, 'x');
  SealingContext context = ContextOfAda();
  context.member_id = longest;
  EXPECT_EQ(seal(keys, NonceOf(1), context, sizeof room), "");
  const std::string far_too_long(100000, 'x');
  context.subject = far_too_long;
  EXPECT_EQ(seal(keys, NonceOf(1), context, sizeof room),
            "a field of the sealing context is too long");
  const std::string too_long = longest + "x";
  for (std::string_view SealingContext::*field :
       {&SealingContext::purpose, &SealingContext::organization_id, &SealingContext::member_id,
        &SealingContext::subject, &SealingContext::parameters}) {
    context = ContextOfAda();
    context.*field = too_long;
    EXPECT_EQ(seal(keys, NonceOf(1), context, sizeof room),
              "a field of the sealing context is too long");
    EXPECT_EQ(Opened(keys, context, Sealed(keys, ContextOfAda(), plain)),
              "<a field of the sealing context is too long>");
  }
}

TEST(Seal, HasRoomForTheLongestContext) {
  const SealingKeyRing keys(1, KeyOf(1));
  const std::string longest(kSealingFieldBytesMax, 'x');
  const SealingContext context = {longest, longest, longest, longest, longest};
  EXPECT_EQ(Opened(keys, context, Sealed(keys, context, Plain("secret"))), "secret");
}

TEST(Open, RefusesMoreThanThereIsRoomFor) {
  const SealingKeyRing keys(1, KeyOf(1));
  const std::string sealed = Sealed(keys, ContextOfAda(), Plain("secret"));
  EXPECT_EQ(Opened(keys, ContextOfAda(), sealed, 6), "secret");
  EXPECT_EQ(Opened(keys, ContextOfAda(), sealed, 5), "<no room for the opened bytes>");
}

TEST(SealedBytes, KeepsWhatSealWrites) {  // TO-22
  const SealingKeyRing keys(1, KeyOf(1));
  const Bytes plain = Plain("secret");
  const auto sealed =
      SealedBytes<64>::Of(keys, NonceOf(1), ContextOfAda(), plain.data(), plain.size());
  ASSERT_TRUE(sealed.has_value());
  EXPECT_EQ(sealed->view(), Sealed(keys, ContextOfAda(), plain));
  EXPECT_FALSE(
      SealedBytes<5>::Of(keys, NonceOf(1), ContextOfAda(), plain.data(), plain.size()).has_value());
  EXPECT_TRUE(SealedBytes<64>().empty());
}

TEST(SealingKeyRing, KnowsKeysThatMakeNoSense) {  // TO-23
  SealingKeyRing keys(1, KeyOf(1));
  EXPECT_FALSE(keys.HasZeroKey());
  const KeyRing others(1, KeyOf(2));
  EXPECT_FALSE(keys.SharesKeyWith(others));
  EXPECT_FALSE(keys.SharesKeyWith(KeyRing()));
  KeyRing same(3, KeyOf(4));
  same.Add(9, KeyOf(1));
  same.Add(10, KeyOf(5));
  EXPECT_TRUE(keys.SharesKeyWith(same));
  keys.Add(2, SealingKey());
  EXPECT_TRUE(keys.HasZeroKey());
  EXPECT_EQ(SealingKeyRing().current_id(), 0u);
  EXPECT_TRUE(SealingKeyRing().empty());
  EXPECT_EQ(keys.Find(3), nullptr);
}

}  // namespace
}  // namespace otpcore
