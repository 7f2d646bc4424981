/** How likely each label is, as bars of per cent, with its logit beside it. */
export class Bars {
  /**
   * @param {HTMLElement} list
   * @param {string[]} labels
   */
  constructor(list, labels) {
    this.rows = labels.map((label) => {
      const row = list.appendChild(document.createElement("li"));
      const name = row.appendChild(document.createElement("b"));
      const track = row.appendChild(document.createElement("span"));
      const bar = track.appendChild(document.createElement("i"));
      const [percent, logit] = ["percent", "logit"].map((part) => {
        const value = row.appendChild(document.createElement("span"));
        value.className = part;
        return value;
      });
      name.textContent = label;
      return { row, bar, percent, logit };
    });
  }

  /** @param {import("./pad.mjs").Reading | null} reading null for no ink */
  show(reading) {
    this.rows.forEach(({ row, bar, percent, logit }, place) => {
      const share = 100 * (reading?.probabilities[place] ?? 0);
      bar.style.width = `${share}%`;
      percent.textContent = reading ? `${Math.round(share)}%` : "";
      logit.textContent = reading ? String(reading.logits[place]) : "";
      row.classList.toggle("best", place === reading?.place);
    });
  }
}
