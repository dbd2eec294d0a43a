"""Where a thing stands in the files of a site that was read before: for those who check further."""

from __future__ import annotations

import csv
from pathlib import Path

from edge.site.faults import Faults
from edge.site.model import Site
from edge.site.yaml_doc import Document, Plain, parse_yaml

Place = tuple[str, int]  # the file, from the site's folder, and its 1-based line; 0: not found


class Where:
    """Finds items and tags by id; reads the site's files again, and only once it is asked."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._documents: list[Document] | None = None
        self._tags: dict[str, Place] | None = None

    def item(self, section: str, name: str, *below: str) -> Place:
        """Return where `name` of `section` stands; `below` leads into it: ("outputs", "horn")."""
        if self._documents is None:
            self._documents = [*_documents(self._site)]
        for document in self._documents:
            path = _path(document.data, (section, name, *below))
            if path:
                return document.file, document.line(path)
        return self._site.sources[0], 0

    def tag(self, name: str) -> Place:
        """Return where the tag's row stands."""
        if self._tags is None:
            self._tags = {}
            for file in self._site.tag_lists:
                for tag, line in _tag_lines(_text(self._site.root / file)):
                    self._tags.setdefault(tag, (file, line))
        fallback = (self._site.tag_lists or self._site.sources)[0]
        return self._tags.get(name, (fallback, 0))


def _documents(site: Site) -> list[Document]:
    texts = [(file, _text(site.root / file)) for file in site.sources]
    read = [parse_yaml(text, file, Faults(file)) for file, text in texts if text]
    return [document for document in read if document is not None]


def _path(data: Plain, words: tuple[str, ...]) -> tuple[str | int, ...]:
    """Return the path that `words` (key, id, key, id, …) lead along in `data`; () if nowhere."""
    path: list[str | int] = []
    for key, name in zip(words[::2], words[1::2], strict=True):
        rows = data.get(key) if isinstance(data, dict) else None
        for index, row in enumerate(rows if isinstance(rows, list) else []):
            if isinstance(row, dict) and row.get("id") == name:
                path += [key, index]
                data = row
                break
        else:
            return ()
    return tuple(path)


def _tag_lines(text: str) -> list[tuple[str, int]]:
    reader = csv.reader(text.splitlines(keepends=True))
    found: list[tuple[str, int]] = []
    column, start = -1, 1
    try:
        for cells in reader:
            line, start = start, reader.line_num + 1
            stripped = [cell.strip() for cell in cells]
            if column < 0 and "tag" in stripped:
                column = stripped.index("tag")
            elif 0 <= column < len(stripped):
                found.append((stripped[column], line))
    except csv.Error:  # told by who read the list first
        return found
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):  # given as an object, or a fault told already: no line
        return ""
