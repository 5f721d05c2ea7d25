// SPDX-License-Identifier: Apache-2.0
// How the store, the guard and the sessions of otpcore::postgres reach their server.
#ifndef OTPCORE_POSTGRES_OPTIONS_H_
#define OTPCORE_POSTGRES_OPTIONS_H_

#include <string>
#include <vector>

#include "otpcore/adapters/sealed_message.h"
#include "otpcore/base/time.h"

namespace otpcore {

struct PostgresOptions {
  // Whatever libpq takes: a URI or names and values, with sslmode, several hosts and
  // target_session_attrs.
  std::string conninfo;
  // Of each store, guard and directory; each call uses one. At least 1.
  int connections_max = 8;
  // For all of one call. The server ends a statement after the same time. Only looking up a host
  // may take longer.
  Duration timeout{2000};
  // After this time, or up to a quarter earlier, a connection is replaced: so a name that moves to
  // another server reaches everybody.
  Duration connection_age_max = std::chrono::minutes(15);
  // PostgresStore: set, messages go into the outbox within the commit, sealed with the first key
  // (D-07). The others open what older hosts have sealed.
  std::vector<OutboxKey> outbox_keys;
};

}  // namespace otpcore

#endif  // OTPCORE_POSTGRES_OPTIONS_H_
