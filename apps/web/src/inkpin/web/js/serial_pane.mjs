/** The serial line: what the device says, and what is said to it, as over its cable. */
const LINES = 300; // that the page shows

/** @param {string} line @returns {Uint8Array} */
export const encodeLine = (line) => new TextEncoder().encode(`${line}\n`);

export class SerialPane {
  /**
   * @param {(name: string) => HTMLElement} part of the panel around it
   * @param {(bytes: Uint8Array) => void} send
   */
  constructor(part, send) {
    this.element = part(".serial");
    this.send = send;
    const field = /** @type {HTMLInputElement} */ (part("form input"));
    part("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.say(field.value);
      field.value = "";
    });
  }

  /** Sends a line. */
  say(line) {
    this.send(encodeLine(line));
  }

  /** Shows bytes that the device sent. */
  show(bytes) {
    const lines = (this.element.textContent + String.fromCharCode(...bytes)).split("\r\n");
    this.element.textContent = lines.slice(-LINES).join("\r\n");
    this.element.scrollTop = this.element.scrollHeight;
  }
}
