// SPDX-License-Identifier: Apache-2.0
#include "model_check/search.h"

#include <chrono>
#include <cstdio>
#include <thread>

namespace otpcore {
namespace model {
namespace {

constexpr size_t kShards = 64;
constexpr size_t kBlock = 1 << 15;  // states expanded between two rounds of insertion

// A set of hashes: open addressing, 16 bytes an entry.
class HashSet {
 public:
  bool Has(const Hash& hash) const {
    if (slots_.empty()) return false;
    for (size_t i = Home(hash);; i = (i + 1) & (slots_.size() - 1)) {
      if (slots_[i] == Hash()) return false;
      if (slots_[i] == hash) return true;
    }
  }
  bool Insert(const Hash& hash) {
    if ((size_ + 1) * 3 >= slots_.size() * 2) Grow();
    for (size_t i = Home(hash);; i = (i + 1) & (slots_.size() - 1)) {
      if (slots_[i] == hash) return false;
      if (!(slots_[i] == Hash())) continue;
      slots_[i] = hash;
      ++size_;
      return true;
    }
  }
  size_t size() const { return size_; }

 private:
  size_t Home(const Hash& hash) const { return (hash.a >> 8) & (slots_.size() - 1); }
  void Grow() {
    std::vector<Hash> old(slots_.empty() ? 1024 : slots_.size() * 2);
    old.swap(slots_);
    for (const Hash& hash : old) {
      if (hash == Hash()) continue;
      size_t i = Home(hash);
      while (!(slots_[i] == Hash())) i = (i + 1) & (slots_.size() - 1);
      slots_[i] = hash;
    }
  }
  std::vector<Hash> slots_;
  size_t size_ = 0;
};

// All states that are first reached after the same number of steps, with the way to each.
struct Level {
  std::vector<State> states;
  std::vector<uint8_t> ways;  // `length` bytes a state
  size_t length = 0;
};

struct Candidate {
  Hash hash;
  State state;
  uint32_t parent;
  uint8_t action;
};

struct Slice {  // what one thread makes of its part of a block
  std::vector<Candidate> found[kShards];
  uint64_t steps = 0;
  Violation violation = nullptr;
  uint32_t parent = 0;
  uint8_t action = 0;
};

class Searcher {
 public:
  Searcher(World* world, const SearchLimits& limits) : world_(*world), limits_(limits) {}

  SearchResult Run() {
    Level level;
    State first = world_.initial();
    world_.Canonicalize(&first);
    level.states.push_back(first);
    Insert(world_.HashOf(first));
    while (!level.states.empty() && result_.depth < limits_.steps && !Stopped()) {
      Level next;
      next.length = level.length + 1;
      for (size_t begin = 0; begin < level.states.size() && !Stopped(); begin += kBlock)
        Expand(level, begin, &next);
      if (result_.violation != nullptr || Stopped()) break;
      ++result_.depth;
      level = std::move(next);
    }
    result_.closed = level.states.empty();
    result_.seconds = Elapsed();
    result_.points = world_.points().size();
    result_.records = world_.records().size();
    return std::move(result_);
  }

 private:
  double Elapsed() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  bool Stopped() const {
    return result_.violation != nullptr || result_.states >= limits_.states ||
           (limits_.seconds > 0 && Elapsed() > limits_.seconds);
  }
  void Insert(const Hash& hash) {
    if (visited_[hash.a % kShards].Insert(hash)) ++result_.states;
  }

  void Expand(const Level& level, size_t begin, Level* next) {
    const size_t end = std::min(level.states.size(), begin + kBlock);
    const auto threads = static_cast<size_t>(limits_.threads);
    std::vector<Slice> slices(threads);
    InParallel([&](size_t t) {
      const size_t from = begin + (end - begin) * t / threads;
      const size_t to = begin + (end - begin) * (t + 1) / threads;
      ExpandSlice(level, from, to, &slices[t]);
    });
    for (const Slice& slice : slices) {
      result_.steps_taken += slice.steps;
      if (slice.violation == nullptr || result_.violation != nullptr) continue;
      result_.violation = slice.violation;
      AppendWay(level, slice.parent, slice.action, &result_.way);
    }
    if (result_.violation != nullptr) return;
    std::vector<Level> parts(kShards);
    InParallel([&](size_t t) {
      for (size_t shard = t; shard < kShards; shard += threads) {
        for (const Slice& slice : slices) Keep(level, slice.found[shard], shard, &parts[shard]);
      }
    });
    for (Level& part : parts) {
      result_.states += part.states.size();
      next->states.insert(next->states.end(), part.states.begin(), part.states.end());
      next->ways.insert(next->ways.end(), part.ways.begin(), part.ways.end());
    }
    Report();
  }

  template <typename Work>
  void InParallel(Work work) {
    std::vector<std::thread> threads;
    for (size_t t = 1; t < static_cast<size_t>(limits_.threads); ++t)
      threads.emplace_back([&work, t] { work(t); });
    work(0);
    for (std::thread& thread : threads) thread.join();
  }

  void ExpandSlice(const Level& level, size_t from, size_t to, Slice* slice) {
    std::vector<Action> actions;
    for (size_t i = from; i < to; ++i) {
      world_.ActionsOf(level.states[i], &actions);
      for (size_t a = 0; a < actions.size(); ++a) {
        State state = level.states[i];
        ++slice->steps;
        Violation violation = world_.Take(actions[a], &state);
        world_.Canonicalize(&state);
        if (violation == nullptr && state.flights[0].point == 0 &&
            level.states[i].flights[0].point != 0)
          violation = world_.CheckAlive(state);
        if (violation != nullptr && !limits_.only.empty() &&
            std::string(violation).find(limits_.only) == std::string::npos)
          continue;
        if (violation != nullptr) {
          slice->violation = violation;
          slice->parent = static_cast<uint32_t>(i);
          slice->action = static_cast<uint8_t>(a);
          return;
        }
        const Hash hash = world_.HashOf(state);
        const size_t shard = hash.a % kShards;
        if (visited_[shard].Has(hash)) continue;
        slice->found[shard].push_back(
            {hash, state, static_cast<uint32_t>(i), static_cast<uint8_t>(a)});
      }
    }
  }

  void Keep(const Level& level, const std::vector<Candidate>& found, size_t shard, Level* part) {
    for (const Candidate& candidate : found) {
      if (!visited_[shard].Insert(candidate.hash)) continue;
      part->states.push_back(candidate.state);
      AppendWay(level, candidate.parent, candidate.action, &part->ways);
    }
  }
  static void AppendWay(const Level& level, uint32_t parent, uint8_t action,
                        std::vector<uint8_t>* way) {
    const auto from = level.ways.begin() + static_cast<ptrdiff_t>(parent * level.length);
    way->insert(way->end(), from, from + static_cast<ptrdiff_t>(level.length));
    way->push_back(action);
  }

  void Report() {
    if (!limits_.progress || Elapsed() < next_report_) return;
    next_report_ = Elapsed() + 5;
    std::fprintf(stderr, "  %-10s %6.0f s  %11llu states  step %2d  %zu points\n",
                 world_.scenario().name.c_str(), Elapsed(),
                 static_cast<unsigned long long>(result_.states), result_.depth + 1,
                 world_.points().size());
  }

  World& world_;
  const SearchLimits limits_;
  HashSet visited_[kShards];
  SearchResult result_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double next_report_ = 5;
};

}  // namespace

SearchResult Search(World* world, const SearchLimits& limits) {
  return Searcher(world, limits).Run();
}

}  // namespace model
}  // namespace otpcore
