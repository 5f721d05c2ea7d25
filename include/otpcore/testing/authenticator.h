// SPDX-License-Identifier: Apache-2.0
// AuthenticatorApp: the Member's phone, with the app that shows TOTP codes and a note of the
// recovery codes.
//
//   AuthenticatorApp app(clock);
//   app.Scan(uri);                       // what the QR picture says
//   app.Code();                          // on the display now
//   app.set_drift(std::chrono::seconds(-40));  // the phone is slow
//   app.NoteRecoveryCodes(codes);
//   app.TakeRecoveryCode();              // the next one on the note, crossed off
#ifndef OTPCORE_TESTING_AUTHENTICATOR_H_
#define OTPCORE_TESTING_AUTHENTICATOR_H_

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "otpcore/factors/recovery_codes.h"
#include "otpcore/factors/totp.h"
#include "otpcore/testing/doubles.h"
#include "otpcore/testing/setup_failure.h"

namespace otpcore {
namespace testing {

// Keeps one account: the one scanned last. The secret is public to the test. A URI that an app
// would not take ends the test with SetupFailed. Holds a reference to the clock. Not safe for
// concurrent use.
class AuthenticatorApp {
 public:
  explicit AuthenticatorApp(VirtualClock& clock) : clock_(clock) {}

  // Reads "otpauth://totp/Issuer:account?secret=…" with parameters in any order. What the URI
  // leaves out is SHA1, 6 digits and 30 seconds.
  void Scan(std::string_view uri) {
    constexpr std::string_view kScheme = "otpauth://totp/";
    if (uri.substr(0, kScheme.size()) != kScheme) SetupFailed("no otpauth URI for TOTP");
    uri.remove_prefix(kScheme.size());
    const size_t question = uri.find('?');
    if (question == uri.npos) SetupFailed("an otpauth URI without parameters");
    std::map<std::string, std::string> values = ValuesIn(uri.substr(question + 1));
    const std::string_view label = uri.substr(0, question);
    const size_t colon = label.find(':');
    issuer_ = colon == label.npos ? values["issuer"] : Unescaped(label.substr(0, colon));
    account_ = Unescaped(colon == label.npos ? label : label.substr(colon + 1));
    if (values.count("issuer") != 0 && values["issuer"] != issuer_)
      SetupFailed("an otpauth URI with two issuers");
    Result<TotpSecret> secret = ReadTotpSecret(TypedTotpSecret(values["secret"]), 10);
    if (!secret) SetupFailed("an otpauth URI without a secret of at least 10 bytes");
    secret_ = std::move(*secret);
    parameters_ = ParametersIn(values);
  }
  void Scan(const TotpUri& uri) { Scan(uri.Reveal(SecretAccess("the app's camera"))); }

  bool has_account() const { return !secret_.empty(); }
  // What the display names the account.
  const std::string& issuer() const { return issuer_; }
  const std::string& account() const { return account_; }
  const TotpSecret& secret() const { return secret_; }
  const TotpParameters& parameters() const { return parameters_; }

  // The phone's clock is ahead by this; behind when negative.
  void set_drift(Duration drift) { drift_ = drift; }
  // As widespread apps do: whatever the URI says, codes are those of SHA1, 6 digits, 30 seconds.
  // Holds for what is scanned afterwards.
  void set_ignores_parameters(bool ignores) { ignores_parameters_ = ignores; }

  // The step that the phone is in.
  int64_t Step() const { return TotpStepAt(clock_.Now() + drift_, parameters_); }
  // The code on the display, or the one that it shows some steps later; earlier when negative.
  std::string Code(int64_t steps_later = 0) const { return CodeOfStep(Step() + steps_later); }
  // The code on the display of a phone whose clock is right at that time.
  std::string CodeAt(Instant time) const { return CodeOfStep(TotpStepAt(time, parameters_)); }
  // As many digits as a code, but wrong for every step that a window can reach.
  std::string WrongCode() const {
    constexpr int64_t kReach = kTotpBackMax + kTotpAheadMax + 1;
    for (char last = '0';; ++last) {
      std::string code = Code();
      code.back() = last;
      bool is_right = false;
      for (int64_t steps = -kReach; steps <= kReach; ++steps)
        is_right |= Step() + steps >= 0 && code == Code(steps);
      if (!is_right) return code;  // at most seven codes are right
    }
  }

  // Writes the codes on the note, in place of those on it.
  void NoteRecoveryCodes(const RecoveryCodes& codes) {
    note_.clear();
    for (size_t i = 0; i < codes.size(); ++i)
      note_.emplace_back(codes[i].Reveal(SecretAccess("the note in the drawer")));
  }
  const std::deque<std::string>& recovery_codes() const { return note_; }
  // The first code on the note, which is then crossed off.
  std::string TakeRecoveryCode() {
    if (note_.empty()) SetupFailed("no recovery code is left on the note");
    std::string code = note_.front();
    note_.pop_front();
    return code;
  }

 private:
  std::string CodeOfStep(int64_t step) const {
    if (!has_account()) SetupFailed("the app has scanned nothing");
    const Passcode code = TotpCodeAt(secret_, parameters_, step);
    if (code.empty()) SetupFailed("there are no codes before 1970");
    return std::string(code.Reveal(SecretAccess("the display")));
  }

  static int HexDigit(char c) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const size_t value = kDigits.find(c);
    if (value == kDigits.npos) SetupFailed("an otpauth URI with a wrong escape");
    return static_cast<int>(value);
  }
  // Takes no "+" for a space: apps show it as it is.
  static std::string Unescaped(std::string_view text) {
    std::string plain;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '%') {
        plain += text[i];
        continue;
      }
      if (text.size() - i < 3) SetupFailed("an otpauth URI that ends in an escape");
      plain += static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2]));
      i += 2;
    }
    return plain;
  }
  static std::map<std::string, std::string> ValuesIn(std::string_view query) {
    std::map<std::string, std::string> values;
    while (!query.empty()) {
      const std::string_view pair = query.substr(0, query.find('&'));
      query.remove_prefix(pair.size() < query.size() ? pair.size() + 1 : query.size());
      const size_t equals = pair.find('=');
      if (equals == pair.npos) SetupFailed("an otpauth URI with a parameter without value");
      if (!values.emplace(pair.substr(0, equals), Unescaped(pair.substr(equals + 1))).second)
        SetupFailed("an otpauth URI with a parameter twice");
    }
    return values;
  }
  TotpParameters ParametersIn(std::map<std::string, std::string>& values) const {
    TotpParameters parameters;
    if (ignores_parameters_) return parameters;
    const std::string& algorithm = values["algorithm"];
    if (algorithm == "SHA256") parameters.algorithm = TotpAlgorithm::kSha256;
    if (algorithm == "SHA512") parameters.algorithm = TotpAlgorithm::kSha512;
    const bool is_known = algorithm.empty() || algorithm == WireName(parameters.algorithm);
    const std::string& digits = values["digits"];
    if (digits == "8") parameters.digits = 8;
    const std::string& period = values["period"];
    if (!is_known || (!digits.empty() && digits != "6" && digits != "8") ||
        (!period.empty() && period != "30"))
      SetupFailed("an otpauth URI with parameters that no code of otpcore has");
    return parameters;
  }

  VirtualClock& clock_;
  Duration drift_{0};
  bool ignores_parameters_ = false;
  std::string issuer_;
  std::string account_;
  TotpSecret secret_;
  TotpParameters parameters_;
  std::deque<std::string> note_;
};

}  // namespace testing
}  // namespace otpcore

#endif  // OTPCORE_TESTING_AUTHENTICATOR_H_
