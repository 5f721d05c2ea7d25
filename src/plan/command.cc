// SPDX-License-Identifier: Apache-2.0
#include "otpcore/plan/command.h"

namespace otpcore {

const LoadedRecord* Facts::Find(RecordKind kind, std::string_view organization,
                                std::string_view name) const {
  for (const LoadedRecord& record : records) {
    const RecordKey& key = record.key;
    if (key.kind == kind && key.organization.view() == organization && key.name.view() == name)
      return &record;
  }
  return nullptr;
}

Error ErrorOf(Fault fault) {
  switch (fault) {
    case Fault::kNone: return ErrorCode::kOk;
    case Fault::kUnavailable: return Error(ErrorCode::kServerUnavailable, "a port is unavailable");
    case Fault::kContention: return Error(ErrorCode::kServerUnavailable, "too many conflicts");
    case Fault::kUnknown:
      return Error(ErrorCode::kServerUnavailable, "the outcome of the commit is unknown");
    case Fault::kMisuse:
      return Error(ErrorCode::kInternalServerError, "the host gave an outcome nothing asked for");
  }
  return ErrorCode::kInternalServerError;
}

MemberRecord* Conclusion::member() {
  if (!changes.writes.empty()) {
    if (auto* written = std::get_if<MemberRecord>(&changes.writes.front().record)) return written;
  }
  return answer.member.get();
}
const MemberRecord* Conclusion::member() const { return const_cast<Conclusion*>(this)->member(); }

}  // namespace otpcore
