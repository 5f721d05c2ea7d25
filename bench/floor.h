// SPDX-License-Identifier: Apache-2.0
// The floor of the first version, kept as it was so that figures can be compared over time: the
// least any engine with that version's digest must do for a command, and nothing else. Find the
// Member in a table of N by its id, draw a code from a buffered generator, make one keyed BLAKE2b
// digest of three blocks, write the record back. No limits, no Organization, no session, no
// message, no revision, no lock, no wiping. floor2.h is the same with the digest of today.
#ifndef OTPCORE_BENCH_FLOOR_H_
#define OTPCORE_BENCH_FLOOR_H_

#include <sodium.h>

#include <array>
#include <cstring>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "bench/population.h"
#include "otpcore/adapters/buffered_random.h"

namespace otpcore {
namespace bench {

__extension__ typedef unsigned __int128 Wide;
using FloorDigest = std::array<uint8_t, 32>;

// What cannot be left out of a record that a passcode is checked against.
struct FloorMember {
  InlineText<16> phone_number;
  Uuid challenge_id;
  FloorDigest digest;
  Uuid superseded_id;
  FloorDigest superseded_digest;
  Instant expires_at;
  std::array<Instant, 5> sends;
  uint8_t next_send = 0;
  uint8_t failures = 0;
  bool live = false;
};

// What the first version digested, in one piece. Change nothing here. `add` is inlined as it was
// there, whatever else the program has.
inline FloorDigest Digest(const uint8_t* key, std::string_view organization,
                          std::string_view member, std::string_view number, const Uuid& challenge,
                          std::string_view code) {
  constexpr std::string_view kPurpose = "otpcore/1 sms_otp mfa";
  uint8_t message[512];
  size_t size = 0;
  const auto add = [&](const void* bytes, size_t count) __attribute__((always_inline)) {
    message[size++] = static_cast<uint8_t>(count >> 8);
    message[size++] = static_cast<uint8_t>(count);
    std::memcpy(message + size, bytes, count);
    size += count;
  };
  add(kPurpose.data(), kPurpose.size());
  add(organization.data(), organization.size());
  add(member.data(), member.size());
  add(number.data(), number.size());
  add(challenge.bytes.data(), challenge.bytes.size());
  add(code.data(), code.size());
  FloorDigest digest;
  crypto_generichash(digest.data(), digest.size(), message, size, key, 32);
  return digest;
}

// Six digits; the bias of this shortest way is none of the floor's worries.
inline void Draw(const uint8_t* random8, char* digits6) {
  uint64_t draw;
  std::memcpy(&draw, random8, sizeof draw);
  draw = static_cast<uint64_t>((static_cast<Wide>(draw) * 1000000) >> 64);
  for (int i = 5; i >= 0; --i, draw /= 10) digits6[i] = static_cast<char>('0' + draw % 10);
}

class Floor {
 public:
  explicit Floor(size_t members) {
    constexpr SecretAccess kAccess("the floor digests with the same key");
    const DigestKey key = BenchKey();
    std::memcpy(key_.data(), key.Reveal(kAccess), key_.size());
    table_.reserve(members);
    for (size_t member = 0; member < members; ++member) {
      FloorMember& record = table_[MemberIdOf(member)];
      record.phone_number = NumberOf(member);
      record.challenge_id = UuidOf(4, member);
    }
  }

  bool Send(const std::string& organization, const std::string& member, Instant now) {
    const auto found = table_.find(member);
    if (found == table_.end()) return false;
    FloorMember& record = found->second;
    uint8_t random[24];
    if (!random_.Fill(random, sizeof random)) return false;
    char code[6];
    Draw(random, code);
    record.superseded_id = record.challenge_id;
    record.superseded_digest = record.digest;
    std::memcpy(record.challenge_id.bytes.data(), random + 8, 16);
    record.digest = Digest(key_.data(), organization, member, record.phone_number,
                           record.challenge_id, {code, sizeof code});
    record.sends[record.next_send] = now;
    record.next_send = static_cast<uint8_t>((record.next_send + 1) % record.sends.size());
    record.expires_at = now + std::chrono::minutes(2);
    record.failures = 0;
    record.live = true;
    return true;
  }

  // True when the code is right. The second digest, of the passcode before, is made only when the
  // first differs.
  bool Authenticate(const std::string& organization, const std::string& member,
                    std::string_view code, Instant now) {
    const auto found = table_.find(member);
    if (found == table_.end()) return false;
    FloorMember& record = found->second;
    if (!record.live || now >= record.expires_at) return false;
    const FloorDigest digest =
        Digest(key_.data(), organization, member, record.phone_number, record.challenge_id, code);
    if (sodium_memcmp(digest.data(), record.digest.data(), digest.size()) == 0) {
      record.live = false;
      return true;
    }
    const FloorDigest before =
        Digest(key_.data(), organization, member, record.phone_number, record.superseded_id, code);
    record.failures = static_cast<uint8_t>(record.failures + 1);
    return sodium_memcmp(before.data(), record.superseded_digest.data(), before.size()) == 0;
  }

  // Makes kRightCode right.
  void GiveLiveChallenge(size_t member, Instant now) {
    const std::string id = MemberIdOf(member);
    FloorMember& record = table_[id];
    record.digest = Digest(key_.data(), OrganizationIdOf(member), id, record.phone_number,
                           record.challenge_id, kRightCode);
    record.superseded_id = UuidOf(6, 1);
    record.superseded_digest.fill(0xAB);
    record.expires_at = now + std::chrono::minutes(2);
    record.live = true;
  }

 private:
  std::array<uint8_t, 32> key_;
  BufferedRandom random_;
  absl::flat_hash_map<std::string, FloorMember> table_;
};

}  // namespace bench
}  // namespace otpcore

#endif  // OTPCORE_BENCH_FLOOR_H_
