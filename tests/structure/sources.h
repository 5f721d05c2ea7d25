// SPDX-License-Identifier: Apache-2.0
// The project's own files, for the tests that look at them.
#ifndef OTPCORE_TESTS_STRUCTURE_SOURCES_H_
#define OTPCORE_TESTS_STRUCTURE_SOURCES_H_

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace otpcore {

struct SourceFile {
  std::string path;  // from the top of the project, with '/'
  std::string text;
  size_t Lines() const { return static_cast<size_t>(std::count(text.begin(), text.end(), '\n')); }
};

// The files of `folder` (and below) whose name ends in one of `endings`, in order of path.
inline std::vector<SourceFile> SourcesIn(const std::string& folder,
                                         const std::vector<std::string>& endings) {
  const std::filesystem::path top = OTPCORE_SOURCE_DIR;
  std::vector<SourceFile> files;
  if (!std::filesystem::exists(top / folder)) return files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(top / folder)) {
    const std::string extension = entry.path().extension().string();
    if (!entry.is_regular_file() ||
        std::find(endings.begin(), endings.end(), extension) == endings.end())
      continue;
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    files.push_back({std::filesystem::relative(entry.path(), top).generic_string(), text.str()});
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

// What the lines `#include "x"` and `#include <x>` of a file name.
inline std::vector<std::string> IncludesOf(const SourceFile& file) {
  std::vector<std::string> includes;
  std::istringstream lines(file.text);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("#include ", 0) != 0 || line.size() < 12) continue;
    includes.push_back(line.substr(10, line.find_first_of("\">", 10) - 10));
  }
  return includes;
}

}  // namespace otpcore

#endif  // OTPCORE_TESTS_STRUCTURE_SOURCES_H_
