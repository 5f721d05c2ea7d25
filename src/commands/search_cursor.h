// SPDX-License-Identifier: Apache-2.0
// The cursor of a search (rule SR-09): where the next page begins, and a keyed tag over that and
// the whole query, so that a cursor works for the query that it was given out for, and for no
// other. It is no permission: the page is read from the Organizations that the request names.
#ifndef OTPCORE_SRC_COMMANDS_SEARCH_CURSOR_H_
#define OTPCORE_SRC_COMMANDS_SEARCH_CURSOR_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "otpcore/base/ids.h"
#include "otpcore/commands/search.h"
#include "otpcore/rules/config.h"

namespace otpcore {

// A search of Members goes on behind `member` in `organization`. One of Organizations goes on
// behind `organization`; or, when it is `inside`, at it: with the operand that asks for a Member,
// behind so many of its addresses, or behind `member`.
struct SearchPosition {
  EntityId organization = {};
  EntityId member = {};
  bool inside = false;
  uint8_t operand = 0;
  uint16_t address = 0;
};

std::string CursorFor(const Config& config, const SearchMembersRequest& request,
                      const SearchPosition& position);
std::string CursorFor(const Config& config, const SearchOrganizationsRequest& request,
                      const SearchPosition& position);

// The place in a cursor, behind its tag. False: no position has such bytes.
bool ReadPlace(std::string_view place, SearchPosition* position);

// Reads request.cursor, which is not empty. kBadRequest: it was not made for this query, whatever
// `limit` says, or by a host with other keys.
Error ReadCursor(const Config& config, const SearchMembersRequest& request,
                 SearchPosition* position);
Error ReadCursor(const Config& config, const SearchOrganizationsRequest& request,
                 SearchPosition* position);

}  // namespace otpcore

#endif  // OTPCORE_SRC_COMMANDS_SEARCH_CURSOR_H_
