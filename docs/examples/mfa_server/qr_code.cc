// SPDX-License-Identifier: Apache-2.0
#include "qr_code.h"

#include <qrencode.h>
#include <sodium.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace mfa_server {
namespace {

constexpr size_t kModulePixels = 4;  // how wide a square of the code is
constexpr size_t kQuietModules = 4;  // the white around it, as ISO/IEC 18004 wants it

using Bytes = std::vector<uint8_t>;

void AppendBig(uint32_t value, Bytes* bytes) {
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes->push_back(static_cast<uint8_t>(value >> shift));
}

uint32_t Crc32(const uint8_t* bytes, size_t size) {
  uint32_t crc = 0xFFFFFFFF;
  for (size_t i = 0; i < size; ++i) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
  }
  return ~crc;
}

uint32_t Adler32(const Bytes& bytes) {
  uint32_t a = 1;
  uint32_t b = 0;
  for (const uint8_t byte : bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

void AppendChunk(const char* type, const Bytes& data, Bytes* png) {
  AppendBig(static_cast<uint32_t>(data.size()), png);
  const size_t begin = png->size();
  png->insert(png->end(), type, type + 4);
  png->insert(png->end(), data.begin(), data.end());
  AppendBig(Crc32(png->data() + begin, png->size() - begin), png);
}

// A zlib stream without compression: the picture is small.
Bytes Stored(const Bytes& bytes) {
  constexpr size_t kBlockMax = 65535;
  Bytes stream = {0x78, 0x01};
  for (size_t at = 0; at < bytes.size(); at += kBlockMax) {
    const size_t size = bytes.size() - at < kBlockMax ? bytes.size() - at : kBlockMax;
    stream.push_back(at + size == bytes.size() ? 1 : 0);
    for (const size_t field : {size, ~size}) {
      stream.push_back(static_cast<uint8_t>(field));
      stream.push_back(static_cast<uint8_t>(field >> 8));
    }
    stream.insert(stream.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at),
                  bytes.begin() + static_cast<std::ptrdiff_t>(at + size));
  }
  AppendBig(Adler32(bytes), &stream);
  return stream;
}

// Each line behind its filter byte, eight pixels to a byte; a set bit is white.
Bytes PixelsOf(const QRcode& code) {
  const auto width = static_cast<size_t>(code.width);
  const size_t pixels = (width + 2 * kQuietModules) * kModulePixels;
  Bytes lines;
  for (size_t y = 0; y < pixels; ++y) {
    lines.push_back(0);
    for (size_t begin = 0; begin < pixels; begin += 8) {
      uint8_t byte = 0xFF;
      for (size_t x = begin; x < begin + 8 && x < pixels; ++x) {
        const size_t column = x / kModulePixels - kQuietModules;  // wraps around left of the code
        const size_t row = y / kModulePixels - kQuietModules;
        if (column < width && row < width && (code.data[row * width + column] & 1) != 0)
          byte = static_cast<uint8_t>(byte & ~(0x80 >> (x - begin)));
      }
      lines.push_back(byte);
    }
  }
  return lines;
}

}  // namespace

std::string QrCodeOf(std::string_view text) {
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
      QRcode_encodeData(static_cast<int>(text.size()),
                        reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_M),
      QRcode_free);
  if (code == nullptr) return "";
  const auto pixels =
      static_cast<uint32_t>((static_cast<size_t>(code->width) + 2 * kQuietModules) * kModulePixels);
  Bytes header;
  AppendBig(pixels, &header);
  AppendBig(pixels, &header);
  const Bytes form = {1, 0, 0, 0, 0};  // one bit, grey, no interlace
  header.insert(header.end(), form.begin(), form.end());
  Bytes png = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  AppendChunk("IHDR", header, &png);
  AppendChunk("IDAT", Stored(PixelsOf(*code)), &png);
  AppendChunk("IEND", {}, &png);
  constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;
  std::string encoded(sodium_base64_encoded_len(png.size(), kVariant), '\0');
  sodium_bin2base64(encoded.data(), encoded.size(), png.data(), png.size(), kVariant);
  encoded.pop_back();  // the terminating NUL it counts
  return "data:image/png;base64, " + encoded;
}

}  // namespace mfa_server
