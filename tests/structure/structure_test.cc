// The shape of the project: who may include whom, what may appear where, how big things may get.
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>

#include "rule_ids.h"
#include "sources.h"

namespace otpcore {
namespace {

// Each file may include files of its own layer and of those before it (docs/design.md).
const std::vector<std::pair<std::string, std::vector<std::string>>> kLayers = {
    {"base",
     {"time", "error", "result", "ids", "secret", "text", "version", "export", "utf8",
      "generated_id", "declassify"}},
    {"model",
     {"enrollment_state", "policy", "organization", "member", "ledgers", "session", "record"}},
    {"rules",
     {"phone_number", "passcode", "message", "message_texts", "gsm7", "enrollment", "event",
      "config"}},
    {"commands",
     {
         "command",
         "command_for",
         "sms_passcode",
         "members",
         "organizations",
         "mfa_step",
         "mfa_factors",
         "create_member",
         "update_member",
         "remove_member",
         "member_fields",
         "target",
         "names",
         "linking",
         "send_sms_otp",
         "authenticate_sms_otp",
         "report_delivery",
     }},
    {"operation", {"operation"}},
    {"hosts",
     {"ports", "engine", "memory_store", "memory_sessions", "memory_guard", "system_ports",
      "system_clock", "sodium_random", "buffered_random", "codec", "codec_archive", "record_layout",
      "packed_record", "absl_status"}},
    {"otpcore", {"otpcore"}},
};

// The layer of "include/otpcore/x.h", "src/x.cc" and "otpcore/x.h"; testing/ comes last.
int LayerOf(const std::string& path) {
  if (path.find("testing/") != std::string::npos) return static_cast<int>(kLayers.size());
  std::string name = path.substr(path.rfind('/') + 1);
  name = name.substr(0, name.rfind('.'));
  for (size_t i = 0; i < kLayers.size(); ++i) {
    for (const std::string& member : kLayers[i].second) {
      if (member == name) return static_cast<int>(i);
    }
  }
  return -1;
}

std::vector<SourceFile> Product() {
  std::vector<SourceFile> files = SourcesIn("include", {".h"});
  for (SourceFile& file : SourcesIn("src", {".h", ".cc"})) files.push_back(std::move(file));
  return files;
}

bool IsOwn(const std::string& include) {
  return include.rfind("otpcore/", 0) == 0 || include.find('/') == std::string::npos;
}

TEST(Structure, EveryFileHasALayerAndIncludesOnlyThoseBeforeIt) {
  ASSERT_GT(Product().size(), 40u);
  for (const SourceFile& file : Product()) {
    const int layer = LayerOf(file.path);
    EXPECT_GE(layer, 0) << file.path << " has no layer";
    for (const std::string& include : IncludesOf(file)) {
      const bool own = include.rfind("otpcore/", 0) == 0 || include.find(".h") != std::string::npos;
      if (!own || !IsOwn(include) || LayerOf(include) < 0) continue;
      EXPECT_LE(LayerOf(include), layer) << file.path << " includes " << include;
    }
  }
}

TEST(Structure, PublicHeadersUseStandardTypesOnly) {
  const std::map<std::string, std::string> kRooms = {
      {"include/otpcore/absl_status.h", "absl/"},
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
      {"phonenumbers/", {"src/phone_number.cc"}},
      {"google/", {"src/phone_number.cc"}},
      {"sodium",
       {"src/passcode.cc", "src/secret.cc", "src/sodium_random.cc", "src/buffered_random.cc"}},
      {"chrono", {"include/otpcore/time.h", "src/system_clock.cc"}},
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
    if (file.path == "src/system_clock.cc") continue;
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
    if (file.path != "src/operation.cc") continue;
    lines = file.Lines();
    for (const char* word : {"asscode", "error_type", "ErrorCode", "hone", "essage.body"})
      EXPECT_EQ(file.text.find(word), std::string::npos) << word;
  }
  EXPECT_GT(lines, 0u);
  EXPECT_LT(lines, 250u);
}

TEST(Structure, FilesStaySmall) {
  const auto check = [](const std::string& folder, const std::string& ending, size_t most) {
    for (const SourceFile& file : SourcesIn(folder, {ending}))
      EXPECT_LE(file.Lines(), most) << file.path;
  };
  check("include", ".h", 200);
  check("src", ".h", 200);
  check("src", ".cc", 400);
  check("docs/examples", ".cc", 400);
  check("tests", ".cc", 600);
  check("bench", ".cc", 600);
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

TEST(Structure, NoPathOfAMachineStandsInTheProject) {
  const std::regex forbidden(R"((^|[^a-z.])/(work|home|root|tmp)/)");
  for (const char* folder : {"include", "src", "docs", "cmake", "tests", "bench", "fuzz", ".ci"}) {
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
  EXPECT_EQ(ids.size(), 109u);
}

// Whoever meets an id must find what it stands for. Ids of B are evidence, of docs/evidence.md.
TEST(Rules, EveryIdThatIsCitedStandsInThePage) {
  const std::regex citation(R"(\b[AC-Z]-\d\d\b)");
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
