/** Which label is asked for, and the sample that comes of it. */
import { AREA } from "./pad.mjs";

/** The label to ask for: of those with the fewest samples one that is not the last, if possible. */
export function nextLabel(labels, counts, last) {
  const others = labels.length > 1 ? labels.filter((label) => label !== last) : labels;
  const fewest = Math.min(...others.map((label) => counts.get(label) ?? 0));
  const wanted = others.filter((label) => (counts.get(label) ?? 0) === fewest);
  return wanted[Math.floor(Math.random() * wanted.length)];
}

/** A name that no other page gives. */
export const randomName = () =>
  Array.from(crypto.getRandomValues(new Uint32Array(2)), (word) => word.toString(36)).join("");

/**
 * @param {string} label that was asked for
 * @param {import("./drawing.mjs").Drawing} drawing
 * @param {string} writer empty for nobody in particular
 * @param {string} session
 * @returns {import("./samples.mjs").Sample}
 */
export function sampleOf(label, drawing, writer, session) {
  return {
    word: label,
    drawing: drawing.record(),
    canvas: [AREA, AREA],
    key_id: `web-${randomName()}`,
    timestamp: new Date().toISOString(),
    ...(writer && { writer }),
    session,
    device: "web",
    pointer: [...drawing.kinds].join("+"),
  };
}
