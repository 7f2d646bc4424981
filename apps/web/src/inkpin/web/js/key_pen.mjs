/** A pen for those who have no pointer: the arrow keys lead it. */
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STRIDE = 6; // pixels a key

/**
 * Lets arrow keys lead a pen, which the space bar puts down and lifts.
 *
 * @param {HTMLElement} element has the focus
 * @param {HTMLElement} mark is where the pen is
 * @param {[number, number]} size as above
 * @param {number} side of the square that can be drawn on
 * @param {import("./touch_panel.mjs").Report} report
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
