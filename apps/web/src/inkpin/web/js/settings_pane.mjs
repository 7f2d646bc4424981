/** The settings that a page has a use for: shown as the device tells them, and sent when changed. */

/** @param {number} ms @returns {string} as the twin says it */
const whenRead = (ms) => (ms ? `by itself after ${ms / 1000} s` : "by ENTER");

export class SettingsPane {
  /**
   * @param {HTMLElement} panel
   * @param {number[]} delays of auto-enter that can be chosen, ms; 0: never
   * @param {{ask: (line: string) => string[], say: (line: string) => void}} line to the device:
   *        `ask` returns what it answers, `say` shows it
   */
  constructor(panel, delays, line) {
    this.line = line;
    /** @type {NodeListOf<HTMLInputElement | HTMLSelectElement>} */
    this.fields = panel.querySelectorAll("[name]");
    this.auto = /** @type {HTMLSelectElement} */ (panel.querySelector("select"));
    for (const ms of delays) this.#offer(ms);
    for (const field of this.fields) {
      field.addEventListener("change", () => line.say(`set ${field.name} ${this.#valueOf(field)}`));
    }
    panel.querySelector(".reset")?.addEventListener("click", () => {
      if (confirm("Forget the PIN and start anew?")) line.say("factory-reset ERASE");
    });
  }

  #offer(ms) {
    this.auto.add(new Option(whenRead(ms), String(ms)));
  }

  #valueOf(field) {
    return field.type === "checkbox" ? Number(field.checked) : field.value;
  }

  /** Shows what holds now. */
  refresh() {
    const lines = this.line.ask("settings");
    const told = lines.join("\n").matchAll(/^@setting (\w+) (\d+)\*/gm);
    const values = new Map([...told].map(([, name, value]) => [name, value]));
    for (const field of this.fields) this.#show(field, values.get(field.name) ?? "0");
  }

  #show(field, value) {
    if (field.type === "checkbox") field.checked = value === "1";
    else {
      if (![...this.auto.options].some((option) => option.value === value)) this.#offer(Number(value));
      field.value = value;
    }
  }
}
