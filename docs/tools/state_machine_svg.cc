// SPDX-License-Identifier: Apache-2.0
// Prints docs/state-machine.svg: the enrolment machine, drawn from its table in the library (E-01).
#include <cmath>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "otpcore/rules/enrollment.h"

namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace)

constexpr int kX[] = {170, 560, 950};  // the middle of none, pending, verified
constexpr int kY = 330;
constexpr int kHalfWidth = 70;

std::string Label(EnrollmentEvent event, const Transition& transition) {
  static const char* const kClaims[] = {"", " [claim: lease]", " [claim: permanent]",
                                        " [claim: released]"};
  return std::string(NameOf(event)) + kClaims[static_cast<int>(transition.claim)];
}

void Text(int x, int y, const std::string& text, const char* anchor = "middle") {
  std::cout << "  <text x=\"" << x << "\" y=\"" << y << "\" text-anchor=\"" << anchor << "\">"
            << text << "</text>\n";
}

// An arrow from one state to another: those to the right above the row of states, those to the
// left below it. Long ones start and end further out and have their labels outside, short ones
// inside.
void Arrow(int from, int to, const std::vector<std::string>& labels) {
  const bool rightward = to > from;
  const bool is_long = std::abs(to - from) == 2;
  const int side = rightward ? -1 : 1;  // above or below
  const int bend = side * (is_long ? 360 : 190);
  const int edge = kY + side * 32;
  const int inset = (is_long ? -40 : 40) * (rightward ? 1 : -1);
  const int x1 = kX[from] + inset;
  const int x2 = kX[to] - inset;
  const int middle = (x1 + x2) / 2;
  std::cout << "  <path d=\"M" << x1 << " " << edge << " Q" << middle << " " << edge + bend << " "
            << x2 << " " << edge
            << "\" fill=\"none\" stroke=\"#246\" marker-end=\"url(#head)\"/>\n";
  const int height = 16 * static_cast<int>(labels.size() - 1);
  const int apex = edge + bend / 2;
  int y = side < 0 ? kY - 30 - height : kY + 40;  // inside: close to the row of states
  if (is_long) y = side < 0 ? apex - 8 - height : apex + 18;
  for (const std::string& label : labels) {
    Text(middle, y, label);
    y += 16;
  }
}

}  // namespace

int main() {
  std::map<std::pair<int, int>, std::vector<std::string>> arrows;
  for (size_t e = 0; e < kEnrollmentEventCount; ++e) {
    const auto event = static_cast<EnrollmentEvent>(e);
    for (size_t s = 0; s < kEnrollmentStateCount; ++s) {
      const Transition t = NextEnrollment(static_cast<EnrollmentState>(s), event);
      if (!t.allowed) continue;
      arrows[{static_cast<int>(s), static_cast<int>(t.next)}].push_back(Label(event, t));
    }
  }
  std::cout << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1120 770\" "
               "font-family=\"sans-serif\" font-size=\"13\">\n"
               "  <rect width=\"1120\" height=\"770\" fill=\"white\"/>\n"
               "  <defs><marker id=\"head\" markerWidth=\"9\" markerHeight=\"7\" refX=\"8\" "
               "refY=\"3.5\" orient=\"auto\"><path d=\"M0 0 L9 3.5 L0 7 z\" "
               "fill=\"#246\"/></marker></defs>\n";
  for (size_t s = 0; s < kEnrollmentStateCount; ++s) {
    std::cout << "  <rect x=\"" << kX[s] - kHalfWidth << "\" y=\"" << kY - 30 << "\" width=\""
              << 2 * kHalfWidth << "\" height=\"60\" rx=\"12\" fill=\"#eef4fb\" "
              << "stroke=\"#246\"/>\n";
    std::cout << "  <text x=\"" << kX[s] << "\" y=\"" << kY + 6
              << "\" text-anchor=\"middle\" font-size=\"18\">"
              << NameOf(static_cast<EnrollmentState>(s)) << "</text>\n";
  }
  for (const auto& [ends, labels] : arrows) {
    if (ends.first != ends.second) {
      Arrow(ends.first, ends.second, labels);
      continue;
    }
    // What leaves a state as it is stands in a list below everything.
    int y = 620;
    Text(kX[ends.first], y,
         "stays " + std::string(NameOf(static_cast<EnrollmentState>(ends.first))) + ":");
    for (const std::string& label : labels) Text(kX[ends.first], y += 18, label);
  }
  std::cout << "</svg>\n";
}
