/**
 * What was collected, in the browser's IndexedDB: a sample that was added is on the disk.
 *
 * @typedef {object} Sample a line of a stroke file
 * @property {string} word
 * @property {number[][][]} drawing
 * @property {[number, number]} canvas
 * @property {string} key_id
 * @property {string} timestamp
 * @property {string} [writer]
 * @property {string} session
 * @property {string} device
 * @property {string} pointer what wrote it
 */
const DATABASE = "inkpin", STORE = "samples";

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

export class Samples {
  /** @param {IDBDatabase} database */
  constructor(database) {
    this.database = database;
  }

  /** @returns {Promise<Samples>} rejected where the browser keeps nothing */
  static async open() {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { autoIncrement: true });
    return new Samples(await done(request));
  }

  #store(mode) {
    const transaction = this.database.transaction(STORE, mode, { durability: "strict" });
    const finished = new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(undefined);
      transaction.onabort = () => reject(transaction.error);
    });
    return { store: transaction.objectStore(STORE), finished };
  }

  /** @param {Sample} sample @returns {Promise<number>} its key; rejected if it was not kept */
  async add(sample) {
    const { store, finished } = this.#store("readwrite");
    const [key] = await Promise.all([done(store.add(sample)), finished]);
    return key;
  }

  async remove(key) {
    const { store, finished } = this.#store("readwrite");
    store.delete(key);
    await finished;
  }

  async clear() {
    const { store, finished } = this.#store("readwrite");
    store.clear();
    await finished;
  }

  /** @returns {Promise<Sample[]>} the oldest first */
  all() {
    return done(this.#store("readonly").store.getAll());
  }
}

/** @param {Sample[]} samples @returns {string} a stroke file */
export function toLines(samples) {
  return samples.map((sample) => `${JSON.stringify(sample)}\n`).join("");
}
