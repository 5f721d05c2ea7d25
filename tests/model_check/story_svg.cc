// SPDX-License-Identifier: Apache-2.0
// The picture of a counterexample: a sequence diagram, one row a step.
#include <algorithm>

#include "model_check/story.h"

namespace otpcore {
namespace model {
namespace {

using With = StoryLine::With;

constexpr int kTop = 92;
constexpr int kRow = 34;
constexpr int kWidth = 980;
constexpr int kStoreLane = 690;
constexpr int kPhoneLane = 900;
constexpr char kFont[] = "font-family=\"Helvetica, Arial, sans-serif\"";
constexpr char kInk[] = "#24323f";
constexpr char kFaultInk[] = "#b3261e";

std::string Number(int value) { return std::to_string(value); }

std::string Escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else {
      out += c;
    }
  }
  return out;
}

int LaneOfHost(int host) { return 130 + host * 210; }

std::string Text(int x, int y, const std::string& text, const char* anchor, const char* color,
                 int size = 13) {
  return "<text x=\"" + Number(x) + "\" y=\"" + Number(y) + "\" text-anchor=\"" + anchor +
         "\" fill=\"" + color + "\" font-size=\"" + Number(size) + "\">" + Escaped(text) +
         "</text>\n";
}

std::string Line(int x1, int y1, int x2, int y2, const char* color, const char* more) {
  return "<line x1=\"" + Number(x1) + "\" y1=\"" + Number(y1) + "\" x2=\"" + Number(x2) +
         "\" y2=\"" + Number(y2) + "\" stroke=\"" + color + "\" " + more + "/>\n";
}

std::string Lane(int x, int bottom, const std::string& name) {
  return Line(x, kTop - 20, x, bottom, "#b8c4ce", "stroke-width=\"1.5\"") + "<rect x=\"" +
         Number(x - 52) + "\" y=\"" + Number(kTop - 44) +
         "\" width=\"104\" height=\"26\" rx=\"5\" fill=\"#e8eef4\" stroke=\"#7b8b99\"/>\n" +
         Text(x, kTop - 26, name, "middle", kInk, 14);
}

// A box on the host's own lane: a request that comes in, or its end.
std::string Box(int x, int y, const std::string& text, const char* fill, const char* color) {
  const int width = 16 + 7 * static_cast<int>(text.size());
  const int left = std::max(6, x - width / 2);
  return "<rect x=\"" + Number(left) + "\" y=\"" + Number(y - 11) + "\" width=\"" + Number(width) +
         "\" height=\"22\" rx=\"4\" fill=\"" + fill + "\" stroke=\"" + color + "\"/>\n" +
         Text(left + width / 2, y + 5, text, "middle", color, 12);
}

std::string Row(const StoryLine& line, int y) {
  const char* color = line.fault ? kFaultInk : kInk;
  if (line.host < 0) {
    return Line(20, y, kWidth - 20, y, color, "stroke-dasharray=\"5 4\" opacity=\"0.6\"") +
           Box(kWidth / 2, y, line.asks, "#ffffff", color);
  }
  const int from = LaneOfHost(line.host);
  if (line.with == With::kClient) return Box(from, y, line.asks, "#fff7df", color);
  std::string text = line.asks + (line.answer.empty() ? "" : ": " + line.answer);
  if (line.with != With::kStore && line.with != With::kPhone) {
    if (!line.ends.empty()) text += "; answers " + line.ends;
    return Box(from, y, text, "#eef6ee", color);
  }
  const int to = line.with == With::kStore ? kStoreLane : kPhoneLane;
  std::string row = Line(from, y, to - 3, y, color, "stroke-width=\"1.5\" marker-end=\"url(#a)\"");
  row += Text(std::max(from + 12, to - 200), y - 5, text, "start", color, 12);
  if (!line.ends.empty()) row += Text(from + 6, y + 15, "answers " + line.ends, "start", kInk, 12);
  return row;
}

}  // namespace

std::string AsSvg(const Story& story) {
  int hosts = 1;
  for (const StoryLine& line : story.lines) hosts = std::max(hosts, line.host + 1);
  const int bottom = kTop + kRow * static_cast<int>(story.lines.size());
  const int height = bottom + 50;
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + Number(kWidth) +
                    "\" height=\"" + Number(height) + "\" viewBox=\"0 0 " + Number(kWidth) + " " +
                    Number(height) + "\" " + kFont +
                    ">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n" +
                    "<defs><marker id=\"a\" markerWidth=\"9\" markerHeight=\"8\" refX=\"8\" "
                    "refY=\"4\" orient=\"auto\"><path d=\"M0,0 L9,4 L0,8 z\" fill=\"" +
                    kInk + "\"/></marker></defs>\n";
  svg += Text(20, 26, story.title, "start", kInk, 15);
  for (int host = 0; host < hosts; ++host)
    svg += Lane(LaneOfHost(host), bottom, "host " + Number(host + 1));
  svg += Lane(kStoreLane, bottom, "store") + Lane(kPhoneLane, bottom, "phone");
  for (size_t i = 0; i < story.lines.size(); ++i) {
    const int y = kTop + 8 + kRow * static_cast<int>(i);
    svg += Row(story.lines[i], y);
  }
  svg += "<rect x=\"20\" y=\"" + Number(bottom + 6) + "\" width=\"" + Number(kWidth - 40) +
         "\" height=\"32\" rx=\"5\" fill=\"#fbe9e7\" stroke=\"" + kFaultInk + "\"/>\n" +
         Text(kWidth / 2, bottom + 27, story.violation, "middle", kFaultInk, 14);
  return svg + "</svg>\n";
}

}  // namespace model
}  // namespace otpcore
