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
const DATABASE = "inkpin", STORE = "samples", BY_WORD = "word";
const VERSION = 2; // 1 had no index

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

export class Samples {
  /** @param {IDBDatabase} database */
  constructor(database) {
    this.database = database;
    database.onversionchange = () => database.close(); // a later page is not kept waiting
  }

  /** @returns {Promise<Samples>} rejected where the browser keeps nothing */
  static async open() {
    const request = indexedDB.open(DATABASE, VERSION);
    request.onupgradeneeded = ({ oldVersion }) => {
      const store = oldVersion
        ? /** @type {IDBTransaction} */ (request.transaction).objectStore(STORE)
        : request.result.createObjectStore(STORE, { autoIncrement: true });
      store.createIndex(BY_WORD, BY_WORD);
    };
    const older = new Promise((_, reject) => {
      request.onblocked = () => reject(new Error("close the other tabs with this page"));
    });
    return new Samples(await Promise.race([done(request), older]));
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

  /** How many there are, of each label in turn and in all: counted without reading them. */
  async counts(labels) {
    const { store } = this.#store("readonly");
    const index = store.index(BY_WORD);
    const requests = [...labels.map((label) => index.count(label)), store.count()];
    const counts = await Promise.all(requests.map(done));
    const total = counts.pop();
    return { counts, total };
  }

  /** @returns {Promise<Sample[]>} the oldest first */
  all() {
    return done(this.#store("readonly").store.getAll());
  }
}

/** @param {Sample[]} samples @returns {string[]} the lines of a stroke file */
export function toLines(samples) {
  return samples.map((sample) => `${JSON.stringify(sample)}\n`);
}
