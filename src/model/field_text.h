// SPDX-License-Identifier: Apache-2.0
// Values from text: how a configuration or another language sets a field.
#ifndef OTPCORE_SRC_MODEL_FIELD_TEXT_H_
#define OTPCORE_SRC_MODEL_FIELD_TEXT_H_

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "otpcore/base/time.h"
#include "otpcore/model/totp_registration.h"

namespace otpcore {

// Each SetValue reads `text` into `*value`. False, and nothing changed, for text that is no such
// value.

// The whole text is one number.
template <typename T>
bool ReadNumber(std::string_view text, T* value) {
  T number{};
  const char* const end = text.data() + text.size();
  const std::from_chars_result result = std::from_chars(text.data(), end, number);
  if (result.ec != std::errc() || result.ptr != end) return false;
  *value = number;
  return true;
}

inline bool SetValue(std::string_view text, std::string* value) {
  *value = text;
  return true;
}
inline bool SetValue(std::string_view text, bool* value) {
  if (text != "true" && text != "false") return false;
  *value = text == "true";
  return true;
}
inline bool SetValue(std::string_view text, int* value) { return ReadNumber(text, value); }
inline bool SetValue(std::string_view text, uint8_t* value) { return ReadNumber(text, value); }
inline bool SetValue(std::string_view text, double* value) { return ReadNumber(text, value); }
// Whole milliseconds.
inline bool SetValue(std::string_view text, Duration* value) {
  int64_t millis = 0;
  if (!ReadNumber(text, &millis)) return false;
  *value = Duration(millis);
  return true;
}
inline bool SetValue(std::string_view text, TotpAlgorithm* value) {
  for (const TotpAlgorithm algorithm :
       {TotpAlgorithm::kSha1, TotpAlgorithm::kSha256, TotpAlgorithm::kSha512}) {
    if (WireName(algorithm) != text) continue;
    *value = algorithm;
    return true;
  }
  return false;
}
// Adds one; an empty text empties the list.
template <typename T>
bool SetValue(std::string_view text, std::vector<T>* list) {
  if (text.empty()) return list->clear(), true;
  T one;
  if (!SetValue(text, &one)) return false;
  list->push_back(std::move(one));
  return true;
}

}  // namespace otpcore

#endif  // OTPCORE_SRC_MODEL_FIELD_TEXT_H_
