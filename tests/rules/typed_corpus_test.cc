// SPDX-License-Identifier: Apache-2.0
// A corpus of what people type and paste, for every region that libphonenumber knows: its example
// numbers and others near them, as they are written at home and abroad, with local habits and with
// what comes along when text is copied. Never is another number read than the one that was meant
// (N-02).
#include <gtest/gtest.h>
#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "otpcore/rules/number_ranges.h"
#include "otpcore/rules/phone_number.h"

namespace otpcore {
namespace {

using Library = i18n::phonenumbers::PhoneNumberUtil;
using Parsed = i18n::phonenumbers::PhoneNumber;

const Library& Lib() { return *Library::GetInstance(); }

// A number and how its country writes it.
struct Meant {
  std::string e164;
  std::string region;
  std::string code;           // country code
  std::string significant;    // without country code and trunk prefix
  std::string national;       // "0151 23456789"
  std::string international;  // "+49 1512 3456789"
  Parsed parsed;
};

std::optional<Meant> Describe(const Parsed& parsed) {
  Meant meant;
  meant.parsed = parsed;
  Lib().Format(parsed, Library::E164, &meant.e164);
  const auto read = ParseE164(meant.e164);
  if (!read) return std::nullopt;  // of a refused type, or too short
  meant.region = read->region.str();
  meant.code = std::to_string(parsed.country_code());
  Lib().GetNationalSignificantNumber(parsed, &meant.significant);
  Lib().Format(parsed, Library::NATIONAL, &meant.national);
  Lib().Format(parsed, Library::INTERNATIONAL, &meant.international);
  return meant;
}

int OthersOfEach() { return std::getenv("OTPCORE_DEEP") != nullptr ? 40 : 2; }

// A number of a range, "[2-9]" read as its first digit.
std::string NumberOf(const AssignedRange& range, std::mt19937* random) {
  std::string e164;
  for (size_t at = 0; at < range.prefix.size(); ++at) {
    if (range.prefix[at] == '[') {
      e164 += range.prefix[at + 1];
      at = range.prefix.find(']', at);
    } else {
      e164 += range.prefix[at];
    }
  }
  while (e164.size() <= static_cast<size_t>(range.digits_max))
    e164 += static_cast<char>('0' + (*random)() % 10);
  return e164;
}

// The examples of all regions and types, for each some that differ in their last digits, and a
// number of each range that the library may not know.
std::vector<Meant> Numbers() {
  std::vector<Meant> numbers;
  std::set<std::string> regions, seen;
  Lib().GetSupportedRegions(&regions);
  std::mt19937 random(20261130);
  const auto add = [&](const Parsed& parsed) {
    auto meant = Describe(parsed);
    if (meant && seen.insert(meant->e164).second) numbers.push_back(*std::move(meant));
  };
  for (const std::string& region : regions) {
    for (const auto type :
         {Library::FIXED_LINE, Library::MOBILE, Library::FIXED_LINE_OR_MOBILE, Library::VOIP}) {
      Parsed example;
      if (!Lib().GetExampleNumberForType(region, type, &example)) continue;
      add(example);
      for (int found = 0, tries = 0; found < OthersOfEach() && tries < 200; ++tries) {
        Parsed other = example;
        uint64_t span = 1;
        for (auto digits = 3 + random() % 4; digits > 0; --digits) span *= 10;
        other.set_national_number(example.national_number() / span * span + random() % span);
        if (!Lib().IsValidNumber(other)) continue;
        add(other);
        ++found;
      }
    }
  }
  for (const AssignedRange& range : BuiltInNumberRanges()) {
    Parsed parsed;
    if (Lib().Parse(NumberOf(range, &random), "ZZ", &parsed) == Library::NO_PARSING_ERROR)
      add(parsed);
  }
  return numbers;
}

// ---- How it is written ----

std::string DigitsOf(const std::string& text) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') digits += c;
  }
  return digits;
}

