// SPDX-License-Identifier: Apache-2.0
#include "otpcore/factors/recovery_codes.h"

#include <cstring>

#include "base/declassify.h"
#include "base/masks.h"
#include "factors/six_bits.h"
#include "rules/equal_draws.h"
#include "rules/field_digest.h"
#include "rules/typed_text.h"

namespace otpcore {
namespace {

constexpr SecretAccess kAccess("recovery codes' own arithmetic");

constexpr std::string_view kDigestPurpose = "recovery";
constexpr std::string_view kCopyPurpose = "recovery-codes";
constexpr size_t kGroupSymbols = 4;
constexpr size_t kDigitsOnlyMin = 10;  // of an imported code

Error Defect(const char* detail) { return {ErrorCode::kInternalServerError, detail}; }

std::string_view BytesOf(const Uuid& uuid) {
  return {reinterpret_cast<const char*>(uuid.bytes.data()), uuid.bytes.size()};
}

// The symbol of 0 … 31: digits, then the alphabet without i, l, o and u.
char Symbol(uint32_t value) {
  const auto from = [value](uint32_t first) {  // 1 from `first` on
    return InRangeMask(static_cast<uint8_t>(value), first, 32 - first) & 1;
  };
  const uint32_t letter = from(10) * ('a' - '0' - 10);
  return static_cast<char>('0' + value + letter + from(18) + from(20) + from(22) + from(27));
}

// The code of the bits at `drawn`, the most significant first.
RecoveryCode CodeOf(const uint8_t* drawn, int groups) {
  RecoveryCode code;
  uint32_t pending = 0;
  int bits = 0;
  const size_t symbols = static_cast<size_t>(groups) * kGroupSymbols;
  for (size_t i = 0; i < symbols; ++i) {
    if (bits < 5) {
      pending = pending << 8 | *drawn++;
      bits += 8;
    }
    bits -= 5;
    if (i > 0 && i % kGroupSymbols == 0) code.Append("-");
    const char symbol = Symbol(pending >> bits & 31);
    code.Append({&symbol, 1});
  }
  return code;
}

// `character` is '0' … '9' or 'a' … 'z'.
char Canonical(char character) {
  const auto byte = static_cast<uint8_t>(character);
  const uint32_t zero = EqualMask(byte, 'o');
  const uint32_t one = EqualMask(byte, 'i') | EqualMask(byte, 'l');
  return static_cast<char>((byte & ~zero & ~one) | (zero & '0') | (one & '1'));
}

// What is left of a text when all that separates is dropped.
struct CanonicalText {
  CanonicalRecoveryCode code;
  bool is_well_formed = false;  // nothing but letters, digits and separators, and not too many
  bool has_typed_letter = false;
  bool has_letter = false;  // in canonical form
};

CanonicalText ReadCanonical(std::string_view text) {
  CanonicalText read;
  uint32_t typed_letters = 0;  // secret until all is read
  uint32_t letters = 0;
  while (!text.empty()) {
    const TypedCharacter typed = NextTyped(&text);
    if (typed.kind == TypedCharacter::Kind::kSeparator) continue;
    if (typed.kind == TypedCharacter::Kind::kOther || read.code.room() == 0) return read;
    const char character = Canonical(typed.character);
    typed_letters |= typed.is_letter;
    letters |= InRangeMask(static_cast<uint8_t>(character), 'a', 26);
    read.code.Append({&character, 1});
  }
  read.is_well_formed = true;
  read.has_typed_letter = Declassify(typed_letters) != 0;
  read.has_letter = Declassify(letters) != 0;
  return read;
}

// ---- The copy: a code of plain characters takes six bits each ----

constexpr uint8_t kSixBits = 0x80;  // beside the length of such a code

size_t CopyBytesOf(std::string_view code) {
  return six_bits::HasAll(code) ? six_bits::PackedBytes(code.size()) : code.size();
}

bool AreEqual(const CanonicalRecoveryCode& a, const CanonicalRecoveryCode& b) {
  if (a.size() != b.size()) return false;
  uint32_t difference = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<uint8_t>(a.Reveal(kAccess)[i]) ^
                  static_cast<uint32_t>(static_cast<uint8_t>(b.Reveal(kAccess)[i]));
  }
  return Declassify(EqualMask(difference, 0)) != 0;
}

// All ones when the digests are equal, else zero.
uint32_t DigestsEqualMask(const RecoveryDigest& a, const RecoveryDigest& b) {
  uint64_t words[4];
  std::memcpy(words, a.bytes.data(), 16);
  std::memcpy(words + 2, b.bytes.data(), 16);
  const uint64_t difference = (words[0] ^ words[2]) | (words[1] ^ words[3]);
  return EqualMask(static_cast<uint32_t>(difference | difference >> 32), 0);
}

SealingContext ContextOf(const RecoveryBinding& binding) {
  SealingContext context;
  context.purpose = kCopyPurpose;
  context.organization_id = binding.organization_id;
  context.member_id = binding.member_id;
  context.subject = BytesOf(binding.registration_id);
  context.parameters = BytesOf(binding.set_id);
  return context;
}

}  // namespace

