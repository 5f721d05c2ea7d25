// SPDX-License-Identifier: Apache-2.0
// otpcore on the command line, for who runs a host. `otpcore --help` lists its commands.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <exception>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "bench.h"
#include "inspect.h"
#include "otpcore/adapters/system_ports.h"
#include "otpcore/rules/sms_cost.h"
#include "policy_commands.h"
#include "policy_file.h"
#ifdef OTPCORE_TOOL_POSTGRES
#include "otpcore/postgres/schema.h"
#endif

namespace {

bool StartsWith(const std::string& text, const char* start) { return text.rfind(start, 0) == 0; }

// "", or a sentence that says what went wrong.
std::string Migrate(const std::string& store, int seconds) {
  if (StartsWith(store, "redis") || StartsWith(store, "unix:"))
    return "Redis has no schema: there is nothing to migrate.";
#ifdef OTPCORE_TOOL_POSTGRES
  otpcore::PostgresOptions options;
  options.conninfo = store;
  options.timeout = std::chrono::seconds(seconds);
  return otpcore::MigratePostgres(options);
#else
  static_cast<void>(seconds);
  return "This otpcore was built without otpcore::postgres.";
#endif
}

void AddMigrate(CLI::App* app, std::function<std::string()>* run) {
  static std::string store;
  static int seconds = 5;
  CLI::App* const command = app->add_subcommand(
      "migrate", "Make the tables and functions of a database, or bring them to this version");
  command->add_option("--store", store, "A connection string of PostgreSQL")->required();
  command->add_option("--seconds", seconds, "How long to wait for a lock")
      ->check(CLI::Range(1, 3600));
  command->callback([run] { *run = [] { return Migrate(store, seconds); }; });
}

std::string PrintSmsCost(const std::string& text) {
  const otpcore::SmsCost cost = otpcore::MeasureSms(text);
  const bool gsm7 = cost.encoding == otpcore::SmsEncoding::kGsm7;
  std::cout << "encoding: " << (gsm7 ? "GSM-7" : "UCS-2") << "\n"
            << (gsm7 ? "septets: " : "UTF-16 units: ") << cost.units << "\n"
            << "bytes: " << cost.bytes << "\n"
            << "segments: " << cost.segments << "\n";
  return "";
}

void AddSmsCost(CLI::App* app, std::function<std::string()>* run) {
  static std::string text;
  CLI::App* const command = app->add_subcommand(
      "sms-cost", "Say how many segments a text takes, which is what an SMS is billed by");
  command->add_option("text", text, "The text, in UTF-8")->required();
  command->callback([run] { *run = [] { return PrintSmsCost(text); }; });
}

constexpr char kPolicyHelp[] =
    "A file of JSON, such as {\"base\": \"strict\", \"sends_max\": 4, \"rolling_lock\": \"36 h\"}; "
    "or the word default or strict";

// One sentence a line; "": there are none.
std::string Joined(const std::vector<std::string>& problems) {
  std::string text;
  for (const std::string& problem : problems) text += (text.empty() ? "" : "\n") + problem;
  return text;
}

void AddCheck(CLI::App* app, std::function<std::string()>* run) {
  static std::string policy;
  CLI::App* const command = app->add_subcommand(
      "check", "Say what is wrong with a policy, one sentence a line; nothing and 0: it is good");
  command->add_option("policy", policy, kPolicyHelp)->required();
  command->callback([run] { *run = [] { return Joined(otpcore_tool::CheckPolicy(policy)); }; });
}

std::string PrintBound(const std::string& file, const otpcore::Exposure& exposure) {
  otpcore::Policy policy;
  std::string problem = Joined(otpcore_tool::ReadPolicyFile(file, &policy));
  if (!problem.empty()) return problem;
  if (auto senseless = otpcore_tool::ProblemBesideBound(policy)) return *senseless;
  std::cout << otpcore_tool::ShowBound(policy, exposure);
  return "";
}

void AddBound(CLI::App* app, std::function<std::string()>* run) {
  static std::string policy;
  static otpcore::Exposure exposure;
  CLI::App* const command = app->add_subcommand(
      "bound", "Show an attacker's chance per account and year under a policy, and its parts");
  command->add_option("policy", policy, kPolicyHelp)->required();
  const auto add = [&](const char* name, int* value, const char* help) {
    command->add_option(name, *value, help)->check(CLI::Range(0, 1000000));
  };
  add("--restores", &exposure.restores_per_year, "Restores of the store from a backup in a year");
  add("--shared-sessions", &exposure.shared_sessions_per_year,
      "Successes a year of the owner in a session that the attacker holds too");
  add("--stolen-devices", &exposure.stolen_devices, "Known devices that the attacker has stolen");
  add("--successes-on-stolen-devices", &exposure.successes_on_stolen_devices,
      "Successes a year of the owner on such devices");
  command->callback([run] { *run = [] { return PrintBound(policy, exposure); }; });
}

std::string PrintRecord(const std::string& key, const std::string& record,
                        const std::string& file) {
  otpcore::Policy policy;
  std::string problem = Joined(otpcore_tool::ReadPolicyFile(file, &policy));
  if (problem.empty() && !otpcore_tool::ConfigOf(policy, &problem)) return problem;
  if (!problem.empty()) return problem;
  std::string text;
  problem = otpcore_tool::Inspect(key, record, policy, otpcore::SystemClock().Now(), &text);
  std::cout << text;
  return problem;
}

void AddBench(CLI::App* app, std::function<std::string()>* run) {
  static otpcore_tool::BenchOptions options;
  CLI::App* const command = app->add_subcommand(
      "bench",
      "Measure sign-ins by SMS (send, wrong code, right code) on this machine at a fixed rate.\n"
      "Latency counts from the planned start, so a stall shows with all who came in it; service\n"
      "counts from the actual start; lateness is between the two, and has the system's wake-up in "
      "it.\nNothing is sent. The Members "
      "that\n"
      "are made stay in the store: take one of its own. PostgreSQL wants `otpcore migrate` "
      "before.");
  command
      ->add_option("--store", options.store,
                   "memory, sqlite:FILE, a connection string of PostgreSQL or a URL of Redis")
      ->capture_default_str();
  command->add_option("--policy", options.policy, kPolicyHelp)->capture_default_str();
  command->add_option("--rate", options.rate, "Operations a second, of all threads")
      ->check(CLI::Range(0.001, 1e7))
      ->capture_default_str();
  command->add_option("--duration", options.seconds, "For how many seconds")
      ->check(CLI::Range(0.001, 86400.0))
      ->capture_default_str();
  command->add_option("--threads", options.threads, "How many operations may be under way at once")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command
      ->add_option("--members", options.members,
                   "How many Members; 0: as many as meet no limit of sends")
      ->capture_default_str();
  command->add_option("--out", options.out, "Write the result as JSON to this file");
  command->add_option("--hgrm", options.hgrm,
                      "Write the latencies to this file as HdrHistogram's plotters read them");
  command->add_option("--compare", options.compare,
                      "Show ratios to an earlier result, a file of --out; they change no status");
  command->callback([run] { *run = [] { return otpcore_tool::RunBench(options, std::cout); }; });
}

void AddInspect(CLI::App* app, std::function<std::string()>* run) {
  static std::string key;
  static std::string record;
  static std::string policy = "default";
  CLI::App* const command = app->add_subcommand(
      "inspect", "Show a stored record, and what holds its Member back now; no secret is shown");
  command->add_option("key", key, "The key, in hexadecimal")->required();
  command->add_option("record", record, "The record as stored, in hexadecimal")->required();
  command->add_option("--policy", policy, kPolicyHelp)->capture_default_str();
  command->add_flag_callback(
      "--strict", [] { policy = "strict"; }, "The same as --policy strict");
  command->callback([run] { *run = [] { return PrintRecord(key, record, policy); }; });
}

int Main(int argc, char** argv) {
  CLI::App app("Tools for who runs a host of otpcore");
  app.require_subcommand(1);
  std::function<std::string()> run;
  AddMigrate(&app, &run);
  AddSmsCost(&app, &run);
  AddCheck(&app, &run);
  AddBound(&app, &run);
  AddInspect(&app, &run);
  AddBench(&app, &run);
  CLI11_PARSE(app, argc, argv);
  const std::string problem = run();
  if (!problem.empty()) std::cerr << problem << "\n";
  return problem.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "otpcore: %s\n", error.what());
    return 1;
  }
}
