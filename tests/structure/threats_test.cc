// SPDX-License-Identifier: Apache-2.0
// The threat table of docs/security.md: every threat has a row, and every test it names is there.
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "rule_ids.h"
#include "sources.h"

namespace otpcore {
namespace {

constexpr int kThreats = 50;

std::vector<std::string> TableRows() {
  std::vector<std::string> rows;
  for (const SourceFile& file : SourcesIn("docs", {".md"})) {
    if (file.path != "docs/security.md") continue;
    std::istringstream lines(file.text);
    for (std::string line; std::getline(lines, line);) {
      if (std::regex_search(line, std::regex(R"(^\| [0-9]+ \|)"))) rows.push_back(line);
    }
  }
  return rows;
}

std::vector<std::string> Cells(const std::string& row) {
  std::vector<std::string> cells;
  std::istringstream text(row.substr(1));
  for (std::string cell; std::getline(text, cell, '|');) cells.push_back(cell);
  return cells;
}

std::vector<std::string> AllMatches(const std::string& text, const std::regex& expression) {
  std::vector<std::string> found;
  for (std::sregex_iterator i(text.begin(), text.end(), expression), end; i != end; ++i)
    found.push_back((*i)[1]);
  return found;
}

// "Suite.Test" of every test in tests/, and the names of programs that CTest or a script runs.
std::set<std::string> KnownTests() {
  std::set<std::string> names;
  const std::regex test(R"(\bTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\))");
  for (const SourceFile& file : SourcesIn("tests", {".cc"})) {
    for (std::sregex_iterator i(file.text.begin(), file.text.end(), test), end; i != end; ++i)
      names.insert((*i)[1].str() + "." + (*i)[2].str());
  }
  for (const SourceFile& file : SourcesIn("tests", {".txt", ".sh"})) {
    for (const std::string& name : AllMatches(file.text, std::regex(R"(add_test\(NAME (\w+))")))
      names.insert(name);
    if (file.path == "tests/secrecy/run.sh") names.insert(file.path);
  }
  return names;
}

TEST(ThreatTable, HasARowForEachThreatInOrder) {
  const std::vector<std::string> rows = TableRows();
  ASSERT_EQ(rows.size(), static_cast<size_t>(kThreats));
  for (int i = 0; i < kThreats; ++i)
    EXPECT_EQ(rows[static_cast<size_t>(i)].find("| " + std::to_string(i + 1) + " |"), 0u);
}

TEST(ThreatTable, NamesTestsThatAreThereAndRulesThatAreRules) {
  const std::set<std::string> tests = KnownTests();
  ASSERT_GT(tests.size(), 200u);
  const std::set<std::string> rules = RuleIds();
  for (const std::string& row : TableRows()) {
    const std::vector<std::string> cells = Cells(row);
    ASSERT_GE(cells.size(), 5u) << row;
    EXPECT_GT(cells[2].size(), 10u) << "a defence: " << row;
    const auto ids = AllMatches(cells[3], std::regex(R"(\b([A-Z]{1,2}-[0-9][0-9]))"));
    EXPECT_FALSE(ids.empty()) << row;
    for (const std::string& id : ids) EXPECT_TRUE(rules.count(id)) << id;
    const auto named = AllMatches(cells[4], std::regex("`([^`]+)`"));
    EXPECT_FALSE(named.empty()) << row;
    for (const std::string& name : named) EXPECT_TRUE(tests.count(name)) << name << " is no test";
  }
}

}  // namespace
}  // namespace otpcore