RecoveryCodes RecoveryCodes::Duplicate() const {
  RecoveryCodes copy;
  for (size_t i = 0; i < size_; ++i) copy.Add(codes_[i].Reveal(kAccess));
  copy.overflowed_ = overflowed_;
  return copy;
}

void RecoveryCodes::Add(std::string_view code) {
  if (size_ == codes_.size() || code.size() > kRecoveryTextBytesMax) {
    overflowed_ = true;
    return;
  }
  codes_[size_++] = RecoveryCode(code);
}

Result<RecoveryCodes> DrawRecoveryCodes(const uint8_t* drawn, int count, int groups) {
  if (count < kRecoveryCodesMin || count > static_cast<int>(kRecoveryCodesMax))
    return Defect("the number of recovery codes is out of range");
  if (groups < kRecoveryGroupsMin || groups > kRecoveryGroupsMax)
    return Defect("the number of groups of a recovery code is out of range");
  const size_t code_bytes = RecoveryDrawBytes(groups);
  const auto codes_wanted = static_cast<size_t>(count);
  DrawnBytes draws[kRecoveryCodesMax];
  for (size_t i = 0; i < codes_wanted; ++i) draws[i] = {drawn + i * code_bytes, code_bytes};
  if (HasEqualDraws(draws, codes_wanted)) return Defect("the generator repeats itself");
  RecoveryCodes codes;
  for (size_t i = 0; i < codes_wanted; ++i)
    codes.Add(CodeOf(draws[i].bytes, groups).Reveal(kAccess));
  return codes;
}

ErrorCode CheckImportedRecoveryCodes(const RecoveryCodes& codes) {
  if (codes.empty() || codes.overflowed()) return ErrorCode::kBadRequest;
  std::array<CanonicalRecoveryCode, kRecoveryCodesMax> read;
  size_t copy_bytes = 1;
  for (size_t i = 0; i < codes.size(); ++i) {
    CanonicalText text = ReadCanonical(codes[i].Reveal(kAccess));
    const size_t least = text.has_letter ? kRecoveryCharactersMin : kDigitsOnlyMin;
    if (!text.is_well_formed || text.code.size() < least) return ErrorCode::kBadRequest;
    read[i] = static_cast<CanonicalRecoveryCode&&>(text.code);
    for (size_t earlier = 0; earlier < i; ++earlier) {
      if (AreEqual(read[earlier], read[i])) return ErrorCode::kBadRequest;
    }
    copy_bytes += 1 + CopyBytesOf(codes[i].Reveal(kAccess));
  }
  return copy_bytes > kRecoveryCopyBytesMax ? ErrorCode::kBadRequest : ErrorCode::kOk;
}

Result<CanonicalRecoveryCode> ReadRecoveryCode(const TypedRecoveryCode& typed) {
  CanonicalText text = ReadCanonical(typed.Reveal(kAccess));
  const size_t size = text.code.size();
  if (text.is_well_formed && !text.has_typed_letter && (size == 6 || size == 8))
    return ErrorCode::kTotpCodeUsedAsRecoveryCode;
  if (!text.is_well_formed || size < kRecoveryCharactersMin) return ErrorCode::kInvalidRecoveryCode;
  return static_cast<CanonicalRecoveryCode&&>(text.code);
}

RecoveryDigest DigestRecoveryCode(const DigestKey& key, const RecoveryBinding& binding,
                                  const CanonicalRecoveryCode& code) {
  FieldDigest digest(key, kDigestPurpose);
  digest.AddId(binding.organization_id);
  digest.AddId(binding.member_id);
  digest.AddUuid(binding.registration_id);
  digest.AddUuid(binding.set_id);
  digest.AddText(code.Reveal(kAccess));
  return RecoveryDigest{digest.Finish()};
}

