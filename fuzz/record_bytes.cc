// SPDX-License-Identifier: Apache-2.0
// Records as bytes: whatever lies in a store, a record is read whole or not at all (K-07, K-12,
// B-17).
#include <string>

#include "../tests/frame.h"
#include "../tests/same_records.h"
#include "fuzz.h"
#include "otpcore/model/codec.h"

namespace otpcore {
namespace {

const RecordKey kKeys[] = {
    {RecordKind::kOrganization, {}, "o"},       {RecordKind::kMember, "o", "m"},
    {RecordKind::kPhoneClaim, "o", "+1415"},    {RecordKind::kOrganizationName, {}, "acme"},
    {RecordKind::kMemberName, "o", "external"}, {RecordKind::kMemberEmail, "o", "a@b"},
};

void CheckBytes(const RecordKey& key, const std::string& bytes, size_t place) {
  const Result<Record> read = DecodeRecord(key, bytes);
  if (!read) {
    FUZZ_CHECK(read.error().code() == ErrorCode::kInternalServerError);
    FUZZ_CHECK(!read.error().detail().empty());
    return;
  }
  const std::string written = EncodeRecord(key, *read);
  FUZZ_CHECK(!written.empty());
  FUZZ_CHECK(key.kind != RecordKind::kMember || written.size() <= kMemberRecordBytesMax);
  // A record has one form, but for what a newer version says.
  const bool current = static_cast<uint8_t>(bytes[1]) == kCodecVersion;
  FUZZ_CHECK(!current || written == bytes);
  const Result<Record> again = DecodeRecord(key, written);
  FUZZ_CHECK(again.has_value() && Same(*again, *read));
  // Nothing of it is read once a byte is missing or another, or the key is.
  place %= written.size();
  FUZZ_CHECK(!DecodeRecord(key, std::string(written, 0, place)).has_value());
  std::string damaged = written;
  damaged[place] = static_cast<char>(damaged[place] ^ (1 << place % 8));
  FUZZ_CHECK(!DecodeRecord(key, damaged).has_value());
  RecordKey other = key;
  other.name = key.name.str() + "x";
  FUZZ_CHECK(!DecodeRecord(other, written).has_value());
}

}  // namespace
}  // namespace otpcore

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  otpcore::fuzz::Input input(data, size);
  const int choice = input.Byte();
  const auto place = static_cast<size_t>(input.Number(2));
  const otpcore::RecordKey& key = otpcore::kKeys[choice % 6];
  const std::string bytes(input.Rest());
  otpcore::CheckBytes(key, bytes, place);
  const int newer = choice / 6 % 2;
  const auto version = static_cast<uint8_t>(otpcore::kCodecVersion + newer);
  // Only in a frame without fault does the reader of the fields see them.
  otpcore::CheckBytes(key, otpcore::Frame(key, version, bytes), place);
  return 0;
}
