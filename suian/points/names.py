"""What people write for a unit, a gas, a quantity or a place, and the id that it means here.

Only what can mean one thing is turned; all else is left as written, for the checks to name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

from edge.site import Site
from edge.site.quantities import QUANTITY_UNITS, UNIT_SPELLINGS
from edge.substance import substances
from edge.units import Unit
from edge.words import LANGUAGES, say

_UNITS: dict[str, Unit] = {
    "ppmv": Unit.PPM,
    "μmol/mol": Unit.PPM,
    "umol/mol": Unit.PPM,
    "10-6": Unit.PPM,
    "10^-6": Unit.PPM,
    "×10-6": Unit.PPM,
    "vol": Unit.PERCENT_VOL,
    "%(v/v)": Unit.PERCENT_VOL,
    "%v": Unit.PERCENT_VOL,
    "摄氏度": Unit.CELSIUS,
    "帕": Unit.PASCAL,
    "千帕": Unit.KILOPASCAL,
    "百帕": Unit.HECTOPASCAL,
    "兆帕": Unit.MEGAPASCAL,
    "毫米": Unit.MILLIMETRE,
    "米/秒": Unit.METRE_PER_SECOND,
    "立方米": Unit.CUBIC_METRE,
    "立方米/小时": Unit.CUBIC_METRE_PER_HOUR,
    "千克/小时": Unit.KG_PER_HOUR,
    "毫安": Unit.MILLIAMPERE,
    "伏": Unit.VOLT,
    "赫兹": Unit.HERTZ,
    "秒": Unit.SECOND,
    "天": Unit.DAY,
    "开关量": Unit.BOOL,
    "个": Unit.COUNT,
}
_QUANTITIES = {
    "气体浓度": "concentration",
    "有毒气体": "concentration",
    "可燃气体": "concentration",
    "有毒": "concentration",
    "可燃": "concentration",
    "氧气": "oxygen",
    "氧浓度": "oxygen",
    "风向": "wind_from",
    "气温": "temperature",
    "气压": "pressure",
    "相对湿度": "humidity",
}
_PRIORITIES = {"紧急": "1", "高": "2", "中": "3", "低": "4"}
_LATCH = {"√": "yes", "×": "no", "✓": "yes"}


def _fold(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _table(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return folded name -> id; a name of two ids means neither."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    for name, meant in pairs:
        key = _fold(name)
        if key and found.setdefault(key, meant) != meant:
            twice.add(key)
    return {name: meant for name, meant in found.items() if name not in twice}


class Names:
    """The names that mean something on one site."""

    def __init__(self, site: Site) -> None:
        file = site.file
        self._tables: dict[str, Mapping[str, str]] = {
            "unit": _table([*_spelled(UNIT_SPELLINGS), *_spelled(_UNITS)]),
            "quantity": _table([*_quantities(), *_QUANTITIES.items()]),
            "substance": _table(_substances()),
            "asset": _table(_titled(file.assets)),
            "area": _table(_titled(file.areas)),
            "space": _table([*_titled(file.spaces), ("室外", "outdoor")]),
            "device": _table((device.id, device.id) for device in file.devices),
            "latch": _LATCH,
        }

    def meant(self, column: str, text: str) -> str:
        """Return the id that `text` means in `column`, or `text` itself."""
        if not text:
            return ""
        if column.endswith("_priority"):
            return _PRIORITIES.get(text, text.removesuffix(".0"))
        return self._tables.get(column, {}).get(_fold(text), text)


def _spelled(units: Mapping[str, Unit]) -> list[tuple[str, str]]:
    return [(spelling, unit.value) for spelling, unit in units.items()]


def _quantities() -> list[tuple[str, str]]:
    pairs = [(name, name) for name in QUANTITY_UNITS]
    return pairs + [
        (say(f"site.quantity.{n}", lang), n) for n in QUANTITY_UNITS for lang in LANGUAGES
    ]


def _substances() -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, facts in substances().items():
        names = {key, facts.name_zh, facts.name_en, facts.name_en.split(" (")[0], facts.cas}
        names |= {facts.formula, f"{facts.name_zh.removesuffix('气')}气", key.replace("_", " ")}
        pairs += [(name, key) for name in sorted(names)]
    return pairs


def _titled(items: Iterable[object]) -> list[tuple[str, str]]:
    """Return ids and titles of the site's own things, as names of them."""
    pairs: list[tuple[str, str]] = []
    for item in items:
        key, title = str(getattr(item, "id", "")), getattr(item, "title", None)
        pairs += [(key, key), (getattr(title, "zh", ""), key), (getattr(title, "en", ""), key)]
    return pairs
