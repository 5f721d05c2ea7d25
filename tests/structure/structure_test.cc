// SPDX-License-Identifier: Apache-2.0
// The shape of the project: who may include whom, what may appear where, how big things may get.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include "rule_ids.h"
#include "sources.h"

namespace otpcore {
namespace {

// The folder is the rule (docs/design.md): a file includes its own folder and those before it.
const std::vector<std::string> kLayers = {"base",     "model",    "rules",  "factors",
                                          "plan",     "commands", "engine", "storage",
                                          "adapters", "c",        "testing"};
// Components, each a library of its own that the core never sees. `pool` is what they share.
const std::vector<std::string> kComponents = {"pool", "postgres", "redis", "sqlite"};
// Ports are all that storage and adapters see of the layers from rules on.
const std::set<std::string> kPortHeaders = {"plan/outcome.h", "engine/ports.h", "plan/records.h",
                                            "plan/visits.h", "engine/directory.h"};

std::string FolderOf(const std::string& path) { return path.substr(0, path.find('/')); }

// The layer of a path below src/ or include/otpcore/; -1: none.
int LayerOf(const std::string& path) {
  const std::string folder = FolderOf(path);
  const auto found = std::find(kLayers.begin(), kLayers.end(), folder);
  return found == kLayers.end() ? -1 : static_cast<int>(found - kLayers.begin());
}

bool IsOfComponent(const std::string& path) {
  return std::find(kComponents.begin(), kComponents.end(), FolderOf(path)) != kComponents.end();
}

std::string WithoutPrefix(const std::string& text, const std::string& prefix) {
  return text.rfind(prefix, 0) == 0 ? text.substr(prefix.size()) : text;
}

std::vector<SourceFile> Product() {
  std::vector<SourceFile> files = SourcesIn("include", {".h"});
  for (SourceFile& file : SourcesIn("src", {".h", ".cc"})) files.push_back(std::move(file));
  return files;
}

// Below src/ or include/otpcore/.
std::string PathInTree(const SourceFile& file) {
  return WithoutPrefix(WithoutPrefix(file.path, "src/"), "include/otpcore/");
}

bool MayInclude(const std::string& path, const std::string& include) {
  if (IsOfComponent(include))
    return FolderOf(include) == FolderOf(path) || FolderOf(include) == "pool";
  if (IsOfComponent(path))
    return LayerOf(include) <= 1 || FolderOf(include) == "adapters" || kPortHeaders.count(include);
  const std::string folder = kLayers[static_cast<size_t>(LayerOf(path))];
  if (folder != "storage" && folder != "adapters") return LayerOf(include) <= LayerOf(path);
  return LayerOf(include) <= 1 || LayerOf(include) == LayerOf(path) || kPortHeaders.count(include);
}

TEST(Structure, EveryFileHasALayerAndIncludesOnlyThoseBeforeIt) {
  ASSERT_GT(Product().size(), 40u);
  size_t includes = 0;
  for (const SourceFile& file : Product()) {
    const std::string path = PathInTree(file);
    if (path == "otpcore.h") {  // all of them
      for (const std::string& include : IncludesOf(file))
        EXPECT_FALSE(IsOfComponent(WithoutPrefix(include, "otpcore/"))) << include;
      continue;
    }
    ASSERT_TRUE(LayerOf(path) >= 0 || IsOfComponent(path)) << file.path << " lies in no layer";
    for (const std::string& written : IncludesOf(file)) {
      const std::string include = WithoutPrefix(written, "otpcore/");
      if (LayerOf(include) < 0 && !IsOfComponent(include)) continue;
      EXPECT_TRUE(MayInclude(path, include)) << file.path << " includes " << include;
      ++includes;
    }
  }
  EXPECT_GT(includes, 100u);
  EXPECT_FALSE(MayInclude("model/member.h", "rules/event.h"));
  EXPECT_FALSE(MayInclude("storage/memory_store.cc", "commands/find_member.h"));
  EXPECT_FALSE(MayInclude("adapters/memory_guard.cc", "postgres/guard.h"));
  EXPECT_FALSE(MayInclude("postgres/store.cc", "redis/connection.h"));
  EXPECT_FALSE(MayInclude("postgres/store.cc", "commands/find_member.h"));
  EXPECT_TRUE(MayInclude("postgres/store.cc", "pool/connection_pool.h"));
}

TEST(Structure, PublicHeadersUseStandardTypesOnly) {
  const std::map<std::string, std::string> kRooms = {
      {"include/otpcore/adapters/absl_status.h", "absl/"},
      {"include/otpcore/c/otpcore.h", "std"},  // stddef.h, stdint.h: it is C
      {"include/otpcore/testing/directory_kit.h", "gtest/"},
      {"include/otpcore/testing/matchers.h", "gmock/"},
      {"include/otpcore/testing/store_kit.h", "gtest/"},
  };
  for (const SourceFile& file : SourcesIn("include", {".h"})) {
    for (const std::string& include : IncludesOf(file)) {
      const bool standard = include.find('.') == std::string::npos;
      const bool own = include.rfind("otpcore/", 0) == 0;
      const auto room = kRooms.find(file.path);
      const bool invited = room != kRooms.end() && include.rfind(room->second, 0) == 0;
      EXPECT_TRUE(standard || own || invited) << file.path << " includes " << include;
    }
  }
}

TEST(Structure, EachForeignLibraryHasItsOwnRoom) {
  const std::map<std::string, std::set<std::string>> rooms = {
      {"phonenumbers/", {"src/rules/phone_library.cc"}},
      {"google/", {"src/rules/phone_library.cc"}},
      {"sodium",
       {"src/rules/passcode.cc", "src/rules/aead.cc", "src/rules/field_digest.cc",
        "src/rules/hmac.cc", "src/rules/hmac.h", "src/rules/request_tag.cc", "src/rules/sealing.cc",
        "src/rules/tags.cc", "src/base/key_hash.cc", "src/adapters/sodium_random.cc",
        "src/adapters/buffered_random.cc", "src/adapters/sealed_message.cc",
        "src/adapters/session_digest.cc"}},
      {"chrono",
       {"include/otpcore/base/time.h", "src/adapters/system_clock.cc",
        "src/pool/connection_pool.h"}},
      {"libpq", {"src/postgres/connection.h"}},
      {"hiredis/", {"src/redis/connection.h"}},
      {"openssl/", {"src/redis/socket.cc"}},
      {"sqlite3", {"src/sqlite/connection.h"}},
  };
  for (const SourceFile& file : Product()) {
    if (file.path.find("/testing/") != std::string::npos) continue;  // kits wait for real servers
    for (const std::string& include : IncludesOf(file)) {
      for (const auto& [prefix, allowed] : rooms) {
        if (include.rfind(prefix, 0) == 0) {
          EXPECT_TRUE(allowed.count(file.path)) << file.path << " includes " << include;
        }
      }
    }
  }
}

TEST(Structure, TheLibraryDoesNoIoAndThrowsNothing) {
  const std::regex forbidden(
      R"(<iostream>|<fstream>|<cstdio>|<ctime>|<thread>|<(stdio|time|sys/time|unistd)\.h>|printf\b|\bputs\b|\bstd::c(out|err|log)\b|\bgetenv|)"
      R"(\btime\(|\bclock_gettime|\bgettimeofday|absl::Now|\w_clock::now|\bthrow\b|)"
      R"(\bshared_ptr<(Clock|Store|Sms|Secure|Session))");
  for (const SourceFile& file : SourcesIn("src", {".h", ".cc"})) {
    if (file.path == "src/adapters/system_clock.cc" || IsOfComponent(PathInTree(file))) continue;
    std::istringstream lines(file.text);
    for (std::string line; std::getline(lines, line);) {
      const std::string code = line.substr(0, line.find("//"));
      EXPECT_FALSE(std::regex_search(code, forbidden)) << file.path << ": " << line;
    }
  }
}

TEST(Structure, TheDriverIsShortAndKnowsNoDomain) {
  size_t lines = 0;
  for (const SourceFile& file : SourcesIn("src", {".cc"})) {
    if (file.path != "src/engine/operation.cc") continue;
    lines = file.Lines();
    for (const char* word : {"asscode", "error_type", "ErrorCode", "hone", "essage.body"})
      EXPECT_EQ(file.text.find(word), std::string::npos) << word;
  }
  EXPECT_GT(lines, 0u);
  EXPECT_LT(lines, 300u);
}

// A factor plugs in with its row, its fields and its own files: what all of them go through must
// not name one. tests/commands/toy_factor_test.cc shows it the other way round.
TEST(Structure, WhatAllFactorsGoThroughNamesNone) {
  const std::regex a_factor(
      R"(\bk(Sms|Totp|Recovery|EmailPasscode|HostPrimary)\w*|\bSms\w*|\bTotp\w*|\bRecover\w*|\bHasSms|\bHasTotp)");
  const std::set<std::string> shared = {
      "src/commands/prove_factor.cc", "src/commands/prove_factor.h", "src/engine/engine.cc",
      "src/engine/operation.cc",      "src/engine/reply.cc",         "src/plan/decision.cc",
      "src/storage/memory_store.cc"};
  size_t seen = 0;
  for (const SourceFile& file : SourcesIn("src", {".h", ".cc"})) {
    if (shared.count(file.path) == 0) continue;
    ++seen;
    std::istringstream lines(file.text);
    for (std::string line; std::getline(lines, line);) {
      const std::string code = line.substr(0, line.find("//"));
      EXPECT_FALSE(std::regex_search(code, a_factor)) << file.path << ": " << line;
    }
  }
  EXPECT_EQ(seen, shared.size());
}

TEST(Structure, FunctionsStaySmall) {
  // A function of this style starts at the margin, on however many lines, and ends with a brace
  // there. Classes and tables end with "};", namespaces with "}  //".
  const std::regex no_start("^(#|//|namespace)");
  for (const SourceFile& file : SourcesIn("src", {".h", ".cc"})) {
    std::istringstream lines(file.text);
    size_t number = 0;
    size_t since = 0;
    for (std::string line; std::getline(lines, line);) {
      ++number;
      if (line.empty() || line[0] == ' ') continue;
      if (line == "}" || line.rfind("}  // NOLINT", 0) == 0) {
        EXPECT_LE(number - since, 60u) << file.path << ":" << since;
      }
      if (!std::regex_search(line, no_start)) since = number;
    }
  }
}

TEST(Structure, EveryFileNamesItsLicence) {
  for (const char* folder :
       {"include", "src", "docs", "cmake", "tests", "bench", "fuzz", "tools"}) {
    for (const SourceFile& file : SourcesIn(folder, {".h", ".cc", ".cmake", ".sh", ".py", ".js"})) {
      const size_t at = file.text.find("SPDX-License-Identifier: Apache-2.0\n");
      EXPECT_LT(at, 60u) << file.path;  // in the first line, or behind a "#!"
    }
  }
}

TEST(Structure, NoPathOfAMachineStandsInTheProject) {
  const std::regex forbidden(R"((^|[^a-z.])/(work|home|root|tmp)/)");
  for (const char* folder :
       {"include", "src", "docs", "cmake", "tests", "bench", "fuzz", "tools", ".ci"}) {
    for (const SourceFile& file :
         SourcesIn(folder, {".h", ".cc", ".md", ".cmake", ".txt", ".sh", ""})) {
      if (file.path == "tests/structure/structure_test.cc") continue;
      EXPECT_FALSE(std::regex_search(file.text, forbidden)) << file.path;
    }
  }
}

// ---- Rules ----

TEST(Rules, EveryIdIsNamedByATest) {  // B-01
  std::string tests;
  for (const SourceFile& file : SourcesIn("tests", {".cc", ".h"})) tests += file.text;
  const std::set<std::string> ids = RuleIds();
  for (const std::string& id : ids)
    EXPECT_NE(tests.find(id), std::string::npos) << id << " is named by no test";
  EXPECT_GE(ids.size(), 109u);  // none is lost
}

// Whoever meets an id must find what it stands for. Ids of B are evidence, of docs/evidence.md.
TEST(Rules, EveryIdThatIsCitedStandsInThePage) {
  const std::regex citation(R"(\b([AC-Z]|[A-Z]{2})-\d\d\b)");
  const std::set<std::string> ids = RuleIds();
  size_t citations = 0;
  for (const char* folder : {"include", "src", "tests", "docs"}) {
    for (const SourceFile& file : SourcesIn(folder, {".h", ".cc", ".md"})) {
      std::sregex_iterator at(file.text.begin(), file.text.end(), citation);
      for (const std::sregex_iterator end; at != end; ++at, ++citations)
        EXPECT_TRUE(ids.count(at->str())) << file.path << " cites " << at->str();
    }
  }
  EXPECT_GT(citations, 500u);
}

}  // namespace
}  // namespace otpcore
