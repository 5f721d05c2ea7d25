// SPDX-License-Identifier: Apache-2.0
#include "totp_text.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace otpcore {
namespace simulation {
namespace {

template <typename Word>
Word RotateRight(Word word, int bits) {
  return static_cast<Word>(word >> bits | word << (static_cast<int>(sizeof word) * 8 - bits));
}

// The message with its padding to whole blocks of 16 words (FIPS 180-4).
template <typename Word>
std::string Padded(std::string message) {
  const uint64_t bits = message.size() * 8;
  constexpr size_t kBlock = 16 * sizeof(Word);
  constexpr size_t kLength = 2 * sizeof(Word);
  message += static_cast<char>(0x80);
  while (message.size() % kBlock != kBlock - kLength) message += '\0';
  message.append(kLength - 8, '\0');
  for (int shift = 56; shift >= 0; shift -= 8) message += static_cast<char>(bits >> shift);
  return message;
}

template <typename Word>
Word WordAt(const std::string& text, size_t at) {
  Word word = 0;
  for (size_t i = 0; i < sizeof word; ++i)
    word = static_cast<Word>(word << 8 | static_cast<uint8_t>(text[at + i]));
  return word;
}

template <typename Word, size_t N>
std::string Joined(const std::array<Word, N>& words) {
  std::string bytes;
  for (const Word word : words) {
    for (size_t i = sizeof word; i-- > 0;) bytes += static_cast<char>(word >> (8 * i));
  }
  return bytes;
}

std::string Sha1(const std::string& message) {
  std::array<uint32_t, 5> h = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  const std::string padded = Padded<uint32_t>(message);
  for (size_t block = 0; block < padded.size(); block += 64) {
    uint32_t w[80];
    for (size_t t = 0; t < 80; ++t)
      w[t] = t < 16 ? WordAt<uint32_t>(padded, block + 4 * t)
                    : RotateRight(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 31);
    auto [a, b, c, d, e] = h;
    for (size_t t = 0; t < 80; ++t) {
      const uint32_t f = t < 20   ? (b & c) | (~b & d)
                         : t < 40 ? b ^ c ^ d
                         : t < 60 ? (b & c) | (b & d) | (c & d)
                                  : b ^ c ^ d;
      static constexpr uint32_t kRound[4] = {0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6};
      const uint32_t next = RotateRight(a, 27) + f + e + kRound[t / 20] + w[t];
      e = d;
      d = c;
      c = RotateRight(b, 2);
      b = a;
      a = next;
    }
    const uint32_t sums[5] = {a, b, c, d, e};
    for (size_t i = 0; i < 5; ++i) h[i] += sums[i];
  }
  return Joined(h);
}

// The leading bits of the fraction of a root of a prime, by whole numbers: floor(root * 2^bits)
// modulo 2^bits. All constants of SHA-2 are such.
__extension__ using Wide = unsigned __int128;
uint64_t RootFraction(unsigned prime, int degree) {
  // The greatest x of 67 bits with x^degree <= prime * 2^(64 * degree), bit by bit. Products have
  // up to 201 bits, so they are compared as four words of 64.
  const auto times = [](std::array<uint64_t, 4> number, Wide factor) {
    std::array<uint64_t, 4> product{};
    for (int part = 0; part < 2; ++part) {
      const auto word = static_cast<uint64_t>(factor >> (64 * part));
      uint64_t carry = 0;
      for (size_t i = 0; i + static_cast<size_t>(part) < 4; ++i) {
        const size_t to = i + static_cast<size_t>(part);
        const Wide sum = static_cast<Wide>(number[i]) * word + product[to] + carry;
        product[to] = static_cast<uint64_t>(sum);
        carry = static_cast<uint64_t>(sum >> 64);
      }
    }
    return product;
  };
  std::array<uint64_t, 4> limit{};
  limit[static_cast<size_t>(degree)] = prime;
  Wide root = 0;
  for (int bit = 68; bit >= 0; --bit) {
    const Wide tried = root | static_cast<Wide>(1) << bit;
    std::array<uint64_t, 4> power = {1, 0, 0, 0};
    for (int i = 0; i < degree; ++i) power = times(power, tried);
    if (!std::lexicographical_compare(limit.rbegin(), limit.rend(), power.rbegin(), power.rend()))
      root = tried;
  }
  return static_cast<uint64_t>(root);
}

// SHA-256 of 32-bit words, SHA-512 of 64-bit ones.
template <typename Word>
std::string Sha2(const std::string& message) {
  constexpr bool kWide = sizeof(Word) == 8;
  constexpr size_t kRounds = kWide ? 80 : 64;
  struct Constants {
    std::array<Word, kRounds> k{};
    std::array<Word, 8> h{};
    Constants() {
      size_t count = 0;
      for (unsigned n = 2; count < kRounds; ++n) {
        bool prime = true;
        for (unsigned d = 2; d * d <= n; ++d) prime = prime && n % d != 0;
        if (!prime) continue;
        constexpr int kShift = kWide ? 0 : 32;
        if (count < 8) h[count] = static_cast<Word>(RootFraction(n, 2) >> kShift);
        k[count++] = static_cast<Word>(RootFraction(n, 3) >> kShift);
      }
    }
  };
  static const Constants constants;
  static constexpr int kTurns[2][12] = {{7, 18, 3, 17, 19, 10, 6, 11, 25, 2, 13, 22},
                                        {1, 8, 7, 19, 61, 6, 14, 18, 41, 28, 34, 39}};
  const int* const turn = kTurns[kWide ? 1 : 0];
  std::array<Word, 8> h = constants.h;
  const std::string padded = Padded<Word>(message);
  constexpr size_t kBlock = 16 * sizeof(Word);
  for (size_t block = 0; block < padded.size(); block += kBlock) {
    Word w[kRounds];
    for (size_t t = 0; t < kRounds; ++t) {
      if (t < 16) {
        w[t] = WordAt<Word>(padded, block + sizeof(Word) * t);
        continue;
      }
      const Word x = w[t - 15], y = w[t - 2];
      const Word s0 = RotateRight(x, turn[0]) ^ RotateRight(x, turn[1]) ^ (x >> turn[2]);
      const Word s1 = RotateRight(y, turn[3]) ^ RotateRight(y, turn[4]) ^ (y >> turn[5]);
      w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
    std::array<Word, 8> v = h;
    for (size_t t = 0; t < kRounds; ++t) {
      const Word a = v[0], e = v[4];
      const Word s1 = RotateRight(e, turn[6]) ^ RotateRight(e, turn[7]) ^ RotateRight(e, turn[8]);
      const Word s0 = RotateRight(a, turn[9]) ^ RotateRight(a, turn[10]) ^ RotateRight(a, turn[11]);
      const Word t1 = v[7] + s1 + ((e & v[5]) ^ (~e & v[6])) + constants.k[t] + w[t];
      const Word t2 = s0 + ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
      v = {static_cast<Word>(t1 + t2),   v[0], v[1], v[2],
           static_cast<Word>(v[3] + t1), v[4], v[5], v[6]};
    }
    for (size_t i = 0; i < 8; ++i) h[i] += v[i];
  }
  return Joined(h);
}

std::string Hash(TotpAlgorithm algorithm, const std::string& message) {
  if (algorithm == TotpAlgorithm::kSha1) return Sha1(message);
  return algorithm == TotpAlgorithm::kSha256 ? Sha2<uint32_t>(message) : Sha2<uint64_t>(message);
}

// RFC 2104; no secret here is longer than a block.
std::string Hmac(TotpAlgorithm algorithm, const std::string& key, const std::string& message) {
  std::string inner(algorithm == TotpAlgorithm::kSha512 ? 128 : 64, '\x36');
  std::string outer(inner.size(), '\x5c');
  for (size_t i = 0; i < key.size(); ++i) {
    inner[i] = static_cast<char>(inner[i] ^ key[i]);
    outer[i] = static_cast<char>(outer[i] ^ key[i]);
  }
  return Hash(algorithm, outer + Hash(algorithm, inner + message));
}

constexpr char kBase32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string Escaped(const std::string& text) {
  static const std::string plain = "-._~";
  std::string escaped;
  for (const char c : text) {
    const char lower = Lower(c);
    if ((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || plain.find(c) != plain.npos) {
      escaped += c;
      continue;
    }
    char hex[4];
    std::snprintf(hex, sizeof hex, "%%%02X", static_cast<unsigned>(static_cast<uint8_t>(c)));
    escaped += hex;
  }
  return escaped;
}

}  // namespace

std::string AppCode(const TotpParameters& parameters, const std::string& secret, int64_t step) {
  std::string counter;
  for (int shift = 56; shift >= 0; shift -= 8) counter += static_cast<char>(step >> shift);
  const std::string mac = Hmac(parameters.algorithm, secret, counter);
  const size_t at = static_cast<size_t>(mac.back() & 15);
  const uint32_t value = WordAt<uint32_t>(mac, at) & 0x7FFFFFFF;
  std::string digits = std::to_string(value);
  const size_t count = parameters.digits;
  digits = std::string(count, '0') + digits;
  return digits.substr(digits.size() - count);
}

std::string Base32(const std::string& bytes) {
  std::string text;
  uint32_t pending = 0;
  int bits = 0;
  for (const char c : bytes) {
    pending = (pending << 8 | static_cast<uint8_t>(c)) & 0xFFFF;
    for (bits += 8; bits >= 5; bits -= 5) text += kBase32[pending >> (bits - 5) & 31];
  }
  if (bits > 0) text += kBase32[pending << (5 - bits) & 31];
  return text;
}

std::optional<std::string> FromBase32(const std::string& text) {
  const std::string alphabet = kBase32;
  std::string bytes;
  uint32_t pending = 0;
  int bits = 0;
  size_t characters = 0;
  const size_t end = text.find_last_not_of("= -");
  for (const char c : text.substr(0, end == text.npos ? 0 : end + 1)) {
    if (c == ' ' || c == '-') continue;
    const size_t value = alphabet.find(static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c));
    if (value == alphabet.npos) return std::nullopt;
    ++characters;
    pending = (pending << 5 | static_cast<uint32_t>(value)) & 0xFFFF;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(pending >> bits);
  }
  const size_t rest = characters % 8;
  if (rest == 1 || rest == 3 || rest == 6) return std::nullopt;
  return bytes;
}

std::string OtpauthUri(const std::string& issuer, const std::string& account,
                       const std::string& secret, const TotpParameters& parameters) {
  const char* const algorithm = parameters.algorithm == TotpAlgorithm::kSha1     ? "SHA1"
                                : parameters.algorithm == TotpAlgorithm::kSha256 ? "SHA256"
                                                                                 : "SHA512";
  return "otpauth://totp/" + Escaped(issuer) + ":" + Escaped(account) + "?secret=" + secret +
         "&issuer=" + Escaped(issuer) + "&algorithm=" + algorithm +
         "&digits=" + std::to_string(parameters.digits) + "&period=30";
}

std::optional<std::string> Canonical(const std::string& text) {
  std::string canonical;
  for (const char c : text) {
    const char lower = Lower(c);
    if (c == ' ' || c == '-') continue;
    if ((lower < 'a' || lower > 'z') && (c < '0' || c > '9')) return std::nullopt;
    canonical += lower == 'o' ? '0' : lower == 'i' || lower == 'l' ? '1' : lower;
  }
  return canonical;
}

bool HasLetter(const std::string& text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return Lower(c) >= 'a' && Lower(c) <= 'z'; });
}

}  // namespace simulation
}  // namespace otpcore
