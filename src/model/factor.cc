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

std::string ProofId(const FactorProof& proof, Environment environment) {
  return FormatId(TraitsOf(proof.kind).id_prefix, environment, proof.id);
}

}  // namespace otpcore
