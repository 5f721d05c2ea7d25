// SPDX-License-Identifier: Apache-2.0
// A host on the components, for measure.js:
//
//   bench_scale STORE JOB COUNT [--members=N] [--threads=N] [--from=N]
//
// STORE is a postgresql:// or redis:// URL. Members 0 … N-1 have a number; those after them, in
// Organizations of their own, have none yet. A job prints one line of JSON; see Measure.
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <functional>
#include <thread>

#include "bench/world.h"
#include "otpcore/postgres/guard.h"
#include "otpcore/postgres/sessions.h"
#include "otpcore/postgres/store.h"
#include "otpcore/redis/guard.h"
#include "otpcore/redis/sessions.h"
#include "otpcore/redis/store.h"

namespace otpcore {
namespace bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

struct Options {
  std::string store;
  std::string job;
  size_t count = 0;
  size_t members = 100000;
  size_t threads = 8;
  size_t from = 0;  // so many of the walk over the Members were taken by earlier jobs
};

constexpr char kTokenStart[] = "session-token-of-a-usual-length-";

// Knows every session without keeping any: what the record alone costs.
class NoSessions final : public SessionDirectory {
 public:
  FindResult Find(const SessionCredential& credential) override {
    const std::string_view number = credential.value.substr(std::strlen(kTokenStart));
    return {true, SessionOf(std::stoul(std::string(number)))};
  }
  bool Apply(const SessionEffect&) override { return true; }

  static Session SessionOf(size_t member) {
    Session session;
    session.organization_id = OrganizationIdOf(member);
    session.member_id = MemberIdOf(member);
    session.factors.Add(FactorKind::kHostPrimary, Instant::FromUnixMillis(1));
    return session;
  }
};

struct Backend {
  Backend(Clock& clock, const std::string& url, int connections) {
    const std::string_view scheme = "redis://";
    if (std::string_view(url).substr(0, scheme.size()) == scheme) {
      RedisOptions server;
      server.unix_socket = url.substr(scheme.size());
      server.connections_max = connections;
      auto redis = std::make_unique<RedisStore>(server);
      Require(redis->BeginFirstEpoch(1), "no Redis");
      store = std::move(redis);
      guard = std::make_unique<RedisGuard>(server);
      Share(std::make_unique<RedisSessions>(clock, server));
    } else {
      PostgresOptions options;
      options.conninfo = url;
      options.connections_max = connections;
      store = std::make_unique<PostgresStore>(options);
      guard = std::make_unique<PostgresGuard>(options);
      Share(std::make_unique<PostgresSessions>(clock, options));
    }
  }
  template <typename Sessions>
  void Share(std::unique_ptr<Sessions> shared) {
    add_session = [directory = shared.get()](const SessionCredential& credential,
                                             const Session& session, Instant end) {
      return directory->Add(credential, session, end);
    };
    sessions = std::move(shared);
  }

  std::unique_ptr<Store> store;
  std::unique_ptr<SendGuard> guard;
  std::unique_ptr<SessionDirectory> sessions;
  std::function<bool(const SessionCredential&, const Session&, Instant)> add_session;
};

// Quotas as high as they may be, so that the guard does all its work and refuses nothing.
Policy HighQuotas() {
  Policy policy;
  policy.number_sends_max = policy.region_sends_max = policy.organization_sends_max = 1000000;
  policy.conversion_ended_min = 1000000;
  return policy;
}

class Host {
 public:
  explicit Host(const Options& options)
      : options_(options),
        config_(Config::Create(HighQuotas(), KeyRing(1, BenchKey()))),
        backend_(clock_, options.store, static_cast<int>(options.threads)),
        shared_engine_(*config_, {clock_, random_, *backend_.store, *backend_.sessions, sink_,
                                  *backend_.guard}),
        engine_(*config_, {clock_, random_, *backend_.store, none_, sink_, *backend_.guard}) {}

  // What the job does with the i-th of its Members.
  std::function<bool(size_t)> Job() {
    if (options_.job == "challenge") return [this](size_t i) { return GiveChallenge(Known(i)); };
    if (options_.job == "session") return [this](size_t i) { return AddSession(Known(i)); };
    if (options_.job == "send")
      return [this](size_t i) { return engine_.Run(World::Send(Known(i))).ok(); };
    if (options_.job == "right")
      return [this](size_t i) { return engine_.Run(Right(Known(i))).ok(); };
    if (options_.job == "right_sessions")
      return [this](size_t i) { return shared_engine_.Run(Right(Known(i))).ok(); };
    // First sends: every thread has Organizations of its own, or all share one.
    if (options_.job == "first")
      return [this](size_t i) { return FirstSend(i % 16 * kMembersEach + i / 16); };
    if (options_.job == "first_hot")
      return [this](size_t i) { return FirstSend(16 * kMembersEach + options_.from + i); };
    return nullptr;
  }
  void PopulateKnown() { Populate(0, options_.members, {}); }
  void PopulateNew() {
    WorldOptions fresh;
    fresh.numbers = false;
    Populate(options_.members, options_.members + 17 * kMembersEach, fresh);
  }

