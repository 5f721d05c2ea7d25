// SPDX-License-Identifier: Apache-2.0
// Tags: short keyed digests by which a record tells sessions and devices of its Member apart (rules
// S-21, DV-02). Whoever has the record without the key cannot tell whose they are.
#ifndef OTPCORE_SRC_RULES_TAGS_H_
#define OTPCORE_SRC_RULES_TAGS_H_

#include <string_view>

#include "otpcore/base/ids.h"
#include "otpcore/model/ledgers.h"
#include "otpcore/rules/passcode.h"

namespace otpcore {

// Whose session or device it is.
struct TagOwner {
  const EntityId& organization_id;
  const EntityId& member_id;
};

// Of at most 128 bytes. Never 0, but for an empty `session_id`.
SessionTag TagOfSession(const TagKey& key, const TagOwner& owner, std::string_view session_id);
// Of at most 128 bytes. Never 0.
DeviceTag TagOfDevice(const TagKey& key, const TagOwner& owner, std::string_view device);

}  // namespace otpcore

#endif  // OTPCORE_SRC_RULES_TAGS_H_
