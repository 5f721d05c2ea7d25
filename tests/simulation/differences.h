// SPDX-License-Identifier: Apache-2.0
// The first field in which two descriptions of one thing differ.
#ifndef OTPCORE_TESTS_SIMULATION_DIFFERENCES_H_
#define OTPCORE_TESTS_SIMULATION_DIFFERENCES_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace otpcore {
namespace simulation {

class Differences {
 public:
  template <typename A, typename B>
  void Same(const char* name, const A& product, const B& model) {
    if (product == model || !text_.empty()) return;
    text_ = std::string(name) + " is " + Show(product) + ", the model has " + Show(model);
  }
  const std::string& text() const { return text_; }

 private:
  static std::string Show(const std::string& text) { return '"' + text + '"'; }
  static std::string Show(std::string_view text) { return '"' + std::string(text) + '"'; }
  static std::string Show(const char* text) { return text; }
  static std::string Show(bool value) { return value ? "true" : "false"; }
  template <typename Number>
  static std::string Show(const Number& number) {
    return std::to_string(static_cast<int64_t>(number));
  }
  std::string text_;
};

}  // namespace simulation
}  // namespace otpcore

#endif  // OTPCORE_TESTS_SIMULATION_DIFFERENCES_H_
