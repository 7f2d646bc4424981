"""Put SCons, as PyPI has it, where PlatformIO keeps the one of its registry."""

import json
import os
from pathlib import Path

NAME, VERSION = "tool-scons", "4.41101.0"  # what PlatformIO 6.2 calls SCons 4.11.1
folder = Path(os.environ["PLATFORMIO_CORE_DIR"]) / "packages" / NAME
folder.mkdir(parents=True, exist_ok=True)
(folder / "scons.py").write_text("from SCons.Script import main\nmain()\n")
(folder / "package.json").write_text(json.dumps({"name": NAME, "version": VERSION}))
spec = {"owner": "platformio", "id": None, "name": NAME, "requirements": None, "uri": None}
meta = {"type": "tool", "name": NAME, "version": VERSION, "spec": spec}
(folder / ".piopm").write_text(json.dumps(meta))
