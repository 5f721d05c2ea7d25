// SPDX-License-Identifier: Apache-2.0
#include "otpcore/model/factor.h"

namespace otpcore {
namespace {

constexpr bool InOrder() {
  for (size_t i = 0; i < kFactorKindCount; ++i) {
    if (kFactorTable[i].kind != static_cast<FactorKind>(i)) return false;
  }
  return true;
}
static_assert(InOrder(), "a row stands at the index of its kind");

}  // namespace

std::string_view WireName(EmailPurpose purpose) {
  switch (purpose) {
    case EmailPurpose::kNone: return "";
    case EmailPurpose::kLogin: return "login";
    case EmailPurpose::kSignup: return "signup";
    case EmailPurpose::kDiscovery: return "discovery";
  }
  return "";
}

std::string ProofId(const FactorProof& proof, Environment environment) {
  return FormatId(TraitsOf(proof.kind).id_prefix, environment, proof.id);
}

}  // namespace otpcore
