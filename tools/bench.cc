// SPDX-License-Identifier: Apache-2.0
#include "bench.h"

#include <sys/utsname.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <ostream>
#include <thread>
#include <utility>

#include "open_store.h"
#include "otpcore/adapters/system_ports.h"
#include "otpcore/base/version.h"
#include "policy_commands.h"
#include "policy_file.h"
#include "sign_ins.h"

namespace otpcore_tool {
namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): a tool reads as a host would
using Json = nlohmann::ordered_json;

constexpr int kRounds = 3;  // of a Member: fewer than any usual limit of sends
constexpr double kMicro = 1000;
constexpr struct {
  const char* name;
  double percentile;
} kShown[] = {{"p50", 50},     {"p90", 90},       {"p99", 99},
              {"p99.9", 99.9}, {"p99.99", 99.99}, {"max", 100}};

std::string Processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos)
      return line.substr(colon + 2);
  }
  return "";
}

// What a machine is known by, without its name.
Json Machine() {
  utsname system{};
  uname(&system);
  return {{"processor", Processor()},
          {"processors", std::thread::hardware_concurrency()},
          {"system", std::string(system.sysname) + " " + system.release + " " + system.machine}};
}

Json Percentiles(const HdrHistogram& histogram) {
  Json json = Json::object();
  for (const auto& shown : kShown)
    json[shown.name] = static_cast<double>(histogram.ValueAt(shown.percentile)) / kMicro;
  json["mean"] = histogram.Mean() / kMicro;
  return json;
}

Json PolicyOf(const std::string& file) {
  if (file == "default" || file == "strict") return {{"base", file}};
  std::ifstream in(file);
  return Json::parse(in, nullptr, /*allow_exceptions=*/false);
}

Json Rendered(const BenchOptions& options, const std::string& kind, const BenchResult& result) {
  const LoopResult& loop = result.loop;
  const double seconds = static_cast<double>(loop.taken) * 1e-9;
  Json json = {{"otpcore", OTPCORE_VERSION_STRING},
               {"machine", Machine()},
               {"store", kind},
               {"policy", PolicyOf(options.policy)},
               {"rate", options.rate},
               {"seconds", options.seconds},
               {"threads", options.threads},
               {"operations", loop.latency.count()},
               {"achieved_rate", static_cast<double>(loop.latency.count()) / seconds}};
  json["unexpected_answers"] = result.unexpected;
  json["latency_us"] = Percentiles(loop.latency);
  json["service_us"] = Percentiles(loop.service);
  json["lateness_us"] = Percentiles(loop.lateness);
  return json;
}

void Print(const Json& json, std::ostream& out) {
  out << std::fixed << std::setprecision(1) << "operations: " << json["operations"] << " at "
      << json["achieved_rate"].get<double>() << " a second, " << json["rate"].get<double>()
      << " planned\n"
      << "microseconds   latency     service    lateness\n";
  for (const auto& shown : kShown) {
    out << std::left << std::setw(8) << shown.name << std::right;
    for (const char* row : {"latency_us", "service_us", "lateness_us"})
      out << std::setw(12) << json[row][shown.name].get<double>();
    out << "\n";
  }
  for (const auto& [type, count] : json["unexpected_answers"].items())
    out << "unexpected: " << count << " operations were answered " << type << "\n";
}

std::string Compare(const std::string& path, const Json& now, std::ostream& out) {
  std::ifstream in(path);
  const Json old = Json::parse(in, nullptr, /*allow_exceptions=*/false);
  if (!old.is_object() || !old.contains("latency_us") || !old["latency_us"].is_object())
    return path + " is no result of otpcore bench.";
  for (const char* field : {"machine", "store", "policy", "rate", "threads"}) {
    if (old.value(field, Json()) != now[field]) out << "differs: " << field << "\n";
  }
  out << std::setprecision(2);
  for (const auto& shown : kShown) {
    const Json was = old["latency_us"].value(shown.name, Json());
    if (!was.is_number() || was.get<double>() <= 0) continue;
    out << "latency " << shown.name << ": "
        << now["latency_us"][shown.name].get<double>() / was.get<double>()
        << " times the old one\n";
  }
  return "";
}

template <typename Write>
std::string WriteFile(const std::string& path, const Write& write) {
  if (path.empty()) return "";
  std::ofstream file(path);
  write(file);
  file.close();
  return file ? "" : path + " cannot be written.";
}

}  // namespace

std::string RunSignIns(const BenchOptions& options, const Policy& policy, Store& store,
                       Clock& clock, Pacer& pacer, uint64_t first, BenchResult* result) {
  std::string problem;
  const auto config = ConfigOf(policy, &problem);
  if (!config) return problem;
  LoopOptions loop;
  loop.rate = options.rate;
  loop.operations = static_cast<uint64_t>(std::llround(options.rate * options.seconds));
  loop.threads = options.threads;
  if (loop.operations == 0) return "There is nothing to do in this time at this rate.";
  size_t members = options.members;
  if (members == 0) members = MembersFor(loop.operations, options.threads, kRounds);
  members = std::max(members, static_cast<size_t>(options.threads));
  SignIns sign_ins(*config, store, clock, first, members, options.threads);
  result->loop = RunOpenLoop(loop, pacer, [&](int thread) { sign_ins.Step(thread); });
  result->unexpected = sign_ins.Unexpected();
  return "";
}

std::string RunBench(const BenchOptions& options, std::ostream& out) {
  Policy policy;
  for (const std::string& problem : ReadPolicyFile(options.policy, &policy)) return problem;
  OpenedStore opened;
  std::string problem = OpenStore(options.store, options.threads, &opened);
  if (!problem.empty()) return problem;
  SystemClock clock;
  SteadyPacer pacer;
  // Each run has Members of its own, also on a store that an earlier one has used.
  const auto first = static_cast<uint64_t>(clock.Now().unix_millis() / 1000) * 1000000;
  BenchResult result;
  problem = RunSignIns(options, policy, *opened.store, clock, pacer, first, &result);
  if (!problem.empty()) return problem;
  const Json json = Rendered(options, opened.kind, result);
  Print(json, out);
  problem = WriteFile(options.out, [&](std::ostream& file) { file << json.dump(2) << "\n"; });
  if (problem.empty()) {
    problem = WriteFile(options.hgrm,
                        [&](std::ostream& file) { result.loop.latency.WriteHgrm(kMicro, file); });
  }
  if (problem.empty() && !options.compare.empty()) problem = Compare(options.compare, json, out);
  return problem;
}

}  // namespace otpcore_tool
