/**
 * One lock, one writer: of all tabs with this page, one has the device.
 *
 * Browsers that give Web Locks (not over plain HTTP) tell at once; elsewhere a lease in
 * localStorage does, which its tab renews and which ends by itself soon after the tab is gone.
 */
const NAME = "inkpin/holder";
const RENEW = 1000, STALE = 3500; // ms
const GRACE = 200; // ms for the other tab to end what it is at

export class Holder {
  /** @param {() => void} lost is called when another tab took the device */
  constructor(lost) {
    this.holds = false;
    this.lose = () => {
      if (this.holds) {
        this.holds = false;
        lost();
      }
    };
  }

  /**
   * Takes the device unless another tab has it.
   *
   * @param {boolean} force take it in any case; the other tab learns that it is gone
   * @returns {Promise<boolean>} whether this tab has it now
   */
  async claim(force) {
    this.holds = await this.#lock(force).catch(() => this.#lease(force));
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
          this.lose();
        });
    });
  }

  #lease(force) {
    const id = crypto.getRandomValues(new Uint32Array(2)).join("-");
    const read = () => JSON.parse(localStorage.getItem(NAME) ?? "{}");
    const write = () => localStorage.setItem(NAME, JSON.stringify({ id, time: Date.now() }));
    try {
      const held = read();
      if (held.id && !force && Math.abs(Date.now() - held.time) < STALE) return false;
      write();
    } catch {
      return true; // no storage, nothing to keep apart: the lock says so itself
    }
    const check = () => {
      if (read().id === id) return write();
      clearInterval(timer);
      return this.lose();
    };
    const timer = setInterval(check, RENEW);
    addEventListener("storage", (event) => event.key === NAME && this.holds && check());
    addEventListener("pagehide", () => this.holds && localStorage.removeItem(NAME));
    return true;
  }
}
