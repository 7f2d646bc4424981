/** The lock: the device in a page. It polls and paints; what happens, the device decides. */
import { Canvas } from "./canvas.mjs";
import { Clock } from "./clock.mjs";
import { Feelings } from "./feelings.mjs";
import { Holder } from "./holder.mjs";
import { encodeLine, SerialPane } from "./serial_pane.mjs";
import { SettingsPane } from "./settings_pane.mjs";
import { Slots } from "./slots.mjs";
import { followKeys, followPointers } from "./touch_panel.mjs";

const TICK = 40; // ms
const ITERATIONS = 10000; // of the key derivation, as on the board
const DOWN = 0, UP = 2; // phases of a touch
const TROUBLES = {
  full: "This browser has no room left for the lock's record: free some, then load the page again.",
  refused: "This browser keeps no data for this page: allow it, or leave the private window.",
};

export class LockTab {
  /**
   * @param {HTMLElement} panel
   * @param {object} screen size, side of the area, look, buttons
   */
  constructor(panel, screen) {
    this.panel = panel;
    this.part = (name) => panel.querySelector(name);
    this.screen = screen;
    this.clock = new Clock();
    this.feelings = new Feelings();
    this.holder = new Holder(() => this.#lost());
    this.slots = new Slots(() => localStorage, () => this.holder.holds);
    this.canvas = new Canvas(this.part("canvas"), screen.size, screen.look);
    this.serial = new SerialPane(this.part, (bytes) => this.#send(bytes));
    this.settings = new SettingsPane(this.part(".settings"), screen.auto, {
      ask: (line) => this.#ask(line),
      say: (line) => this.serial.say(line),
    });
    /** @type {Uint8Array[] | null} what a question of the page's own is answered; null without one */
    this.answers = null;
    this.device = null;
    this.#listen();
  }

  /** @returns {import("./device.mjs").Board} what the device is built into */
  get board() {
    return {
      paint: (draws) => this.#paint(draws),
      light: (percent) => this.#light(percent),
      bolt: (open) => this.#bolt(open),
      tone: (hertz, ms) => this.feelings.tone(hertz, ms),
      vibrate: (on) => this.feelings.vibrate(on),
      send: (bytes) => (this.answers ? this.answers.push(bytes) : this.serial.show(bytes)),
      battery: () => -1,
      random: (bytes) => crypto.getRandomValues(bytes),
      read: (store, slot) => this.slots.read(store, slot),
      write: (store, slot, bytes) => this.slots.write(store, slot, bytes),
    };
  }

  /** Switches the device on, if no other tab has it. */
  async start(device, force = false) {
    this.waiting = device;
    if (!(await this.holder.claim(force))) return this.#lost();
    this.#cover(false);
    this.device = device;
    device.start(ITERATIONS, this.clock.now());
    this.timer = setInterval(() => this.#happen((now) => device.tick(now)), TICK);
    this.settings.refresh();
  }

  #lost() {
    clearInterval(this.timer);
    this.device = null;
    this.#cover(true);
  }

  /** Covers the screen while another tab has the lock; what is behind takes no focus. */
  #cover(on) {
    const behind = document.activeElement === this.part("canvas");
    this.part(".elsewhere").hidden = !on;
    /** @type {NodeListOf<HTMLElement & {inert: boolean}>} */
    const covered = this.panel.querySelectorAll(".stage canvas, .key, .settings");
    for (const part of covered) part.inert = on;
    if (on && behind) this.part(".again").focus();
  }

  /** Sends bytes over the serial line. */
  #send(bytes) {
    this.#happen((now) => this.device.serial(bytes, now));
    if (!this.answers) this.settings.refresh(); // they may have been a setting
  }

  /** Asks the device, aside from the serial line; returns what it answers. */
  #ask(line) {
    this.answers = [];
    this.#send(encodeLine(line));
    const said = this.answers.map((bytes) => String.fromCharCode(...bytes)).join("");
    this.answers = null;
    return said.split("\r\n");
  }

  /** Lets something happen to the device, and says so if it could not keep what it had to. */
  #happen(event, time) {
    if (!this.device || !this.holder.holds) return;
    event(this.clock.now(time));
    const trouble = TROUBLES[this.slots.trouble];
    if (trouble) this.#notice(trouble);
  }

  #notice(text) {
    this.part(".notice").textContent = text;
    this.part(".notice").hidden = !text;
  }

  #listen() {
    const { size, area, buttons } = this.screen;
    const canvas = this.part("canvas");
    const poll = (fingers, x, y, time) => {
      const report = () => this.#happen((now) => this.device.poll(fingers, x, y, now), time);
      report();
      if (fingers > 1) report(); // the device doubts one reading; a browser tells of it once
    };
    followPointers(canvas, size, poll);
    followKeys(canvas, this.part(".mark"), size, area, poll);
    for (const [name, box] of Object.entries(buttons)) {
      this.part(`[name=${name}]`).addEventListener("click", () => this.#press(box));
    }
    const keys = { Enter: "ENTER", Backspace: "CLEAR", t: "TRY", T: "TRY" };
    canvas.addEventListener("keydown", (event) => {
      if (keys[event.key]) this.#press(buttons[keys[event.key]]);
    });
    this.part(".again").addEventListener("click", () => this.start(this.waiting, true));
  }

  #press([x, y, w, h]) {
    for (const phase of [DOWN, UP]) {
      this.#happen((now) => this.device.touch(phase, x + w / 2, y + h / 2, now));
    }
  }

  #paint(draws) {
    this.canvas.show(draws);
    const words = draws
      .filter((draw) => draw.kind === "text" && draw.x < this.screen.area)
      .map((draw) => draw.string);
    const said = words.join(". ");
    this.part("canvas").setAttribute("aria-label", `The lock's screen: ${said}`);
    const still = said.replace(/\d+/g, "");
    if (still !== this.still) { // a count of seconds is not worth a word each
      this.still = still;
      this.part(".announce").textContent = said;
    }
  }

  #light(percent) {
    this.part(".stage").classList.toggle("dimmed", percent > 0 && percent <= 10);
    this.part(".stage").classList.toggle("asleep", percent === 0);
  }

  #bolt(open) {
    this.part(".door").classList.toggle("open", open);
    this.part(".door").setAttribute("aria-label", open ? "The door is open" : "The door is locked");
  }
}