 private:
  // One commit for each Member, so several threads share the waits for the log.
  void Populate(size_t first, size_t last, const WorldOptions& world) {
    std::atomic<size_t> next{first};
    const auto work = [&] {
      for (size_t from; (from = next.fetch_add(kMembersEach)) < last;) {
        bench::Populate(*backend_.store, key_, from, std::min(last, from + kMembersEach),
                        clock_.Now(), world);
      }
    };
    std::vector<std::thread> threads;
    for (size_t i = 0; i < options_.threads; ++i) threads.emplace_back(work);
    for (std::thread& thread : threads) thread.join();
  }
  size_t Known(size_t i) const {
    static const size_t stride = [this] { return Walk(options_.members).Next(); }();
    return (options_.from + i) % options_.members * stride % options_.members;
  }
  bool GiveChallenge(size_t member) {
    const testing::StoredRecords loaded =
        testing::LoadFrom(*backend_.store, std::vector<RecordKey>{MemberKeyOf(member)});
    if (!loaded.ok) return false;
    const testing::StoredRecord& one = loaded.records.front();
    KeptMember record;
    Require(testing::ReadStored(one, &record), "a Member is missing");
    GiveLiveChallenge(key_, clock_.Now(), &record);
    record.challenge.epoch = loaded.epoch;
    const std::vector<testing::StoredWrite> writes = {
        {one.key, one.revision, testing::Packed<MemberRecord>(record)}};
    return testing::CommitTo(*backend_.store, writes) == CommitOutcome::kCommitted;
  }
  static std::string Token(size_t member) { return kTokenStart + std::to_string(member); }
  bool AddSession(size_t member) {
    return backend_.add_session({SessionCredential::Kind::kSessionToken, Token(member)},
                                NoSessions::SessionOf(member),
                                clock_.Now() + std::chrono::hours(1));
  }
  static AuthenticateSmsOtpRequest Right(size_t member) {
    AuthenticateSmsOtpRequest request;
    request.organization_id = OrganizationIdOf(member);
    request.member_id = MemberIdOf(member);
    request.code.emplace(kRightCode);
    request.session.session_token = Token(member);
    return request;
  }
  bool FirstSend(size_t place) {
    const size_t member = options_.members + place;
    SendSmsOtpRequest request = World::Send(member);
    request.mfa_phone_number = NumberOf(member);
    return engine_.Run(request).ok();
  }

  const Options options_;
  const DigestKey key_ = BenchKey();
  std::unique_ptr<const Config> config_;
  testing::VirtualClock clock_;
  BufferedRandom random_;
  NoopSink sink_;
  NoSessions none_;
  Backend backend_;
  Engine shared_engine_;
  Engine engine_;
};

double CpuMicros() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto micros = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return micros(usage.ru_utime) + micros(usage.ru_stime);
}

// Each thread does every threads-th of the commands. The first of each, which opens connections, is
// not measured: after it come "ready" and a pause until a line or the end is read, and another one
// before the connections are closed.
void Measure(const Options& options, const std::function<bool(size_t)>& job) {
  std::vector<double> micros(options.count);
  const auto in_threads = [&](size_t first, size_t last) {
    const auto work = [&](size_t start) {
      for (size_t i = start; i < last; i += options.threads) {
        const auto started = SteadyClock::now();
        Require(job(i), "a command was refused");
        micros[i] = std::chrono::duration<double, std::micro>(SteadyClock::now() - started).count();
      }
    };
    std::vector<std::thread> threads;
    for (size_t i = first; i < std::min(first + options.threads, last); ++i)
      threads.emplace_back(work, i);
    for (std::thread& thread : threads) thread.join();
  };
  const size_t first = options.threads;
  Require(options.count > first, "too few commands");
  in_threads(0, first);
  std::printf("ready\n");
  std::fflush(stdout);
  std::getchar();

  const double cpu_before = CpuMicros();
  const auto started = SteadyClock::now();
  in_threads(first, options.count);
  const double seconds = std::chrono::duration<double>(SteadyClock::now() - started).count();
  const size_t commands = options.count - first;
  const double host_micros = (CpuMicros() - cpu_before) / static_cast<double>(commands);
  std::sort(micros.begin() + static_cast<std::ptrdiff_t>(first), micros.end());
  std::printf(
      "{\"commands\": %zu, \"threads\": %zu, \"per_second\": %.1f, \"host_cpu_us\": %.2f, "
      "\"p50_us\": %.0f, \"p99_us\": %.0f}\n",
      commands, options.threads, static_cast<double>(commands) / seconds, host_micros,
      micros[first + commands / 2], micros[first + commands * 99 / 100]);
  std::fflush(stdout);
  std::getchar();
}

bool TakeNumber(const char* word, const char* name, size_t* value) {
  if (std::strncmp(word, name, std::strlen(name)) != 0) return false;
  *value = std::strtoull(word + std::strlen(name), nullptr, 10);
  return true;
}

int Main(int argc, char** argv) {
  if (argc < 4) return 2;
  Options options;
  options.store = argv[1];
  options.job = argv[2];
  options.count = std::strtoull(argv[3], nullptr, 10);
  for (int i = 4; i < argc; ++i) {
    if (!TakeNumber(argv[i], "--members=", &options.members) &&
        !TakeNumber(argv[i], "--threads=", &options.threads) &&
        !TakeNumber(argv[i], "--from=", &options.from))
      return 2;
  }
  Require(options.threads > 0 && options.members % kMembersEach == 0, "senseless numbers");
  Host host(options);
  if (options.job == "populate") return host.PopulateKnown(), 0;
  if (options.job == "populate_new") return host.PopulateNew(), 0;
  const std::function<bool(size_t)> job = host.Job();
  if (job == nullptr) return 2;
  Measure(options, job);
  return 0;
}

}  // namespace
}  // namespace bench
}  // namespace otpcore

int main(int argc, char** argv) { return otpcore::bench::Main(argc, argv); }
