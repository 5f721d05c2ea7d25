// SPDX-License-Identifier: Apache-2.0
// Makes a picture of a page small enough for docs/: a PNG of at most 256 colours.
"use strict";
const assert = require("node:assert/strict");
const zlib = require("node:zlib");

const SIGNATURE = Buffer.from("89504e470d0a1a0a", "hex");
const COLORS_MAX = 256;

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(data.length);
  let crc = ~0;
  for (const byte of body) {
    crc ^= byte;
    for (let bit = 0; bit < 8; ++bit) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  const check = Buffer.alloc(4);
  check.writeUInt32BE(~crc >>> 0);
  return Buffer.concat([size, body, check]);
}

// {width, height, pixels}: 0xRRGGBB each. Of the PNGs that Chromium writes: 8 bits, not interlaced.
function decode(png) {
  const parts = [];
  let header;
  for (let at = 8; at < png.length;) {
    const size = png.readUInt32BE(at);
    const type = png.toString("latin1", at + 4, at + 8);
    if (type === "IHDR") header = png.subarray(at + 8, at + 8 + size);
    if (type === "IDAT") parts.push(png.subarray(at + 8, at + 8 + size));
    at += size + 12;
  }
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  assert.equal(header[8], 8);
  const step = { 2: 3, 6: 4 }[header[9]];
  assert.ok(step && header[12] === 0, "RGB or RGBA, not interlaced");
  const data = zlib.inflateSync(Buffer.concat(parts));
  const stride = width * step;
  const pixels = new Uint32Array(width * height);
  let above = Buffer.alloc(stride);
  for (let y = 0; y < height; ++y) {
    const filter = data[y * (stride + 1)];
    const line = data.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1));
    for (let x = 0; x < stride; ++x) {
      const a = x < step ? 0 : line[x - step];
      const b = above[x];
      const c = x < step ? 0 : above[x - step];
      const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
      line[x] += [0, a, b, (a + b) >> 1, pa <= pb && pa <= pc ? a : pb <= pc ? b : c][filter];
    }
    for (let x = 0; x < width; ++x) pixels[y * width + x] = line.readUIntBE(x * step, 3);
    above = line;
  }
  return { width, height, pixels };
}

// The same picture with its most frequent colours; each other one becomes the nearest of them.
function withPalette(png) {
  const { width, height, pixels } = decode(png);
  const counts = new Map();
  for (const color of pixels) counts.set(color, (counts.get(color) ?? 0) + 1);
  const palette = [...counts].sort((x, y) => y[1] - x[1]).slice(0, COLORS_MAX).map(([color]) => color);
  const parts = (color) => [color >> 16, (color >> 8) & 255, color & 255];
  const distance = (x, y) => parts(x).reduce((sum, part, index) => sum + (part - parts(y)[index]) ** 2, 0);
  const places = new Map(palette.map((color, place) => [color, place]));
  const placeOf = (color) => {
    if (!places.has(color)) {
      const nearest = palette.reduce((best, other) => (distance(color, other) < distance(color, best) ? other : best));
      places.set(color, palette.indexOf(nearest));
    }
    return places.get(color);
  };
  const lines = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; ++y)
    for (let x = 0; x < width; ++x) lines[y * (width + 1) + 1 + x] = placeOf(pixels[y * width + x]);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([SIGNATURE, chunk("IHDR", header), chunk("PLTE", Buffer.from(palette.flatMap(parts))),
    chunk("IDAT", zlib.deflateSync(lines, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

module.exports = { withPalette };
