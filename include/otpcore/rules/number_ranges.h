// SPDX-License-Identifier: Apache-2.0
// The table of number ranges that were assigned after the packaged libphonenumber was made (rule
// N-06): the area codes of the US and Canada, Benin's ten digits, new mobile ranges. A number that
// libphonenumber calls invalid is looked for among a policy's own ranges, then here.
//
// The rows are those of src/rules/data/number_ranges.csv, which says where they come from. A row
// that the linked libphonenumber has learned does no harm; tests print which ones those are.
#ifndef OTPCORE_RULES_NUMBER_RANGES_H_
#define OTPCORE_RULES_NUMBER_RANGES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "otpcore/base/export.h"
#include "otpcore/model/policy.h"

namespace otpcore {

// A row of the table. Prefix and digits are as in NumberRange (policy.h).
struct AssignedRange {
  std::string_view region;
  std::string_view prefix;
  int digits_min;
  int digits_max;
  PhoneNumberType type;
  std::string_view since;   // "2024-02-26": in service, or first published by the source
  std::string_view source;  // "NANPA planning letter 598"
};

// A view of the table's rows, by region and prefix. Immutable; lives as long as the program.
class AssignedRanges {
 public:
  AssignedRanges(const AssignedRange* rows, size_t size) : rows_(rows), size_(size) {}
  const AssignedRange* begin() const { return rows_; }
  const AssignedRange* end() const { return rows_ + size_; }
  size_t size() const { return size_; }

 private:
  const AssignedRange* rows_;
  size_t size_;
};

OTPCORE_EXPORT AssignedRanges BuiltInNumberRanges();

// What a range says of its numbers.
struct RangeFacts {
  std::string_view region;  // of the range that was found, which must outlive it
  PhoneNumberType type;
};

// The first of `own`, if given, else the row of the table, that holds `e164`. Absent: none does.
// Takes some microseconds. Thread-safe.
OTPCORE_EXPORT std::optional<RangeFacts> FindNumberRange(
    std::string_view e164, const std::vector<NumberRange>* own = nullptr);

// Absent when the range makes sense; else one sentence for the operator. Thread-safe.
OTPCORE_EXPORT std::optional<std::string> ProblemWithRange(const NumberRange& range);

}  // namespace otpcore

#endif  // OTPCORE_RULES_NUMBER_RANGES_H_
