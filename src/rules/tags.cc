// SPDX-License-Identifier: Apache-2.0
#include "rules/tags.h"

#include <algorithm>

#include "base/little_endian.h"
#include "rules/field_digest.h"

namespace otpcore {
namespace {

uint64_t TagOf(const DigestKey& key, std::string_view purpose, const TagOwner& owner,
               std::string_view value) {
  FieldDigest digest(key, purpose);
  digest.AddText(owner.organization_id.packed());
  digest.AddText(owner.member_id.packed());
  digest.AddText(value);
  return LoadLittle(reinterpret_cast<const char*>(digest.Finish().data()), sizeof(uint64_t));
}

}  // namespace

SessionTag TagOfSession(const DigestKey& key, const TagOwner& owner, std::string_view session_id) {
  if (session_id.empty()) return 0;
  return std::max(SessionTag{1}, static_cast<SessionTag>(TagOf(key, "session", owner, session_id)));
}

DeviceTag TagOfDevice(const DigestKey& key, const TagOwner& owner, std::string_view device) {
  return std::max(DeviceTag{1}, TagOf(key, "device", owner, device));
}

}  // namespace otpcore
