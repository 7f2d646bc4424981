/**
 * Reads drawings and bitmaps from standard input with a module of wasm_engine.c, and answers each
 * one; engine_io.py has both formats. The argument is the module.
 */
import { readFileSync, writeSync } from "node:fs";

const BITMAP = 2, SIDE = 28, PEN_UP = 255;

const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), {
  // The page's module wants a page; the recogniser asks nothing of it.
  page: new Proxy({}, { get: (_, name) => () => { throw new Error(`${String(name)} was called`); } }),
});
const pad = instance.exports;
const memory = new Uint8Array(pad.memory.buffer);
const work = readFileSync(0);
const answers = [];
const rows = memory.subarray(pad.pad_rows(), pad.pad_rows() + 4 * SIDE);

for (let at = 0; at < work.length;) {
  const kind = work[at++];
  let legible = 1;
  if (kind === BITMAP) {
    rows.set(work.subarray(at, at += rows.length));
  } else {
    const end = at + 4 + 2 * work.readUInt32LE(at);
    pad.pad_clear();
    for (at += 4; at < end; at += 2) {
      if (work[at] === PEN_UP) pad.pad_up();
      else pad.pad_point(work[at], work[at + 1]);
    }
    legible = pad.pad_legible();
    pad.pad_bitmap(kind);
  }
  pad.pad_predict();
  const logits = pad.pad_logits();
  answers.push(
    Uint8Array.of(pad.pad_best(), pad.pad_confidence(), pad.pad_refused(), legible),
    rows.slice(),
    memory.slice(logits, logits + 4 * pad.pad_classes()),
  );
}

const all = Buffer.concat(answers);
for (let at = 0; at < all.length;) at += writeSync(1, all, at);
