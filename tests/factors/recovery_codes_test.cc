// SPDX-License-Identifier: Apache-2.0
#include "otpcore/factors/recovery_codes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "otpcore/testing/doubles.h"

namespace otpcore {
namespace {

constexpr SecretAccess kTest("tests look at it");
constexpr std::string_view kSymbols = "0123456789abcdefghjkmnpqrstvwxyz";

DigestKey KeyOf(uint8_t byte) {
  std::array<uint8_t, 32> bytes{};
  bytes.fill(byte);
  return DigestKey(bytes);
}

Uuid UuidOf(uint8_t byte) {
  Uuid uuid;
  uuid.bytes.fill(byte);
  return uuid;
}

const RecoveryBinding kBinding = {"acme", "ada", UuidOf(1), UuidOf(2)};

std::vector<std::string> TextsOf(const RecoveryCodes& codes) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < codes.size(); ++i) texts.emplace_back(codes[i].Reveal(kTest));
  return texts;
}

RecoveryCodes CodesOf(const std::vector<std::string>& texts) {
  RecoveryCodes codes;
  for (const std::string& text : texts) codes.Add(text);
  return codes;
}

std::vector<uint8_t> Drawn(int count, int groups, uint64_t seed = 1) {
  testing::SeededRandom random(seed);
  std::vector<uint8_t> bytes(static_cast<size_t>(count) * RecoveryDrawBytes(groups));
  EXPECT_TRUE(random.Fill(bytes.data(), bytes.size()));
  return bytes;
}

RecoveryCodes DrawnCodes(int count = 10, int groups = 3, uint64_t seed = 1) {
  auto codes = DrawRecoveryCodes(Drawn(count, groups, seed).data(), count, groups);
  EXPECT_TRUE(codes.has_value());
  return std::move(*codes);
}

// ---- Drawing ----

TEST(DrawRecoveryCodes, MakesAsManyAsThePolicyWants) {  // RC-01
  for (int count = 8; count <= 16; ++count) {
    const auto texts = TextsOf(DrawnCodes(count));
    EXPECT_EQ(texts.size(), static_cast<size_t>(count));
    EXPECT_EQ(std::set<std::string>(texts.begin(), texts.end()).size(), texts.size());
  }
}

TEST(DrawRecoveryCodes, HaveGroupsOfFourSymbols) {  // RC-02
  for (int groups = 3; groups <= 6; ++groups) {
    for (const std::string& text : TextsOf(DrawnCodes(16, groups))) {
      ASSERT_EQ(text.size(), static_cast<size_t>(5 * groups - 1));
      for (size_t i = 0; i < text.size(); ++i) {
        if (i % 5 == 4) {
          EXPECT_EQ(text[i], '-');
        } else {
          EXPECT_NE(kSymbols.find(text[i]), std::string_view::npos) << text;
        }
      }
    }
  }
}

TEST(RecoveryDrawBytes, HoldsTheBitsOfACode) {  // R-08
  EXPECT_EQ(RecoveryDrawBytes(3), 8u);
  EXPECT_EQ(RecoveryDrawBytes(4), 10u);
  EXPECT_EQ(RecoveryDrawBytes(5), 13u);
  EXPECT_EQ(RecoveryDrawBytes(6), 15u);
  EXPECT_EQ(kRecoveryDrawBytesMax, 240u);
}

// The bits of a code, the most significant first, read back with the alphabet above.
std::string BitsOf(const std::string& text) {
  std::string bits;
  for (const char symbol : text) {
    if (symbol == '-') continue;
    for (int bit = 4; bit >= 0; --bit) bits += (kSymbols.find(symbol) >> bit & 1) != 0 ? '1' : '0';
  }
  return bits;
}

std::string BitsOf(const uint8_t* bytes, size_t count) {
  std::string bits;
  for (size_t i = 0; i < count; ++i) bits += (bytes[i / 8] >> (7 - i % 8) & 1) != 0 ? '1' : '0';
  return bits;
}

