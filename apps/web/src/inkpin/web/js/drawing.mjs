/** A drawing under way on a canvas: its strokes with times, as the finger left them. */
import { Canvas } from "./canvas.mjs";
import { followKeys } from "./key_pen.mjs";
import { AREA } from "./pad.mjs";
import { followPointers } from "./touch_panel.mjs";

const STROKE_END = [255, 255];

const clamp = (value) => Math.min(Math.max(Math.round(value), 0), AREA - 1);

export class Drawing {
  /**
   * @param {HTMLElement} stage holds the canvas and the mark of the pen that keys lead
   * @param {import("./pad.mjs").Pad} pad reads it
   * @param {import("./canvas.mjs").Look & {paper: number, inkColour: number}} look
   * @param {(drawing: Drawing) => void} changed
   */
  constructor(stage, pad, look, changed) {
    this.pad = pad;
    this.look = look;
    this.changed = changed;
    /** @type {[number, number, number][][]} x, y, ms */
    this.strokes = [];
    /** @type {Set<string>} what wrote them */
    this.kinds = new Set();
    const element = /** @type {HTMLCanvasElement} */ (stage.querySelector("canvas"));
    this.canvas = new Canvas(element, [AREA, AREA], look);
    const mark = /** @type {HTMLElement} */ (stage.querySelector(".mark"));
    const report = (...words) => this.#take(...words);
    followPointers(element, [AREA, AREA], report);
    followKeys(element, mark, [AREA, AREA], AREA, report);
    this.clear();
  }

  clear() {
    this.strokes = [];
    this.kinds = new Set();
    this.#end();
    this.#show();
  }

  get empty() {
    return this.strokes.length === 0;
  }

  #end() {
    this.writing = this.ignoring = false;
  }

  /** A second finger ends the stroke, and nothing counts until all are gone: as on the device. */
  #take(fingers, x, y, time, kind) {
    if (fingers === 0) this.#end();
    else if (fingers > 1) [this.writing, this.ignoring] = [false, true];
    else if (!this.ignoring) this.#point(clamp(x), clamp(y), Math.floor(time), kind);
  }

  #point(x, y, time, kind) {
    if (!this.writing) {
      this.writing = true;
      this.strokes.push([]);
      this.kinds.add(kind);
    }
    const stroke = this.strokes[this.strokes.length - 1];
    const [lastX, lastY, last] = stroke[stroke.length - 1] ?? [-1, -1, 0];
    if (x !== lastX || y !== lastY) {
      stroke.push([x, y, Math.max(time, last)]);
      this.#show();
    }
  }

  #show() {
    const points = this.strokes.flatMap((s) => [...s.map(([x, y]) => [x, y]), STROKE_END]).flat();
    this.canvas.show([
      { kind: "rect", x: 0, y: 0, w: AREA, h: AREA, radius: 0, colour: this.look.paper },
      { kind: "ink", points, colour: this.look.inkColour },
    ]);
    this.changed(this);
  }

  /** @returns {import("./pad.mjs").Reading} */
  read() {
    this.pad.clear();
    for (const stroke of this.strokes) {
      stroke.forEach(([x, y]) => this.pad.point(x, y));
      this.pad.up();
    }
    return this.pad.read();
  }

  /** The strokes as a stroke file has them: [[x...], [y...], [ms since the first...]]. */
  record() {
    const start = this.strokes[0]?.[0]?.[2] ?? 0;
    return this.strokes.map((stroke) => [
      stroke.map(([x]) => x),
      stroke.map(([, y]) => y),
      stroke.map(([, , time]) => time - start),
    ]);
  }
}
