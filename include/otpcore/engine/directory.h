// SPDX-License-Identifier: Apache-2.0
// Directory: the port of a search. It visits records in the order of their keys, and tells in which
// Organizations an id of a Member is.
//
// Search and DangerouslyGetMember take a Directory; no other command does, and a Store has no scan:
// many stores cannot, and those that can have better indexes of their own. MemoryDirectory,
// SqliteDirectory and PostgresDirectory stand beside their stores. Redis keeps its keys in no
// order, so there is none for it: a host on Redis cannot search. testing/directory_kit.h checks
// one.
//
// A Directory knows nothing of queries: the library reads, compares, counts and cuts (SR-01). The
// host owns it and keeps it alive as long as searches refer to it. It must throw nothing but
// std::bad_alloc.
#ifndef OTPCORE_ENGINE_DIRECTORY_H_
#define OTPCORE_ENGINE_DIRECTORY_H_

#include <vector>

#include "otpcore/base/export.h"
#include "otpcore/base/ids.h"
#include "otpcore/plan/visits.h"

namespace otpcore {

// Thread-safe: engines call it from all their threads, while commits go on.
class OTPCORE_EXPORT Directory {
 public:
  virtual ~Directory() = default;

  // Gives `batch` the records of its range that are there, in ascending order of their keys' bytes,
  // with batch.Found, and batch.AtEnd when nothing is behind them. At most `limit` records, and at
  // most as much work as they take: no search of the whole store, no sorting of the whole range.
  // Fewer than `limit` may be found before the end, but not none.
  //
  // What a search is promised (SR-10) rests on these:
  //   - a record that is there during the whole call is not left out between two that are found,
  //   nor
  //     before the first one, nor behind the last one when the end is told;
  //   - no call sees the store as it was before a call of the same search, or before the commits
  //     that were answered when the search began: ask the primary, or a replica that has them;
  //   - a record is as it stood at some moment of the call. Two records may be of two moments.
  // A record that comes or goes during the call may be found or not.
  //
  // False: the store could not be reached, or a record is damaged (K-12); the search then ends with
  // kServerUnavailable. None is left out silently.
  virtual bool Visit(VisitBatch& batch) = 0;

  // Sets `*organizations` to those that have a record of a Member with this id, whatever its
  // status: all of them, or any two where there are more. External ids do not count. False: as
  // above. Costs one look-up in an index where there is one for it, else one for each Organization:
  // each implementation says which.
  virtual bool OrganizationsOf(const EntityId& member_id, std::vector<EntityId>* organizations) = 0;
};

}  // namespace otpcore

#endif  // OTPCORE_ENGINE_DIRECTORY_H_
