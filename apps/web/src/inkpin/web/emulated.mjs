/**
 * The page's module in the place of the emulated device: the lines of emulated/main.c, in Node.
 *
 * The argument is the module. Of the page this has js/device.mjs; the board is the emulated one's.
 */
import { readFileSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { Device } from "./js/device.mjs";

const stores = [0, 1, 2].map(() => [new Uint8Array(0), new Uint8Array(0)]);
let lines = [], random = 0, percent = -1, device = null;

const hex = (bytes) => Buffer.from(bytes).toString("hex");
const tell = (...words) => lines.push(words.join(" "));

/** A draw command as emulated/main.c writes it. */
function command(draw) {
  switch (draw.kind) {
    case "rect":
      return [0, draw.colour, draw.x, draw.y, draw.w, draw.h, draw.radius];
    case "triangle":
      return [1, draw.colour, ...draw.points];
    case "text":
      return [2, draw.colour, draw.x, draw.y, draw.anchor, draw.font, draw.string];
    case "ink":
      return [3, draw.colour, hex(draw.points)];
    case "bitmap":
      return [4, draw.colour, draw.x, draw.y, ...draw.rows];
  }
}

const board = {
  paint(draws, boxes) {
    boxes.forEach((box) => tell("paint", ...box));
    tell("picture");
    draws.forEach((draw) => tell("draw", ...command(draw)));
  },
  light: (level) => tell("light", level),
  bolt: (open) => tell("bolt", Number(open)),
  tone: (hertz, ms) => tell("tone", hertz, ms),
  vibrate: (on) => tell("vibrate", Number(on)),
  send: (bytes) => tell("serial", hex(bytes)),
  battery: () => percent,
  random(bytes) {
    for (let i = 0; i < bytes.length; i++) {
      random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
      bytes[i] = random >>> 24;
    }
  },
  read: (store, slot) => stores[store][slot],
  write(store, slot, bytes) {
    stores[store][slot] = bytes;
    tell("store", store, slot, hex(bytes));
  },
};

const events = {
  slot: (store, slot, text) => { stores[store][slot] = Uint8Array.from(Buffer.from(text, "hex")); },
  battery: (level) => { percent = Number(level); },
  async boot(iterations, seed, now) {
    random = Number(seed);
    device = await Device.load(readFileSync(process.argv[2]), board);
    device.start(Number(iterations), Number(now));
  },
  poll: (...words) => device.poll(...words.map(Number)),
  touch: (...words) => device.touch(...words.map(Number)),
  serial: (text, now) => device.serial(Buffer.from(text, "hex"), Number(now)),
  tick: (now) => device.tick(Number(now)),
};

for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...words] = line.split(" ");
  await events[name](...words);
  writeSync(1, [...lines, ".", ""].join("\n"));
  lines = [];
}
