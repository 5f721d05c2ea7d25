// SPDX-License-Identifier: Apache-2.0
// The second floor: that of floor.h with the digest of today, which is one block of BLAKE2b over
// ids of 17 bytes and keeps 16 bytes. The ids lie packed in the record, since reading them from
// text is no part of the digest.
#ifndef OTPCORE_BENCH_FLOOR2_H_
#define OTPCORE_BENCH_FLOOR2_H_

#include <sodium.h>

#include <array>
#include <cstring>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "bench/floor.h"

namespace otpcore {
namespace bench {

using Floor2Digest = std::array<uint8_t, 16>;
using PackedId = std::array<char, 17>;

inline PackedId PackedIdOf(const EntityId& id) {
  PackedId packed{};
  Require(id.packed().size() == packed.size(), "an id is not of the generated shape");
  std::memcpy(packed.data(), id.packed().data(), packed.size());
  return packed;
}

struct Floor2Member {
  PackedId organization;
  PackedId member;
  InlineText<16> phone_number;
  Uuid challenge_id;
  Floor2Digest digest;
  Uuid superseded_id;
  Floor2Digest superseded_digest;
  Instant expires_at;
  std::array<Instant, 5> sends;
  uint8_t next_send = 0;
  uint8_t failures = 0;
  bool live = false;
};

// As many bytes, and the same way, as src/rules/passcode.cc: at most 128 for a phone number.
inline Floor2Digest OneBlockDigest(const uint8_t* key, const PackedId& organization,
                                   const PackedId& member, std::string_view number,
                                   const Uuid& challenge, std::string_view code) {
  static const crypto_generichash_state fresh = [] {
    crypto_generichash_state state;
    crypto_generichash_init(&state, nullptr, 0, sizeof(Floor2Digest));
    return state;
  }();
  uint8_t block[128];
  size_t size = 0;
  const auto put = [&](const void* bytes, size_t count) __attribute__((always_inline)) {
    std::memcpy(block + size, bytes, count);
    size += count;
  };
  const auto field = [&](const void* bytes, size_t count) __attribute__((always_inline)) {
    block[size++] = static_cast<uint8_t>(count);
    put(bytes, count);
  };
  put(key, 32);
  put("floor/two", 9);
  field(organization.data(), organization.size());
  field(member.data(), member.size());
  field(number.data(), number.size());
  put(challenge.bytes.data(), challenge.bytes.size());
  field(code.data(), code.size());
  crypto_generichash_state state = fresh;
  crypto_generichash_update(&state, block, size);
  Floor2Digest digest;
  crypto_generichash_final(&state, digest.data(), digest.size());
  return digest;
}
inline Floor2Digest OneBlockDigest(const uint8_t* key, const Floor2Member& record,
                                   const Uuid& challenge, std::string_view code) {
  return OneBlockDigest(key, record.organization, record.member, record.phone_number, challenge,
                        code);
}

class Floor2 {
 public:
  explicit Floor2(size_t members) {
    constexpr SecretAccess kAccess("the floor digests with the same key");
    const DigestKey key = BenchKey();
    std::memcpy(key_.data(), key.Reveal(kAccess), key_.size());
    table_.reserve(members);
    for (size_t member = 0; member < members; ++member) {
      Floor2Member& record = table_[MemberIdOf(member)];
      record.organization = PackedIdOf(OrganizationIdOf(member));
      record.member = PackedIdOf(MemberIdOf(member));
      record.phone_number = NumberOf(member);
      record.challenge_id = UuidOf(4, member);
    }
  }

  bool Send(const std::string& /*organization*/, const std::string& member, Instant now) {
    const auto found = table_.find(member);
    if (found == table_.end()) return false;
    Floor2Member& record = found->second;
    uint8_t random[24];
    if (!random_.Fill(random, sizeof random)) return false;
    char code[6];
    Draw(random, code);
    record.superseded_id = record.challenge_id;
    record.superseded_digest = record.digest;
    std::memcpy(record.challenge_id.bytes.data(), random + 8, 16);
    record.digest = OneBlockDigest(key_.data(), record, record.challenge_id, {code, sizeof code});
    record.sends[record.next_send] = now;
    record.next_send = static_cast<uint8_t>((record.next_send + 1) % record.sends.size());
    record.expires_at = now + std::chrono::minutes(2);
    record.failures = 0;
    record.live = true;
    return true;
  }

  // True when the code is right. The second digest, of the passcode before, is made only when the
  // first differs.
  bool Authenticate(const std::string& /*organization*/, const std::string& member,
                    std::string_view code, Instant now) {
    const auto found = table_.find(member);
    if (found == table_.end()) return false;
    Floor2Member& record = found->second;
    if (!record.live || now >= record.expires_at) return false;
    const Floor2Digest digest = OneBlockDigest(key_.data(), record, record.challenge_id, code);
    if (crypto_verify_16(digest.data(), record.digest.data()) == 0) {
      record.live = false;
      return true;
    }
    const Floor2Digest before = OneBlockDigest(key_.data(), record, record.superseded_id, code);
    record.failures = static_cast<uint8_t>(record.failures + 1);
    return crypto_verify_16(before.data(), record.superseded_digest.data()) == 0;
  }

  // Makes kRightCode right.
  void GiveLiveChallenge(size_t member, Instant now) {
    Floor2Member& record = table_[MemberIdOf(member)];
    record.digest = OneBlockDigest(key_.data(), record, record.challenge_id, kRightCode);
    record.superseded_id = UuidOf(6, 1);
    record.superseded_digest.fill(0xAB);
    record.expires_at = now + std::chrono::minutes(2);
    record.live = true;
  }

 private:
  std::array<uint8_t, 32> key_;
  BufferedRandom random_;
  absl::flat_hash_map<std::string, Floor2Member> table_;
};

}  // namespace bench
}  // namespace otpcore

#endif  // OTPCORE_BENCH_FLOOR2_H_
