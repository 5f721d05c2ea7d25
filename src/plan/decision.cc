// SPDX-License-Identifier: Apache-2.0
#include "otpcore/plan/decision.h"

#include <cstring>

#include "base/little_endian.h"

namespace otpcore {

RunId Facts::run() const {
  const RunId id = LoadLittle(entropy.run_id.data(), entropy.run_id.size());
  return id == 0 ? 1 : id;
}

void Decision::Load(const RecordKey& key) {
  kind = Kind::kLoad;
  records_.Want(key);
}

std::string_view Decision::AddWrite(const LoadedRecord& was, size_t bytes) {
  if (answer.error.code() == ErrorCode::kInternalServerError) return {};
  const std::string_view record(buffer_ + used_, bytes);
  if (bytes == 0 || !changes.writes.Add({&was.key, was.revision, record})) {
    changes.writes.clear();
    kind = Kind::kAnswer;
    answer.error = Error(ErrorCode::kInternalServerError, "a record would be too long");
    return {};
  }
  used_ += bytes;
  kind = Kind::kCommit;
  return record;
}

void Decision::Delete(const LoadedRecord& was) {
  if (answer.error.code() == ErrorCode::kInternalServerError) return;
  changes.writes.Add({&was.key, was.revision, {}});
}

std::string_view Decision::Show(const MemberRecord& record) {
  const size_t bytes =
      kBufferBytes - used_ < kMemberRecordBytesMax ? 0 : Pack(record, buffer_ + used_);
  const std::string_view packed(buffer_ + used_, bytes);
  used_ += bytes;
  return packed;
}

void Decision::DropChanges() {
  kind = Kind::kAnswer;
  quotas.clear();
  changes.writes.clear();
  changes.message = nullptr;
  changes.session_effect = nullptr;
  spends_admission = false;
  answer.error = ErrorCode::kOk;
  answer.hints = Hints();
  answer.organization_key = answer.member_key = nullptr;
  answer.organization = answer.member = {};
  answer.repeats_session_effect = false;
  answer.keeps_live_code = answer.spares_second_factor = answer.made_member = false;
  used_ = 0;
}

void Decision::Clear() {
  DropChanges();
  session = nullptr;
  answer.events.clear();
}

std::string_view Decision::Keep(std::string_view bytes) {
  if (bytes.empty() || (bytes.data() >= buffer_ && bytes.data() < buffer_ + kBufferBytes))
    return bytes;
  if (bytes.size() > kBufferBytes - used_) return {};
  char* const at = buffer_ + used_;
  std::memcpy(at, bytes.data(), bytes.size());
  used_ += bytes.size();
  return {at, bytes.size()};
}

void Decision::Detach() {
  answer.organization = Keep(answer.organization);
  answer.member = Keep(answer.member);
}

}  // namespace otpcore
