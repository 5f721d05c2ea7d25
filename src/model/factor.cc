// SPDX-License-Identifier: Apache-2.0
#include "otpcore/model/factor.h"

namespace otpcore {
namespace {

constexpr FactorTraits kTable[kFactorKindCount] = {
    {FactorKind::kHostPrimary, false, "", "", "", "", ErrorCode::kInternalServerError,
     ErrorCode::kInternalServerError},
    {FactorKind::kEmailPasscode, false, "", "email_otp", "email", "email",
     ErrorCode::kOtpCodeNotFound, ErrorCode::kUnableToAuthOtpCode},
    {FactorKind::kSmsPasscode, true, "sms_otp", "otp", "sms", "phone-number",
     ErrorCode::kOtpCodeNotFound, ErrorCode::kUnableToAuthOtpCode},
    {FactorKind::kTotp, true, "totp", "totp", "authenticator_app", "member-totp",
     ErrorCode::kInternalServerError, ErrorCode::kInternalServerError},
    {FactorKind::kRecoveryCode, true, "totp", "recovery_codes", "recovery_code",
     "totp-recovery-code", ErrorCode::kInternalServerError, ErrorCode::kInternalServerError},
};

constexpr bool InOrder() {
  for (size_t i = 0; i < kFactorKindCount; ++i) {
    if (kTable[i].kind != static_cast<FactorKind>(i)) return false;
  }
  return true;
}
static_assert(InOrder(), "a row stands at the index of its kind");

}  // namespace

const FactorTraits& TraitsOf(FactorKind kind) {
  const auto row = static_cast<size_t>(kind);
  return kTable[row < kFactorKindCount ? row : 0];
}

std::string ProofId(const FactorProof& proof, Environment environment) {
  return FormatId(TraitsOf(proof.kind).id_prefix, environment, proof.id);
}

}  // namespace otpcore
