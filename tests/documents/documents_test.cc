// SPDX-License-Identifier: Apache-2.0
// What stands in the pages as C++ is compiled, and what is compiled stands in them.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "compiled_blocks.h"
#include "structure/sources.h"

namespace otpcore {
namespace {

// The fenced blocks of a page by the word after the fence, and what looks like C++ outside of them.
struct Blocks {
  std::map<std::string, std::vector<std::string>> by_language;
  std::vector<std::string> strays;
};

Blocks BlocksOf(const std::string& text) {
  Blocks blocks;
  std::istringstream lines(text);
  bool inside = false;
  std::string language;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("```", 0) == 0) {
      inside = !inside;
      language = line.substr(3);
      if (inside) blocks.by_language[language].emplace_back();
    } else if (inside) {
      blocks.by_language[language].back() += line + "\n";
    }
    const bool include = line.find("#include") != std::string::npos;
    const bool statement = inside && language.empty() && !line.empty() && line.back() == ';';
    if (statement || (include && !(inside && language == "cpp"))) blocks.strays.push_back(line);
  }
  return blocks;
}

std::vector<SourceFile> Pages() {
  std::vector<SourceFile> pages = SourcesIn("docs", {".md"});
  for (SourceFile& page : SourcesIn("", {".md"})) {
    if (page.path.find('/') == std::string::npos) pages.push_back(std::move(page));
  }
  return pages;
}

size_t CompiledOf(const std::string& page) {
  for (const CompiledBlocks& compiled : kCompiledBlocks) {
    if (compiled.page == page) return compiled.count;
  }
  return 0;
}

TEST(Documents, EveryCppBlockIsCompiled) {
  size_t blocks = 0;
  for (const SourceFile& page : Pages()) {
    const Blocks found = BlocksOf(page.text);
    const auto cpp = found.by_language.find("cpp");
    const size_t count = cpp == found.by_language.end() ? 0 : cpp->second.size();
    EXPECT_EQ(CompiledOf(page.path), count) << page.path;
    blocks += count;
  }
  EXPECT_GE(blocks, 6u);
}

// Under another name, or without a fence, a block would escape the test above.
TEST(Documents, CppStandsInCppBlocksOnly) {
  for (const SourceFile& page : Pages()) {
    const Blocks found = BlocksOf(page.text);
    for (const auto& [language, blocks] : found.by_language) {
      // Without a word: what a program printed.
      EXPECT_TRUE(language == "cpp" || language == "cmake" || language == "sh" || language.empty())
          << page.path << ": a block of '" << language << "'";
    }
    EXPECT_EQ(found.strays, std::vector<std::string>()) << page.path;
  }
}

TEST(Documents, TheQuickstartIsUnderThirtyLinesOfTheUsersCode) {
  for (const SourceFile& page : Pages()) {
    if (page.path != "docs/quickstart.md") continue;
    const auto blocks = BlocksOf(page.text).by_language["cpp"];
    ASSERT_EQ(blocks.size(), 1u);
    EXPECT_LT(std::count(blocks[0].begin(), blocks[0].end(), '\n'), 30);
    return;
  }
  FAIL() << "there is no docs/quickstart.md";
}

}  // namespace
}  // namespace otpcore
