"""What `suian journal verify` and `info` say, in words and as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import orjson

from edge.errors import JournalError, SuianError
from edge.journal import JournalReader
from edge.journal.info import Info, info
from edge.journal.verify import Verdict, verify
from edge.words import LANGUAGES, say
from edge.words.wording import local

FILE = "journal.db"


class Said(NamedTuple):
    """What is printed, and whether all is well."""

    text: str
    whole: bool = True


def journal_of(path: Path) -> Path:
    """Return the journal that `path` names: the file, or the one in a state folder.

    Raises `JournalError` where there is none.
    """
    file = path / FILE if path.is_dir() else path
    if not file.is_file():
        raise JournalError(f"{file} is not there: name a journal.db or the folder it is in")
    return file


def verdict(path: Path, language: str, *, samples: bool, as_json: bool) -> Said:
    """Return what `suian journal verify` says of a journal. Raises `SuianError`."""
    _check(language)
    file = journal_of(path)
    found = verify(file, samples=samples)
    text = _json(found) if as_json else _verdict_text(file, found, language, samples=samples)
    return Said(text, found.whole)


def facts(path: Path, language: str, *, as_json: bool) -> Said:
    """Return what `suian journal info` says of a journal. Raises `SuianError`."""
    _check(language)
    file = journal_of(path)
    reader = JournalReader(file)
    try:
        found = info(file, reader)
    finally:
        reader.close()
    return Said(_text(found._asdict()) if as_json else _info_text(found, language))


def _verdict_text(file: Path, found: Verdict, language: str, *, samples: bool) -> str:
    def tell(message: str, **params: object) -> str:
        return say(f"audit.{message}", language, params)

    world = say(f"site.world.{found.world}", language)
    lines = [
        tell("title", file=file),
        tell("whose", gateway=found.gateway, world=world, epoch=found.epoch),
        tell("events", events=f"{found.events:,}", first=found.first_seq, last=found.last_seq),
    ]
    if found.gone:
        lines.append(tell("gone", gone=f"{found.gone:,}"))
    lines.append(tell("conditions", conditions=found.conditions, unjudged=found.unjudged))
    if samples:
        lines.append(tell("samples", samples=f"{found.samples:,}", bodies=f"{found.bodies:,}"))
    else:
        lines.append(tell("samples.not-looked"))
    lines += [f"  ✗ {say(one.id, language, one.params)}" for one in found.findings]
    if found.broken_seq is not None:
        lines.append(tell("broken", seq=found.broken_seq))
    lines.append(tell("whole") if found.whole else tell("not-whole", count=len(found.findings)))
    return "\n".join(lines)


def _json(found: Verdict) -> str:
    findings = [{"id": one.id, "params": one.params} for one in found.findings]
    return _text({**found._asdict(), "findings": findings, "whole": found.whole})


def _info_text(found: Info, language: str) -> str:
    def tell(message: str, **params: object) -> str:
        return say(f"audit.info.{message}", language, params)

    def span(count: int, first: int | None, last: int | None) -> str:
        if first is None or last is None:
            return tell("none")
        return tell("span", count=f"{count:,}", first=_stamp(first), last=_stamp(last))

    size = _size(found.bytes)
    if found.log_bytes:
        size = f"{size} ({tell('log', size=_size(found.log_bytes))})"
    rows = [
        ("gateway", found.gateway),
        ("world", say(f"site.world.{found.world}", language)),
        ("epoch", found.epoch),
        ("format", str(found.format)),
        ("created", _stamp(found.created_ns)),
        ("events", span(found.events, found.first_event_ns, found.last_event_ns)),
        ("samples", span(found.samples, found.first_sample_ns, found.last_sample_ns)),
        ("size", size),
        ("closed", tell("clean" if found.clean else "open")),
    ]
    if found.gone:
        rows.append(("gone", tell("gone.events", count=f"{found.gone:,}")))
    return "\n".join(f"{tell(key)}: {text}" for key, text in rows)


def _check(language: str) -> None:
    if language not in LANGUAGES:
        raise SuianError(f"--lang {language!r}: write one of {', '.join(LANGUAGES)}")


def _stamp(utc_ns: int) -> str:
    return local(utc_ns).strftime("%Y-%m-%d %H:%M:%S")


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"


def _text(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
