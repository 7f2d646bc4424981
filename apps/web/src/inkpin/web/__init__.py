"""The lock in a browser: the device's C as WebAssembly behind one HTML page."""
