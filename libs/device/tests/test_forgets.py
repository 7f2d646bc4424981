"""What the whole device still holds of a PIN that was sent."""

import subprocess
from pathlib import Path

from inkpin.common import host_compiler
from inkpin.device import build


def test_no_byte_of_the_device_tells_the_digits_that_were_sent():
    core = [path for path in build.device_sources() if "mbedtls" not in path.name]
    own = Path(__file__).parent / "forgets.c"
    program = host_compiler.build([*core, own], build.include(), shared=False)
    done = subprocess.run([program], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
