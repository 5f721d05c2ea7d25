// SPDX-License-Identifier: Apache-2.0
#include "observation.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <mutex>
#include <optional>
#include <utility>

#include "wire.h"

namespace mfa_server {
namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): an example reads as a host would
using Buckets = prometheus::Histogram::BucketBoundaries;
using Labels = prometheus::Labels;
using Counters = prometheus::Family<prometheus::Counter>;
using Histograms = prometheus::Family<prometheus::Histogram>;
using SteadyTime = std::chrono::steady_clock::time_point;

// From a memory store to a gateway that is about to time out.
const Buckets& Seconds() {
  static const Buckets buckets = {0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025,
                                  0.005,   0.01,   0.025,   0.05,   0.1,   0.25,
                                  0.5,     1,      2.5,     5,      10};
  return buckets;
}

std::string_view NameOf(CommitOutcome outcome) {
  switch (outcome) {
    case CommitOutcome::kCommitted: return "committed";
    case CommitOutcome::kConflict: return "conflict";
    case CommitOutcome::kUnavailable: return "unavailable";
    case CommitOutcome::kUnknown: return "unknown";
  }
  return "unknown";
}

std::string_view NameOf(Delivery::Kind kind) {
  switch (kind) {
    case Delivery::Kind::kAccepted: return "accepted";
    case Delivery::Kind::kRejected: return "rejected";
    case Delivery::Kind::kUnavailable: return "unavailable";
    case Delivery::Kind::kUnknown: return "unknown";
  }
  return "unknown";
}

std::string ErrorTypeOf(ErrorCode code) {
  return code == ErrorCode::kOk ? "" : std::string(Error(code).error_type());
}

// A code was judged: OCSF's class Authentication, activity Logon. All else is activity Other.
bool IsLogon(EventKind kind) {
  return kind == EventKind::kAuthenticated || kind == EventKind::kFailure ||
         kind == EventKind::kEmailAuthenticated || kind == EventKind::kRecoveryCodeUsed ||
         kind == EventKind::kTotpCodeReused;
}

// One line of the audit log, in the names of OCSF 1.1, class 3002; what it has no name for stands
// in `unmapped`.
Json AuditLine(const ReplyBase& reply, const Event& event) {
  const EventList& events = reply.events();
  const bool failed = event.reason != ErrorCode::kOk || event.kind == EventKind::kFailure ||
                      event.kind == EventKind::kLocked;
  Json unmapped = Json::object();
  const auto add = [&unmapped](const char* name, std::string_view value) {
    if (!value.empty()) unmapped[name] = std::string(value);
  };
  add("region", event.region.view());
  add("last_digits", event.last_digits.view());
  if (event.lock_rule != LockRule::kNone) add("lock_rule", otpcore::NameOf(event.lock_rule));
  if (!event.challenge_id.empty()) add("challenge_id", FormatUuid(event.challenge_id));
  if (event.after_restore) unmapped["after_restore"] = true;
  Json line = {
      {"time", event.at.unix_millis()},
      {"class_uid", 3002},
      {"class_name", "Authentication"},
      {"category_uid", 3},
      {"activity_id", IsLogon(event.kind) ? 1 : 99},
      {"activity_name", std::string(otpcore::NameOf(event.kind))},
      {"type_uid", IsLogon(event.kind) ? 300201 : 300299},
      {"severity_id", event.kind == EventKind::kLocked ? 3 : 1},
      {"status_id", failed ? 2 : 1},
      {"status", failed ? "Failure" : "Success"},
      {"user", {{"uid", events.member_id.str()}, {"org", {{"uid", events.organization_id.str()}}}}},
      {"metadata",
       {{"version", "1.1.0"},
        {"correlation_uid", std::string(reply.request_id())},
        {"product", {{"name", "otpcore"}, {"vendor_name", "otpcore"}}}}}};
  if (const std::string reason = ErrorTypeOf(event.reason); !reason.empty())
    line["status_code"] = reason;
  if (events.factor != FactorKind::kHostPrimary)
    line["auth_protocol"] = std::string(TraitsOf(events.factor).type);
  if (!unmapped.empty()) line["unmapped"] = std::move(unmapped);
  return line;
}

}  // namespace

struct Observation::Impl {
  Impl()
      : requests(prometheus::BuildCounter()
                     .Name("otpcore_requests_total")
                     .Help("Answered requests")
                     .Register(registry)),
        request_seconds(prometheus::BuildHistogram()
                            .Name("otpcore_request_seconds")
                            .Help("From the routed request to its answer")
                            .Register(registry)),
        port_seconds(prometheus::BuildHistogram()
                         .Name("otpcore_port_seconds")
                         .Help("One call of a port")
                         .Register(registry)),
        commits(prometheus::BuildCounter()
                    .Name("otpcore_commits_total")
                    .Help("Commits by what the store answered")
                    .Register(registry)),
        messages(prometheus::BuildCounter()
                     .Name("otpcore_messages_total")
                     .Help("Messages by what the gateway answered")
                     .Register(registry)),
        events(prometheus::BuildCounter()
                   .Name("otpcore_events_total")
                   .Help("Events of decisions")
                   .Register(registry)),
        lines_lost(prometheus::BuildCounter()
                       .Name("otpcore_audit_lines_lost_total")
                       .Help("Lines of the audit log that could not be written")
                       .Register(registry)
                       .Add({})) {}

  prometheus::Registry registry;
  Counters& requests;
  Histograms& request_seconds;
  Histograms& port_seconds;
  Counters& commits;
  Counters& messages;
  Counters& events;
  prometheus::Counter& lines_lost;

  std::mutex audit_mutex;
  std::ofstream audit_file;
  std::ostream* audit = nullptr;
  std::function<void(const ReplyBase&)> watcher;

