/**
 * Draw commands onto a canvas, sharp at any pixel ratio.
 *
 * @typedef {import("./device.mjs").Draw} Draw
 * @typedef {object} Look what screen.toml says
 * @property {string[]} palette
 * @property {number[]} fonts heights in pixels
 * @property {number} inkWidth
 */
import { SIDE } from "./pad.mjs";

const PEN_UP = 255;

/** A canvas of so many pixels of the device's, which fills its element. */
export class Canvas {
  /**
   * @param {HTMLCanvasElement} element
   * @param {[number, number]} size
   * @param {Look} look
   */
  constructor(element, size, look) {
    this.element = element;
    this.size = size;
    this.look = look;
    /** @type {any} a CanvasRenderingContext2D, with its roundRect of 2023 */
    this.context = element.getContext("2d");
    /** @type {Draw[]} */
    this.draws = [];
    this.due = false;
    new ResizeObserver(() => this.#fit()).observe(element);
  }

  /** Shows a picture with the next frame; of several, the last. */
  show(draws) {
    this.draws = draws;
    if (!this.due) {
      this.due = true;
      requestAnimationFrame(() => this.#paint());
    }
  }

  #fit() {
    const width = Math.round(this.element.clientWidth * devicePixelRatio);
    if (width > 0 && width !== this.element.width) {
      this.element.width = width;
      this.element.height = Math.round((width * this.size[1]) / this.size[0]);
      this.#paint();
    }
  }

  #paint() {
    this.due = false;
    const scale = this.element.width / this.size[0];
    for (const draw of this.draws) {
      this.context.fillStyle = this.context.strokeStyle = this.look.palette[draw.colour];
      /** @type {any} */ (this)[draw.kind](draw, scale);
    }
  }

  rect({ x, y, w, h, radius }, scale) {
    // Edges on whole pixels, so that neighbours touch.
    const [left, top, right, bottom] = [x, y, x + w, y + h].map((at) => Math.round(at * scale));
    this.context.beginPath();
    this.context.roundRect(left, top, right - left, bottom - top, radius * scale);
    this.context.fill();
  }

  triangle({ points }, scale) {
    const [x0, y0, x1, y1, x2, y2] = points.map((at) => at * scale);
    this.context.beginPath();
    this.context.moveTo(x0, y0);
    this.context.lineTo(x1, y1);
    this.context.lineTo(x2, y2);
    this.context.fill();
  }

  text({ x, y, anchor, font, string }, scale) {
    const left = anchor === 1;
    const [from, to] = x < this.size[1] ? [0, this.size[1]] : [this.size[1], this.size[0]];
    const room = left ? to - x : 2 * Math.min(x - from, to - x);
    this.context.font = `500 ${this.look.fonts[font] * scale}px system-ui, sans-serif`;
    this.context.textAlign = left ? "left" : "center";
    this.context.textBaseline = "middle";
    this.context.fillText(string, x * scale, y * scale, room * scale);
  }

  ink({ points }, scale) {
    const { context } = this;
    const middle = (at) => (at + 0.5) * scale;
    context.lineWidth = this.look.inkWidth * scale;
    context.lineCap = context.lineJoin = "round";
    let begun = false;
    context.beginPath();
    for (let at = 0; at < points.length; at += 2) {
      const [x, y] = [points[at], points[at + 1]];
      if (x === PEN_UP) {
        begun = false;
      } else if (begun) {
        context.lineTo(middle(x), middle(y));
      } else {
        context.moveTo(middle(x), middle(y));
        context.lineTo(middle(x) + 0.01, middle(y)); // a dot is a line that one sees
        begun = true;
      }
    }
    context.stroke();
  }

  bitmap({ x, y, rows, cell = 1 }, scale) {
    const edge = (from, cells) => Math.round((from + cells * cell) * scale);
    rows.forEach((row, r) => {
      for (let c = 0; c < SIDE; c++) {
        if ((row >>> c) & 1) {
          const [left, top] = [edge(x, c), edge(y, r)];
          this.context.fillRect(left, top, edge(x, c + 1) - left, edge(y, r + 1) - top);
        }
      }
    });
  }
}
