// SPDX-License-Identifier: Apache-2.0
// Reads the published test vectors of C2SP's Wycheproof (testvectors_v1), where they are at hand.
//
// A reader for this one form: each member of a test stands on a line of its own, and all that is
// read are texts and numbers. No general JSON.
#ifndef OTPCORE_TESTS_VECTORS_PUBLISHED_H_
#define OTPCORE_TESTS_VECTORS_PUBLISHED_H_

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace otpcore {

// "0aFF" as two bytes.
inline std::vector<uint8_t> FromHex(std::string_view hex) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<uint8_t>(std::stoul(std::string(hex.substr(i, 2)), nullptr, 16)));
  return bytes;
}

using PublishedTest = std::map<std::string, std::string>;

// The folder: OTPCORE_VECTORS, or beside the project.
inline std::string VectorsFolder(const std::string& project) {
  const char* const named = std::getenv("OTPCORE_VECTORS");
  return named != nullptr ? named : project + "/../shared/vectors";
}

// The tests of one file; none when it is not there. `*announced` is the number that the file says
// it has.
inline std::vector<PublishedTest> ReadPublished(const std::string& path, size_t* announced) {
  std::vector<PublishedTest> tests;
  std::ifstream file(path);
  *announced = 0;
  for (std::string line; std::getline(file, line);) {
    const size_t name_begin = line.find('"') + 1;
    const size_t name_end = line.find("\": ", name_begin);
    if (name_begin == 0 || name_end == std::string::npos) continue;
    const std::string name = line.substr(name_begin, name_end - name_begin);
    std::string value = line.substr(name_end + 3);
    if (!value.empty() && value.back() == ',') value.pop_back();
    if (value.size() >= 2 && value.front() == '"') value = value.substr(1, value.size() - 2);
    if (name == "numberOfTests") *announced = std::stoul(value);
    if (name == "tcId") tests.emplace_back();
    if (!tests.empty()) tests.back()[name] = value;
  }
  return tests;
}

}  // namespace otpcore

#endif  // OTPCORE_TESTS_VECTORS_PUBLISHED_H_
