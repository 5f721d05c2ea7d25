#include "otpcore/record.h"

namespace otpcore {

std::string EncodeKey(const RecordKey& key) {
  std::string bytes;
  bytes.reserve(2 + key.organization.size() + key.name.size());
  bytes += static_cast<char>(key.kind);
  bytes += static_cast<char>(key.organization.size());
  bytes.append(key.organization.view());
  bytes.append(key.name.view());
  return bytes;
}

OperationMark MarkOf(const Record& record) {
  if (const auto* member = std::get_if<MemberRecord>(&record)) return member->mark;
  if (const auto* organization = std::get_if<OrganizationSnapshot>(&record))
    return *organization ? (*organization)->mark : OperationMark();
  return OperationMark();
}

bool IsWrittenBy(const Record& wanted, const Record& found) {
  if (!(MarkOf(wanted) == MarkOf(found))) return false;
  const auto* const own = std::get_if<MemberRecord>(&wanted);
  const auto* const other = std::get_if<MemberRecord>(&found);
  return own == nullptr || other == nullptr || own->challenge.id == other->challenge.id;
}

}  // namespace otpcore
