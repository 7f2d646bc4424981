/** The functions of ink_web.c's other side, on a board. */

/** Views of a module's memory. */
export class Memory {
  /** @param {WebAssembly.Memory} memory */
  constructor(memory) {
    this.memory = memory;
  }

  /** What lies there now; it changes with the next call into the module. */
  view(at, count) {
    return new Uint8Array(this.memory.buffer, at, count);
  }

  copy(at, count) {
    return this.view(at, count).slice();
  }

  words(at, count) {
    return new Uint32Array(this.memory.buffer, at, count).slice();
  }

  text(at, count) {
    return String.fromCharCode(...this.view(at, count));
  }
}

/** Whether something could be done. */
function succeeds(action) {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {import("./device.mjs").Board} board
 * @param {() => Memory} memory of the module, once it is there
 * @returns {Record<string, Function>} what ink_web.c asks of the page
 */
export function hooksOf(board, memory) {
  let draws = [], boxes = [];
  return {
    paint: (...box) => boxes.push(box),
    rect: (x, y, w, h, radius, colour) => draws.push({ kind: "rect", x, y, w, h, radius, colour }),
    triangle: (...numbers) =>
      draws.push({ kind: "triangle", points: numbers.slice(0, 6), colour: numbers[6] }),
    text: (x, y, anchor, font, colour, at, length) =>
      draws.push({ kind: "text", x, y, anchor, font, colour, string: memory().text(at, length) }),
    ink: (at, count, colour) =>
      draws.push({ kind: "ink", points: memory().copy(at, 2 * count), colour }),
    bitmap: (x, y, colour, at) =>
      draws.push({ kind: "bitmap", x, y, rows: memory().words(at, 28), colour }),
    painted: () => {
      board.paint(draws, boxes);
      draws = [];
      boxes = [];
    },
    light: (percent) => board.light(percent),
    bolt: (open) => board.bolt(open !== 0),
    tone: (hertz, ms) => board.tone(hertz, ms),
    vibrate: (on) => board.vibrate(on !== 0),
    send: (at, length) => board.send(memory().copy(at, length)),
    battery: () => board.battery(),
    random: (at, count) => succeeds(() => board.random(memory().view(at, count))),
    read: (store, slot, at, capacity) => {
      let held = new Uint8Array(0);
      if (!succeeds(() => { held = board.read(store, slot); })) return -1;
      memory().view(at, capacity).set(held.subarray(0, capacity));
      return held.length;
    },
    write: (store, slot, at, length) =>
      succeeds(() => board.write(store, slot, memory().copy(at, length))),
  };
}
