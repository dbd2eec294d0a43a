"""What the window knows: the last state and what happened, as the seat was told. Draws nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

KEPT_LINES = 40


class Line(NamedTuple):
    """A line of the story: a message of the catalogue, or a title in both languages."""

    t_s: float
    message_id: str  # "" where `title` speaks
    params: Mapping[str, Any]
    title: Mapping[str, str]


@dataclass
class Scene:
    """The field as the seat was told. `version` counts states, so that pictures can be kept."""

    connected: bool = False
    hello: dict[str, Any] | None = None
    state: dict[str, Any] | None = None
    version: int = 0
    lines: deque[Line] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))

    @property
    def site(self) -> dict[str, Any]:
        """The site of the hello, empty before it."""
        return self.hello["site"] if self.hello else {}

    @property
    def tags(self) -> list[dict[str, Any]]:
        """The site's tags."""
        return self.site.get("tags", [])

    def detectors(self) -> list[dict[str, Any]]:
        """The gas detectors, in the tag list's order."""
        return [tag for tag in self.tags if tag["quantity"] == "concentration"]

    def process(self) -> list[dict[str, Any]]:
        """The process tags: levels, pressures, valves, pumps of assets that are no weather."""
        kinds = {"level", "pressure", "valve_open", "running"}
        return [t for t in self.tags if t["quantity"] in kinds and t["unit"] != "hPa"]

    def row(self, tag: str) -> list[Any]:
        """Return [value, quality, reason, level] of a tag; Bad where nothing is known."""
        rows = (self.state or {}).get("tags", {})
        return rows.get(tag, [None, 2, "not-yet-read", 0])

    @property
    def horn(self) -> bool:
        """Whether any annunciator's buzzer sounds."""
        outputs = (self.state or {}).get("outputs", {})
        points = [(name, code) for shown in outputs.values() for name, code in shown.items()]
        return any(code for name, code in points if "buzzer" in name or "horn" in name)

    def take(self, message: Mapping[str, Any]) -> None:
        """Take one message of the seat's socket."""
        kind, t_s = message["t"], message.get("t_s")
        if kind == "hello":
            self.hello = dict(message)
            self.version += 1
        elif kind == "state":
            self.state = dict(message)
            self.version += 1
        elif kind == "story":
            self._line("", {}, t_s, message["title"])
        elif kind == "leak":
            params = {"asset": self._asset(message["asset"])}
            self._line(f"view.leak-{message['state']}", params, t_s)
        elif kind == "register":
            self._line("view.register", {"tag": message["tag"]}, t_s)
        elif kind == "command":
            self._line("view.command", {"action": message["action"]}, t_s)
        elif kind == "reply" and not message.get("ok"):
            self._line("view.refused", {"error": message.get("error", "")}, t_s)
        elif kind == "end":
            self._line("view.end", {}, t_s)

    def _line(
        self,
        message_id: str,
        params: Mapping[str, Any],
        t_s: float | None,
        title: Mapping[str, str] | None = None,
    ) -> None:
        known = (self.state or {}).get("t_s", 0.0)
        self.lines.append(Line(float(t_s or known), message_id, params, title or {}))

    def _asset(self, asset: str) -> dict[str, str]:
        for known in self.site.get("assets", []):
            if known["id"] == asset:
                return {key: f"{text} {asset}" for key, text in known["title"].items()}
        return {"zh": asset, "en": asset}
