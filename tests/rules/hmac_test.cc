// SPDX-License-Identifier: Apache-2.0
#include "rules/hmac.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "vectors/published.h"

namespace otpcore {
namespace {

std::vector<uint8_t> BytesOf(const std::string& text) { return {text.begin(), text.end()}; }

std::string HexOf(const uint8_t* bytes, size_t size) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (size_t i = 0; i < size; ++i) {
    hex += kDigits[bytes[i] >> 4];
    hex += kDigits[bytes[i] & 15];
  }
  return hex;
}

std::string MacOf(TotpAlgorithm algorithm, const std::vector<uint8_t>& key,
                  const std::vector<uint8_t>& message) {
  uint8_t mac[kHmacBytesMax];
  const Hmac hmac(algorithm, key.data(), key.size());
  hmac.Compute(message.data(), message.size(), mac);
  return HexOf(mac, HmacBytes(algorithm));
}

std::string Sha1Of(const std::string& text) {
  Sha1 hash;
  hash.Start();
  hash.Update(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  uint8_t digest[kSha1Bytes];
  hash.Finish(digest);
  return HexOf(digest, sizeof digest);
}

TEST(Sha1, MatchesFips180) {
  EXPECT_EQ(Sha1Of(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(Sha1Of("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(Sha1Of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  EXPECT_EQ(Sha1Of(std::string(1000000, 'a')), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

TEST(Sha1, DoesNotDependOnWhereTheInputIsCut) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += static_cast<char>(i * 7);
  for (size_t size = 0; size <= text.size(); ++size) {
    Sha1 hash;
    hash.Start();
    for (size_t i = 0; i < size; i += 13) {
      hash.Update(reinterpret_cast<const uint8_t*>(text.data()) + i,
                  std::min<size_t>(13, size - i));
    }
    uint8_t digest[kSha1Bytes];
    hash.Finish(digest);
    ASSERT_EQ(HexOf(digest, sizeof digest), Sha1Of(text.substr(0, size))) << size;
  }
}

TEST(Hmac, MatchesRfc2202) {
  const struct {
    std::vector<uint8_t> key, message;
    const char* mac;
  } cases[] = {
      {std::vector<uint8_t>(20, 0x0B), BytesOf("Hi There"),
       "b617318655057264e28bc0b6fb378c8ef146be00"},
      {BytesOf("Jefe"), BytesOf("what do ya want for nothing?"),
       "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
      {std::vector<uint8_t>(20, 0xAA), std::vector<uint8_t>(50, 0xDD),
       "125d7342b9ac11cd91a39af48aa17b4f63f175d3"},
      {FromHex("0102030405060708090a0b0c0d0e0f10111213141516171819"),
       std::vector<uint8_t>(50, 0xCD), "4c9007f4026250c6bc8414f9bf50c86c2d7235da"},
      {std::vector<uint8_t>(20, 0x0C), BytesOf("Test With Truncation"),
       "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04"},
      {std::vector<uint8_t>(80, 0xAA),
       BytesOf("Test Using Larger Than Block-Size Key - Hash Key First"),
       "aa4ae5e15272d00e95705637ce8a3b55ed402112"},
      {std::vector<uint8_t>(80, 0xAA),
       BytesOf("Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data"),
       "e8e99d0f45237d786d6bbaa7965c7808bbff1a91"},
  };
  for (const auto& one : cases)
    EXPECT_EQ(MacOf(TotpAlgorithm::kSha1, one.key, one.message), one.mac);
}

// Computed with Python's hmac.
TEST(Hmac, TakesKeysOfEveryLengthAroundItsBlock) {
  const struct {
    size_t key_size;
    const char* mac;
  } cases[] = {
      {0, "d5d1ed05121417247616cfc8378f360a39da7cfa"},
      {1, "8850162552d73b1e860ad46fb864c01deecb83f2"},
      {63, "7e72e6dbfba3888c20b86a0c47d4ca9d32fb34fb"},
      {64, "8577dfe38ad1196802c68ca327cde967b48c8f8d"},
      {65, "2e7dec294ef53f9b72ab0f841f1d1c58552c0d7e"},
      {66, "9b9fa88a82830ab4ce6a71560c7d7f1fa09f93c1"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(
        MacOf(TotpAlgorithm::kSha1, std::vector<uint8_t>(one.key_size, 0xA5), BytesOf("message")),
        one.mac)
        << one.key_size;
  }
}

TEST(Hmac, MatchesRfc4231) {
  const struct {
    std::vector<uint8_t> key, message;
    const char* sha256;
    const char* sha512;
  } cases[] = {
      {std::vector<uint8_t>(20, 0x0B), BytesOf("Hi There"),
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
       "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
       "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"},
      {BytesOf("Jefe"), BytesOf("what do ya want for nothing?"),
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
       "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
       "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
      {std::vector<uint8_t>(20, 0xAA), std::vector<uint8_t>(50, 0xDD),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
       "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
       "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb"},
      {FromHex("0102030405060708090a0b0c0d0e0f10111213141516171819"),
       std::vector<uint8_t>(50, 0xCD),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
       "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db"
       "a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd"},
      {std::vector<uint8_t>(131, 0xAA),
       BytesOf("Test Using Larger Than Block-Size Key - Hash Key First"),
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
       "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
       "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"},
      {std::vector<uint8_t>(131, 0xAA),
       BytesOf("This is a test using a larger than block-size key and a larger than block-size "
               "data. The key needs to be hashed before being used by the HMAC algorithm."),
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
       "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944"
       "b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(MacOf(TotpAlgorithm::kSha256, one.key, one.message), one.sha256);
    EXPECT_EQ(MacOf(TotpAlgorithm::kSha512, one.key, one.message), one.sha512);
  }
  // Test case 5 of the RFC shows 128 bits only.
  const std::vector<uint8_t> key(20, 0x0C);
  const std::vector<uint8_t> message = BytesOf("Test With Truncation");
  EXPECT_EQ(MacOf(TotpAlgorithm::kSha256, key, message).substr(0, 32),
            "a3b6167473100ee06e0c796c2955552b");
  EXPECT_EQ(MacOf(TotpAlgorithm::kSha512, key, message).substr(0, 32),
            "415fad6271580a531d4179bc891d87a6");
}

// A published MAC is right when the computed one begins with it: half of the tags are cut.
bool Agrees(TotpAlgorithm algorithm, const PublishedTest& test) {
  const std::string& tag = test.at("tag");
  return !tag.empty() &&
         MacOf(algorithm, FromHex(test.at("key")), FromHex(test.at("msg"))).substr(0, tag.size()) ==
             tag;
}

// From C2SP's Wycheproof, testvectors_v1.
TEST(Hmac, MatchesSomeOfWycheproof) {
  EXPECT_TRUE(Agrees(TotpAlgorithm::kSha1, {{"key", "4cd64efdb76df5a85dce3d347012cad06b0c3db4"},
                                            {"msg", "6c"},
                                            {"tag", "6d3d37af55c75d872d2da07b9b907ba22ad487d4"}}));
  EXPECT_TRUE(
      Agrees(TotpAlgorithm::kSha512,
             {{"key",
               "4831ab4962a2d2436091cbbf388d2ba042b472a262ed8373c85d047c702adf73"
               "a87eb097e72d91d089b7d1504a7f7d8abb3bc2c44c1340d6c16c84ea9269e64b"},
              {"msg", "2803c2f4e5b4bfccd2b407469a6cb5ef21fd14a682636397"},
              {"tag", "641f29925c06aa01086c8bce89d99e1456dc2ad4b1d3364442187ce4392838ee"}}));
  EXPECT_FALSE(Agrees(  // flipped bits 31 and 63
      TotpAlgorithm::kSha512,
      {{"key",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
        "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"},
       {"msg", "000102030405060708090a0b0c0d0e0f"},
       {"tag", "bf301c3fb566728e23f166e24865c396f21619c7c15033cc6e8ebbcc8c5c5ba3"}}));
}

TEST(Hmac, MatchesAllOfWycheproof) {
  const std::string folder = VectorsFolder(OTPCORE_SOURCE_DIR);
  const struct {
    TotpAlgorithm algorithm;
    const char* file;
  } files[] = {
      {TotpAlgorithm::kSha1, "/hmac_sha1_test.json"},
      {TotpAlgorithm::kSha256, "/hmac_sha256_test.json"},
      {TotpAlgorithm::kSha512, "/hmac_sha512_test.json"},
  };
  for (const auto& one : files) {
    size_t announced = 0;
    const std::vector<PublishedTest> tests = ReadPublished(folder + one.file, &announced);
    if (tests.empty()) GTEST_SKIP() << "no " << folder << one.file;
    EXPECT_EQ(tests.size(), announced) << one.file;
    EXPECT_GE(tests.size(), 170u) << one.file;
    for (const PublishedTest& test : tests)
      EXPECT_EQ(Agrees(one.algorithm, test), test.at("result") == "valid") << test.at("tcId");
  }
}

TEST(Hmac, OneKeyGivesAnyNumberOfMacs) {
  const std::vector<uint8_t> key = BytesOf("Jefe");
  for (const TotpAlgorithm algorithm :
       {TotpAlgorithm::kSha1, TotpAlgorithm::kSha256, TotpAlgorithm::kSha512}) {
    const Hmac hmac(algorithm, key.data(), key.size());
    for (const char* text : {"one", "two", "one"}) {
      uint8_t mac[kHmacBytesMax];
      hmac.Compute(reinterpret_cast<const uint8_t*>(text), 3, mac);
      EXPECT_EQ(HexOf(mac, HmacBytes(algorithm)), MacOf(algorithm, key, BytesOf(text)));
    }
  }
}

// RFC 4226, section 5.4: the example's MAC has its offset, 10, in its last byte, 0x5a.
TEST(Truncate, MatchesTheExampleOfRfc4226) {
  const auto mac = FromHex("1f8698690e02ca16618550ef7f19da8e945b555a");
  EXPECT_EQ(Truncate(mac.data(), mac.size()), 0x50EF7F19u);
  EXPECT_EQ(LastDigits(0x50EF7F19, 6), 872921u);
}

TEST(Truncate, TakesFourBytesAtEachOffset) {
  std::mt19937 random(1);
  for (const size_t size : {size_t{20}, size_t{32}, size_t{64}}) {
    for (unsigned last = 0; last < 256; ++last) {
      uint8_t mac[64];
      for (uint8_t& byte : mac) byte = static_cast<uint8_t>(random());
      mac[size - 1] = static_cast<uint8_t>(last);
      const uint8_t* const at = mac + (last & 15);
      const uint32_t expected = (uint32_t{at[0]} & 0x7F) << 24 | uint32_t{at[1]} << 16 |
                                uint32_t{at[2]} << 8 | uint32_t{at[3]};
      ASSERT_EQ(Truncate(mac, size), expected) << size << " " << last;
    }
  }
}

// The quotient does not fall as the value grows, so it is right everywhere when it is right at both
// ends of each run of equal quotients.
TEST(LastDigits, IsTheRemainderOfEveryValue) {
  for (const int digits : {6, 8}) {
    const uint64_t codes = digits == 6 ? 1000000 : 100000000;
    constexpr uint64_t kEnd = uint64_t{1} << 31;
    for (uint64_t begin = 0; begin < kEnd; begin += codes) {
      const uint64_t last = std::min(begin + codes, kEnd) - 1;
      ASSERT_EQ(LastDigits(static_cast<uint32_t>(begin), digits), 0u) << begin;
      ASSERT_EQ(LastDigits(static_cast<uint32_t>(last), digits), last - begin) << last;
    }
  }
}

TEST(Hmac, OfAnAlgorithmThatIsNoneComputesNothing) {  // TO-04
  for (const auto none : {static_cast<TotpAlgorithm>(0), static_cast<TotpAlgorithm>(4)}) {
    EXPECT_EQ(HmacBytes(none), 0u);
    const uint8_t key[20] = {};
    const Hmac hmac(none, key, sizeof key);
    uint8_t mac[kHmacBytesMax];
    std::memset(mac, 0xA5, sizeof mac);
    hmac.Compute(key, sizeof key, mac);
    EXPECT_EQ(std::count(std::begin(mac), std::end(mac), 0xA5), static_cast<long>(sizeof mac));
  }
}

}  // namespace
}  // namespace otpcore
