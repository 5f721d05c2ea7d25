// SPDX-License-Identifier: Apache-2.0
// otpcore on the command line, for who runs a host. `otpcore --help` lists its commands.
#include <CLI/CLI.hpp>
#include <chrono>
#include <functional>
#include <iostream>
#include <string>

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

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Tools for who runs a host of otpcore");
  app.require_subcommand(1);
  std::function<std::string()> run;
  AddMigrate(&app, &run);
  CLI11_PARSE(app, argc, argv);
  const std::string problem = run();
  if (!problem.empty()) std::cerr << problem << "\n";
  return problem.empty() ? 0 : 1;
}
