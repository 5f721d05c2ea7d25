// SPDX-License-Identifier: Apache-2.0
// Replies as JSON, by their wire names. What is beside the wire: the session effect, applied,
// recovery_codes_left and old_digest_key.
#ifndef OTPCORE_SRC_C_SHOW_H_
#define OTPCORE_SRC_C_SHOW_H_

#include "c/json_writer.h"
#include "otpcore/engine/engine.h"

namespace otpcore {

// ---- The members of an object, without its braces ----

inline void ShowResponse(const ReplyBase&, const NoMore&, JsonWriter*) {}
void ShowResponse(const ReplyBase& reply, const ProofResponse& response, JsonWriter* json);
void ShowResponse(const ReplyBase& reply, const MfaStepResponse& response, JsonWriter* json);
void ShowResponse(const ReplyBase& reply, const SendEmailPasscodeResponse& response,
                  JsonWriter* json);
void ShowResponse(const ReplyBase& reply, const AuthenticateEmailPasscodeResponse& response,
                  JsonWriter* json);
void ShowResponse(const ReplyBase& reply, const AuthenticateDiscoveryPasscodeResponse& response,
                  JsonWriter* json);
void ShowResponse(const ReplyBase& reply, const ExchangeIntermediateSessionResponse& response,
                  JsonWriter* json);
void ShowResponse(const ReplyBase& reply, const ReportDeliveryResponse& response, JsonWriter* json);
void ShowResponse(const ReplyBase& reply, const ReportDiscoveryDeliveryResponse& response,
                  JsonWriter* json);
void ShowResponse(const ReplyBase& reply, const DiscoveryAddressResponse& response,
                  JsonWriter* json);
void ShowResponse(const ReplyBase& reply, const CreateTotpResponse& response, JsonWriter* json);
void ShowResponse(const ReplyBase& reply, const MigrateTotpResponse& response, JsonWriter* json);
void ShowResponse(const ReplyBase& reply, const UseRecoveryCodeResponse& response,
                  JsonWriter* json);
void ShowResponse(const ReplyBase& reply, const RecoveryCodesResponse& response, JsonWriter* json);
void ShowResponse(const ReplyBase& reply, const ResealResponse& response, JsonWriter* json);

// request_id, and Member and Organization where the reply has them.
void ShowReply(const ReplyBase& reply, JsonWriter* json);

// An array.
void ShowEvents(const EventList& events, JsonWriter* json);

}  // namespace otpcore

#endif  // OTPCORE_SRC_C_SHOW_H_