// Each code is its first bits, one to one, so uniform bits are uniform codes.
TEST(DrawRecoveryCodes, AreTheDrawnBitsOneToOne) {  // RC-02
  for (int groups = 3; groups <= 6; ++groups) {
    for (uint64_t seed = 1; seed <= 50; ++seed) {
      const std::vector<uint8_t> drawn = Drawn(16, groups, seed);
      const auto texts = TextsOf(*DrawRecoveryCodes(drawn.data(), 16, groups));
      for (size_t i = 0; i < texts.size(); ++i) {
        ASSERT_EQ(BitsOf(texts[i]), BitsOf(drawn.data() + i * RecoveryDrawBytes(groups),
                                           static_cast<size_t>(groups) * 20));
      }
    }
  }
}

TEST(DrawRecoveryCodes, ReachEverySymbolInEveryPlace) {  // RC-02
  std::vector<uint8_t> drawn = Drawn(8, 3);
  for (unsigned value = 0; value < 32; ++value) {
    // The same five bits twelve times.
    uint64_t bits = 0;
    for (int i = 0; i < 12; ++i) bits = bits << 5 | value;
    bits <<= 4;
    for (int i = 0; i < 8; ++i)
      drawn[static_cast<size_t>(i)] = static_cast<uint8_t>(bits >> (56 - 8 * i));
    const std::string four(4, kSymbols[value]);
    EXPECT_EQ(TextsOf(*DrawRecoveryCodes(drawn.data(), 8, 3))[0], four + "-" + four + "-" + four);
  }
}

TEST(DrawRecoveryCodes, RefuseAGeneratorThatRepeatsItself) {  // R-08
  for (int groups = 3; groups <= 6; ++groups) {
    const std::vector<uint8_t> stuck(16 * RecoveryDrawBytes(groups), 0x5A);
    EXPECT_EQ(DrawRecoveryCodes(stuck.data(), 16, groups).error().code(),
              ErrorCode::kInternalServerError);
  }
  std::vector<uint8_t> drawn = Drawn(10, 3);
  std::copy_n(drawn.begin(), 8, drawn.begin() + 72);
  EXPECT_EQ(DrawRecoveryCodes(drawn.data(), 10, 3).error().code(), ErrorCode::kInternalServerError);
}

TEST(DrawRecoveryCodes, RefuseOtherNumbers) {  // RC-01, RC-02
  const std::vector<uint8_t> drawn = Drawn(16, 6);
  for (const int count : {-1, 0, 7, 17})
    EXPECT_FALSE(DrawRecoveryCodes(drawn.data(), count, 3).has_value()) << count;
  for (const int groups : {-1, 0, 2, 7})
    EXPECT_FALSE(DrawRecoveryCodes(drawn.data(), 10, groups).has_value()) << groups;
}

// ---- Reading ----

std::string Typed(const std::string& text) {
  const auto code = ReadRecoveryCode(TypedRecoveryCode(text));
  return code ? std::string(code->Reveal(kTest)) : std::string(code.error().error_type());
}

TEST(ReadRecoveryCode, IsLowerCaseWithoutSeparatorsAndLookalikes) {  // RC-04
  for (const char* text :
       {"1hop-2skx-eb0w", "1HOP-2SKX-EB0W", "1hop2skxeb0w", " 1hop 2skx  eb0w\n", "Ihop-2skx-ebow",
        "lhOp-2skx-ebow", "LH0P-2SKX-EBOW", "1-h-o-p-2-s-k-x-e-b-o-w",
        "1hop\xE2\x80\x93"
        "2skx\xE2\x80\x94"
        "eb0w",
        "\xE2\x80\x8B"
        "1hop\xC2\xA0"
        "2skx-eb0w",
        "\xEF\xBC\x91"
        "hop-\xD9\xA2"
        "skx-eb\xE0\xA5\xA6"
        "w"})
    EXPECT_EQ(Typed(text), "1h0p2skxeb0w") << text;
}

TEST(ReadRecoveryCode, MapsEachLetterToItself) {  // RC-04
  EXPECT_EQ(Typed("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"), "abcdefgh1jk1mn0pqrstuvwxyz0123456789");
}

TEST(ReadRecoveryCode, TakesEightToSixtyFourLettersAndDigits) {  // RC-08
  for (size_t size = 0; size <= 70; ++size) {
    const std::string text(size, 'x');
    EXPECT_EQ(Typed(text), size >= 8 && size <= 64 ? text : "invalid_recovery_code") << size;
  }
}

