// SPDX-License-Identifier: Apache-2.0
#include "otpcore/plan/outcome.h"

namespace otpcore {

bool operator==(const Quota& a, const Quota& b) {
  return a.subject == b.subject && a.organization_id == b.organization_id &&
         a.address == b.address && a.region == b.region && a.member_id == b.member_id;
}

ErrorCode DeliveryError(const Delivery& delivery, Channel channel) {
  const bool email = channel == Channel::kEmail;
  switch (delivery.kind) {
    case Delivery::Kind::kAccepted: return ErrorCode::kOk;
    case Delivery::Kind::kRejected:
      if (email) return ErrorCode::kInactiveEmail;
      return delivery.unsubscribed ? ErrorCode::kUnsubscribedPhoneNumber
                                   : ErrorCode::kDownstreamCarrierRejected;
    case Delivery::Kind::kUnavailable:
    case Delivery::Kind::kUnknown: break;
  }
  return email ? ErrorCode::kEmailGatewayUnavailable : ErrorCode::kDownstreamCarrierUnavailable;
}

}  // namespace otpcore
