// SPDX-License-Identifier: Apache-2.0
// The ids of the rules, as docs/rules.md lists them.
#ifndef OTPCORE_TESTS_STRUCTURE_RULE_IDS_H_
#define OTPCORE_TESTS_STRUCTURE_RULE_IDS_H_

#include <fstream>
#include <regex>
#include <set>
#include <string>

namespace otpcore {

// The first bold word of each row; an id that two rows have counts once.
inline std::set<std::string> RuleIds() {
  std::ifstream page(std::string(OTPCORE_SOURCE_DIR) + "/docs/rules.md");
  const std::regex row(R"(^- \*\*([A-Z]{1,2}-\d\d)\*\* \S)");
  std::set<std::string> ids;
  std::smatch match;
  for (std::string line; std::getline(page, line);) {
    if (std::regex_search(line, match, row)) ids.insert(match[1]);
  }
  return ids;
}

}  // namespace otpcore

#endif  // OTPCORE_TESTS_STRUCTURE_RULE_IDS_H_
