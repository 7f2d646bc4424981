/**
 * One lock, one writer: of all tabs with this page, one has the device.
 *
 * Browsers that give Web Locks (not over plain HTTP) tell at once; elsewhere a lease in
 * localStorage does, which its tab renews and which ends by itself soon after the tab is gone.
 */
const NAME = "inkpin/holder";
const RENEW = 1000, STALE = 3500; // ms
const GRACE = 200; // ms for the other tab to end what it is at

/** Who has the lease, and since when; nobody, if that cannot be read. */
function readLease() {
  try {
    const { id = "", time = 0 } = JSON.parse(localStorage.getItem(NAME) ?? "{}");
    return { id, time };
  } catch {
    return { id: "", time: 0 };
  }
}

export class Holder {
  #held = false;

  /** @param {() => void} lost is called when another tab took the device */
  constructor(lost) {
    this.lost = lost;
    /** Whether what was held is held still. */
    this.still = () => true;
  }

  /** Whether this tab has the device. A lease is looked up: a tab that slept was told of nothing. */
  get holds() {
    if (this.#held && !this.still()) this.#lose();
    return this.#held;
  }

  #lose() {
    if (!this.#held) return;
    this.#held = false;
    this.lost();
  }

  /**
   * Takes the device unless another tab has it.
   *
   * @param {boolean} force take it in any case; the other tab learns that it is gone
   * @returns {Promise<boolean>} whether this tab has it now
   */
  async claim(force) {
    this.#held = await this.#lock(force).catch(() => this.#lease(force));
    if (force) await new Promise((done) => setTimeout(done, GRACE));
    return this.holds;
  }

  /** Rejected where there are no Web Locks. */
  #lock(force) {
    return new Promise((resolve, reject) => {
      const options = force ? { steal: true } : { ifAvailable: true };
      navigator.locks
        .request(NAME, options, (lock) => {
          resolve(lock !== null);
          return lock && new Promise(() => {}); // until the tab closes or another one steals it
        })
        .catch((error) => {
          reject(error); // means nothing once the lock was there
          this.#lose();
        });
    });
  }

  #lease(force) {
    const id = crypto.getRandomValues(new Uint32Array(2)).join("-");
    const write = () => localStorage.setItem(NAME, JSON.stringify({ id, time: Date.now() }));
    const held = readLease();
    if (held.id && !force && Math.abs(Date.now() - held.time) < STALE) return false;
    try {
      write();
    } catch {
      return true; // no storage, nothing to keep apart: the lock says so itself
    }
    this.still = () => readLease().id === id;
    const timer = setInterval(() => {
      if (!this.holds) return clearInterval(timer);
      try {
        write();
      } catch {} // no room: the lease ends by itself
    }, RENEW);
    addEventListener("storage", (event) => event.key === NAME && this.holds);
    addEventListener("pagehide", () => this.holds && localStorage.removeItem(NAME));
    return true;
  }
}
