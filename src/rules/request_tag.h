// SPDX-License-Identifier: Apache-2.0
// The tag of a request (rule C-07): 64 bits of SipHash-2-4 over the kind of the command and every
// field of the request. The mark of an operation keeps it, so that a repetition can be told from
// another request under the same operation id.
//
// A request holds the code that a person typed, so the tag is keyed: without the key it tells
// nothing about the request. Two requests that differ have the same tag with a chance of 2^-64.
#ifndef OTPCORE_SRC_RULES_REQUEST_TAG_H_
#define OTPCORE_SRC_RULES_REQUEST_TAG_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "otpcore/base/ids.h"
#include "otpcore/model/mark.h"
#include "otpcore/rules/passcode.h"

namespace otpcore {

// Takes the fields one after the other, always in the same order, then gives the tag once. A field
// that is absent takes no bytes: a later version may add a field behind the others, and requests
// without it keep their tag. Wipes what it collected. A usual request costs 700 to 1,000
// instructions.
class RequestTag {
 public:
  RequestTag(const TagKey& key, CommandKind kind);
  RequestTag(const RequestTag&) = delete;
  RequestTag& operator=(const RequestTag&) = delete;
  ~RequestTag() { WipeMemory(bytes_, size_); }

  // `text` is an id, which was read into `id`. Both must outlive the tag. The first two are kept.
  void Know(const std::string& text, const EntityId& id) {
    if (known_count_ < kKnownMax) known_[known_count_++] = {&text, &id};
  }
  // The id that was read from this very object; null: none.
  const EntityId* IdOf(const std::string& text) const {
    for (size_t i = 0; i < known_count_; ++i) {
      if (known_[i].text == &text) return known_[i].id;
    }
    return nullptr;
  }

  void Absent() { ++field_; }
  // Also an empty text: whoever lets an absent field be told from an empty one says so here.
  void Text(std::string_view value);
  void Number(uint64_t value);
  // Begins a list; its `count` items follow, each added with Item.
  void List(size_t count) { Number(count); }
  void Item(std::string_view value);

  uint64_t Finish();

 private:
  // Holds a usual request as a whole. What is longer is hashed block by block, each block behind
  // the hash of those before it.
  static constexpr size_t kBlockBytes = 512;

  static constexpr size_t kKnownMax = 2;
  struct Known {
    const std::string* text;
    const EntityId* id;
  };

  void Append(const void* bytes, size_t size);
  void AppendLength(size_t length);
  uint64_t Hash() const;

  const TagKey& key_;
  size_t size_ = 0;
  uint8_t field_ = 0;  // number of the field that comes next
  size_t known_count_ = 0;
  Known known_[kKnownMax];
  uint8_t bytes_[kBlockBytes];
};

}  // namespace otpcore

#endif  // OTPCORE_SRC_RULES_REQUEST_TAG_H_
