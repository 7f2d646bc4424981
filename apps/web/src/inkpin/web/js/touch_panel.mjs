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

const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STRIDE = 6; // pixels a key

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

/**
 * Lets arrow keys lead a pen, which the space bar puts down and lifts.
 *
 * @param {HTMLElement} element has the focus
 * @param {HTMLElement} mark is where the pen is
 * @param {[number, number]} size as above
 * @param {number} side of the square that can be drawn on
 * @param {Report} report
 */
export function followKeys(element, mark, size, side, report) {
  let at = [side / 2, side / 2], down = false;

  const tell = (event) => report(down ? 1 : 0, at[0], at[1], event.timeStamp, "keyboard");
  const place = () => {
    mark.style.left = `${(100 * at[0]) / size[0]}%`;
    mark.style.top = `${(100 * at[1]) / size[1]}%`;
    mark.classList.toggle("down", down);
  };
  const lift = (event) => {
    if (down) {
      down = false;
      tell(event);
    }
    place();
  };

  element.addEventListener("keydown", (event) => {
    const step = KEYS[event.key];
    if (event.key === " ") {
      if (down) lift(event);
      else {
        down = true;
        tell(event);
      }
    } else if (step) {
      at = at.map((value, axis) => Math.min(Math.max(value + STRIDE * step[axis], 0), side - 1));
      if (down) tell(event);
    } else {
      return;
    }
    mark.hidden = false;
    place();
    event.preventDefault();
  });
  element.addEventListener("blur", (event) => {
    lift(event);
    mark.hidden = true;
  });
}
