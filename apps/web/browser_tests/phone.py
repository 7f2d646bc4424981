"""A phone for tests: Debian's Chromium without a window, touched through its DevTools protocol."""

import asyncio
import shutil
import time

from playwright.async_api import async_playwright

from inkpin.common import UnavailableError
from inkpin.screen.layout import BUTTONS, HEIGHT, WIDTH

# Nothing of the browser's own goes over the network.
FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
]
PATIENCE = 20_000  # ms


class Browser:
    """A running browser; its pages share nothing unless they come from one `Phone`."""

    def __init__(self):
        if not (path := shutil.which("chromium")):
            raise UnavailableError("no browser: install chromium")
        self.loop = asyncio.new_event_loop()
        self._playwright = self.do(async_playwright().start())
        launched = self._playwright.chromium.launch(executable_path=path, args=FLAGS)
        self._browser = self.do(launched)

    def do(self, coroutine):
        """Wait for what the browser was asked."""
        return self.loop.run_until_complete(coroutine)

    def context(self, **options):
        return self.do(self._browser.new_context(**options))

    def close(self):
        self.do(self._browser.close())
        self.do(self._playwright.stop())
        self.loop.close()


class Phone:
    """One person's browser with a page open, and a finger.

    Args:
        browser: where it runs.
        url: of the page.
        before: JavaScript that runs before the page's own.
        options: of the screen, for Playwright.

    Attributes:
        errors: what the page complained of.
        asked: the addresses that it asked for.
        devtools: the browser's own protocol, for what Playwright has no word.
    """

    def __init__(self, browser, url, before="", context=None, **options):
        self.do = browser.do
        shape = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}
        self.context = context or browser.context(**{**shape, "has_touch": True, **options})
        self.page = self.do(self.context.new_page())
        self.page.set_default_timeout(PATIENCE)
        self.errors, self.asked = [], []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))
        if before:
            self.do(self.page.add_init_script(before))
        self.devtools = self.do(self.context.new_cdp_session(self.page))
        self.do(self.page.goto(url))

    def _heard(self, message):
        if message.type in ("error", "warning"):
            self.errors.append(message.text)

    def run(self, script, *words):
        """Return what a JavaScript function makes of `words`."""
        return self.do(self.page.evaluate(script, *words))

    def click(self, selector):
        self.do(self.page.click(selector))

    def key(self, *keys):
        for key in keys:
            self.do(self.page.keyboard.press(key))

    def text(self, selector):
        return self.do(self.page.text_content(selector))

    def wait(self, selector, text):
        """Wait until an element says a text."""
        self.do(
            self.page.wait_for_function(
                "([selector, text]) => document.querySelector(selector).textContent.includes(text)",
                arg=[selector, text],
            )
        )

    def settle(self):
        """Wait until what happened is on the screen."""
        self.run("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")

    def reload(self):
        self.do(self.page.reload())

    def serial(self):
        """Return the lines that the device sent, but for a program's."""
        lines = (self.text("#lock .serial") or "").split("\r\n")
        return [line for line in lines if line and not line.startswith("@")]

    # --- the finger ---

    def touch(self, moments, hertz=0):
        """Touch the screen.

        Args:
            moments: for each the places of all fingers; none is a finger lifted.
            hertz: how many moments a second; 0 for as fast as can be.
        """
        self.do(self._touch(moments, hertz))

    async def _touch(self, moments, hertz):
        start, sent, fingers = time.monotonic(), [], 0
        for number, places in enumerate(moments):
            if hertz:
                await asyncio.sleep(max(0, start + number / hertz - time.monotonic()))
            kind = "touchMove"
            if len(places) != fingers:
                kind = "touchStart" if len(places) > fingers else "touchEnd"
            fingers = len(places)
            points = [{"x": x, "y": y, "id": place} for place, (x, y) in enumerate(places)]
            event = {"type": kind, "touchPoints": points}
            # As from a real screen, the next one does not wait for the page.
            sent.append(
                asyncio.ensure_future(self.devtools.send("Input.dispatchTouchEvent", event))
            )
        await asyncio.gather(*sent)

    def place(self, selector, x, y, width, height):
        """Return where a pixel of a canvas is on the page."""
        box = self.do(self.page.locator(selector).bounding_box())
        return (
            box["x"] + (x + 0.5) * box["width"] / width,
            box["y"] + (y + 0.5) * box["height"] / height,
        )

    def draw(self, strokes, selector, width, height, hertz=0):
        """Draw strokes (n, 2) on a canvas of so many pixels."""
        x0, y0 = self.place(selector, 0, 0, width, height)
        x1, y1 = self.place(selector, 1, 1, width, height)
        for stroke in strokes:
            places = [(x0 + (x1 - x0) * x, y0 + (y1 - y0) * y) for x, y in stroke.tolist()]
            self.touch([*([place] for place in places), []], hertz)

    def write(self, sample, hertz=60):
        """Draw a sample on the lock, at a finger's pace: its touch filter may drop what leaps."""
        self.draw(sample.strokes, "#lock canvas", WIDTH, HEIGHT, hertz)

    def press(self, button):
        """Press a button of the lock with the finger."""
        box = BUTTONS[button]
        place = self.place("#lock canvas", box.x + box.w // 2, box.y + box.h // 2, WIDTH, HEIGHT)
        self.touch([[place], []])
