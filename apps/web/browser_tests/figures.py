"""What the page costs a phone: `./dev pace` prints it, on a processor slowed down six times.

Times are of this machine, and say how one state of the page compares with another; nothing is
asserted about them.
"""

import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from phone import Browser, Phone

from inkpin.common.command import run_command
from inkpin.common.parser import Parser
from inkpin.model.data.samples import bundled_samples
from inkpin.preprocess import AREA
from inkpin.screen import Button
from inkpin.web.build import build_module
from inkpin.web.page import page

SLOWER = 6

# Runs before the page: notes when the device shows its first screen, how long the page is busy at
# a stretch, and when the frame with the ink of a touch is out.
WATCH = """
window.seen = { ready: 0, touches: [], busy: [] };
new PerformanceObserver((list) => seen.busy.push(...list.getEntries().map((e) => e.duration)))
  .observe({ type: "longtask", buffered: true });
addEventListener("DOMContentLoaded", () => {
  const screen = document.querySelector("#lock .announce");
  new MutationObserver(() => { seen.ready ||= performance.now(); })
    .observe(screen, { childList: true });
  for (const name of ["pointerdown", "pointermove"]) {
    addEventListener(name, (event) => requestAnimationFrame(() => setTimeout(() =>
      seen.touches.push(performance.now() - event.timeStamp))));
  }
});
"""


def measure(browser: Browser, url: str, slower: float) -> dict[str, str]:
    """Return the figures of one visit: {what: how much}.

    Args:
        browser: a browser that runs.
        url: of the page.
        slower: how many times the processor is slowed down.
    """
    phone = Phone(browser, "about:blank", before=WATCH)
    send = phone.devtools.send
    phone.do(send("Emulation.setCPUThrottlingRate", {"rate": slower}))
    phone.do(phone.page.goto(url))
    phone.wait("#lock .serial", "State choose")
    paints = phone.run(
        "() => Object.fromEntries(performance.getEntriesByType('paint')"
        ".map(({ name, startTime }) => [name, startTime]))"
    )
    ready = phone.run("() => seen.ready")
    digits = bundled_samples()
    phone.write(digits[0])
    phone.settle()
    touches = phone.run("() => seen.touches.splice(0)")
    phone.press(Button.ENTER)
    for digit in digits[1:4]:
        phone.write(digit)
        phone.press(Button.ENTER)
    phone.settle()
    phone.run("() => { seen.busy.length = 0; }")
    phone.press(Button.ENTER)
    for digit in digits[4:8]:
        phone.write(digit)
        phone.press(Button.ENTER)
    phone.press(Button.ENTER)
    phone.wait("#lock .serial", "PIN set")
    phone.settle()
    busy = phone.run("() => Math.max(0, ...seen.busy)")
    phone.click("#try-tab")
    phone.run("() => { seen.touches.length = 0; }")
    phone.draw(digits[8].strokes, "#try .stage canvas", AREA, AREA, 120)
    phone.settle()
    reading = phone.run("() => seen.touches")
    heap = phone.do(send("Runtime.getHeapUsage"))
    phone.do(phone.context.close())
    return {
        "first paint": f"{paints['first-paint']:.0f} ms",
        "first contentful paint": f"{paints['first-contentful-paint']:.0f} ms",
        "ready for the first stroke": f"{ready:.0f} ms",
        "from a touch to its ink, median": f"{np.median(touches):.0f} ms",
        "from a touch to its ink, 95 of 100": f"{np.percentile(touches, 95):.0f} ms",
        "the same in try it, with a reading": f"{np.percentile(reading, 95):.0f} ms",
        "longest stretch while a PIN is set": f"{busy:.0f} ms" if busy else "below 50 ms",
        "JavaScript's heap": f"{heap['usedSize'] / 2**20:.1f} MiB",
        "the module's memory and other buffers": f"{heap['backingStorageSize'] / 2**20:.1f} MiB",
    }


def _run(arguments: list[str] | None) -> None:
    parser = Parser(prog="./dev pace", description="Print what the page costs a phone.")
    parser.add_argument(
        "--slower", type=float, default=SLOWER, metavar="TIMES", help="default: %(default)s"
    )
    slower = parser.parse_args(arguments).slower
    with TemporaryDirectory() as folder:
        file = Path(folder) / "inkpin.html"
        file.write_bytes(page(build_module().read_bytes()))
        print(f"a processor {slower:g} times slower, the page from a file:")
        browser = Browser()
        try:
            for what, figure in measure(browser, file.as_uri(), slower).items():
                print(f"  {what:40}{figure:>10}", flush=True)
        finally:
            browser.close()


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status, see `run_command`."""
    return run_command("pace", partial(_run, arguments))


if __name__ == "__main__":
    sys.exit(main())
