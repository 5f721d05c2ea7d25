// SPDX-License-Identifier: Apache-2.0
#include "policy_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>
#include <utility>

#include "otpcore/model/policy_fields.h"

namespace otpcore_tool {
namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): a tool reads as a host would
using Json = nlohmann::json;

constexpr char kBase[] = "base";

const char* Wanted(PolicyFieldKind kind) {
  switch (kind) {
    case PolicyFieldKind::kText: return "one of the texts that policy_fields.h lists for it";
    case PolicyFieldKind::kBoolean: return "true or false";
    case PolicyFieldKind::kInteger: return "a whole number";
    case PolicyFieldKind::kNumber: return "a number";
    case PolicyFieldKind::kDuration:
      return "a text of a whole number and its unit: ms, s, min, h or d, such as \"48 h\"";
    case PolicyFieldKind::kList: return "a list";
  }
  return "";
}

bool IsOfKind(const Json& value, PolicyFieldKind kind) {
  switch (kind) {
    case PolicyFieldKind::kText:
    case PolicyFieldKind::kDuration: return value.is_string();
    case PolicyFieldKind::kBoolean: return value.is_boolean();
    case PolicyFieldKind::kInteger: return value.is_number_integer();
    case PolicyFieldKind::kNumber: return value.is_number();
    case PolicyFieldKind::kList: return value.is_array();
  }
  return false;
}

std::string Shown(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string TextOf(const Json& value) {
  return value.is_string() ? value.get<std::string>() : Shown(value);
}

std::vector<std::string> PartsOf(std::string_view names) {
  std::vector<std::string> parts;
  for (size_t comma = 0; comma != std::string_view::npos;) {
    comma = names.find(',');
    parts.emplace_back(names.substr(0, comma));
    names.remove_prefix(comma == std::string_view::npos ? 0 : comma + 1);
  }
  return parts;
}

// The text of one entry of a list. Empty: it is no such entry.
std::string EntryOf(const PolicyField& field, const Json& entry) {
  if (field.parts.empty()) return entry.is_string() ? entry.get<std::string>() : "";
  const std::vector<std::string> names = PartsOf(field.parts);
  if (!entry.is_object() || entry.size() != names.size()) return "";
  std::string text;
  for (const std::string& name : names) {
    const auto part = entry.find(name);
    if (part == entry.end() || !(part->is_string() || part->is_number_integer())) return "";
    const std::string one = TextOf(*part);
    // The parts are joined with commas, so none may have one.
    if (one.empty() || one.find(',') != std::string::npos) return "";
    text += (text.empty() ? "" : ",") + one;
  }
  return text;
}

std::string ProblemWithList(const PolicyField& field, const Json& list, Policy* policy) {
  SetPolicyField(field.name, "", policy);
  for (const Json& entry : list) {
    const std::string text = EntryOf(field, entry);
    if (!text.empty() && SetPolicyField(field.name, text, policy) == FieldOutcome::kSet) continue;
    std::string problem = std::string(field.name) + " has an entry that is none: " + Shown(entry);
    if (!field.parts.empty()) {
      problem += "; an entry is an object with " + std::string(field.parts);
    }
    return problem + ".";
  }
  return "";
}

std::string ProblemWithField(const std::string& name, const Json& value, Policy* policy) {
  for (const PolicyField& field : PolicyFields()) {
    if (field.name != name) continue;
    const bool of_kind = IsOfKind(value, field.kind);
    if (of_kind && field.kind == PolicyFieldKind::kList)
      return ProblemWithList(field, value, policy);
    if (of_kind && SetPolicyField(name, TextOf(value), policy) == FieldOutcome::kSet) return "";
    return name + " is " + Shown(value) + "; it must be " + Wanted(field.kind) + ".";
  }
  return "\"" + name + "\" is no field of a policy.";
}

// A file that says one thing twice is a mistake, which the parser alone would not show.
Json ParseOnce(std::string_view text, std::vector<std::string>* problems) {
  std::set<std::string> names;
  const Json::parser_callback_t watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::key && depth == 1 &&
        !names.insert(parsed.get<std::string>()).second)
      problems->push_back(parsed.get<std::string>() + " is there twice.");
    return true;
  };
  try {
    Json json = Json::parse(text, watch);
    if (!json.is_object()) problems->push_back("A policy must be an object of JSON.");
    return json;
  } catch (const Json::exception& error) {
    problems->push_back(std::string("This is not JSON: ") + error.what());
    return Json();
  }
}

}  // namespace

std::vector<std::string> ParsePolicy(std::string_view json, Policy* policy) {
  std::vector<std::string> problems;
  Json fields = ParseOnce(json, &problems);
  if (!fields.is_object()) return problems;
  *policy = Policy::Default();
  if (const auto base = fields.find(kBase); base != fields.end()) {
    if (*base == "strict") {
      *policy = Policy::Strict();
    } else if (*base != "default") {
      problems.push_back("base is " + Shown(*base) + R"(; it must be "default" or "strict".)");
    }
    fields.erase(base);
  }
  for (const auto& [name, value] : fields.items()) {
    std::string problem = ProblemWithField(name, value, policy);
    if (!problem.empty()) problems.push_back(std::move(problem));
  }
  return problems;
}

std::vector<std::string> ReadPolicyFile(const std::string& path, Policy* policy) {
  if (path == "default" || path == "strict") {
    *policy = path == "strict" ? Policy::Strict() : Policy::Default();
    return {};
  }
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return {path + " cannot be read."};
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) return {path + " cannot be read."};
  return ParsePolicy(text, policy);
}

}  // namespace otpcore_tool
