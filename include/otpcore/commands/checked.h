// SPDX-License-Identifier: Apache-2.0
// What commands have in common: what Check makes of a request (ids as values, the keys to look them
// up with, the session argument), made once for each operation, and the responses of whole
// families. A checked session points into the request.
#ifndef OTPCORE_COMMANDS_CHECKED_H_
#define OTPCORE_COMMANDS_CHECKED_H_

#include <optional>
#include <string_view>

#include "otpcore/base/ids.h"
#include "otpcore/model/record.h"
#include "otpcore/model/session.h"
#include "otpcore/plan/command.h"

namespace otpcore {

// For commands that answer with the Member or the Organization and nothing else.
struct NoMore {};
struct ShowsRecord {
  using Response = NoMore;
  template <typename Checked>
  static Error Respond(const CallContext& /*context*/, const Checked& /*checked*/,
                       const Conclusion& conclusion, Response* /*response*/) {
    return conclusion.answer().error;
  }
};

// An Organization as a request names it: by id, slug or external id (C-01).
struct CheckedOrganization {
  EntityId id;
  RecordKey key;  // of the record, if `id` is the id and no slug or external id
};

// A Member as a request names it: by id or external id.
struct CheckedMember {
  CheckedOrganization organization;
  EntityId id;
  RecordKey key;  // of the record, if both are named by their ids
  std::optional<SessionCredential> session;
  std::string_view device = {};  // empty: none was given
};

// ---- Commands that prove a factor ----

// What Check makes of a request that proves a factor.
struct CheckedProof : CheckedMember {
  Duration session_duration{0};
  std::optional<bool> enrolls;  // of set_mfa_enrollment
  bool set_default_mfa = false;
  bool remember_device = false;
};

struct ProofResponse {
  // What was asked of the session directory (NeedSessionEffect), without the credential; do not
  // apply it again. Of a repeated operation: see "Retries" in docs/embedding.md.
  SessionEffect session_effect = {};
};

struct ProvesFactor {
  using Response = ProofResponse;
  template <typename Checked>
  static Error Respond(const CallContext& /*context*/, const Checked& /*checked*/,
                       const Conclusion& conclusion, Response* response) {
    if (!conclusion.answer().error.ok()) return conclusion.answer().error;
    response->session_effect = conclusion.decision->session_effect();
    response->session_effect.credential.value = {};  // points into the request
    return ErrorCode::kOk;
  }
};

}  // namespace otpcore

#endif  // OTPCORE_COMMANDS_CHECKED_H_
