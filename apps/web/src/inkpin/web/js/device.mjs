/**
 * The device: the C of ink_web.c, whose hooks become methods of a board.
 *
 * @typedef {{kind: "rect", x: number, y: number, w: number, h: number, radius: number,
 *            colour: number}
 *         | {kind: "triangle", points: number[], colour: number}
 *         | {kind: "text", x: number, y: number, anchor: number, font: number, colour: number,
 *            string: string}
 *         | {kind: "ink", points: Uint8Array, colour: number}
 *         | {kind: "bitmap", x: number, y: number, rows: Uint32Array, colour: number}} Draw
 *
 * @typedef {object} Board what the device is built into
 * @property {(draws: Draw[], boxes: number[][]) => void} paint shows a picture; only the boxes
 *           changed
 * @property {(percent: number) => void} light
 * @property {(open: boolean) => void} bolt
 * @property {(hertz: number, ms: number) => void} tone
 * @property {(on: boolean) => void} vibrate
 * @property {(bytes: Uint8Array) => void} send
 * @property {() => number} battery percent; negative where that is not known
 * @property {(bytes: Uint8Array) => void} random fills them with what nobody can guess
 * @property {(store: number, slot: number) => Uint8Array} read throws where it cannot
 * @property {(store: number, slot: number, bytes: Uint8Array) => void} write likewise
 */

/** Views of a module's memory. */
class Memory {
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

/** The functions of ink_web.c's other side, on a board. */
function hooksOf(board, memory) {
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

export class Device {
  /** @param {Record<string, any>} exports of the module */
  constructor(exports) {
    this.exports = exports;
  }

  /**
   * @param {BufferSource} module
   * @param {Board} [board] none for a module without a device
   */
  static async load(module, board) {
    let memory;
    const page = hooksOf(board, () => memory);
    const { instance } = await WebAssembly.instantiate(module, { page });
    memory = new Memory(/** @type {any} */ (instance.exports).memory);
    return new Device(instance.exports);
  }

  /** Switches on. Here and below, `now` is in ms. */
  start(iterations, now) {
    this.exports.device_start(iterations, now);
  }

  /** Lets time pass; to be called ten times a second. */
  tick(now) {
    this.exports.device_tick(now);
  }

  /** Takes what a touch panel reports: how many fingers, and where one of them is. */
  poll(fingers, x, y, now) {
    this.exports.device_poll(fingers, x, y, now);
  }

  /** Takes a touch that can be trusted; phase 0 down, 1 move, 2 up. */
  touch(phase, x, y, now) {
    this.exports.device_touch(phase, x, y, now);
  }

  /** Takes bytes from the serial line. */
  serial(bytes, now) {
    const room = this.exports.device_room();
    for (let at = 0; at < bytes.length; at += room) {
      const part = bytes.subarray(at, at + room);
      new Uint8Array(this.exports.memory.buffer).set(part, this.exports.device_bytes());
      this.exports.device_serial(part.length, now);
    }
  }
}
