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

#include "otpcore/rules/number_ranges.h"

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
  Parsed again;
  std::string canonical;
  Lib().Parse(e164, "ZZ", &again);
  Lib().Format(again, Library::E164, &canonical);
  if (canonical != e164) return "canonical form is another number's";
  return nullptr;
}

// Compares the two on one text. Returns the reason of a difference, or "" when there is none.
std::string Compare(const std::string& text) {
  Parsed parsed;
  const bool theirs =
      Lib().Parse(text, "ZZ", &parsed) == Library::NO_PARSING_ERROR && Lib().IsValidNumber(parsed);
  const auto ours = ParseE164(text);
  if (ours && !theirs) {
    // The one thing that is taken beyond the library: a range that it does not know (N-06).
    const auto range = FindNumberRange(ours->e164);
    EXPECT_TRUE(range) << text;
    if (!range) return "none";
    EXPECT_EQ(ours->region.view(), range->region) << text;
    EXPECT_EQ(ours->type, range->type) << text;
    return "taken: a range that the library does not know";
  }
  if (ours) {
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
  std::vector<std::string> examples = Examples();
  ASSERT_GT(examples.size(), 1000u);
  for (const char* number :
       {"+13242345678", "+12572345678", "+2290190123456", "+905012345678", "+52119612374567"})
    examples.emplace_back(number);
  std::map<std::string, int> reasons;
  for (const std::string& example : examples) ++reasons[Compare(example)];
  // OTPCORE_DEEP: the deep figure, about a minute.
  const int mutations = std::getenv("OTPCORE_DEEP") != nullptr ? 1000000 : 100000;
  std::mt19937_64 random(20261124);
  for (int i = 0; i < mutations && !::testing::Test::HasFailure(); ++i)
    ++reasons[Compare(Mutate(examples[random() % examples.size()], random))];
  for (const auto& [reason, count] : reasons)
    std::printf("%7d  %s\n", count, reason.empty() ? "the same" : reason.c_str());
  EXPECT_LE(reasons.size(), 6u);
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
  EXPECT_FALSE(ParseE164("+15550123", PhoneNumberCheck::kPossible)) << "it has no area code";
}

TEST(ParseE164, TakesTheTypesOfThePolicy) {  // N-03
  const auto takes = [](std::vector<PhoneNumberType> types, const char* number, bool possible) {
    Policy policy;
    policy.number_types = std::move(types);
    policy.accept_possible_numbers = possible;
    return ParseE164(number, policy).has_value();
  };
  using T = PhoneNumberType;
  const std::vector<T> all = Policy().number_types;
  ASSERT_EQ(all.size(), 4u);
  const std::pair<const char*, T> numbers[] = {{"+4915123456789", T::kMobile},
                                               {"+14155550123", T::kFixedLineOrMobile},
                                               {"+493012345678", T::kFixedLine},
                                               {"+445612345678", T::kVoip}};
  for (const auto& [number, type] : numbers) {
    EXPECT_EQ(ParseE164(number)->type, type) << number;
    EXPECT_TRUE(takes(all, number, false)) << number;
    for (const T only : all) EXPECT_EQ(takes({only}, number, false), only == type) << number;
  }
  // A number of a range that the library does not know has a type as well.
  EXPECT_TRUE(takes({T::kMobile}, "+2290190123456", false));
  EXPECT_FALSE(takes({T::kFixedLine}, "+2290190123456", false));
  // One of an unknown type may be of any.
  EXPECT_TRUE(takes(all, "+12001234567", true));
  EXPECT_FALSE(takes({T::kMobile, T::kFixedLineOrMobile, T::kFixedLine}, "+12001234567", true));
}

TEST(ParseImported, TakesWhatAHostVouchesFor) {  // N-06
  const Policy policy;
  const auto imported = [&policy](const char* text) {
    const auto number = ParseImported(text, policy);
    return number ? number->e164.str() + " " + number->region.str() : "refused";
  };
  EXPECT_EQ(imported("+14155550123"), "+14155550123 US");
  EXPECT_EQ(imported("+4407400123456"), "+447400123456 GB") << "the canonical form, as ever";
  EXPECT_EQ(imported("+13242345678"), "+13242345678 US");
  EXPECT_EQ(imported("+2290190123456"), "+2290190123456 BJ");
  EXPECT_EQ(imported("+12001234567"), "+12001234567 US") << "no such area code is known";
  EXPECT_EQ(imported("+1200123456789"), "+1200123456789 US") << "nor such a length";
  EXPECT_EQ(imported("+18005550123"), "+18005550123 US") << "toll-free";
  EXPECT_EQ(imported("+4400400123456"), "+44400123456 GB") << "its national prefix twice";
  EXPECT_EQ(imported("+31012345"), "+31012345 NL") << "its canonical form would be too short";
  EXPECT_EQ(imported("+2101234567"), "refused") << "no such country code";
  EXPECT_EQ(imported("+1415555012x"), "refused");
  EXPECT_EQ(imported(" +14155550123"), "refused");
  EXPECT_EQ(imported("+1415555"), "refused");
  EXPECT_EQ(ParseImported("+12001234567", policy)->type, PhoneNumberType::kUnknown);
  EXPECT_EQ(ParseImported("+18005550123", policy)->type, PhoneNumberType::kTollFree);
}

TEST(ParseImported, AgreesWithParseE164WhereThatTakesANumber) {  // N-06
  const Policy policy;
  for (const std::string& example : Examples()) {
    const auto imported = ParseImported(example, policy);
    EXPECT_EQ(imported.has_value(), IsE164Shaped(example)) << example;
    const auto parsed = ParseE164(example);
    if (!parsed) continue;
    ASSERT_TRUE(imported) << example;
    EXPECT_EQ(imported->e164, parsed->e164);
    EXPECT_EQ(imported->region, parsed->region);
    EXPECT_EQ(imported->type, parsed->type);
  }
}

TEST(HandsetKey, IsOneForTheTwoFormsOfAHandset) {  // N-08
  const auto key = [](const char* number) { return HandsetKey(number).str(); };
  EXPECT_EQ(key("+5491123456789"), "+541123456789");
  EXPECT_EQ(key("+541123456789"), "+541123456789");
  EXPECT_EQ(key("+5215512345678"), "+525512345678");
  EXPECT_EQ(key("+525512345678"), "+525512345678");
  // Not with as many digits: these have no mobile digit.
  EXPECT_EQ(key("+549112345678"), "+549112345678");
  EXPECT_EQ(key("+54911234567890"), "+54911234567890");
  EXPECT_EQ(key("+521551234567"), "+521551234567");
  EXPECT_EQ(key("+5591123456789"), "+5591123456789");
  EXPECT_EQ(key("+14155550123"), "+14155550123");
  EXPECT_EQ(key(""), "");
  // No two examples share a key, but for these.
  std::map<std::string, std::string> numbers;
  for (const std::string& example : Examples()) {
    const auto number = ParseE164(example);
    if (!number) continue;
    const std::string e164 = number->e164.str();
    const auto [at, is_new] = numbers.emplace(HandsetKey(e164).str(), e164);
    EXPECT_TRUE(is_new || at->second == e164 || e164.compare(0, 3, "+54") == 0 ||
                e164.compare(0, 3, "+52") == 0)
        << e164 << " and " << at->second;
  }
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
  for (const char* text :
       {"(415) 555-0123", "415.555.0123", "415 555 0123", "+1 415-555-0123", "1 (415) 555 0123",
        "+14155550123", "415/555-0123", "4155550123\n", " +1 415 555 0123", "(+1) 415 555 0123",
        "( +1 ) 415 555 0123", "011 1 415 555 0123", "\t415\r\n555\v0123\f", "415)5550123"}) {
    const auto number = ParseTyped(text, "US");
    ASSERT_TRUE(number) << text;
    EXPECT_EQ(number->e164.view(), "+14155550123") << text;
  }
  EXPECT_EQ(ParseTyped("07400 123456", "GB")->e164.view(), "+447400123456");
  EXPECT_EQ(ParseTyped("+1 415 555 0123", "GB")->region.view(), "US");
  EXPECT_EQ(ParseTyped("+1 415 555 0123", "")->region.view(), "US");
  EXPECT_EQ(ParseTyped("0151/23456789", "DE")->e164.view(), "+4915123456789");
  EXPECT_EQ(ParseTyped("324 234 5678", "US")->e164.view(), "+13242345678");
  EXPECT_EQ(ParseTyped("01 90 12 34 56", "BJ")->e164.view(), "+2290190123456");
  EXPECT_EQ(ParseTyped("011 15-2345-6789", "AR")->e164.view(), "+5491123456789");
  EXPECT_EQ(ParseTyped("8 (912) 345-67-89", "RU")->e164.view(), "+79123456789");
}

TEST(ParseTyped, ReadsWhatIsPastedAndOtherKeyboards) {  // N-02
  for (const char* text : {
           "\u202D+1 415-555-0123\u202C",                        // direction override
           "\u200E\u2066+1\u200B415\u2060 555\uFE0F0123\u2069",  // marks everywhere
           "\uFEFF+14155550123",                                 // byte order mark
           "+1\u00A0415\u202F555\u30000123",                     // blanks that do not break, wide
           "415\u2011555\u20110123",                             // hyphens that do not break
           "415\u2013555\u22120123",                             // dash, minus sign
           "415\u00AD5550123",                                   // soft hyphen
           "\uFF0B\uFF11\u3000\uFF14\uFF11\uFF15\uFF0D\uFF15\uFF15\uFF15\uFF0D\uFF10123",
           "\uFF08415\uFF09555\uFF0E0123",  // full-width parentheses and full stop
           "415\uFF0F5550123",
           "415\u30FC555\u30FC0123",                // as typed in Japan
           "\u0664\u0661\u0665 555 0123",           // Arabic-Indic
           "\u06F4\u06F1\u06F5 555 0123",           // Persian
           "\u096A\u0967\u096B 555 0123",           // Devanagari
           "\u0664\u06F1\u096B\uFF15\u06655 0123",  // all at once
       }) {
    const auto number = ParseTyped(text, "US");
    ASSERT_TRUE(number) << text;
    EXPECT_EQ(number->e164.view(), "+14155550123") << text;
  }
}

TEST(ParseTyped, RefusesWhatIsNoNumber) {  // N-02
  for (const std::string& text : {std::string(),
                                  std::string("CALL ME"),
                                  std::string("x4155550123"),
                                  std::string("/(415) 555-0123"),
                                  std::string("415-555-0123 ext 5"),
                                  std::string("415-555-0123x5"),
                                  std::string("415-555-0123;5"),
                                  std::string("415,555 0123"),
                                  std::string("+"),
                                  std::string("()"),
                                  std::string("(0)"),
                                  std::string("++14155550123"),
                                  std::string("+ +14155550123"),
                                  std::string("1+4155550123"),
                                  std::string("(0)+14155550123"),
                                  std::string("14155550123+"),
                                  std::string("415 555 0123 / 24"),
                                  std::string("415_5550123"),
                                  std::string("tel:+14155550123"),
                                  std::string("415~5550123"),
                                  std::string("[415]5550123"),
                                  std::string("415555\0000123", 11),
                                  std::string("4155550123\x80"),
                                  std::string("415555\xE2\x80"),

                                  std::string("\u09EA155550123"),  // Bengali
                                  std::string("1-900-555-0123"),
                                  std::string("555-0123"),
                                  std::string("0049 151 23456789")})
    EXPECT_FALSE(ParseTyped(text, "US")) << text;
  for (const char* region : {"", "XX", "ZZ", "us", "001", "US+"}) {
    EXPECT_FALSE(ParseTyped("4155550123", region)) << region;
    EXPECT_TRUE(ParseTyped("+14155550123", region)) << region;
  }
}

TEST(ParseTyped, ReadsACountryCodeWithoutPlusBothWays) {  // N-02
  // Both a mobile number, with its country code, and a landline, without.
  ASSERT_TRUE(ParseE164("+491716783154"));
  ASSERT_TRUE(ParseE164("+49491716783154"));
  EXPECT_FALSE(ParseTyped("491716783154", "DE"));
  ASSERT_TRUE(ParseE164("+62812345678"));
  ASSERT_TRUE(ParseE164("+6262812345678"));
  EXPECT_FALSE(ParseTyped("62812345678", "ID"));
  EXPECT_FALSE(ParseTyped("62 812-345-678", "ID", PhoneNumberCheck::kPossible));
  // Only one of the two exists.
  EXPECT_EQ(ParseTyped("33612345678", "FR")->e164.view(), "+33612345678");
  EXPECT_EQ(ParseTyped("7 912 345 67 89", "RU")->e164.view(), "+79123456789");
  EXPECT_EQ(ParseTyped("393 123 4567", "IT")->e164.view(), "+393931234567");
  EXPECT_EQ(ParseTyped("39 393 123 4567", "IT")->e164.view(), "+393931234567");
  // With its plus, or its trunk prefix, there is one way.
  EXPECT_EQ(ParseTyped("+491716783154", "DE")->e164.view(), "+491716783154");
  EXPECT_EQ(ParseTyped("0171 6783154", "DE")->e164.view(), "+491716783154");
  EXPECT_EQ(ParseTyped("0491716783154", "DE")->e164.view(), "+49491716783154");
}

TEST(ParseTyped, ReadsAZeroInParenthesesBothWays) {  // N-02
  EXPECT_EQ(ParseTyped("+49 (0) 151 23456789", "US")->e164.view(), "+4915123456789");
  EXPECT_EQ(ParseTyped("+44(0)7400 123456", "US")->e164.view(), "+447400123456");
  EXPECT_EQ(ParseTyped("0049(0)15123456789", "FR")->e164.view(), "+4915123456789");
  EXPECT_EQ(ParseTyped("(0)151 23456789", "DE")->e164.view(), "+4915123456789");
  EXPECT_EQ(ParseTyped("(0151) 23456789", "DE")->e164.view(), "+4915123456789");
  EXPECT_EQ(ParseTyped("+49 (\u2009\u0660 ) 15123456789", "US")->e164.view(), "+4915123456789");
  EXPECT_FALSE(ParseTyped("+49 (0)(0) 15123456789", "DE"));
  // In Italy the zero belongs to the number.
  EXPECT_EQ(ParseTyped("+39 (0)6 12345678", "US")->e164.view(), "+390612345678");
  ASSERT_TRUE(ParseE164("+39351234567"));
  ASSERT_TRUE(ParseE164("+390351234567"));
  EXPECT_FALSE(ParseTyped("+39 (0)35 1234567", "IT")) << "a mobile number and Bergamo's";
}

TEST(ParseTyped, ReadsPrefixesAsTheRegionHasThem) {  // N-02
  EXPECT_EQ(ParseTyped("011 49 151 23456789", "US")->e164.view(), "+4915123456789");
  EXPECT_EQ(ParseTyped("00 49 151 23456789", "FR")->e164.view(), "+4915123456789");
  EXPECT_EQ(ParseTyped("0011 49 151 23456789", "AU")->e164.view(), "+4915123456789");
  EXPECT_EQ(ParseTyped("8 10 49 151 23456789", "RU")->e164.view(), "+4915123456789");
  EXPECT_EQ(ParseTyped("010 49 151 23456789", "JP")->e164.view(), "+4915123456789");
  EXPECT_EQ(ParseTyped("011 2345 6789", "IN")->e164.view(), "+911123456789") << "Delhi";
  ASSERT_TRUE(ParseE164("+29022158"));
  EXPECT_EQ(ParseTyped("011 2902 2158", "IN")->e164.view(), "+911129022158") << "not St Helena";
  EXPECT_FALSE(ParseTyped("00 6512524", "RW")) << "nothing abroad, and no national number";
  EXPECT_EQ(ParseTyped("310 2930", "TC")->e164.view(), "+16493102930") << "local";
  // In Thailand 004 chooses a carrier. Whoever dials 00 as at home means Germany, not Kanpur.
  ASSERT_TRUE(ParseE164("+915123456789"));
  EXPECT_FALSE(ParseTyped("0049 151 23456789", "TH"));
  EXPECT_EQ(ParseTyped("001 49 151 23456789", "TH")->e164.view(), "+4915123456789");
  // In the Seychelles 01 goes abroad, and 011 means that to many.
  EXPECT_FALSE(ParseTyped("011 248 421 7123", "SC"));
}

TEST(ParseTyped, RefusesASecondExtension) {  // N-02
  EXPECT_EQ(ParseTyped("030/123456-57", "DE")->e164.view(), "+493012345657");
  EXPECT_EQ(ParseTyped("030/1234", "DE", PhoneNumberCheck::kPossible)->e164.view(), "+49301234");
  EXPECT_FALSE(ParseTyped("030 123456/57", "DE"));
  EXPECT_FALSE(ParseTyped("030/123456/578", "DE"));
}

TEST(ParseTyped, ObeysThePolicy) {  // N-02, N-03, N-06
  Policy policy;
  EXPECT_TRUE(ParseTyped("030 12345678", "DE", policy));
  policy.number_types = {PhoneNumberType::kMobile};
  EXPECT_FALSE(ParseTyped("030 12345678", "DE", policy));
  EXPECT_TRUE(ParseTyped("0151 23456789", "DE", policy));
  // A meaning that the policy refuses is still a meaning: whose number it is stays unknown.
  EXPECT_FALSE(ParseTyped("491716783154", "DE", policy));
  policy = Policy();
  EXPECT_FALSE(ParseTyped("200 234 5678", "US", policy));
  policy.number_ranges = {{"US", "+1200[2-9]", 11, 11, PhoneNumberType::kFixedLineOrMobile}};
  EXPECT_EQ(ParseTyped("200 234 5678", "US", policy)->e164.view(), "+12002345678");
  policy = Policy();
  policy.accept_possible_numbers = true;
  EXPECT_EQ(ParseTyped("200 234 5678", "US", policy)->e164.view(), "+12002345678");
}

TEST(RedactPhoneNumber, ShowsTheRegionAndTwoDigits) {  // N-05
  EXPECT_EQ(RedactPhoneNumber(*ParseE164("+14155550123")),
            "US \xE2\x80\xA6"
            "23");
  EXPECT_EQ(RedactPhoneNumber(PhoneNumber()), "");
}

}  // namespace
}  // namespace otpcore