TEST(ReadRecoveryCode, RefusesWhatIsNoCode) {  // RC-08
  for (const std::string& text : {std::string(), std::string(" - "), std::string("ckss-2skx-eb#w"),
                                  std::string("ckss_2skx"), std::string("ckss2skxebow\0", 13),
                                  std::string("ckss-2skx-\xC3\xA9"
                                              "bow"),
                                  std::string("ckss-2skx-\xFF"), std::string("1234567"),
                                  std::string("12345"), std::string(300, 'x')})
    EXPECT_EQ(Typed(text), "invalid_recovery_code") << text;
}

TEST(ReadRecoveryCode, KnowsACodeOfTheAppByItsDigits) {  // RC-08
  for (const char* text : {"123456", "12345678", "123 456", "1234-5678",
                           "\xD9\xA1"
                           "23456"})
    EXPECT_EQ(Typed(text), "totp_code_used_as_recovery_code") << text;
  EXPECT_EQ(Typed("1234567890"), "1234567890") << "an imported one may be of digits";
  EXPECT_EQ(Typed("l2345678"), "12345678") << "a letter was typed";
  EXPECT_EQ(Typed("l23456"), "invalid_recovery_code");
}

// ---- Digests ----

std::array<uint8_t, 16> DigestOf(const std::string& code, const RecoveryBinding& binding = kBinding,
                                 uint8_t key = 1) {
  return DigestRecoveryCode(KeyOf(key), binding, CanonicalRecoveryCode(code)).bytes;
}

TEST(DigestRecoveryCode, DependsOnEveryPart) {  // RC-04
  std::vector<RecoveryBinding> bindings(6, kBinding);
  bindings[1].organization_id = "acmea";  // the same bytes in a row
  bindings[1].member_id = "da";
  bindings[2].organization_id = "acm";
  bindings[3].member_id = "bob";
  bindings[4].registration_id = UuidOf(3);
  bindings[5].set_id = UuidOf(3);
  std::set<std::array<uint8_t, 16>> digests;
  for (const RecoveryBinding& binding : bindings) digests.insert(DigestOf("ckss2skxebow", binding));
  digests.insert(DigestOf("ckss2skxeb0w"));
  digests.insert(DigestOf("ckss2skxebo"));
  digests.insert(DigestOf("ckss2skxebow", kBinding, 2));
  EXPECT_EQ(digests.size(), 9u);
  EXPECT_EQ(DigestOf("ckss2skxebow"), DigestOf("ckss2skxebow"));
}

// The stored form of one digest, computed with Python's hashlib: BLAKE2b of 16 bytes over the key,
// then purpose, ids and code behind their lengths.
TEST(DigestRecoveryCode, HasAStoredFormThatStays) {  // RC-04
  const std::array<uint8_t, 16> expected = {0x16, 0xA4, 0x2E, 0x8C, 0xCD, 0x7B, 0x99, 0xCF,
                                            0x13, 0xCC, 0x66, 0x7C, 0xA7, 0x43, 0xF2, 0xAC};
  EXPECT_EQ(DigestOf("ckss2skxebow"), expected);
}

RecoverySet SetOf(const RecoveryCodes& codes) {
  const KeyRing keys(5, KeyOf(1));
  auto set = DigestRecoveryCodes(keys, kBinding, codes);
  EXPECT_TRUE(set.has_value());
  return *set;
}

TEST(DigestRecoveryCodes, MakesASetOfUnusedCodes) {  // RC-01, RC-04
  const RecoverySet set = SetOf(DrawnCodes());
  EXPECT_EQ(set.id, UuidOf(2));
  EXPECT_EQ(set.key_id, 5u);
  EXPECT_EQ(set.count, 10);
  EXPECT_EQ(set.left(), 10);
  const auto texts = TextsOf(DrawnCodes());
  for (size_t i = 0; i < texts.size(); ++i) {
    std::string canonical = texts[i];
    canonical.erase(std::remove(canonical.begin(), canonical.end(), '-'), canonical.end());
    EXPECT_EQ(set.digests[i].bytes, DigestOf(canonical));
  }
}

