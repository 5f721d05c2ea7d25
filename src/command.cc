#include "otpcore/command.h"

namespace otpcore {

const LoadedRecord* Facts::Find(const RecordKey& key) const {
  for (const LoadedRecord& record : records) {
    if (record.key == key) return &record;
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

const MemberRecord* Conclusion::member() const {
  if (!changes.writes.empty()) {
    if (const auto* written = std::get_if<MemberRecord>(&changes.writes.front().record))
      return written;
  }
  return answer.member.get();
}

}  // namespace otpcore
