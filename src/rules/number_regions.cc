// SPDX-License-Identifier: Apache-2.0
#include "rules/number_regions.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "rules/phone_library.h"

namespace otpcore {
namespace {

struct Advice {
  const char* region;
  const char* advice;
};

// What people write for a region, and no phone number is of.
constexpr Advice kNotCodes[] = {
    {"AN", "write CW, SX and BQ"},
    {"EL", "write GR"},
    {"EN", "write GB"},
    {"EU", "list its countries, such as DE and FR"},
    {"UK", "write GB"},
    {"UM", "write US"},
};

// Their mobile numbers are of another region: the dial code and the ranges are shared.
constexpr Advice kWithoutMobiles[] = {
    {"AX", "FI"}, {"BL", "GP"}, {"CC", "AU"}, {"CX", "AU"}, {"EH", "MA"},
    {"MF", "GP"}, {"SJ", "NO"}, {"TA", "SH"}, {"VA", "IT"},
};

template <size_t kSize>
const char* Find(const Advice (&list)[kSize], const std::string& region) {
  const auto* const found = std::find_if(std::begin(list), std::end(list),
                                         [&](const Advice& a) { return region == a.region; });
  return found == std::end(list) ? nullptr : found->advice;
}

bool Lists(const std::vector<std::string>& regions, const std::string& region) {
  return std::find(regions.begin(), regions.end(), region) != regions.end();
}

// The regions of the default policy. They need no look at the metadata, whose first use takes long.
bool IsNorthAmerican(const std::string& region) { return region == "US" || region == "CA"; }

std::optional<std::string> ProblemWithRegion(const char* list, const std::string& region) {
  if (IsNorthAmerican(region)) return std::nullopt;
  const std::string lists = absl::StrCat(list, " lists ", region);
  if (const char* const advice = Find(kNotCodes, region))
    return absl::StrCat(lists, ", and no phone number is of ", region, ": ", advice, ".");
  if (CountryCodeOf(region) == 0)
    return absl::StrCat(lists, ", and no phone number is of ", region,
                        ": write the ISO 3166-1 code of a country, such as US.");
  if (const char* const other = Find(kWithoutMobiles, region))
    return absl::StrCat(lists, ", but mobile numbers there are numbers of ", other, ": write ",
                        other, ".");
  return std::nullopt;
}

// Whether the policy takes a type that numbers of the region have.
bool TakesNumbersOf(const std::string& region, const std::vector<PhoneNumberType>& types) {
  const auto takes = [&](PhoneNumberType type) {
    return std::find(types.begin(), types.end(), type) != types.end();
  };
  if (IsNorthAmerican(region) && takes(PhoneNumberType::kFixedLineOrMobile)) return true;
  for (const PhoneNumberType type :
       {PhoneNumberType::kMobile, PhoneNumberType::kFixedLine, PhoneNumberType::kVoip}) {
    // An example of a mobile number may be of the type "fixed line or mobile".
    const auto example = ExampleNumber(region, type);
    if (example && takes(example->type)) return true;
  }
  return false;
}

}  // namespace

void ExpandRegions(std::vector<std::string>* regions) {
  const auto at = std::find(regions->begin(), regions->end(), "US+");
  if (at == regions->end()) return;
  regions->erase(std::remove(at, regions->end(), "US+"), regions->end());
  for (const char* region : {"US", "PR", "GU", "VI", "AS", "MP"}) {
    if (!Lists(*regions, region)) regions->emplace_back(region);
  }
}

std::optional<std::string> ProblemWithRegions(const Policy& policy) {
  for (const std::string& region : policy.allowed_regions) {
    if (auto problem = ProblemWithRegion("allowed_regions", region)) return problem;
  }
  for (const std::string& region : policy.unsupported_regions) {
    if (auto problem = ProblemWithRegion("unsupported_regions", region)) return problem;
  }
  bool any = false;
  for (const std::string& region : policy.allowed_regions) {
    if (Lists(policy.unsupported_regions, region)) continue;
    any = true;
    if (TakesNumbersOf(region, policy.number_types)) continue;
    return absl::StrCat("allowed_regions lists ", region, ", but number_types has no type that its",
                        " numbers have: add one (fixed line or mobile for US and CA), or leave ",
                        region, " out.");
  }
  if (any) return std::nullopt;
  return "unsupported_regions lists all of allowed_regions, so no passcode could be sent: allow "
         "another region.";
}

}  // namespace otpcore
