// SPDX-License-Identifier: Apache-2.0
// DiscoveryRecord: what the store keeps of an e-mail address outside any Organization (EM-25).
#ifndef OTPCORE_MODEL_DISCOVERY_RECORD_H_
#define OTPCORE_MODEL_DISCOVERY_RECORD_H_

#include "otpcore/base/time.h"
#include "otpcore/model/address.h"
#include "otpcore/model/mark.h"
#include "otpcore/model/member.h"

namespace otpcore {

// The passcode that was sent to an address before anybody knows which Organization it is for, and
// what is counted of it. No Member's record knows of it, and it of none: it has a ledger of its own
// (L-12). Anybody can have such a record made, of any address, so each of them ends.
struct DiscoveryRecord {
  DiscoveryRecord() {}

  Address address;    // in lower case: what the key names
  EmailFactor email;  // its passcodes have the purpose kDiscovery, and are of no session
  // From this instant on the record may be deleted: its passcode is over, its windows are empty,
  // its lock has ended, and its operation is not repeated any more. Instant::Max(): never, for a
  // lock without end.
  Instant forget_at;
  OperationMark mark;
};

}  // namespace otpcore

#endif  // OTPCORE_MODEL_DISCOVERY_RECORD_H_
