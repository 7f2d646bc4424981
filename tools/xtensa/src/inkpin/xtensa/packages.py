"""Upstream tarballs out of Debian source packages, through the machine's own apt sources.

Nothing of the system changes and no rights are needed: apt-get gets lists and a cache of its own.
"""

import os
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from inkpin.common import InputError, UnavailableError
from inkpin.common.cache import cache_folder, key, make_once

ETC_APT = Path("/etc/apt")

# The hooks that run after an update look after the system's own lists, and some need root.
_CONFIGURATION = """\
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
APT::Sandbox::User "root"; // the user's folder is out of reach for _apt
Dir::Etc::sourcelist "{0}/sources.list";
Dir::Etc::sourceparts "{0}/parts";
Dir::State::lists "{0}/lists";
Dir::Cache "{0}/cache";
"""


def source_entries(etc_apt: Path) -> tuple[str, list[str]]:
    """Turn a machine's apt sources into those of their source packages.

    Args:
        etc_apt: a folder with sources.list, sources.list.d/*.list, sources.list.d/*.sources.

    Returns:
        The text for one sources.list, and the text of each .sources file.
    """
    parts = etc_apt / "sources.list.d"
    lines = [
        line
        for path in (etc_apt / "sources.list", *sorted(parts.glob("*.list")))
        if path.is_file()
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    remote = [line.strip() for line in lines if "cdrom:" not in line]
    entries = [re.sub(r"^deb(-src)?\s", "deb-src ", line) for line in remote]
    one_line = dict.fromkeys(entry for entry in entries if entry.startswith("deb-src "))
    stanzas = [
        re.sub(r"(?im)^types:.*$", "Types: deb-src", path.read_text(encoding="utf-8"))
        for path in sorted(parts.glob("*.sources"))
    ]
    return "".join(f"{entry}\n" for entry in one_line), stanzas


def fetch_tarballs(packages: Iterable[str], folder: Path) -> dict[str, Path]:
    """Download the upstream tarball of each Debian source package into `folder`.

    apt checks them against the signatures of the machine's sources.

    Raises:
        UnavailableError: they cannot be had; the message carries apt's reason.
    """
    packages = list(packages)
    one_line, stanzas = source_entries(ETC_APT)
    for name in ("parts", "lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True)
    (folder / "sources.list").write_text(one_line, encoding="utf-8")
    for number, stanza in enumerate(stanzas):
        (folder / "parts" / f"{number}.sources").write_text(stanza, encoding="utf-8")
    (folder / "apt.conf").write_text(_CONFIGURATION.format(folder), encoding="utf-8")
    # A list that cannot be had does no harm unless the tarballs were in it.
    said = _apt_get(folder, "update").stderr
    done = _apt_get(folder, "source", "--download-only", "--tar-only", *packages)
    found = {name: next(folder.glob(f"{name}_*.orig.tar.?z*"), None) for name in packages}
    tarballs = {name: path for name, path in found.items() if path}
    if done.returncode or len(tarballs) < len(packages):
        lines = (said + done.stderr).splitlines()
        reasons = [line[3:].strip() for line in lines if line.startswith(("E: ", "W: "))]
        reasons = reasons or [f"apt-get exited with {done.returncode}"]
        # Whatever could not be fetched explains all that follows from it.
        fetching = [reason for reason in reasons if reason.startswith("Failed to fetch")]
        why = " ".join((fetching or reasons[-1:])[0].split())
        raise UnavailableError(
            f"the Debian source packages {' and '.join(packages)} cannot be downloaded"
            f" ({why}): see to the network and to the sources in {ETC_APT}, then try again"
        )
    return tarballs


def source_files(package: str, wanted: Sequence[str]) -> Path:
    """Return a folder with some files of a Debian source package, downloaded once.

    Args:
        package: its name.
        wanted: as for `unpack`.

    Raises:
        InputError: they cannot be had.
    """

    def make(folder: Path) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            unpack(fetch_tarballs([package], Path(scratch)), {package: wanted}, folder)

    return make_once(cache_folder("xtensa") / f"{package}-{key(package, *wanted)}", make)


def _apt_get(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run apt-get in `folder`, with its apt.conf, in English."""
    command = ["apt-get", "-q", "-c", str(folder / "apt.conf"), *words]
    return subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C"},
    )


def unpack(tarballs: Mapping[str, Path], wanted: Mapping[str, Sequence[str]], into: Path) -> None:
    """Copy some files out of tarballs, where they are under the tarball's top folder.

    Args:
        tarballs: {package: tarball}.
        wanted: {package: patterns of paths; a * stands for any text, slashes too}.
        into: an existing folder.

    Raises:
        InputError: a tarball has nothing for a pattern.
    """
    for package, patterns in wanted.items():
        missing = set(patterns)
        with tarfile.open(tarballs[package], "r|*") as tar:
            for member in tar:
                path = member.name.partition("/")[2]
                hits = {pattern for pattern in patterns if fnmatchcase(path, pattern)}
                if hits and (content := tar.extractfile(member)):
                    target = into / PurePosixPath(path)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(content.read())
                    missing -= hits
        if missing:
            raise InputError(
                f"{tarballs[package].name} has no {min(missing)}: Debian 12 or newer has it"
            )
