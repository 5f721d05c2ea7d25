// SPDX-License-Identifier: Apache-2.0
// SearchOperation: one call of a search, for hosts that meet needs themselves; and its reply.
//
//   SearchReply page = engine.SearchMembers(request, directory);
//   if (!page.ok()) return Log(page.error().error_type());
//   for (size_t i = 0; i < page.member_count(); ++i) Use(page.member(i).email_address);
//   request.cursor = page.next_cursor();  // empty: that was the last page
#ifndef OTPCORE_ENGINE_SEARCH_OPERATION_H_
#define OTPCORE_ENGINE_SEARCH_OPERATION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "otpcore/base/error.h"
#include "otpcore/base/export.h"
#include "otpcore/base/ids.h"
#include "otpcore/base/time.h"
#include "otpcore/commands/search.h"
#include "otpcore/engine/operation.h"
#include "otpcore/plan/visits.h"
#include "otpcore/rules/config.h"

namespace otpcore {

// One page. Owns the records that it shows, on the heap. Copyable; a copy keeps its own texts. Not
// safe for concurrent writes.
class OTPCORE_EXPORT SearchReply {
 public:
  SearchReply() = default;  // an error, until a search has filled it in

  bool ok() const { return error_.ok(); }
  // kOk on success; else nothing below but request_id and environment has a meaning.
  const Error& error() const { return error_; }
  std::string request_id() const { return request_id_; }
  Environment environment() const { return environment_; }

  // The Members that match, ordered by the packed bytes of Organization's id and Member's id
  // (SR-09); as Get shows them, with lock fields of this moment. None in a search of Organizations.
  size_t member_count() const { return members_.size(); }
  Member member(size_t i) const&;
  Member member(size_t i) && = delete;  // its texts are views into the reply
  // The Organizations that match; or those of the Members, each once. Ordered likewise.
  size_t organization_count() const { return organizations_.size(); }
  Organization organization(size_t i) const&;
  Organization organization(size_t i) && = delete;

  // How many match in all, where this one page saw them all; else -1 (SR-12).
  int64_t total() const { return total_; }
  // For the next page; empty: there is none. A page may be short, and even empty, and still have
  // one (SR-11). For the host: it tells the id of the record that was looked at last.
  const std::string& next_cursor() const { return next_cursor_; }
  // How many records this call looked at, beside the Organizations that were named.
  int visits() const { return visits_; }

 private:
  friend class SearchOperation;
  friend class Engine;
  struct Kept {
    RecordKey key;
    std::string bytes;
  };

  Error error_ = ErrorCode::kInternalServerError;
  std::string request_id_;
  Environment environment_ = Environment::kTest;
  Instant now_;
  std::vector<Kept> members_;
  std::vector<Kept> organizations_;
  int64_t total_ = -1;
  std::string next_cursor_;
  int visits_ = 0;
};

// Ask the Directory (engine/directory.h) to Visit with this batch.
struct NeedVisit {
  VisitBatch* batch;
};
// NeedLoad has neither session nor entropy here.
using SearchNeed = std::variant<NeedLoad, NeedVisit, Done>;

// A search on its way: pure, like Operation, but on the heap, for a page may be a megabyte. Writes
// nothing, so nothing is retried; dropping it is harmless. Config and request must outlive it.
// Neither copyable nor thread-safe. May throw std::bad_alloc.
class OTPCORE_EXPORT SearchOperation {
 public:
  SearchOperation(const Config& config, const SearchMembersRequest& request);
  SearchOperation(const Config& config, const SearchOrganizationsRequest& request);
  ~SearchOperation();
  SearchOperation(const SearchOperation&) = delete;
  SearchOperation& operator=(const SearchOperation&) = delete;

  // Each takes the outcome of the need returned last and returns the next one. An outcome that
  // nothing asked for ends it with kInternalServerError. At most Policy::search_visits_max records
  // are asked for in all.
  SearchNeed Start();
  SearchNeed OnLoaded(bool ok);   // false: the store could not be reached
  SearchNeed OnVisited(bool ok);  // what Directory::Visit returned

  // After Done, once. `now`: read after the last outcome (T-01). `request_id`: never empty (C-05).
  void Respond(Instant now, std::string request_id, SearchReply* reply);

 private:
  class Search;
  class OfMembers;
  class OfOrganizations;
  std::unique_ptr<Search> search_;
};

}  // namespace otpcore

#endif  // OTPCORE_ENGINE_SEARCH_OPERATION_H_
