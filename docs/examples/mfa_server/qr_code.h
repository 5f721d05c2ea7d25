// SPDX-License-Identifier: Apache-2.0
// The picture of an otpauth URI, as a text that a browser shows.
#ifndef OTPCORE_EXAMPLES_MFA_SERVER_QR_CODE_H_
#define OTPCORE_EXAMPLES_MFA_SERVER_QR_CODE_H_

#include <string>
#include <string_view>

namespace mfa_server {

// "data:image/png;base64, …", in black and white; "" when the text is too long for a QR code. The
// picture has the secret in it: show it once and keep it nowhere.
std::string QrCodeOf(std::string_view text);

}  // namespace mfa_server

#endif  // OTPCORE_EXAMPLES_MFA_SERVER_QR_CODE_H_