TEST(DigestRecoveryCodes, NeedsAKeyAndCodes) {  // RC-04
  EXPECT_EQ(DigestRecoveryCodes(KeyRing(), kBinding, DrawnCodes()).error().code(),
            ErrorCode::kInternalServerError);
  const KeyRing keys(5, KeyOf(1));
  for (const char* bad : {"short", "k3f9-q7wm-2hd*", "*k3f9-q7wm-2hdp"}) {
    const auto set = DigestRecoveryCodes(keys, kBinding, CodesOf({bad}));
    ASSERT_FALSE(set.has_value()) << bad;
    EXPECT_EQ(set.error().code(), ErrorCode::kInternalServerError);
  }
}

int Matched(const RecoverySet& set, const std::string& typed) {
  const auto code = ReadRecoveryCode(TypedRecoveryCode(typed));
  if (!code) return -2;
  const auto index = MatchRecoveryCode(set, DigestRecoveryCode(KeyOf(1), kBinding, *code));
  return index ? static_cast<int>(*index) : -1;
}

TEST(MatchRecoveryCode, FindsEachUnusedCode) {  // RC-05
  for (const int count : {8, 10, 16}) {
    const RecoveryCodes codes = DrawnCodes(count);
    const RecoverySet set = SetOf(codes);
    for (size_t i = 0; i < codes.size(); ++i)
      EXPECT_EQ(Matched(set, std::string(codes[i].Reveal(kTest))), static_cast<int>(i));
    EXPECT_EQ(Matched(set, "zzzz-zzzz-zzzz"), -1);
  }
}

TEST(MatchRecoveryCode, FindsNoUsedCode) {  // RC-05
  const RecoveryCodes codes = DrawnCodes(16);
  RecoverySet set = SetOf(codes);
  for (unsigned used = 0; used < 0x10000; used += 97) {
    set.used = static_cast<uint16_t>(used);
    for (size_t i = 0; i < codes.size(); ++i) {
      const bool is_unused = (used >> i & 1) == 0;
      EXPECT_EQ(set.IsUnused(i), is_unused);
      ASSERT_EQ(MatchRecoveryCode(set, set.digests[i]).has_value(), is_unused) << used << " " << i;
    }
  }
  set.used = 0;
  for (size_t i = 0; i < codes.size(); ++i) {
    EXPECT_EQ(set.left(), static_cast<int>(codes.size() - i));
    set.Use(i);
    EXPECT_EQ(Matched(set, std::string(codes[i].Reveal(kTest))), -1);
  }
  EXPECT_EQ(set.left(), 0);
}

TEST(MatchRecoveryCode, LooksAtNothingBehindTheLastCode) {  // RC-05
  RecoverySet set = SetOf(DrawnCodes(10));
  set.digests[12] = RecoveryDigest{DigestOf("zzzzzzzzzzzz")};
  EXPECT_EQ(Matched(set, "zzzz-zzzz-zzzz"), -1);
  EXPECT_FALSE(MatchRecoveryCode(set, RecoveryDigest()).has_value());
  set.count = 13;
  EXPECT_EQ(Matched(set, "zzzz-zzzz-zzzz"), 12);
}

