// SPDX-License-Identifier: Apache-2.0
// ScriptedRandom: the next passcodes are the ones a test chooses.
//
//   SeededRandom seeded;
//   ScriptedRandom random(seeded);
//   random.NextCode("007123");   // the next passcode drawn; what comes after is seeded again
//   random.EveryCode("424242");  // or: all of them
#ifndef OTPCORE_TESTING_SCRIPTED_RANDOM_H_
#define OTPCORE_TESTING_SCRIPTED_RANDOM_H_

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "otpcore/engine/ports.h"
#include "otpcore/plan/outcome.h"
#include "otpcore/rules/passcode.h"
#include "otpcore/testing/setup_failure.h"

namespace otpcore {
namespace testing {

// The 64-bit draw that otpcore turns into `code`: the middle of all draws that lead to it, so it is
// never one of those that are skipped to keep codes uniform.
inline uint64_t DrawFor(std::string_view code) {
  uint64_t value = 0;
  uint64_t codes = 1;
  for (const char digit : code) {
    if (digit < '0' || digit > '9') SetupFailed("a passcode has digits only");
    value = value * 10 + static_cast<uint64_t>(digit - '0');
    codes *= 10;
  }
  // (value + 1/2) / codes as a binary fraction, by long division.
  uint64_t draw = 0;
  uint64_t remainder = 2 * value + 1;
  for (int bit = 0; bit < 64; ++bit) {
    remainder *= 2;
    draw = draw * 2 + (remainder >= 2 * codes ? 1 : 0);
    if (remainder >= 2 * codes) remainder -= 2 * codes;
  }
  return draw;
}

// Passes everything on to `inner` but the draws that become the passcode. They are drawn, once for
// each attempt, before it is known what becomes of them. So an entry of the script is also taken by
//   - a SendSmsOtp that is refused or repeated, and anew when it starts again after a conflict;
//   - an MfaStep, also one that sends nothing, as where no MFA is needed.
// `left()` tells. Commands that are refused before anything is loaded, all other commands, and the
// builders of a World take none. Holds a reference to `inner`. Thread-safe.
class ScriptedRandom final : public SecureRandom {
 public:
  // `digits`: Policy::passcode_digits; 0: not known, and a code of other digits becomes another
  // one.
  explicit ScriptedRandom(SecureRandom& inner, int digits = 0) : inner_(inner), digits_(digits) {}

  // Entries are taken in order.
  void NextCode(std::string_view code) {
    const std::string checked = Checked(code);
    const std::lock_guard<std::mutex> lock(mutex_);
    next_.push_back(checked);
  }
  // From now on every code is this one, once the entries of NextCode are used up.
  void EveryCode(std::string_view code) {
    const std::string checked = Checked(code);
    const std::lock_guard<std::mutex> lock(mutex_);
    every_ = checked;
  }
  // What comes next is the inner generator's again.
  void Forget() {
    const std::lock_guard<std::mutex> lock(mutex_);
    next_.clear();
    every_.reset();
  }
  size_t left() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return next_.size();
  }

  bool Fill(uint8_t* bytes, size_t size) override {
    if (!inner_.Fill(bytes, size)) return false;
    if (size != kEntropyForPasscode) return true;
    const std::lock_guard<std::mutex> lock(mutex_);
    if (next_.empty() && !every_) return true;
    const uint64_t draw = DrawFor(next_.empty() ? *every_ : next_.front());
    if (!next_.empty()) next_.pop_front();
    for (size_t i = 0; i < 8; ++i)  // the first draw is the one that counts
      bytes[offsetof(Entropy, draws) + i] = static_cast<uint8_t>(draw >> (8 * i));
    return true;
  }

 private:
  std::string Checked(std::string_view code) const {
    const auto digits = static_cast<int>(code.size());
    if (digits < kPasscodeDigitsMin || digits > kPasscodeDigitsMax)
      SetupFailed("a passcode has 4 to 10 digits");
    if (digits_ != 0 && digits != digits_)
      SetupFailed("a passcode of this policy has " + std::to_string(digits_) + " digits");
    DrawFor(code);
    return std::string(code);
  }

  SecureRandom& inner_;
  const int digits_;
  mutable std::mutex mutex_;
  std::deque<std::string> next_;
  std::optional<std::string> every_;
};

}  // namespace testing
}  // namespace otpcore

#endif  // OTPCORE_TESTING_SCRIPTED_RANDOM_H_
