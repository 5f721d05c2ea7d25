// SPDX-License-Identifier: Apache-2.0
// Draws a state machine as SVG: the states in a row, what leads to the right above it and what
// leads to the left below. Shared by the programs that print one from its table in the library.
#ifndef OTPCORE_DOCS_TOOLS_STATE_MACHINE_H_
#define OTPCORE_DOCS_TOOLS_STATE_MACHINE_H_

#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace otpcore {

struct StateMachineLayout {
  int first_x;   // the middle of the first state
  int distance;  // to the middle of the next one
  int y;         // the middle of the row
  int stays_y;   // where the list of what leads nowhere begins
  int width, height;
};

class StateMachinePicture {
 public:
  StateMachinePicture(const StateMachineLayout& layout, std::vector<std::string> states)
      : layout_(layout), states_(std::move(states)) {}

  // An event that leads from one state to another, or leaves it as it is.
  void Add(size_t from, size_t to, const std::string& label) {
    arrows_[{static_cast<int>(from), static_cast<int>(to)}].push_back(label);
  }

  void Print() const {
    std::cout << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " << layout_.width << " "
              << layout_.height
              << "\" font-family=\"sans-serif\" font-size=\"13\">\n"
                 "  <rect width=\""
              << layout_.width << "\" height=\"" << layout_.height
              << "\" fill=\"white\"/>\n"
                 "  <defs><marker id=\"head\" markerWidth=\"9\" markerHeight=\"7\" refX=\"8\" "
                 "refY=\"3.5\" orient=\"auto\"><path d=\"M0 0 L9 3.5 L0 7 z\" "
                 "fill=\"#246\"/></marker></defs>\n";
    for (size_t state = 0; state < states_.size(); ++state) Box(static_cast<int>(state));
    for (const auto& [ends, labels] : arrows_) {
      if (ends.first != ends.second) {
        Arrow(ends.first, ends.second, labels);
        continue;
      }
      // What leaves a state as it is stands in a list below everything.
      int y = layout_.stays_y;
      Text(X(ends.first), y, "stays " + states_[static_cast<size_t>(ends.first)] + ":");
      for (const std::string& label : labels) Text(X(ends.first), y += 18, label);
    }
    std::cout << "</svg>\n";
  }

 private:
  static constexpr int kHalfWidth = 70;

  int X(int state) const { return layout_.first_x + state * layout_.distance; }

  void Box(int state) const {
    std::cout << "  <rect x=\"" << X(state) - kHalfWidth << "\" y=\"" << layout_.y - 30
              << "\" width=\"" << 2 * kHalfWidth << "\" height=\"60\" rx=\"12\" fill=\"#eef4fb\" "
              << "stroke=\"#246\"/>\n";
    std::cout << "  <text x=\"" << X(state) << "\" y=\"" << layout_.y + 6
              << "\" text-anchor=\"middle\" font-size=\"18\">"
              << states_[static_cast<size_t>(state)] << "</text>\n";
  }

  static void Text(int x, int y, const std::string& text) {
    std::cout << "  <text x=\"" << x << "\" y=\"" << y << "\" text-anchor=\"middle\">" << text
              << "</text>\n";
  }

  // Long arrows bend so far that those below them and their labels have room; they start and end
  // further out and have their labels outside, short ones inside.
  void Arrow(int from, int to, const std::vector<std::string>& labels) const {
    constexpr int kBends[] = {190, 360, 620, 860};
    const bool rightward = to > from;
    const int states_apart = std::abs(to - from);
    const bool is_long = states_apart >= 2;
    const int side = rightward ? -1 : 1;  // above or below
    const int bend = side * kBends[states_apart - 1];
    const int edge = layout_.y + side * 32;
    const int inset = (is_long ? -40 : 40) * (rightward ? 1 : -1);
    const int x1 = X(from) + inset;
    const int x2 = X(to) - inset;
    const int middle = (x1 + x2) / 2;
    std::cout << "  <path d=\"M" << x1 << " " << edge << " Q" << middle << " " << edge + bend << " "
              << x2 << " " << edge
              << "\" fill=\"none\" stroke=\"#246\" marker-end=\"url(#head)\"/>\n";
    const int height = 16 * static_cast<int>(labels.size() - 1);
    const int apex = edge + bend / 2;
    int y = side < 0 ? layout_.y - 30 - height : layout_.y + 40;  // inside: close to the row
    if (is_long) y = side < 0 ? apex - 8 - height : apex + 18;
    for (const std::string& label : labels) {
      Text(middle, y, label);
      y += 16;
    }
  }

  const StateMachineLayout layout_;
  const std::vector<std::string> states_;
  std::map<std::pair<int, int>, std::vector<std::string>> arrows_;
};

}  // namespace otpcore

#endif  // OTPCORE_DOCS_TOOLS_STATE_MACHINE_H_
