// SPDX-License-Identifier: Apache-2.0
// A store by its URL.
#ifndef OTPCORE_TOOLS_OPEN_STORE_H_
#define OTPCORE_TOOLS_OPEN_STORE_H_

#include <memory>
#include <string>

#include "otpcore/engine/ports.h"

namespace otpcore_tool {

// The store and what it is on, which outlives it.
struct OpenedStore {
  std::shared_ptr<void> database;
  std::unique_ptr<otpcore::Store> store;
  std::string kind;  // "memory", "sqlite", "postgres" or "redis": nothing of the address
};

// "memory", "sqlite:FILE", a connection string of PostgreSQL or a URL of Redis, as far as they are
// built in; with `connections` connections where a store has some. "", or a sentence that says what
// went wrong.
std::string OpenStore(const std::string& url, int connections, OpenedStore* opened);

}  // namespace otpcore_tool

#endif  // OTPCORE_TOOLS_OPEN_STORE_H_
