// SPDX-License-Identifier: Apache-2.0
// Writes JSON into memory that is wiped: a reply may hold a secret.
#ifndef OTPCORE_SRC_C_JSON_WRITER_H_
#define OTPCORE_SRC_C_JSON_WRITER_H_

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "otpcore/base/secret.h"
#include "otpcore/base/time.h"

namespace otpcore {

// Names and values follow each other; commas are put in between. Throws std::bad_alloc.
class JsonWriter {
 public:
  JsonWriter() = default;
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;
  ~JsonWriter() { Clear(); }

  void Clear() {
    WipeMemory(bytes_.get(), size_);
    size_ = 0;
    begins_ = true;
  }
  std::string_view text() const { return {bytes_.get(), size_}; }

  void Begin(char bracket) {  // '{' or '['
    Separate();
    Put(bracket);
    begins_ = true;
  }
  void End(char bracket) {
    Put(bracket);
    begins_ = false;
  }
  void Name(std::string_view name) {
    Separate();
    Quoted(name);
    Put(':');
    begins_ = true;
  }
  void Text(std::string_view text) {
    Separate();
    Quoted(text);
  }
  void Bool(bool value) { Bare(value ? "true" : "false"); }
  void Null() { Bare("null"); }
  void Number(int64_t value) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    Bare({digits, static_cast<size_t>(end - digits)});
  }

  // A name with its value.
  void Field(std::string_view name, std::string_view value) { Name(name), Text(value); }
  void Field(std::string_view name, const char* value) { Name(name), Text(value); }
  void Field(std::string_view name, bool value) { Name(name), Bool(value); }
  void Field(std::string_view name, int64_t value) { Name(name), Number(value); }
  void Field(std::string_view name, Instant value) { Name(name), Text(FormatRfc3339(value)); }

 private:
  void Separate() {
    if (!begins_) Put(',');
    begins_ = false;
  }
  void Bare(std::string_view text) {
    Separate();
    Put(text);
  }
  // Text is well-formed UTF-8; what has to be escaped is ASCII.
  void Quoted(std::string_view text) {
    constexpr char kHex[] = "0123456789abcdef";
    Put('"');
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < ' ') {
        Put("\\u00");
        Put(kHex[byte >> 4]);
        Put(kHex[byte & 15]);
        continue;
      }
      if (c == '"' || c == '\\') Put('\\');
      Put(c);
    }
    Put('"');
  }
  void Put(char c) { Put(std::string_view(&c, 1)); }
  void Put(std::string_view text) {
    if (text.size() > room_ - size_) Grow(text.size());
    std::memcpy(bytes_.get() + size_, text.data(), text.size());
    size_ += text.size();
  }
  void Grow(size_t more) {
    constexpr size_t kFewest = 4096;
    const size_t room = kFewest + 2 * (size_ + more);
    std::unique_ptr<char[]> bytes(new char[room]);
    if (size_ > 0) std::memcpy(bytes.get(), bytes_.get(), size_);
    WipeMemory(bytes_.get(), size_);
    bytes_ = std::move(bytes);
    room_ = room;
  }

  std::unique_ptr<char[]> bytes_;
  size_t size_ = 0;
  size_t room_ = 0;
  bool begins_ = true;  // no comma before the next
};

}  // namespace otpcore

#endif  // OTPCORE_SRC_C_JSON_WRITER_H_
