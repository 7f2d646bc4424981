/** Collect: asks for label after label, keeps what is written, gives it away when asked. */
import { nextLabel, randomName, sampleOf } from "./asking.mjs";
import { Drawing } from "./drawing.mjs";
import { Samples, toLines } from "./samples.mjs";
import { canShare, download, share } from "./sending.mjs";

export class CollectTab {
  /**
   * @param {HTMLElement} panel
   * @param {import("./pad.mjs").Pad} pad
   * @param {object} look as for Drawing
   */
  constructor(panel, pad, look) {
    this.part = (name) => panel.querySelector(name);
    this.labels = pad.labels;
    this.session = randomName();
    /** @type {Samples | null} null where the browser keeps nothing */
    this.samples = null;
    this.counts = new Map();
    /** Keys of what was kept since the page was opened, for taking it back. */
    this.kept = [];
    this.drawing = new Drawing(this.part(".stage"), pad, look, (drawing) => this.#enable(drawing.empty));
    this.#on(".keep", () => this.#keep());
    this.#on(".clear", () => this.drawing.clear());
    this.#on(".skip", () => this.#ask());
    this.#on(".undo", () => this.#undo());
    this.#on(".download", async () => download(toLines(await this.store.all())));
    this.#on(".share", async () => share(toLines(await this.store.all())));
    this.#on(".forget", () => this.#forget());
    this.part(".share").hidden = !canShare();
    panel.addEventListener("keydown", (event) => {
      if (event.target instanceof HTMLInputElement) return;
      if (event.key === "Enter" && !(event.target instanceof HTMLButtonElement)) {
        this.#telling(() => this.#keep());
      }
      if (event.key === "Backspace" || event.key === "Escape") this.drawing.clear();
    });
  }

  get store() {
    if (!this.samples) throw new Error("this browser keeps nothing");
    return this.samples;
  }

  /** Looks up what was kept before. */
  async open() {
    await this.#telling(async () => {
      this.samples = await Samples.open();
      await this.#recount();
    });
    this.#ask();
  }

  #on(name, action) {
    this.part(name).addEventListener("click", () => this.#telling(action));
  }

  /** Does something, and says so if it failed; what was drawn or kept stays. */
  async #telling(action) {
    if (this.busy) return; // one thing after the other
    this.busy = true;
    try {
      await action();
    } catch (error) {
      const { name, message } = /** @type {Error} */ (error ?? new Error("no reason is known"));
      const full = name === "QuotaExceededError";
      this.#say(
        full
          ? "The browser has no room left: send the samples, then forget them."
          : `That did not work (${message}); nothing that was kept is lost.`,
      );
    } finally {
      this.busy = false;
    }
  }

  #say(text) {
    this.part(".said").textContent = text;
  }

  #ask() {
    this.drawing.clear();
    this.label = nextLabel(this.labels, this.counts, this.label);
    this.part(".label").textContent = this.label;
  }

  #enable(empty) {
    for (const name of [".keep", ".clear"]) this.part(name).disabled = empty;
  }

  async #keep() {
    const { store } = this; // without one there is no use in reading
    const reading = this.drawing.read();
    if (!reading.legible) return this.#say(`Not kept: ${reading.why}.`);
    const writer = this.part(".writer").value.trim();
    const sample = sampleOf(this.label, this.drawing, writer, this.session);
    this.kept.push(await store.add(sample)); // if this fails, the drawing stays
    this.#say(reading.why ? `Kept; not read: ${reading.why}.` : `Kept; read as ${reading.best}.`);
    await this.#recount();
    this.#ask();
  }

  async #undo() {
    const key = this.kept.pop();
    if (key === undefined) return;
    await this.store.remove(key);
    await this.#recount();
    this.#say("The last one is taken back.");
  }

  async #forget() {
    const count = this.total;
    if (!confirm(`Forget all ${count} samples? Those that you have not sent are gone.`)) return;
    await this.store.clear();
    this.kept = [];
    await this.#recount();
    this.#say("All forgotten.");
  }

  async #recount() {
    const { counts, total } = await this.store.counts(this.labels);
    this.counts = new Map(this.labels.map((label, place) => [label, counts[place]]));
    this.total = total;
    this.part(".count").textContent = `${total} kept in this browser`;
    for (const name of [".download", ".share", ".forget"]) this.part(name).disabled = !total;
    this.part(".undo").disabled = !this.kept.length;
  }
}
