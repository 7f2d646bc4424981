/** Logits as bars, one a label: from the axis at zero, the longest to the right is the answer. */
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
      const value = row.appendChild(document.createElement("output"));
      name.textContent = label;
      return { row, bar, value };
    });
  }

  /** @param {Int32Array | null} logits null for no ink */
  show(logits) {
    const values = this.rows.map((_, place) => logits?.[place] ?? 0);
    const low = Math.min(...values, 0), high = Math.max(...values, 1);
    const share = (value) => `${(100 * value) / (high - low)}%`;
    const best = logits ? values.indexOf(Math.max(...values)) : -1;
    this.rows.forEach(({ row, bar, value }, place) => {
      const logit = values[place];
      bar.style.left = share(Math.min(logit, 0) - low);
      bar.style.width = share(Math.abs(logit));
      value.textContent = logits ? String(logit) : "";
      row.classList.toggle("best", place === best);
    });
  }
}
