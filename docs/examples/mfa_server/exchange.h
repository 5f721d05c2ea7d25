// SPDX-License-Identifier: Apache-2.0
// How a person with an intermediate session gets into an Organization: by discovery, and from a
// session of another Organization.
#ifndef OTPCORE_EXAMPLES_MFA_SERVER_EXCHANGE_H_
#define OTPCORE_EXAMPLES_MFA_SERVER_EXCHANGE_H_

#include "running.h"

namespace mfa_server {

struct Exchange {
  otpcore::ExchangeIntermediateSessionRequest request;
  Json claims = Json::object();  // session_custom_claims
  // Whether a person whom the Organization's settings let join becomes a Member of it.
  bool may_join = true;
};

// What an exchange takes beside token and Organization.
Exchange ReadExchange(const Call& call, Fields& fields);

// Runs the exchange and makes the session that comes of it.
Answer RunExchange(const Backend& backend, const Call& call, Exchange exchange);

// A session of no Member that has shown what `session` shows of its address alone: what counts
// outside the Organization that the session is of. It has no id.
otpcore::Session WithoutMember(const otpcore::Session& session);

}  // namespace mfa_server

#endif  // OTPCORE_EXAMPLES_MFA_SERVER_EXCHANGE_H_