std::string Replace(const std::string& text, const std::string& what, const std::string& by) {
  std::string result;
  for (size_t at = 0; at < text.size();) {
    if (text.compare(at, what.size(), what) == 0) {
      result += by;
      at += what.size();
    } else {
      result += text[at++];
    }
  }
  return result;
}

// Each digit replaced by that of a block of ten code points; UTF-8 of the first one is given.
std::string InScript(const std::string& text, std::string zero) {
  std::string result;
  const char last = zero.back();
  for (const char c : text) {
    if (c < '0' || c > '9') {
      result += c;
      continue;
    }
    zero.back() = static_cast<char>(last + (c - '0'));
    result += zero;
  }
  return result;
}

// "0151/23456789": the first gap is a slash. Not in North America.
std::string Slashed(const Meant& meant) {
  const size_t gap = meant.national.find_first_of(" -");
  if (gap == std::string::npos || DigitsOf(meant.national.substr(gap)).size() < 4) return "";
  std::string text = meant.national;
  text[gap] = '/';
  return text;
}

bool HasTrunkZero(const Meant& meant) {
  std::string prefix;
  Lib().GetNddPrefixForRegion(meant.region, true, &prefix);
  return prefix == "0";
}

// "+49 (0)151 …", where the trunk prefix is a zero.
std::string WithZeroInParentheses(const Meant& meant, const std::string& before) {
  if (!HasTrunkZero(meant)) return "";
  return before + meant.code + " (0)" + meant.significant;
}

// As it is dialled in `from`: "011 49 …" in the US. A tilde, in Russia, is a tone to wait for.
std::string DialledIn(const std::string& from, const Meant& meant) {
  std::string text;
  Lib().FormatOutOfCountryCallingNumber(meant.parsed, from, &text);
  return Replace(text, "~", " ");
}

struct Form {
  const char* name;
  std::function<std::string(const Meant&)> write;  // "": there is no such form of this number
  const char* region = nullptr;                    // where it is typed; null: at home
  int read_percent_min = 99;                       // the floor, of those tried
};

const std::vector<Form>& Forms() {
  using M = const Meant&;
  static const std::vector<Form> forms = {
      {"national", [](M m) { return m.national; }},
      {"national, digits", [](M m) { return DigitsOf(m.national); }},
      {"without trunk prefix", [](M m) { return m.significant; }},
      {"national, slash", Slashed},
      {"national, dots", [](M m) { return Replace(m.national, " ", "."); }},
      {"national, U+00A0", [](M m) { return Replace(m.national, " ", "\u00A0"); }},
      {"national, U+2011", [](M m) { return Replace(m.national, "-", "\u2011"); }},
      {"national, full width", [](M m) { return InScript(m.national, "\uFF10"); }},
      {"national, Arabic", [](M m) { return InScript(m.national, "\u0660"); }},
      {"national, Persian", [](M m) { return InScript(m.national, "\u06F0"); }},
      {"national, Devanagari", [](M m) { return InScript(DigitsOf(m.national), "\u0966"); }},
      {"national, marks", [](M m) { return "\u200E\u202A" + m.national + "\u202C\u200B\n"; }},
      {"E.164", [](M m) { return m.e164; }},
      {"E.164, abroad", [](M m) { return m.e164; }, "JP"},
      {"international", [](M m) { return m.international; }},
      {"international, abroad", [](M m) { return m.international; }, "BR"},
      {"international, no region", [](M m) { return m.international; }, ""},
      {"international, slashes", [](M m) { return "+" + m.code + "/" + m.significant; }, "DE"},
      {"international, marks",
       [](M m) { return "\u202D\u2066 " + m.international + "\u2069\u202C\uFE0F"; }, "US"},
      {"international, (+", [](M m) { return " (+" + m.code + ") " + m.significant; }, "US"},
      {"international, full width",
       [](M m) { return InScript("\uFF0B" + m.e164.substr(1), "\uFF10"); }, "US"},
      {"international, minus", [](M m) { return Replace(m.international, " ", "\u2212"); }, "GB"},
      {"international, (0)", [](M m) { return WithZeroInParentheses(m, "+"); }, "US"},
      {"00, (0)", [](M m) { return WithZeroInParentheses(m, "00"); }, "FR"},
      {"without plus", [](M m) { return m.international.substr(1); }, nullptr, 98},
      {"without plus, digits", [](M m) { return m.e164.substr(1); }, nullptr, 98},
      {"00 in Germany", [](M m) { return "00" + m.e164.substr(1); }, "DE"},
      {"00 at home", [](M m) { return "00" + m.e164.substr(1); }, nullptr, 70},
      {"00 in Thailand", [](M m) { return "00" + m.e164.substr(1); }, "TH", 0},
      {"00 in Brazil", [](M m) { return "00" + m.e164.substr(1); }, "BR", 0},
      {"00 in Korea", [](M m) { return "00" + m.e164.substr(1); }, "KR", 0},
      {"00 in the US", [](M m) { return "00" + m.e164.substr(1); }, "US", 0},
      {"011 in the US", [](M m) { return "011 " + m.international.substr(1); }, "US"},
      {"011 at home", [](M m) { return "011" + m.e164.substr(1); }, nullptr, 0},
      {"as dialled in the US", [](M m) { return DialledIn("US", m); }, "US"},
      {"as dialled in France", [](M m) { return DialledIn("FR", m); }, "FR"},
      {"as dialled in Japan", [](M m) { return DialledIn("JP", m); }, "JP"},
      {"as dialled in Russia", [](M m) { return DialledIn("RU", m); }, "RU"},
      {"as dialled in Australia", [](M m) { return DialledIn("AU", m); }, "AU"},
      {"as dialled in Brazil", [](M m) { return DialledIn("BR", m); }, "BR"},
  };
  return forms;
}

