// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/phone_number.h"

#include <gtest/gtest.h>
#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>
#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <string>

namespace otpcore {
namespace {

using Library = i18n::phonenumbers::PhoneNumberUtil;
using Parsed = i18n::phonenumbers::PhoneNumber;

const Library& Lib() { return *Library::GetInstance(); }

const std::set<Library::PhoneNumberType> kRefusedTypes = {
    Library::PREMIUM_RATE, Library::SHARED_COST, Library::TOLL_FREE,      Library::PAGER,
    Library::VOICEMAIL,    Library::UAN,         Library::PERSONAL_NUMBER};

// Where this library and libphonenumber are meant to differ: the closed list.
const char* ReasonToDiffer(const std::string& text, const Parsed& parsed) {
  if (!IsE164Shaped(text)) return "not in E.164 form";
  if (kRefusedTypes.count(Lib().GetNumberType(parsed)) != 0) return "a type that is refused";
  std::string e164;
  Lib().Format(parsed, Library::E164, &e164);
  if (!IsE164Shaped(e164)) return "canonical form not in E.164 form";
  return nullptr;
}

// Compares the two on one text. Returns the reason of a difference, or "" when there is none.
std::string Compare(const std::string& text) {
  Parsed parsed;
  const bool theirs =
      Lib().Parse(text, "ZZ", &parsed) == Library::NO_PARSING_ERROR && Lib().IsValidNumber(parsed);
  const auto ours = ParseE164(text);
  if (ours) {
    EXPECT_TRUE(theirs) << text;
    std::string e164, region;
    Lib().Format(parsed, Library::E164, &e164);
    Lib().GetRegionCodeForNumber(parsed, &region);
    EXPECT_EQ(ours->e164.str(), e164) << text;
    EXPECT_EQ(ours->region.str(), region) << text;
    EXPECT_EQ(ReasonToDiffer(text, parsed), nullptr) << text;
    return "";
  }
  if (!theirs) return "";
  const char* const reason = ReasonToDiffer(text, parsed);
  EXPECT_NE(reason, nullptr) << text << " is refused without a reason";
  return reason == nullptr ? "none" : reason;
}

std::vector<std::string> Examples() {
  std::vector<std::string> examples;
  std::set<std::string> regions;
  Lib().GetSupportedRegions(&regions);
  EXPECT_GT(regions.size(), 240u);
  for (const std::string& region : regions) {
    for (int type = Library::FIXED_LINE; type <= Library::VOICEMAIL; ++type) {
      Parsed number;
      if (!Lib().GetExampleNumberForType(region, static_cast<Library::PhoneNumberType>(type),
                                         &number))
        continue;
      std::string e164;
      Lib().Format(number, Library::E164, &e164);
      examples.push_back(e164);
    }
  }
  return examples;
}

std::string Mutate(std::string text, std::mt19937_64& random) {
  static const std::string kInserts[] = {" ",   "-", "(",  ")", "a", ";ext=1",       "x1",
                                         "\n",  "+", "\t", "0", "9", "\xEF\xBC\x91", "\xD9\xA1",
                                         "tel:"};
  for (auto edits = 1 + random() % 3; edits > 0; --edits) {
    const size_t at = random() % (text.size() + 1);
    switch (random() % 4) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>('0' + random() % 10);
        break;
      case 1: text.insert(at, kInserts[random() % std::size(kInserts)]); break;
      case 2:
        if (at < text.size()) text.erase(at, 1);
        break;
      default:
        if (at + 1 < text.size()) std::swap(text[at], text[at + 1]);
    }
  }
  return text;
}

TEST(ParseE164, DiffersFromTheLibraryByAClosedListOnly) {  // N-01, N-03, B-13
  const std::vector<std::string> examples = Examples();
  ASSERT_GT(examples.size(), 1000u);
  std::map<std::string, int> reasons;
  for (const std::string& example : examples) ++reasons[Compare(example)];
  // OTPCORE_DEEP: the deep figure, about a minute.
  const int mutations = std::getenv("OTPCORE_DEEP") != nullptr ? 1000000 : 100000;
  std::mt19937_64 random(20261124);
  for (int i = 0; i < mutations && !::testing::Test::HasFailure(); ++i)
    ++reasons[Compare(Mutate(examples[random() % examples.size()], random))];
  for (const auto& [reason, count] : reasons)
    std::printf("%7d  %s\n", count, reason.empty() ? "the same" : reason.c_str());
  EXPECT_LE(reasons.size(), 4u);
}

TEST(ParseE164, ReadsNothingOfALongText) {  // N-01, threat 26
  // 64 KB that cannot be read at all: looking at one byte of it would end the test.
  constexpr size_t kBytes = 65536;
  void* const wall = mmap(nullptr, kBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(wall, MAP_FAILED);
  const std::string_view text(static_cast<const char*>(wall), kBytes);
  EXPECT_FALSE(ParseE164(text));
  EXPECT_FALSE(ParseTyped(text, "US"));
  munmap(wall, kBytes);
}

TEST(ParseTyped, TakesSixtyFourBytes) {  // N-01, N-02
  const std::string number = "+14155550123";
  EXPECT_TRUE(ParseTyped(number + std::string(64 - number.size(), ' '), "US"));
  EXPECT_FALSE(ParseTyped(number + std::string(65 - number.size(), ' '), "US"));
}

TEST(ParseE164, TakesFromEightToFifteenDigits) {  // N-01
  EXPECT_FALSE(IsE164Shaped("+1234567"));
  EXPECT_TRUE(IsE164Shaped("+12345678"));
  EXPECT_TRUE(IsE164Shaped("+123456789012345"));
  EXPECT_FALSE(IsE164Shaped("+1234567890123456"));
  for (const std::string& bad :
       {std::string(""), std::string("+"), std::string("12345678"), std::string("++1234567"),
        std::string("+1234567 "), std::string("+12345678\0", 10), std::string("+1234567\n")})
    EXPECT_FALSE(IsE164Shaped(bad)) << bad;
}

TEST(ParseE164, GivesTheCanonicalNumberWithRegionAndType) {  // N-03, N-04
  const auto number = ParseE164("+4407400123456");
  ASSERT_TRUE(number);
  EXPECT_EQ(number->e164.view(), "+447400123456");
  EXPECT_EQ(number->region.view(), "GB");
  EXPECT_EQ(number->type, PhoneNumberType::kMobile);
}

TEST(ParseE164, RefusesTypesThatNobodyReceivesAPasscodeOn) {  // N-03
  int refused = 0;
  for (const std::string& example : Examples()) {
    Parsed parsed;
    Lib().Parse(example, "ZZ", &parsed);
    if (kRefusedTypes.count(Lib().GetNumberType(parsed)) == 0) continue;
    EXPECT_FALSE(ParseE164(example)) << example;
    EXPECT_FALSE(ParseE164(example, PhoneNumberCheck::kPossible)) << example;
    ++refused;
  }
  EXPECT_GT(refused, 200);
}

TEST(ParseE164, MayTakePossibleNumbers) {       // N-03
  const char* const unopened = "+12001234567";  // an area code the metadata does not know
  EXPECT_FALSE(ParseE164(unopened));
  const auto possible = ParseE164(unopened, PhoneNumberCheck::kPossible);
  ASSERT_TRUE(possible);
  EXPECT_EQ(possible->region.view(), "US");  // the main country of the dial code
  EXPECT_EQ(possible->type, PhoneNumberType::kUnknown);
  EXPECT_FALSE(ParseE164("+120012345", PhoneNumberCheck::kPossible));
  EXPECT_FALSE(ParseE164("+31012345", PhoneNumberCheck::kPossible)) << "it is +3112345: too short";
}

TEST(ParseE164, TellsTheRegionsOfPlusOneApart) {  // S-17
  std::set<std::string> regions;
  Lib().GetSupportedRegions(&regions);
  std::set<std::string> others;
  for (const std::string& region : regions) {
    if (Lib().GetCountryCodeForRegion(region) != 1 || region == "US" || region == "CA") continue;
    others.insert(region);
    Parsed number;
    ASSERT_TRUE(Lib().GetExampleNumberForType(region, Library::MOBILE, &number));
    std::string e164;
    Lib().Format(number, Library::E164, &e164);
    const auto parsed = ParseE164(e164);
    ASSERT_TRUE(parsed) << e164;
    EXPECT_EQ(parsed->region.str(), region);
  }
  EXPECT_EQ(others.size(), 23u);

  // Every area code: what the metadata calls US or CA is that here too.
  std::map<std::string, int> codes;
  for (int area = 200; area <= 999; ++area) {
    const std::string text = "+1" + std::to_string(area) + "2345678";
    Parsed number;
    std::string region;
    if (Lib().Parse(text, "ZZ", &number) != Library::NO_PARSING_ERROR) continue;
    Lib().GetRegionCodeForNumber(number, &region);
    if (region != "US" && region != "CA") continue;
    if (kRefusedTypes.count(Lib().GetNumberType(number)) != 0) continue;
    const auto parsed = ParseE164(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(parsed->region.str(), region);
    ++codes[region];
  }
  std::printf("area codes: US %d, CA %d\n", codes["US"], codes["CA"]);
  EXPECT_GT(codes["US"], 300);
  EXPECT_GT(codes["CA"], 35);
}

TEST(ParseTyped, ReadsWhatPeopleType) {  // N-02
  for (const char* text : {"(415) 555-0123", "415.555.0123", "415 555 0123", "+1 415-555-0123",
                           "1 (415) 555 0123", "+14155550123"}) {
    const auto number = ParseTyped(text, "US");
    ASSERT_TRUE(number) << text;
    EXPECT_EQ(number->e164.view(), "+14155550123");
  }
  EXPECT_EQ(ParseTyped("07400 123456", "GB")->e164.view(), "+447400123456");
  EXPECT_EQ(ParseTyped("+1 415 555 0123", "GB")->region.view(), "US");
  for (const char* text : {"", "CALL ME", "x4155550123", "/(415) 555-0123", "415-555-0123 ext 5",
                           "415-555-0123x5", "+", "++14155550123", "415/5550123", "4155550123\n",
                           "\xEF\xBC\x94"
                           "155550123",
                           "1-900-555-0123"})
    EXPECT_FALSE(ParseTyped(text, "US")) << text;
  EXPECT_FALSE(ParseTyped("4155550123", "XX"));
}

TEST(RedactPhoneNumber, ShowsTheRegionAndTwoDigits) {  // N-05
  EXPECT_EQ(RedactPhoneNumber(*ParseE164("+14155550123")),
            "US \xE2\x80\xA6"
            "23");
  EXPECT_EQ(RedactPhoneNumber(PhoneNumber()), "");
}

}  // namespace
}  // namespace otpcore
