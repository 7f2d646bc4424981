"""Builds [env:emulator]: PlatformIO's libraries with the compiler and flags of inkpin.xtensa.

It runs in PlatformIO's Python, which has to have inkpin installed.
"""

import sys

from SCons.Script import Default, DefaultEnvironment

from inkpin import xtensa
from inkpin.common import InputError
from inkpin.device import build
from inkpin.xtensa import program

env = DefaultEnvironment()
try:
    tools = xtensa.toolchain()
    mbedtls = build.mbedtls()
except InputError as error:
    sys.exit(f"{error}\n")
prefix = tools.compiler.removesuffix("gcc")
env.Replace(
    CC=tools.compiler,
    LINK=tools.compiler,
    AR=f"{prefix}ar",
    RANLIB=f"{prefix}ranlib",
    PROGNAME="firmware",
    PROGSUFFIX=".elf",
)
env["ENV"].update(tools.environment)
env.Append(
    ASPPFLAGS=[*program.TARGET],
    CCFLAGS=[*program.COMPILE],
    CPPFLAGS=[*program.INCLUDE],
    LINKFLAGS=[*program.LINK, "-T", str(program.SCRIPT)],
)

support = env.Clone()
support.Append(CCFLAGS=[*program.SUPPORT])
names = [f"+<{path.name}>" for path in program.SUPPORT_SOURCES]
sources = support.CollectBuildFiles("$BUILD_DIR/support", str(xtensa.C_FOLDER), names)
env.Append(PIOBUILDFILES=support.Object(sources), CCFLAGS=["-Os"])

config = env.StringifyMacro("ink_mbedtls_config.h")
env.Append(
    CPPPATH=[str(folder) for folder in mbedtls.include],
    CPPDEFINES=[("MBEDTLS_CONFIG_FILE", config)],
)
env.BuildSources("$BUILD_DIR/mbedtls", str(mbedtls.folder))

Default(env.BuildProgram())
