/** The lock: the device in a page. It polls and paints; what happens, the device decides. */
import { Clock } from "./clock.mjs";
import { Feelings } from "./feelings.mjs";
import { Holder } from "./holder.mjs";
import { followKeys } from "./key_pen.mjs";
import { LockView } from "./lock_view.mjs";
import { encodeLine, SerialPane } from "./serial_pane.mjs";
import { SettingsPane } from "./settings_pane.mjs";
import { Slots } from "./slots.mjs";
import { followPointers } from "./touch_panel.mjs";

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
    this.part = (name) => panel.querySelector(name);
    this.screen = screen;
    this.clock = new Clock();
    this.feelings = new Feelings();
    this.holder = new Holder(() => this.#lost());
    this.slots = new Slots(() => localStorage, () => this.holder.holds);
    this.view = new LockView(panel, screen);
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
      paint: (draws) => this.view.paint(draws),
      light: (percent) => this.view.light(percent),
      bolt: (open) => this.view.bolt(open),
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
    this.view.cover(false);
    this.device = device;
    device.start(ITERATIONS, this.clock.now());
    this.timer = setInterval(() => this.#happen((now) => device.tick(now)), TICK);
    this.settings.refresh();
  }

  #lost() {
    clearInterval(this.timer);
    this.device = null;
    this.view.cover(true);
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
}
