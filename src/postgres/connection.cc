// SPDX-License-Identifier: Apache-2.0
#include "postgres/connection.h"

namespace otpcore {
namespace {

// Between two statements of one transaction a host does nothing but send the next.
constexpr int64_t kIdleInTransactionMillis = 3000;

// What the statements rest on must not depend on what a database or a role has been set to: K-04,
// and that each statement sees what was committed before it. Stronger settings and shorter limits
// stay. $1 ends statements and waits for
// locks whose host has given up. $2: a
// host that vanishes without a word (power, network) within a transaction must not keep its rows
// and its guard's locks from the other hosts until TCP notices, which takes hours. The last one
// lets the server look every second whether its client is still there (PostgreSQL 14).
constexpr char kSetUp[] =
    "SELECT set_config(name, CASE name "
    "WHEN 'synchronous_commit' THEN CASE setting WHEN 'remote_apply' THEN setting ELSE 'on' END "
    "WHEN 'default_transaction_isolation' THEN 'read committed' "
    "WHEN 'client_connection_check_interval' THEN '1000' "
    "WHEN 'idle_in_transaction_session_timeout' "
    "THEN least(nullif(setting::bigint, 0), $2::bigint)::text "
    "ELSE least(nullif(setting::bigint, 0), $1::bigint)::text END, false) "
    "FROM pg_settings WHERE name IN ('synchronous_commit', 'default_transaction_isolation', "
    "'client_connection_check_interval', 'idle_in_transaction_session_timeout', "
    "'statement_timeout', 'lock_timeout')";

void AppendNumber(uint64_t number, int bytes, std::string* text) {
  for (int i = bytes - 1; i >= 0; --i) *text += static_cast<char>(number >> (8 * i));
}

// The binary form of an array: dimensions, nulls, type, length, first index, then each element with
// its length.
template <typename T, typename Append>
std::string ArrayBytes(const std::vector<T>& elements, uint32_t type, Append append) {
  std::string bytes;
  for (const uint64_t number :
       {uint64_t{1}, uint64_t{0}, uint64_t{type}, uint64_t{elements.size()}, uint64_t{1}})
    AppendNumber(number, 4, &bytes);
  for (const T& element : elements) append(element, &bytes);
  return bytes;
}

constexpr uint32_t kByteaType = 17;
constexpr uint32_t kBigintType = 20;

// Values as libpq takes them; refers to them.
class Arguments {
 public:
  explicit Arguments(const std::vector<PgValue>& values) {
    for (const PgValue& value : values) {
      texts_.push_back(value.text.c_str());
      lengths_.push_back(static_cast<int>(value.text.size()));
      formats_.push_back(value.binary ? 1 : 0);
    }
  }
  int size() const { return static_cast<int>(texts_.size()); }
  const char* const* texts() const { return texts_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  std::vector<const char*> texts_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

// The same for the same text, in every process.
std::string NameFor(const char* sql) {
  uint64_t hash = 14695981039346656037u;
  for (const char* at = sql; *at != '\0'; ++at)
    hash = (hash ^ static_cast<uint8_t>(*at)) * 1099511628211u;
  return "otpcore_" + std::to_string(hash);
}

}  // namespace

PgValue::PgValue(const std::vector<int64_t>& numbers)
    : text(ArrayBytes(numbers, kBigintType,
                      [](int64_t number, std::string* bytes) {
                        AppendNumber(8, 4, bytes);
                        AppendNumber(static_cast<uint64_t>(number), 8, bytes);
                      })),
      binary(true) {}

PgValue::PgValue(const std::vector<std::string>& elements)
    : text(ArrayBytes(elements, kByteaType,
                      [](const std::string& element, std::string* bytes) {
                        AppendNumber(element.size(), 4, bytes);
                        bytes->append(element);
                      })),
      binary(true) {}

std::string PgResult::message() const {
  const char* text = PQresultErrorField(result_.get(), PG_DIAG_MESSAGE_PRIMARY);
  return text == nullptr ? "no answer in time" : text;
}

std::unique_ptr<PgConnection> PgConnection::Open(const std::string& conninfo,
                                                 std::chrono::milliseconds statement_max,
                                                 SteadyTime deadline, std::string* problem) {
  std::unique_ptr<PgConnection> opened(new PgConnection(PQconnectStart(conninfo.c_str())));
  std::string wrong = opened->Connect(deadline);
  if (wrong.empty()) {
    const PgResult set =
        opened->Run(kSetUp, {int64_t{statement_max.count()}, kIdleInTransactionMillis}, deadline);
    if (!set.ok()) wrong = set.message();
  }
  if (wrong.empty()) return opened;
  if (problem != nullptr) *problem = "The PostgreSQL server cannot be used: " + wrong + ".";
  return nullptr;
}

// "" or what is wrong.
std::string PgConnection::Connect(SteadyTime deadline) {
  PGconn* const connection = connection_.get();
  if (connection == nullptr) return "no memory";
  PostgresPollingStatusType next =
      PQstatus(connection) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (next != PGRES_POLLING_OK) {
    if (next == PGRES_POLLING_FAILED) {
      std::string said = PQerrorMessage(connection);
      while (!said.empty() && (said.back() == '\n' || said.back() == '.')) said.pop_back();
      return said;
    }
    const int events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (!WaitFor(PQsocket(connection), events, deadline)) return "no answer in time";
    next = PQconnectPoll(connection);
  }
  PQsetnonblocking(connection, 1);
  // Warnings would go to the standard error of the host.
  PQsetNoticeProcessor(
      connection, [](void*, const char*) {}, nullptr);
  return "";
}

bool PgConnection::usable() const {
  return !broken_ && !turned_ && PQstatus(connection_.get()) == CONNECTION_OK &&
         PQtransactionStatus(connection_.get()) == PQTRANS_IDLE;
}

bool PgConnection::Flush(SteadyTime deadline) {
  for (;;) {
    const int left = PQflush(connection_.get());
    if (left == 0) return true;
    if (left < 0 || !WaitFor(PQsocket(connection_.get()), POLLIN | POLLOUT, deadline)) return false;
    // The server may wait for us to read before it reads on.
    if (PQconsumeInput(connection_.get()) == 0) return false;
  }
}

bool PgConnection::AwaitResult(SteadyTime deadline) {
  while (PQisBusy(connection_.get()) != 0) {
    if (!WaitFor(PQsocket(connection_.get()), POLLIN, deadline)) return false;
    if (PQconsumeInput(connection_.get()) == 0) return false;
  }
  return true;
}

// A statement of its own commits after its result was sent: an error there comes as a second one,
// which takes back the first. So without the end of the answer nothing is known.
PgResult PgConnection::Receive(SteadyTime deadline) {
  PgResult answer(nullptr);
  while (AwaitResult(deadline)) {
    PgResult next(PQgetResult(connection_.get()));
    if (next.lost()) return answer;
    if (answer.lost() || answer.ok()) answer = std::move(next);
  }
  return PgResult(nullptr);
}

PgResult PgConnection::Run(const char* sql, const std::vector<PgValue>& values,
                           SteadyTime deadline) {
  const Arguments arguments(values);
  const bool sent =
      !broken_ && PQsendQueryParams(connection_.get(), sql, arguments.size(), nullptr,
                                    arguments.texts(), arguments.lengths(), arguments.formats(),
                                    /*resultFormat=*/1) == 1;
  return Finish(sent, deadline);
}

PgResult PgConnection::Call(const char* sql, const std::vector<PgValue>& values,
                            SteadyTime deadline) {
  const std::string name = NameOf(sql, deadline);
  if (broken_) return PgResult(nullptr);
  if (name.empty()) return Run(sql, values, deadline);
  const Arguments arguments(values);
  const bool sent =
      PQsendQueryPrepared(connection_.get(), name.c_str(), arguments.size(), arguments.texts(),
                          arguments.lengths(), arguments.formats(), /*resultFormat=*/1) == 1;
  PgResult answer = Finish(sent, deadline);
  // No such statement, or its plan is out of date: it did not begin.
  if (answer.sqlstate() != "26000" && answer.sqlstate() != "0A000") return answer;
  return Run(sql, values, deadline);
}

std::string PgConnection::NameOf(const char* sql, SteadyTime deadline) {
  for (const auto& [known, name] : prepared_) {
    if (known == sql) return name;
  }
  std::string name = NameFor(sql);
  const bool sent =
      !broken_ && PQsendPrepare(connection_.get(), name.c_str(), sql, 0, nullptr) == 1;
  const PgResult prepared = Finish(sent, deadline);
  // "42P05": the session has it, from another client with the same text.
  if (!prepared.ok() && prepared.sqlstate() != "42P05") return "";
  prepared_.emplace_back(sql, name);
  return name;
}

PgResult PgConnection::RunScript(const char* sql, SteadyTime deadline) {
  return Finish(!broken_ && PQsendQuery(connection_.get(), sql) == 1, deadline);
}

PgResult PgConnection::Finish(bool sent, SteadyTime deadline) {
  sent = sent && Flush(deadline);
  PgResult answer = sent ? Receive(deadline) : PgResult(nullptr);
  if (answer.lost() || PQstatus(connection_.get()) != CONNECTION_OK) broken_ = true;
  if (answer.turned()) turned_ = true;
  return answer;
}

}  // namespace otpcore