TEST(MatchRecoveryCode, SeesEveryBitOfADigest) {  // RC-05
  const RecoverySet set = SetOf(DrawnCodes(8));
  for (size_t bit = 0; bit < 128; ++bit) {
    RecoveryDigest digest = set.digests[3];
    digest.bytes[bit / 8] = static_cast<uint8_t>(digest.bytes[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(MatchRecoveryCode(set, digest).has_value()) << bit;
  }
  EXPECT_EQ(MatchRecoveryCode(set, set.digests[3]), 3u);
}

// ---- Imports ----

SealingKeyRing SealingKeys(uint8_t byte = 1) {
  std::array<uint8_t, 32> bytes{};
  bytes.fill(byte);
  return SealingKeyRing(3, SealingKey(bytes));
}

SealingNonce Nonce() {
  SealingNonce nonce;
  nonce.bytes.fill(7);
  return nonce;
}

TEST(CheckImportedRecoveryCodes, TakesWhatOtherSystemsIssue) {  // RC-10
  const std::string longest(64, 'x');
  for (const std::vector<std::string>& texts : {std::vector<std::string>{"abcdefgh"},
                                                {"1234567890"},
                                                {"22o0-e6e9-plwt", "i4l3-dxyt-urmx"},
                                                {longest},
                                                {"12345-6789a"},
                                                {"usual123"},
                                                {"abcdefgh", "bbcdefgh", "abcdefgj", "abcdefghh"}})
    EXPECT_EQ(CheckImportedRecoveryCodes(CodesOf(texts)), ErrorCode::kOk) << texts[0];
  EXPECT_EQ(CheckImportedRecoveryCodes(DrawnCodes(16, 6)), ErrorCode::kOk);
}

// Sixteen of the longest fit; what separates counts as well.
TEST(CheckImportedRecoveryCodes, TakesAsManyAsTheCopyHasRoomFor) {  // RC-10, B-17
  const auto codes = [](size_t dashes) {
    std::vector<std::string> texts;
    for (char c = 'a'; texts.size() < 16; ++c) {
      if (c != 'i' && c != 'l' && c != 'o') texts.emplace_back(64, c);
    }
    texts[0] += std::string(dashes, '-');
    return CodesOf(texts);
  };
  EXPECT_EQ(CheckImportedRecoveryCodes(codes(0)), ErrorCode::kOk);
  EXPECT_TRUE(SealRecoveryCodes(SealingKeys(), Nonce(), kBinding, codes(0)).has_value());
  EXPECT_EQ(CheckImportedRecoveryCodes(codes(1)), ErrorCode::kBadRequest);
  EXPECT_FALSE(SealRecoveryCodes(SealingKeys(), Nonce(), kBinding, codes(1)).has_value());
}

TEST(CheckImportedRecoveryCodes, RefusesEverythingElse) {  // RC-10
  const std::vector<std::string> seventeen = [] {
    std::vector<std::string> texts;
    for (char c = 'a'; c < 'a' + 17; ++c) texts.emplace_back(12, c);
    return texts;
  }();
  for (const std::vector<std::string>& texts : {std::vector<std::string>{},
                                                {"abcdefg"},
                                                {std::string(65, 'x')},
                                                {"123456789"},
                                                {"l2345678"},  // canonically digits only
                                                {"abcdefgh", "abcd-efgh"},
                                                {"abcdefgo", "ABCDEFG0"},
                                                {"abcdefgi", "xxxxxxxx", "abcdefgl"},
                                                {"abcdefg#"},
                                                {"abcd\xFF"
                                                 "efgh"},
                                                {"abcdefgh", ""},
                                                seventeen,
                                                {"abcd" + std::string(80, ' ') + "efgh"}})
    EXPECT_EQ(CheckImportedRecoveryCodes(CodesOf(texts)), ErrorCode::kBadRequest)
        << (texts.empty() ? "none" : texts[0]);
  const std::vector<std::string> sixteen(seventeen.begin(), seventeen.end() - 1);
  EXPECT_EQ(CheckImportedRecoveryCodes(CodesOf(sixteen)), ErrorCode::kBadRequest)
      << "i and l are one";
}

TEST(CheckImportedRecoveryCodes, ImportedCodesWorkInEverySpelling) {  // RC-04, RC-10
  const RecoveryCodes codes = CodesOf({"22o0-e6e9-plwt", "I4L3 DXYT URMX"});
  ASSERT_EQ(CheckImportedRecoveryCodes(codes), ErrorCode::kOk);
  const RecoverySet set = SetOf(codes);
  EXPECT_EQ(Matched(set, "22O0E6E9P1WT"), 0);
  EXPECT_EQ(Matched(set, "2200-e6e9-plwt"), 0);
  EXPECT_EQ(Matched(set, "1413-dxyt-urmx"), 1);
}

// ---- The readable copy ----

TEST(SealRecoveryCodes, OpensToTheCodesAsTheyWereIssued) {  // RC-14
  std::vector<std::string> longest;
  for (char c = 'a'; c < 'a' + 16; ++c) longest.emplace_back(64, c);
  for (const RecoveryCodes& codes :
       {DrawnCodes(), DrawnCodes(16, 6), CodesOf({"22o0-E6E9-plwt", "I4L3 DXYT URMX"}),
        CodesOf(longest)}) {
    const auto sealed = SealRecoveryCodes(SealingKeys(), Nonce(), kBinding, codes);
    ASSERT_TRUE(sealed.has_value());
    EXPECT_LE(sealed->view().size(), SealedSize(kRecoveryCopyBytesMax));
    const auto opened = OpenRecoveryCodes(SealingKeys(), kBinding, sealed->view());
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(TextsOf(*opened), TextsOf(codes));
  }
}

// The form that is sealed, made by Python: stored copies must open in every later version. Six bits
// a character, or for the last code its bytes; early snapshots kept the bytes of all.
TEST(SealRecoveryCodes, HasTheFormOfTheHeader) {  // RC-14, B-17
  const std::vector<std::string> texts = {"22o0-e6E9-plwt", "Z yxwvut",
                                          "abcd\xE2\x80\x93"
                                          "efgh"};
  using std::string_literals::operator""s;
  const std::string plain =
      "\x03\x8e"
      "\x08\x26\x00\xf8\xe1\xa8\x27\xe6\x55\x81\xd0"
      "\x88"
      "\xf7\xf8\xa1\x81\xf7\x9d"
      "\x0b"
      "abcd\xE2\x80\x93"
      "efgh"s;
  const std::string bytes_alone =
      "\x03\x0e"
      "22o0-e6E9-plwt"
      "\x08"
      "Z yxwvut"
      "\x0b"
      "abcd\xE2\x80\x93"
      "efgh";
  SealingContext context;
  context.purpose = "recovery-codes";
  context.organization_id = "acme";
  context.member_id = "ada";
  const Uuid registration = UuidOf(1);
  const Uuid set = UuidOf(2);
  context.subject = {reinterpret_cast<const char*>(registration.bytes.data()), 16};
  context.parameters = {reinterpret_cast<const char*>(set.bytes.data()), 16};
  const auto by_hand = [&](const std::string& form) {
    return SealedRecoveryCodes::Of(SealingKeys(), Nonce(), context,
                                   reinterpret_cast<const uint8_t*>(form.data()), form.size());
  };
  const auto sealed = SealRecoveryCodes(SealingKeys(), Nonce(), kBinding, CodesOf(texts));
  ASSERT_TRUE(by_hand(plain) && by_hand(bytes_alone) && sealed);
  EXPECT_EQ(sealed->view(), by_hand(plain)->view());
  for (const std::string& form : {plain, bytes_alone}) {
    const auto opened = OpenRecoveryCodes(SealingKeys(), kBinding, by_hand(form)->view());
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(TextsOf(*opened), texts);
  }
}

// Each character at each place of a byte, alone and beside every other.
TEST(SealRecoveryCodes, KeepsEveryCharacter) {  // RC-14
  const std::string all = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ- ";
  ASSERT_EQ(all.size(), 64u);
  for (size_t from = 0; from < all.size(); ++from) {
    std::vector<std::string> texts;
    for (size_t length = 0; length < 5; ++length) {
      std::string text;
      for (size_t i = 0; i < length + 8; ++i) text += all[(from + i * (length + 1)) % 64];
      texts.push_back(text);
    }
    const auto sealed = SealRecoveryCodes(SealingKeys(), Nonce(), kBinding, CodesOf(texts));
    ASSERT_TRUE(sealed.has_value());
    const auto opened = OpenRecoveryCodes(SealingKeys(), kBinding, sealed->view());
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(TextsOf(*opened), texts);
  }
}

TEST(OpenRecoveryCodes, FailsClosed) {  // RC-14, TO-23
  const auto sealed = SealRecoveryCodes(SealingKeys(), Nonce(), kBinding, DrawnCodes());
  std::vector<RecoveryBinding> others(4, kBinding);
  others[0].organization_id = "acm";
  others[1].member_id = "bob";
  others[2].registration_id = UuidOf(9);
  others[3].set_id = UuidOf(9);
  for (const RecoveryBinding& other : others) {
    const auto opened = OpenRecoveryCodes(SealingKeys(), other, sealed->view());
    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error().code(), ErrorCode::kInternalServerError);
  }
  EXPECT_FALSE(OpenRecoveryCodes(SealingKeys(2), kBinding, sealed->view()).has_value());
  EXPECT_FALSE(OpenRecoveryCodes(SealingKeyRing(), kBinding, sealed->view()).has_value());
  EXPECT_FALSE(SealRecoveryCodes(SealingKeyRing(), Nonce(), kBinding, DrawnCodes()).has_value());
}

TEST(OpenRecoveryCodes, RefusesWhatIsNoListOfCodes) {  // RC-14
  SealingContext context;
  context.purpose = "recovery-codes";
  context.organization_id = "acme";
  context.member_id = "ada";
  const Uuid registration = UuidOf(1);
  const Uuid set = UuidOf(2);
  context.subject = {reinterpret_cast<const char*>(registration.bytes.data()), 16};
  context.parameters = {reinterpret_cast<const char*>(set.bytes.data()), 16};
  const auto opens = [&](const std::string& plain) {
    const auto sealed =
        SealedRecoveryCodes::Of(SealingKeys(), Nonce(), context,
                                reinterpret_cast<const uint8_t*>(plain.data()), plain.size());
    EXPECT_TRUE(sealed.has_value());
    const auto opened = OpenRecoveryCodes(SealingKeys(), kBinding, sealed->view());
    return opened.has_value();
  };
  EXPECT_TRUE(opens(std::string("\0", 1)));
  EXPECT_TRUE(
      opens("\x01\x03"
            "abc"));
  EXPECT_FALSE(
      opens("\x01\x04"
            "abc"))
      << "cut";
  EXPECT_FALSE(opens("")) << "no number of codes";
  EXPECT_FALSE(opens("\x01")) << "no length";
  EXPECT_FALSE(
      opens("\x02\x03"
            "abc"))
      << "one code is missing";
  EXPECT_FALSE(
      opens("\x01\x03"
            "abcd"))
      << "more behind it";
  EXPECT_FALSE(opens("\x01\x51" + std::string(81, 'a'))) << "a code too long";
  EXPECT_TRUE(opens("\x01\xd0" + std::string(60, 'a'))) << "80 characters";
  EXPECT_FALSE(opens("\x01\xd1" + std::string(61, 'a'))) << "a code too long";
  EXPECT_FALSE(opens("\x01\xd0" + std::string(59, 'a'))) << "cut";
  EXPECT_FALSE(opens("\x01\xd0" + std::string(61, 'a'))) << "more behind it";
  EXPECT_FALSE(opens("\x11" + std::string(17, '\0'))) << "seventeen codes";
  EXPECT_FALSE(opens("\xFF"));
}

TEST(UnusedRecoveryCodes, AreShownInTheOrderOfIssue) {  // RC-14
  const RecoveryCodes codes = DrawnCodes();
  RecoverySet set = SetOf(codes);
  set.Use(1);
  set.Use(4);
  set.Use(9);
  std::vector<std::string> expected = TextsOf(codes);
  expected.erase(expected.begin() + 9);
  expected.erase(expected.begin() + 4);
  expected.erase(expected.begin() + 1);
  const auto unused = UnusedRecoveryCodes(set, codes);
  ASSERT_TRUE(unused.has_value());
  EXPECT_EQ(TextsOf(*unused), expected);
  EXPECT_EQ(UnusedRecoveryCodes(set, DrawnCodes(9)).error().code(),
            ErrorCode::kInternalServerError);
}

TEST(RecoveryCodes, TakesSixteenAndNotOneMore) {
  RecoveryCodes codes;
  for (int i = 0; i < 16; ++i) codes.Add("abcd-efgh");
  EXPECT_FALSE(codes.overflowed());
  EXPECT_EQ(codes.size(), 16u);
  codes.Add("abcd-efgh");
  EXPECT_TRUE(codes.overflowed());
  EXPECT_TRUE(codes.Duplicate().overflowed());
  RecoveryCodes others;
  others.Add(std::string(81, 'x'));
  EXPECT_TRUE(others.overflowed());
  EXPECT_TRUE(others.empty());
  static_assert(!std::is_copy_constructible_v<RecoveryCodes>, "copies are spelled Duplicate");
}

}  // namespace
}  // namespace otpcore
