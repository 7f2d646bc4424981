/**
 * A canvas as a touch panel: pointers to what a panel reports, at the full rate of the screen.
 *
 * @callback Report
 * @param {number} fingers how many
 * @param {number} x of one of them, in the canvas' own pixels
 * @param {number} y likewise
 * @param {number} time ms of the event, on performance.now()'s clock
 * @param {string} kind "touch", "pen", "mouse" or "keyboard"
 */

/** The pointers that touch; while a pen does, hands that rest are none. */
class Pointers {
  constructor() {
    /** @type {Map<number, string>} */
    this.kinds = new Map();
  }

  get #counted() {
    const all = [...this.kinds.entries()];
    const pens = all.filter(([, kind]) => kind === "pen");
    return pens.length ? pens : all;
  }

  get count() {
    return this.#counted.length;
  }

  counts(id) {
    return this.#counted.some(([other]) => other === id);
  }
}

/**
 * @param {HTMLElement} element
 * @param {[number, number]} size its own pixels
 * @param {Report} report
 */
export function followPointers(element, size, report) {
  const pointers = new Pointers();

  const tell = (event) => {
    const box = element.getBoundingClientRect();
    const x = Math.floor(((event.clientX - box.left) * size[0]) / box.width);
    const y = Math.floor(((event.clientY - box.top) * size[1]) / box.height);
    report(pointers.count, x, y, event.timeStamp, event.pointerType);
  };

  const end = (event) => {
    const counted = pointers.counts(event.pointerId);
    if (pointers.kinds.delete(event.pointerId) && counted) tell(event);
  };

  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    pointers.kinds.set(event.pointerId, event.pointerType);
    if (pointers.counts(event.pointerId)) tell(event);
  });
  element.addEventListener("pointermove", (event) => {
    if (!pointers.counts(event.pointerId)) return;
    const all = event.getCoalescedEvents?.() ?? [];
    (all.length ? all : [event]).forEach(tell);
  });
  element.addEventListener("pointerup", end);
  element.addEventListener("pointercancel", end);
  // Neither a menu nor a selection nor a magnifier comes up under a finger that writes.
  element.addEventListener("contextmenu", (event) => event.preventDefault());
  element.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
}
