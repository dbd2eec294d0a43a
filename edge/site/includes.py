"""`include:` of site.yaml: several files as one document, each line still known by its file.

A park of many areas and contractors keeps one file for each: an included file holds lists
(areas, assets, links, devices, …) that are added to those of site.yaml, and may include further
files. Names are from the site's own folder, wherever the file that names them lies.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from edge.site.faults import Faults, suggest
from edge.site.files import Files, is_pattern
from edge.site.yaml_doc import Document, Plain, parse_yaml

INSIDE = "Names are from the site's own folder, parted by '/', as areas/north.yaml"


@dataclass(frozen=True)
class Whole:
    """site.yaml with what it includes: `data` as if it were one file, and where each item is."""

    main: Document
    data: dict[str, Plain]
    origins: dict[str, list[tuple[Document, int]]]  # of each list: its items' file and index there
    files: tuple[str, ...]

    def place(self, path: Sequence[str | int]) -> tuple[str, int]:
        """Return the file of `path` and its 1-based line, or that of the deepest part there is."""
        if len(path) > 1 and isinstance(path[1], int):
            items = self.origins.get(str(path[0]), [])
            if path[1] < len(items):
                document, index = items[path[1]]
                return document.file, document.line((path[0], index, *path[2:]))
        return self.main.file, self.main.line(path)


def gather(
    main: Document, files: Files, sections: Sequence[str], keys: Sequence[str], faults: Faults
) -> Whole:
    """Return `main` with all that it includes; what cannot be included is noted and left out.

    `sections` are the lists that an included file may add to, `keys` all keys of site.yaml.
    """
    reader = _Reader(files, sections, keys, faults)
    documents = [main, *reader.included(main, (main.file,))]
    data, origins = dict(main.data), dict[str, list[tuple[Document, int]]]()
    for section in sections:
        own = main.data.get(section, [])
        if not isinstance(own, list):  # the model says so
            continue
        added = [(d, row) for d in documents for row in _rows(d, section)]
        if added or section in data:
            data[section] = [row for _, (_, row) in added]
        origins[section] = [(document, index) for document, (index, _) in added]
    return Whole(main, data, origins, tuple(document.file for document in documents))


def _rows(document: Document, section: str) -> list[tuple[int, Plain]]:
    rows = document.data.get(section, [])
    return list(enumerate(rows)) if isinstance(rows, list) else []


class _Reader:
    """Reads included files, each once, and notes what is wrong with naming them."""

    def __init__(
        self, files: Files, sections: Sequence[str], keys: Sequence[str], faults: Faults
    ) -> None:
        self.files, self.faults = files, faults
        self.sections, self.keys = sections, keys
        self.taken: dict[str, str] = {}  # file -> who includes it

    def included(self, document: Document, chain: tuple[str, ...]) -> Iterator[Document]:
        """Yield what `document` includes, depth first; `chain` leads from site.yaml to it."""
        named = document.data.get("include", [])
        if not isinstance(named, list):
            if len(chain) > 1:  # of site.yaml the model says so
                self._fault(
                    document, ("include",), "include is no list", "Write a list: [one.yaml]"
                )
            return
        for index, name in enumerate(named):
            for file in self._named(document, index, name, chain):
                text = self.files.text(file)
                inner = parse_yaml(text, file, self.faults) if text is not None else None
                if inner is not None:
                    self._check_keys(inner)
                    yield inner
                    yield from self.included(inner, (*chain, file))

    def _named(
        self, document: Document, index: int, name: Plain, chain: tuple[str, ...]
    ) -> Iterator[str]:
        """Yield the files that one entry of `include` names and that are not taken yet."""
        path = ("include", index)
        if not isinstance(name, str) or not name.strip():
            if len(chain) > 1:
                self._fault(document, path, f"{name!r} is no file name", INSIDE)
            return
        problem = self.files.outside(name)
        if problem:
            self._fault(document, path, problem, INSIDE)
            return
        found = self.files.matching(name)
        if not found:
            problem = f"no file matches {name!r}" if is_pattern(name) else f"no file {name!r}"
            self._fault(document, path, problem, "Correct it or put the file there")
        for file in found:
            if is_pattern(name) and (file in self.taken or file in chain):
                continue  # a pattern means all the others
            if file in chain:
                way = " → ".join((*chain[chain.index(file) :], file))
                self._fault(document, path, f"includes itself: {way}", "Remove one of them")
            elif file in self.taken:
                problem = f"{file} is included by {self.taken[file]} already"
                self._fault(document, path, problem, "Remove one of them")
            else:
                self.taken[file] = document.file
                yield file

    def _check_keys(self, document: Document) -> None:
        for key, value in document.data.items():
            if key == "include":
                continue
            if key in self.sections:
                if not isinstance(value, list):
                    self._fault(document, (key,), f"{key} is no list", "Write a list: [one, two]")
            elif key in self.keys:
                problem = f"{key!r} is said in site.yaml only, not in a file that it includes"
                self._fault(document, (key,), problem, "Move it to site.yaml")
            else:
                remedy = suggest(key, [*self.sections, "include"])
                self._fault(document, (key,), f"unknown key {key!r}", remedy)

    def _fault(
        self, document: Document, path: tuple[str | int, ...], problem: str, remedy: str
    ) -> None:
        self.faults.add(document.file, document.line(path), str(path[0]), problem, remedy)