struct Counts {
  int tried = 0, read = 0, refused = 0, wrong = 0;
};

void Try(const Form& form, const Meant& meant, Counts* counts) {
  const std::string text = form.write(meant);
  if (text.empty()) return;
  ++counts->tried;
  const std::string region = form.region != nullptr ? form.region : meant.region;
  auto read = ParseTyped(text, region);
  if (read && read->e164.view() == meant.e164) {
    ++counts->read;
    return;
  }
  // What is refused, a policy that takes possible numbers must not read as another either.
  if (!read) read = ParseTyped(text, region, PhoneNumberCheck::kPossible);
  if (!read || read->e164.view() == meant.e164) {
    ++counts->refused;
    return;
  }
  ++counts->wrong;
  ADD_FAILURE() << form.name << ": " << text << " is " << meant.e164 << " of " << meant.region
                << ", read as " << read->e164.view();
}

void Print(const char* name, const Counts& counts) {
  std::printf("%-30s %7d %7d %7d %5d\n", name, counts.tried, counts.read, counts.refused,
              counts.wrong);
}

TEST(TypedCorpus, NeverReadsAnotherNumberThanTheOneMeant) {  // N-02
  const std::vector<Meant> numbers = Numbers();
  std::set<std::string> regions;
  for (const Meant& meant : numbers) regions.insert(meant.region);
  ASSERT_GT(numbers.size(), 2000u);
  EXPECT_GT(regions.size(), 240u);
  Counts all;
  std::printf("%-30s %7s %7s %7s %5s\n", "form", "tried", "read", "refused", "wrong");
  for (const Form& form : Forms()) {
    Counts counts;
    for (const Meant& meant : numbers) Try(form, meant, &counts);
    Print(form.name, counts);
    EXPECT_GE(counts.read * 100, counts.tried * form.read_percent_min) << form.name;
    all.tried += counts.tried;
    all.read += counts.read;
    all.refused += counts.refused;
    all.wrong += counts.wrong;
  }
  Print("all", all);
  std::printf("%zu numbers of %zu regions\n", numbers.size(), regions.size());
  EXPECT_EQ(all.wrong, 0);
  EXPECT_GE(all.read * 10, all.tried * 8);
}

}  // namespace
}  // namespace otpcore
