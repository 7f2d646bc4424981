/** Try it: what the network makes of the ink, while the finger moves. Nothing of it is kept. */
import { Bars } from "./bars.mjs";
import { Canvas } from "./canvas.mjs";
import { Drawing } from "./drawing.mjs";
import { SIDE } from "./pad.mjs";

export class TryTab {
  /**
   * @param {HTMLElement} panel
   * @param {import("./pad.mjs").Pad} pad
   * @param {object} look as for Drawing, and the colours `well` and `bright`
   */
  constructor(panel, pad, look) {
    const part = (name) => panel.querySelector(name);
    this.look = look;
    this.bars = new Bars(part(".bars"), pad.labels);
    this.picture = new Canvas(part(".picture"), [SIDE, SIDE], look);
    this.answer = part(".answer");
    this.said = part(".said");
    this.due = false;
    this.drawing = new Drawing(part(".stage"), pad, look, () => this.#soon());
    part(".clear").addEventListener("click", () => this.drawing.clear());
    panel.addEventListener("keydown", (event) => {
      if (event.key === "Backspace" || event.key === "Escape") this.drawing.clear();
    });
  }

  /** Reads with the next frame, however many points come in between. */
  #soon() {
    if (this.due) return;
    this.due = true;
    requestAnimationFrame(() => {
      this.due = false;
      this.#show();
    });
  }

  #show() {
    const reading = this.drawing.empty ? null : this.drawing.read();
    this.bars.show(reading);
    const ground = { kind: "rect", x: 0, y: 0, w: SIDE, h: SIDE, radius: 0, colour: this.look.well };
    const bits = { kind: "bitmap", x: 0, y: 0, rows: reading?.rows ?? [], colour: this.look.bright };
    this.picture.show([ground, bits]);
    const [answer, said] = words(reading);
    this.answer.textContent = answer;
    this.said.textContent = said;
  }
}

/** The answer in large print, and what there is to say about it. */
function words(reading) {
  if (!reading) return ["", "Write something"];
  if (reading.why) return ["?", reading.why];
  return [reading.best, `${reading.confidence}% sure`];
}
