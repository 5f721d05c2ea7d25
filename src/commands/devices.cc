// SPDX-License-Identifier: Apache-2.0
#include "commands/devices.h"

#include <algorithm>

#include "model/ledgers.h"
#include "rules/tags.h"

namespace otpcore {
namespace {

constexpr size_t kDeviceBytesMin = 16;
constexpr size_t kDeviceBytesMax = 128;

DeviceTag TagOf(const KeyRing& keys, uint32_t key_id, const MemberRecord& member,
                std::string_view device) {
  const TagKey* const key = keys.FindTagKey(key_id);
  if (key == nullptr) return 0;
  return TagOfDevice(*key, {member.organization_id, member.member_id}, device);
}

// A place for one more. Those that are not known any more leave, and if there are too many, the one
// that succeeded longest ago.
KnownDevice& MakeRoom(const Policy& policy, Instant now, DeviceLedger* devices) {
  for (size_t i = devices->size(); i-- > 0;) {
    if (!IsKnown(policy, (*devices)[i], now)) devices->RemoveAt(i);
  }
  if (devices->size() == size_t{kDevicesMax}) {
    const auto oldest = std::min_element(
        devices->begin(), devices->end(),
        [](const KnownDevice& a, const KnownDevice& b) { return a.succeeded_at < b.succeeded_at; });
    devices->RemoveAt(static_cast<size_t>(oldest - devices->begin()));
  }
  return devices->Add();
}

}  // namespace

Error CheckDevice(const std::string& device, std::string_view* checked) {
  if (!device.empty() && (device.size() < kDeviceBytesMin || device.size() > kDeviceBytesMax))
    return Error(ErrorCode::kBadRequest, "device takes 16 to 128 bytes");
  *checked = device;
  return ErrorCode::kOk;
}

void FindDevice(const CallContext& context, std::string_view device, Instant now,
                FoundMember* found) {
  const Policy& policy = context.config->policy();
  const DeviceLedger& devices = found->member.devices;
  if (devices.empty()) return;
  uint32_t key_id = 0;
  DeviceTag tag = 0;
  for (size_t i = 0; i < devices.size(); ++i) {
    if (tag == 0 || devices[i].key_id != key_id) {
      key_id = devices[i].key_id;
      tag = TagOf(context.config->keys(), key_id, found->member, device);
    }
    if (tag != 0 && devices[i].tag == tag && IsKnown(policy, devices[i], now))
      found->device = static_cast<int>(i);
  }
}

void NoteDevice(const CallContext& context, std::string_view device, bool remembered,
                const Facts& facts, FoundMember* found, Decision* decision) {
  if (device.empty() || context.config->policy().device_life == Duration(0)) return;
  MemberRecord& member = found->member;
  KnownDevice* known = found->known_device();
  if (known == nullptr) {
    known = &MakeRoom(context.config->policy(), facts.now, &member.devices);
    AddEvent(*found, EventKind::kDeviceKnown, facts.now, decision);
  }
  const KeyRing& keys = context.config->keys();
  const DeviceTag was = known->tag;
  known->key_id = keys.current_id();
  known->tag = TagOf(keys, known->key_id, member, device);
  if (was != 0 && member.challenge.device == was) member.challenge.device = known->tag;
  known->succeeded_at = facts.now;
  known->failures = 0;
  if (remembered) known->remembered_at = facts.now;
}

void CountFailedCodeOnDevice(const Facts& facts, int weight, FoundMember* found,
                             Decision* decision) {
  if (CountFailureOn(weight, found->known_device())) return;
  found->member.devices.RemoveAt(static_cast<size_t>(found->device));
  found->device = -1;
  AddEvent(*found, EventKind::kDeviceForgotten, facts.now, decision);
}

bool IssuedToKnownDevice(const MemberRecord& member, const Challenge& challenge) {
  const DeviceTag tag = challenge.device;
  return tag != 0 && std::any_of(member.devices.begin(), member.devices.end(),
                                 [tag](const KnownDevice& device) { return device.tag == tag; });
}

void ForgetAllDevices(Instant now, FoundMember* found, Decision* decision) {
  if (found->member.devices.empty()) return;
  found->member.devices.clear();
  found->device = -1;
  AddEvent(*found, EventKind::kDeviceForgotten, now, decision);
}

SessionTag TagOfSession(const CallContext& context, const MemberRecord& member,
                        std::string_view session_id) {
  const KeyRing& keys = context.config->keys();
  const TagKey& key = *keys.FindTagKey(keys.current_id());  // no Config is without one
  return TagOfSession(key, {member.organization_id, member.member_id}, session_id);
}

SessionTag TagOfSession(const CallContext& context, const Facts& facts,
                        const MemberRecord& member) {
  if (!facts.session || facts.session->id.empty()) return 0;
  return TagOfSession(context, member, facts.session->id);
}

}  // namespace otpcore
