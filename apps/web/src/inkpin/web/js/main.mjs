/** The page: its tabs, and the module that all of them share. */
import { CollectTab } from "./collect_tab.mjs";
import { Device } from "./device.mjs";
import { LockTab } from "./lock_tab.mjs";
import { Pad } from "./pad.mjs";
import { TryTab } from "./try_tab.mjs";

/** @returns {HTMLElement} of the page; one that it may lack is looked up elsewhere */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** Shows a tab's panel; arrow keys go from tab to tab. */
function choose(tabs, chosen) {
  for (const tab of tabs) {
    const on = tab === chosen;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
    part(tab.getAttribute("aria-controls")).hidden = !on;
  }
}

function tabbed() {
  /** @type {NodeListOf<HTMLElement>} */
  const found = document.querySelectorAll("[role=tab]");
  const tabs = [...found];
  for (const [place, tab] of tabs.entries()) {
    tab.addEventListener("click", () => choose(tabs, tab));
    tab.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!steps) return;
      const next = tabs[(place + steps + tabs.length) % tabs.length];
      choose(tabs, next);
      next.focus();
    });
  }
  choose(tabs, tabs[0]);
}

async function main() {
  const { screen, app } = JSON.parse(part("config").textContent ?? "");
  const module = Uint8Array.from(atob(part("module").textContent ?? ""), (c) => c.charCodeAt(0));
  tabbed();
  const panel = document.getElementById("lock");
  const lock = panel && new LockTab(panel, screen);
  // A page for somebody's own network has no lock, and its module asks for no board.
  const device = await Device.load(module, lock?.board);
  const pad = new Pad(device.exports);
  new TryTab(part("try"), pad, screen.look);
  await lock?.start(device);
  await new CollectTab(part("collect"), pad, screen.look).open();
  // Browsers give workers over HTTPS and on localhost alone; from then on no network is needed.
  // One that gives none has the page all the same.
  if (app) navigator.serviceWorker?.register("sw.js").catch((error) => console.info(error.message));
}

main().catch((error) => {
  part("failure").hidden = false;
  part("failure").textContent = `This browser cannot run the page: ${error.message}`;
});
