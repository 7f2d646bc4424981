"""The page as an app that can be installed: beside it a manifest and a service worker."""

import hashlib
import json

from inkpin.web.page import ICON_URL, page

_WORKER = """\
// Keeps the page for times without a network; with one, the newest is shown.
const CACHE = "inkpin-%s";

addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(["./", "app.webmanifest"])));
});

addEventListener("activate", (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(
    names.filter((name) => name.startsWith("inkpin-") && name !== CACHE)
      .map((name) => caches.delete(name)),
  )));
});

addEventListener("fetch", (event) => {
  event.respondWith(fetch(event.request).catch(
    async (error) => (await caches.match(event.request, { ignoreSearch: true })) ??
      Promise.reject(error),
  ));
});
"""


def site(module: bytes) -> dict[str, tuple[str, bytes]]:
    """Return the files to serve: {name: (media type, content)}; the page is index.html.

    Args:
        module: the WebAssembly of the device.
    """
    index = page(module, app=True)
    manifest = {
        "name": "Inkpin",
        "short_name": "Inkpin",
        "start_url": "./",
        "display": "standalone",
        "background_color": "#f6f3ec",
        "theme_color": "#1b2436",
        "icons": [{"src": ICON_URL, "sizes": "any", "type": "image/svg+xml"}],
    }
    worker = _WORKER % hashlib.sha256(index).hexdigest()[:12]
    return {
        "index.html": ("text/html; charset=utf-8", index),
        "app.webmanifest": ("application/manifest+json", json.dumps(manifest).encode()),
        "sw.js": ("text/javascript", worker.encode()),
    }
