/** The six slots that the device keeps, in localStorage: what a write returned from, lasts. */
const STORES = ["lock", "log", "settings"];

const name = (store, slot) => `inkpin/${STORES[store]}/${slot}`;

/** @param {string} text @returns {Uint8Array} */
function fromHex(text) {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw new Error("no hex");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export class Slots {
  /**
   * @param {() => Storage} storage throws where the browser refuses it
   * @param {() => boolean} mayWrite whether this page holds the lock
   */
  constructor(storage, mayWrite) {
    this.storage = storage;
    this.mayWrite = mayWrite;
    /** Why the last read or write failed, in a few words; empty if none did. */
    this.trouble = "";
  }

  #trying(action) {
    try {
      return action();
    } catch (error) {
      const { name } = /** @type {Error} */ (error);
      this.trouble = name === "QuotaExceededError" ? "full" : "refused";
      throw error;
    }
  }

  read(store, slot) {
    return this.#trying(() => {
      const held = this.storage().getItem(name(store, slot)) ?? "";
      try {
        return fromHex(held);
      } catch {
        return new TextEncoder().encode(held); // not ours: the lock calls it damaged, as it is
      }
    });
  }

  write(store, slot, bytes) {
    if (!this.mayWrite()) throw new Error("another tab has the lock");
    this.#trying(() => {
      this.storage().setItem(name(store, slot), toHex(bytes));
      if (this.storage().getItem(name(store, slot)) !== toHex(bytes)) throw new Error("not kept");
    });
  }
}
