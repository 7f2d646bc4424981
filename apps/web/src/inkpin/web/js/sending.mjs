/** How samples leave the page: only when asked, by download or the system's share sheet. */
const stamp = () => new Date().toISOString().slice(0, 16).replace(/[-:]/g, "").replace("T", "-");

/** @param {string[]} lines */
export function download(lines) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(lines, { type: "application/jsonl" }));
  link.download = `inkpin-${stamp()}.jsonl`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// Share sheets take text, and not every kind of file; the twin takes this name, too.
const asFile = (lines) => new File(lines, `inkpin-${stamp()}.jsonl.txt`, { type: "text/plain" });

/** Whether there is a share sheet that takes files. */
export function canShare() {
  return navigator.canShare?.({ files: [asFile([""])] }) ?? false;
}

/** @param {string[]} lines @returns {Promise<boolean>} whether the user sent it */
export async function share(lines) {
  try {
    await navigator.share({ files: [asFile(lines)], title: "Samples for Inkpin" });
    return true;
  } catch (error) {
    if (/** @type {Error} */ (error).name === "AbortError") return false;
    throw error;
  }
}
