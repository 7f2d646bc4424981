/** A pad to draw on and to read: the C of wasm_engine.c. */
import { probabilitiesOf, temperatureOf } from "./confidence.mjs";

export const SIDE = 28, AREA = 240;

const NORMALISED = 0;

/**
 * @typedef {object} Reading
 * @property {Uint32Array} rows the bitmap: bit c of rows[r] is the cell in row r, column c
 * @property {boolean} legible whether the ink was worth reading
 * @property {string} best the likeliest label
 * @property {boolean} refused whether the answer is "?"
 * @property {string} why the answer is "?", in words; empty where there is one
 * @property {number} confidence percent
 * @property {Int32Array} logits one a label
 * @property {number} place of the likeliest
 * @property {number[]} probabilities 0 to 1, one a label
 */

export class Pad {
  /** @param {Record<string, any>} exports of a module */
  constructor(exports) {
    this.exports = exports;
    /** @type {string[]} */
    this.labels = Array.from({ length: exports.pad_classes() }, (_, i) =>
      this.#text(exports.pad_label(i)),
    );
    const table = (entry) => Array.from({ length: exports.pad_levels() }, (_, i) => entry(i));
    this.temperature = temperatureOf(table(exports.pad_margin), table(exports.pad_percent));
    this.clear();
  }

  #text(address) {
    const bytes = new Uint8Array(this.exports.memory.buffer, address);
    return new TextDecoder().decode(bytes.slice(0, bytes.indexOf(0)));
  }

  clear() {
    this.exports.pad_clear();
  }

  point(x, y) {
    this.exports.pad_point(x, y);
  }

  up() {
    this.exports.pad_up();
  }

  /** Why the prediction is no answer; empty where it is one. */
  #why() {
    const { exports } = this;
    if (exports.pad_legible() && !exports.pad_refused()) return "";
    const second = exports.pad_second();
    const best = this.labels[exports.pad_best()];
    const between = second ? `${best} or ${this.#text(second)}` : best;
    return [
      "too little ink",
      "too small: write it larger",
      "cut off at the edge",
      "more than one? One at a time",
      `not sure: ${between}?`,
      this.labels.includes("0") ? "no digit" : "none of the labels",
    ][exports.pad_unread()];
  }

  /** @returns {Reading} what the network makes of the ink so far */
  read() {
    const { exports } = this;
    exports.pad_bitmap(NORMALISED);
    exports.pad_predict();
    const { buffer } = exports.memory;
    const logits = new Int32Array(buffer, exports.pad_logits(), this.labels.length).slice();
    const place = exports.pad_best(), confidence = exports.pad_confidence();
    return {
      rows: new Uint32Array(buffer, exports.pad_rows(), SIDE).slice(),
      legible: exports.pad_legible() !== 0,
      best: this.labels[place],
      refused: exports.pad_refused() !== 0,
      why: this.#why(),
      confidence,
      logits,
      place,
      probabilities: probabilitiesOf(logits, place, confidence, this.temperature),
    };
  }
}