Result<RecoverySet> DigestRecoveryCodes(const KeyRing& keys, const RecoveryBinding& binding,
                                        const RecoveryCodes& codes) {
  RecoverySet set;
  set.id = binding.set_id;
  set.key_id = keys.current_id();
  const DigestKey* const key = keys.Find(set.key_id);
  if (key == nullptr) return Defect("there is no digest key");
  for (size_t i = 0; i < codes.size(); ++i) {
    const CanonicalText text = ReadCanonical(codes[i].Reveal(kAccess));
    if (!text.is_well_formed || text.code.size() < kRecoveryCharactersMin)
      return Defect("a recovery code of the set has no canonical form");
    set.digests[i] = DigestRecoveryCode(*key, binding, text.code);
  }
  set.count = static_cast<uint8_t>(codes.size());
  return set;
}

std::optional<size_t> MatchRecoveryCode(const RecoverySet& set, const RecoveryDigest& digest) {
  uint32_t found = 0;  // secret: one more than the index
  for (uint32_t i = 0; i < kRecoveryCodesMax; ++i) {
    const uint32_t unused = 0 - (uint32_t{i < set.count} & ~(uint32_t{set.used} >> i) & 1);
    const uint32_t equal = DigestsEqualMask(set.digests[i], digest) & unused;
    found |= equal & EqualMask(found, 0) & (i + 1);
  }
  // Whether a code matched becomes public with the answer, and which one with the record.
  found = Declassify(found);
  if (found == 0) return std::nullopt;
  return found - 1;
}

Result<SealedRecoveryCodes> SealRecoveryCodes(const SealingKeyRing& keys, const SealingNonce& nonce,
                                              const RecoveryBinding& binding,
                                              const RecoveryCodes& codes) {
  SecretText<kRecoveryCopyBytesMax> copy;
  const auto append_number = [&copy](size_t number) {
    const char byte = static_cast<char>(number);
    copy.Append({&byte, 1});
  };
  append_number(codes.size());
  for (size_t i = 0; i < codes.size(); ++i) {
    const std::string_view code = codes[i].Reveal(kAccess);
    const bool is_plain = six_bits::HasAll(code);
    append_number(code.size() | (is_plain ? kSixBits : 0));
    is_plain ? six_bits::AppendPacked(code, &copy) : copy.Append(code);
  }
  if (copy.overflowed()) return Defect("the recovery codes are too long");
  const std::string_view plain = copy.Reveal(kAccess);
  return SealedRecoveryCodes::Of(keys, nonce, ContextOf(binding),
                                 reinterpret_cast<const uint8_t*>(plain.data()), plain.size());
}

Result<RecoveryCodes> OpenRecoveryCodes(const SealingKeyRing& keys, const RecoveryBinding& binding,
                                        std::string_view sealed) {
  SecretBytes<kRecoveryCopyBytesMax> plain;
  const Result<size_t> size =
      Open(keys, ContextOf(binding), sealed, plain.RevealMutable(kAccess), plain.size());
  if (!size) return size.error();
  std::string_view rest(reinterpret_cast<const char*>(plain.Reveal(kAccess)), *size);
  bool is_whole = true;
  const auto take = [&](size_t count) {
    is_whole = is_whole && count <= rest.size();
    const std::string_view taken = rest.substr(0, is_whole ? count : 0);
    rest.remove_prefix(taken.size());
    return taken;
  };
  const auto take_number = [&]() -> size_t {
    const std::string_view byte = take(1);
    return byte.empty() ? 0 : Declassify(static_cast<uint8_t>(byte.front()));
  };
  RecoveryCodes codes;
  for (size_t left = take_number(); is_whole && left > 0; --left) {
    const size_t length = take_number();
    const size_t characters = length & ~size_t{kSixBits};
    is_whole = is_whole && characters <= kRecoveryTextBytesMax;
    if ((length & kSixBits) == 0) {
      codes.Add(take(length));
    } else if (const std::string_view packed = take(six_bits::PackedBytes(characters)); is_whole) {
      SecretText<kRecoveryTextBytesMax> code;
      six_bits::AppendUnpacked(packed, characters, &code);
      codes.Add(code.Reveal(kAccess));
    }
  }
  if (!is_whole || !rest.empty() || codes.overflowed())
    return Defect("the copy of the recovery codes is damaged");
  return codes;
}

Result<RecoveryCodes> UnusedRecoveryCodes(const RecoverySet& set, const RecoveryCodes& copy) {
  if (copy.size() != set.count) return Defect("the copy of the recovery codes is of another set");
  RecoveryCodes unused;
  for (size_t i = 0; i < copy.size(); ++i) {
    if (set.IsUnused(i)) unused.Add(copy[i].Reveal(kAccess));
  }
  return unused;
}

}  // namespace otpcore
