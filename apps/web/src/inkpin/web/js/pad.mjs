/** A pad to draw on and to read: the C of wasm_engine.c. */
export const SIDE = 28, AREA = 240;

const NORMALISED = 0;

/**
 * @typedef {object} Reading
 * @property {Uint32Array} rows the bitmap: bit c of rows[r] is the cell in row r, column c
 * @property {boolean} legible whether the ink was worth reading
 * @property {string} best the likeliest label
 * @property {boolean} refused whether the answer is "?"
 * @property {number} confidence percent
 * @property {Int32Array} logits one a label
 */

export class Pad {
  /** @param {Record<string, any>} exports of a module */
  constructor(exports) {
    this.exports = exports;
    /** @type {string[]} */
    this.labels = Array.from({ length: exports.pad_classes() }, (_, i) => this.#label(i));
    this.clear();
  }

  #label(place) {
    const bytes = new Uint8Array(this.exports.memory.buffer, this.exports.pad_label(place));
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

  /** @returns {Reading} what the network makes of the ink so far */
  read() {
    const { exports } = this;
    exports.pad_bitmap(NORMALISED);
    exports.pad_predict();
    const { buffer } = exports.memory;
    return {
      rows: new Uint32Array(buffer, exports.pad_rows(), SIDE).slice(),
      legible: exports.pad_legible() !== 0,
      best: this.labels[exports.pad_best()],
      refused: exports.pad_refused() !== 0,
      confidence: exports.pad_confidence(),
      logits: new Int32Array(buffer, exports.pad_logits(), this.labels.length).slice(),
    };
  }
}