  // The ports that Observe made; of one kind there is one.
  std::unique_ptr<Store> store;
  std::unique_ptr<SessionDirectory> sessions;
  std::unique_ptr<MessageSink> sink;
  std::unique_ptr<SendGuard> guard;
};

namespace {

// Tells a histogram how long its life was.
class Timer {
 public:
  explicit Timer(prometheus::Histogram& histogram) : histogram_(histogram) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() {
    histogram_.Observe(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count());
  }

 private:
  prometheus::Histogram& histogram_;
  const SteadyTime start_ = std::chrono::steady_clock::now();
};

class ObservedStore final : public Store {
 public:
  ObservedStore(Store& inner, Histograms& seconds, Counters& commits)
      : inner_(inner),
        load_(seconds.Add({{"port", "load"}}, Seconds())),
        commit_(seconds.Add({{"port", "commit"}}, Seconds())),
        commits_(commits) {}
  LoadResult Load(LoadBatch& batch) override {
    const Timer timer(load_);
    return inner_.Load(batch);
  }
  CommitOutcome Commit(const Changes& changes) override {
    const Timer timer(commit_);
    const CommitOutcome outcome = inner_.Commit(changes);
    commits_.Add({{"outcome", std::string(NameOf(outcome))}}).Increment();
    return outcome;
  }

 private:
  Store& inner_;
  prometheus::Histogram& load_;
  prometheus::Histogram& commit_;
  Counters& commits_;
};

class ObservedSessions final : public SessionDirectory {
 public:
  ObservedSessions(SessionDirectory& inner, Histograms& seconds)
      : inner_(inner),
        find_(seconds.Add({{"port", "find_session"}}, Seconds())),
        apply_(seconds.Add({{"port", "apply_session"}}, Seconds())) {}
  FindResult Find(const SessionCredential& credential) override {
    const Timer timer(find_);
    return inner_.Find(credential);
  }
  bool Apply(const SessionEffect& effect) override {
    const Timer timer(apply_);
    return inner_.Apply(effect);
  }

 private:
  SessionDirectory& inner_;
  prometheus::Histogram& find_;
  prometheus::Histogram& apply_;
};

class ObservedSink final : public MessageSink {
 public:
  ObservedSink(MessageSink& inner, Histograms& seconds, Counters& messages)
      : inner_(inner),
        deliver_(seconds.Add({{"port", "deliver"}}, Seconds())),
        messages_(messages) {}
  Delivery Deliver(const Message& message) override {
    const Timer timer(deliver_);
    const Delivery delivery = inner_.Deliver(message);
    messages_
        .Add({{"channel", std::string(WireName(message.channel))},
              {"outcome", std::string(NameOf(delivery.kind))}})
        .Increment();
    return delivery;
  }

 private:
  MessageSink& inner_;
  prometheus::Histogram& deliver_;
  Counters& messages_;
};

class ObservedGuard final : public SendGuard {
 public:
  ObservedGuard(SendGuard& inner, Histograms& seconds)
      : inner_(inner), admit_(seconds.Add({{"port", "admit"}}, Seconds())) {}
  Admission Admit(const AdmissionId& id, const Quotas& quotas) override {
    const Timer timer(admit_);
    return inner_.Admit(id, quotas);
  }
  void Settle(const AdmissionId& id, Settlement settlement) override {
    inner_.Settle(id, settlement);
  }
  void Observe(EventList* events) override { inner_.Observe(events); }

 private:
  SendGuard& inner_;
  prometheus::Histogram& admit_;
};

}  // namespace

Observation::Observation() : impl_(std::make_unique<Impl>()) {}
Observation::~Observation() = default;

bool Observation::OpenAudit(const std::string& path, std::string* problem) {
  if (path == "-") {
    impl_->audit = &std::cout;
    return true;
  }
  impl_->audit_file.open(path, std::ios::app);
  if (!impl_->audit_file) {
    *problem = "The audit log cannot be written: " + path;
    return false;
  }
  impl_->audit = &impl_->audit_file;
  return true;
}

void Observation::Answered(const std::string& route, const std::string& result, double seconds) {
  impl_->requests.Add({{"route", route}, {"result", result}}).Increment();
  impl_->request_seconds.Add({{"route", route}}, Seconds()).Observe(seconds);
}

void Observation::Watch(std::function<void(const ReplyBase&)> watcher) {
  impl_->watcher = std::move(watcher);
}

void Observation::Decided(const ReplyBase& reply) {
  if (impl_->watcher) impl_->watcher(reply);
  for (const Event& event : reply.events()) {
    impl_->events
        .Add({{"event", std::string(otpcore::NameOf(event.kind))},
              {"reason", ErrorTypeOf(event.reason)}})
        .Increment();
    if (impl_->audit == nullptr) continue;
    const std::string line = AuditLine(reply, event).dump();
    const std::lock_guard<std::mutex> lock(impl_->audit_mutex);
    *impl_->audit << line << std::endl;
    if (impl_->audit->good()) continue;
    impl_->lines_lost.Increment();
    impl_->audit->clear();  // the disk may have room again
  }
}

Ports Observation::Observe(const Ports& ports) {
  Impl& impl = *impl_;
  impl.store = std::make_unique<ObservedStore>(ports.store, impl.port_seconds, impl.commits);
  impl.sessions = std::make_unique<ObservedSessions>(ports.sessions, impl.port_seconds);
  impl.sink = std::make_unique<ObservedSink>(ports.sink, impl.port_seconds, impl.messages);
  impl.guard = std::make_unique<ObservedGuard>(ports.guard, impl.port_seconds);
  return {ports.clock, ports.random, *impl.store, *impl.sessions, *impl.sink, *impl.guard};
}

std::string Observation::Metrics() const {
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace mfa_server
