// SPDX-License-Identifier: Apache-2.0
// A codec frame made by hand, with a checksum of its own.
#ifndef OTPCORE_TESTS_FRAME_H_
#define OTPCORE_TESTS_FRAME_H_

#include <string>

#include "otpcore/model/record.h"

namespace otpcore {

// Bit by bit, to have a second opinion on the table of the codec.
inline uint32_t SlowCrc32c(const std::string& bytes) {
  uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) {
    crc ^= static_cast<uint8_t>(byte);
    for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ (0x82F63B78u & (0u - (crc & 1)));
  }
  return ~crc;
}

inline std::string WithChecksum(const RecordKey& key, std::string frame) {
  const uint32_t crc = SlowCrc32c(EncodeKey(key) + frame);
  for (int shift = 0; shift < 32; shift += 8) frame += static_cast<char>(crc >> shift);
  return frame;
}

// A frame around `body`. `kind` is what the frame says; the key may say something else.
inline std::string FrameOfKind(const RecordKey& key, RecordKind kind, uint8_t version,
                               const std::string& body) {
  std::string frame = {'\xC7', static_cast<char>(version), static_cast<char>(kind)};
  size_t left = body.size();
  for (; left >= 0x80; left >>= 7) frame += static_cast<char>(left | 0x80);
  frame += static_cast<char>(left);
  return WithChecksum(key, frame + body);
}

inline std::string Frame(const RecordKey& key, uint8_t version, const std::string& body) {
  return FrameOfKind(key, key.kind, version, body);
}

}  // namespace otpcore

#endif  // OTPCORE_TESTS_FRAME_H_
