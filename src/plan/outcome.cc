// SPDX-License-Identifier: Apache-2.0
#include "otpcore/plan/outcome.h"

namespace otpcore {

bool operator==(const Quota& a, const Quota& b) {
  return a.kind == b.kind && a.organization_id == b.organization_id &&
         a.phone_number == b.phone_number && a.region == b.region;
}

}  // namespace otpcore
