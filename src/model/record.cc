// SPDX-License-Identifier: Apache-2.0
#include "otpcore/model/record.h"

#include "base/key_hash.h"

namespace otpcore {
namespace {

bool IsKind(uint8_t kind) {
  return kind >= static_cast<uint8_t>(RecordKind::kOrganization) &&
         kind <= static_cast<uint8_t>(RecordKind::kDiscovery);
}

}  // namespace

RecordKey::RecordKey(RecordKind kind, std::string_view organization, std::string_view name) {
  bytes_[0] = static_cast<char>(kind);
  bytes_[1] = static_cast<char>(organization.size());
  if (!organization.empty()) std::memcpy(bytes_ + 2, organization.data(), organization.size());
  const size_t room = kBytesMax - 2 - organization.size();
  const size_t size = name.size() < room ? name.size() : room;  // none that a command makes is cut
  if (size > 0) std::memcpy(bytes_ + 2 + organization.size(), name.data(), size);
  size_ = static_cast<uint16_t>(2 + organization.size() + size);
  Hash();
}

void RecordKey::FoldName() {
  for (size_t i = 2 + packed_organization().size(); i < size_; ++i) {
    char& c = bytes_[i];
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  Hash();
}

void RecordKey::Hash() { hash_ = HashOfKey(bytes_, size_); }

RecordKey RecordKey::Organization(const EntityId& id) {
  return {RecordKind::kOrganization, {}, id.packed()};
}
RecordKey RecordKey::Member(const EntityId& organization, const EntityId& id) {
  return {RecordKind::kMember, organization.packed(), id.packed()};
}
RecordKey RecordKey::PhoneClaim(const EntityId& organization, const E164& number) {
  return {RecordKind::kPhoneClaim, organization.packed(), number.view()};
}
RecordKey RecordKey::OrganizationName(std::string_view name) {
  return {RecordKind::kOrganizationName, {}, name};
}
RecordKey RecordKey::OrganizationSlug(std::string_view slug) {
  RecordKey key(RecordKind::kOrganizationSlug, {}, slug);
  key.FoldName();
  return key;
}
RecordKey RecordKey::MemberName(const EntityId& organization, std::string_view name) {
  return {RecordKind::kMemberName, organization.packed(), name};
}
RecordKey RecordKey::MemberEmail(const EntityId& organization, std::string_view email) {
  RecordKey key(RecordKind::kMemberEmail, organization.packed(), email);
  key.FoldName();
  return key;
}
RecordKey RecordKey::Discovery(std::string_view email) {
  RecordKey key(RecordKind::kDiscovery, {}, email);
  key.FoldName();
  return key;
}

RecordKey RecordKey::FromBytes(std::string_view bytes) {
  RecordKey key;
  if (bytes.size() < 2 || bytes.size() > kBytesMax || !IsKind(static_cast<uint8_t>(bytes[0])))
    return key;
  const size_t organization = static_cast<uint8_t>(bytes[1]);
  if (organization > kIdBytesMax || 2 + organization > bytes.size()) return key;
  key.size_ = static_cast<uint16_t>(bytes.size());
  std::memcpy(key.bytes_, bytes.data(), bytes.size());
  key.Hash();
  return key;
}

EntityId RecordKey::organization() const { return EntityId::FromPacked(packed_organization()); }

EntityId RecordKey::id() const { return EntityId::FromPacked(packed_name()); }

InlineText<255> RecordKey::name() const {
  if (kind() == RecordKind::kOrganization || kind() == RecordKind::kMember)
    return id().text().view();
  return packed_name();
}

}  // namespace otpcore
