"""The files of one site: none outside its folder, each read once, all of them in one hash."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath

from edge.site.faults import Faults

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SAVE = (
    "Save it as UTF-8: in Excel or WPS, 另存为 → CSV UTF-8 (逗号分隔);"
    " or import it: suian site import --csv"
)
_GLOB = frozenset("*?[")


def is_pattern(name: str) -> bool:
    """Whether `name` stands for all files that match it, as `areas/*.yaml`."""
    return not _GLOB.isdisjoint(name)


class Files:
    """What is read of a site's folder; a fault in a name is the business of who names it."""

    def __init__(self, root: Path, faults: Faults, instead: Mapping[str, str]) -> None:
        self.root, self._faults, self._instead = root, faults, instead
        self._read: dict[str, bytes] = {}

    def outside(self, name: str) -> str:
        """Return what is wrong with `name` as a name within the site's folder; "" if nothing is."""
        if "\\" in name:
            return f"{name!r} is written with a backslash"
        path = PurePosixPath(name)
        if path.is_absolute() or PureWindowsPath(name).drive or ".." in path.parts:
            return f"{name!r} leads out of the site's folder"
        if not is_pattern(name) and not self._inside(self.root / name):
            return f"{name!r} is a link that leads out of the site's folder"
        return ""

    def matching(self, pattern: str) -> list[str]:
        """Return the names of the files in the site's folder that match `pattern`, sorted."""
        try:
            found = sorted(path for path in self.root.glob(pattern) if path.is_file())
        except (ValueError, NotImplementedError):  # '**x': no pattern, so it matches nothing
            return []
        return [path.relative_to(self.root).as_posix() for path in found if self._inside(path)]

    def text(self, name: str) -> str | None:
        """Return the file's text, None with a fault noted if it cannot be read as UTF-8."""
        if name in self._instead:
            self._read[name] = self._instead[name].encode()
            return self._instead[name].removeprefix("\ufeff")
        try:
            raw = (self.root / name).read_bytes()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            remedy = "Correct its name or put it there; names are from the site's own folder"
            self._faults.add(name, 0, "file", f"cannot be read: {reason}", remedy)
            return None
        self._read[name] = raw
        return self._decode(name, raw)

    def note(self, name: str) -> None:
        """Count a file that others parse (a device template) into the hash, if it is there."""
        path = self.root / name
        if path.is_file():
            self._read[name] = path.read_bytes()

    def hash(self) -> str:
        """Return the SHA-256 [hex] over names, lengths and contents of all files read."""
        digest = hashlib.sha256()
        for name, raw in sorted(self._read.items()):
            digest.update(f"{name}\0{len(raw)}\0".encode())
            digest.update(raw)
        return digest.hexdigest()

    def _inside(self, path: Path) -> bool:
        return path.resolve().is_relative_to(self.root.resolve())

    def _decode(self, name: str, raw: bytes) -> str | None:
        if raw.startswith(_UTF16):
            self._faults.add(name, 1, "encoding", "saved as UTF-16 (Excel: Unicode text)", _SAVE)
            return None
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
        try:
            raw.decode("gb18030")
        except UnicodeDecodeError:
            problem = "neither UTF-8 nor GBK: the file is damaged or not text"
        else:
            problem = "saved as GBK (Excel's plain CSV), not UTF-8"
        self._faults.add(name, line, "encoding", problem, _SAVE)
        return None
