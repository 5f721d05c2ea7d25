// SPDX-License-Identifier: Apache-2.0
#include "otpcore/model/record.h"

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

bool IsSameWrite(const Record& found, const Record& written) {
  const auto* a = std::get_if<MemberRecord>(&found);
  const auto* b = std::get_if<MemberRecord>(&written);
  // A twin under the same id has another challenge, or met this one at another time.
  const bool same_challenge =
      a == nullptr || b == nullptr ||
      (a->challenge.id == b->challenge.id && a->challenge.latest_seen == b->challenge.latest_seen);
  return same_challenge && MarkOf(found) == MarkOf(written);
}

}  // namespace otpcore
