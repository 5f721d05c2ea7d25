// SPDX-License-Identifier: Apache-2.0
// Sessions: they belong to the host. Commands look at one and say what is to become of it.
#ifndef OTPCORE_MODEL_SESSION_H_
#define OTPCORE_MODEL_SESSION_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "otpcore/base/ids.h"
#include "otpcore/base/text.h"
#include "otpcore/base/time.h"
#include "otpcore/model/address.h"
#include "otpcore/model/factor.h"

namespace otpcore {

// The session arguments of a request; empty text counts as absent.
struct SessionArguments {
  std::string intermediate_session_token = {};
  std::string session_token = {};
  std::string session_jwt = {};
};

// Names a session. `value` points into the request that brought it.
struct SessionCredential {
  enum class Kind : uint8_t {
    kIntermediateToken = 0,
    kSessionToken = 1,
    kSessionJwt = 2,
    // Session::id, which is not secret: no command takes one from a request. For a host that has
    // found the id in something it trusts, as in a JWT whose signature it checked.
    kSessionId = 3,
  };
  Kind kind = Kind::kSessionToken;
  std::string_view value = {};
};

// What commands read of a session (SE-01).
struct Session {
  // Both empty: an intermediate session of no Member, as discovery gives it (EM-26).
  EntityId organization_id = {};
  EntityId member_id = {};
  // Tells the session from others of the Member, 128 bytes at most. One id for its token and its
  // JWT, and the same still when an intermediate session has become a full one. Not secret. Empty:
  // wrong codes of this session are forgiven by no success (L-05), and a send for it replaces any
  // live passcode (S-21).
  InlineText<kIdBytesMax> id = {};
  FactorSet factors = {};
  // The address that its e-mail factor proved last; empty: it has none. A session of no Member may
  // be used for a Member with this address and for nobody else (EM-27), and any intermediate one
  // exchanged by it. Fill it in only from what was proved: SessionEffect::proof, or a link that the
  // host sent itself.
  Address email_address = {};

  bool is_of_no_member() const { return organization_id.empty() && member_id.empty(); }
};

// What a success does to a session. Applying an effect twice is applying it once.
struct SessionEffect {
  enum class Kind : uint8_t {
    kCreate = 1,              // a new session
    kCreateIntermediate = 2,  // a new intermediate one
    kUpgrade = 3,             // consume the intermediate token and make a session
    kExtend = 4,              // let the session last at least `duration` from now
  };
  Kind kind = Kind::kExtend;
  // Of kUpgrade and kExtend; of kCreateIntermediate the intermediate token that it replaces, which
  // is consumed as with kUpgrade, or empty. The new session has the factors of the consumed one.
  SessionCredential credential = {};
  // Whose session it is from now on. Both empty: of no Member (EM-26). A session of no Member that
  // is extended becomes this Member's.
  EntityId organization_id = {};
  EntityId member_id = {};
  Duration duration{0};
  // To be added to the session's factors. One that is there already gets the new time. The address
  // of an e-mail factor is Session::email_address from now on.
  FactorProof proof = {};
};

}  // namespace otpcore

#endif  // OTPCORE_MODEL_SESSION_H_
