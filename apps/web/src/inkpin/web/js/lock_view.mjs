/** What one sees of the lock, and is told of it: its screen, its light, the door. */
import { Canvas } from "./canvas.mjs";

export class LockView {
  /**
   * @param {HTMLElement} panel
   * @param {object} screen size, side of the area, look
   */
  constructor(panel, screen) {
    this.panel = panel;
    this.part = (name) => panel.querySelector(name);
    this.area = screen.area;
    this.canvas = new Canvas(this.part("canvas"), screen.size, screen.look);
  }

  /** @param {import("./device.mjs").Draw[]} draws the whole picture */
  paint(draws) {
    this.canvas.show(draws);
    const words = draws.flatMap((draw) =>
      draw.kind === "text" && draw.x < this.area ? [draw.string] : [],
    );
    const said = words.join(". ");
    this.part("canvas").setAttribute("aria-label", `The lock's screen: ${said}`);
    const still = said.replace(/\d+/g, "");
    if (still !== this.still) { // a count of seconds is not worth a word each
      this.still = still;
      this.part(".announce").textContent = said;
    }
  }

  /** @param {number} percent */
  light(percent) {
    this.part(".stage").classList.toggle("dimmed", percent > 0 && percent <= 10);
    this.part(".stage").classList.toggle("asleep", percent === 0);
  }

  /** @param {boolean} open */
  bolt(open) {
    this.part(".door").classList.toggle("open", open);
    this.part(".door").setAttribute("aria-label", open ? "The door is open" : "The door is locked");
  }

  /**
   * Covers the screen while another tab has the lock; what is behind takes no focus.
   *
   * @param {boolean} on
   */
  cover(on) {
    const behind = document.activeElement === this.part("canvas");
    this.part(".elsewhere").hidden = !on;
    /** @type {NodeListOf<HTMLElement & {inert: boolean}>} */
    const covered = this.panel.querySelectorAll(".stage canvas, .key, .settings");
    for (const part of covered) part.inert = on;
    if (on && behind) this.part(".again").focus();
  }
}
