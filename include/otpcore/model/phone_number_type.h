// SPDX-License-Identifier: Apache-2.0
// What kind of line a phone number belongs to.
#ifndef OTPCORE_MODEL_PHONE_NUMBER_TYPE_H_
#define OTPCORE_MODEL_PHONE_NUMBER_TYPE_H_

#include <cstdint>

namespace otpcore {

// Stable numbers, append only: they are stored with the Member.
enum class PhoneNumberType : uint8_t {
  kUnknown = 0,
  kFixedLine = 1,
  kMobile = 2,
  kFixedLineOrMobile = 3,  // the number does not tell which, as in the US and Canada
  kTollFree = 4,
  kPremiumRate = 5,
  kSharedCost = 6,
  kVoip = 7,
  kPersonal = 8,
  kPager = 9,
  kUan = 10,
  kVoicemail = 11,
};

// True for the four types that a person can receive a passcode on: mobile, fixed line or mobile,
// fixed line, VoIP (N-03). A number of any other known type is refused.
constexpr bool CanReceivePasscodes(PhoneNumberType type) {
  return type == PhoneNumberType::kMobile || type == PhoneNumberType::kFixedLineOrMobile ||
         type == PhoneNumberType::kFixedLine || type == PhoneNumberType::kVoip;
}

}  // namespace otpcore

#endif  // OTPCORE_MODEL_PHONE_NUMBER_TYPE_H_
