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
import { hooksOf, Memory } from "./hooks.mjs";

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
    /** @type {WebAssembly.Imports} */
    const imports = board ? { page: hooksOf(board, () => memory) } : {};
    const { instance } = await WebAssembly.instantiate(module, imports);
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
