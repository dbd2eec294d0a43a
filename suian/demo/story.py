"""The story as it happens: one line an event, Chinese first, English beside it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from typing import Literal

from rich.console import Console
from rich.text import Text

from edge.clock import NS
from edge.site.parts import Title
from edge.words import say
from suian.demo.chain import Chain

Tone = Literal["plain", "good", "warn", "alarm"]
STYLES: dict[Tone, str] = {"plain": "", "good": "green", "warn": "yellow", "alarm": "bold red"}


class Story:
    """Prints each line with the seconds since the start; to stderr where stdout is for JSON."""

    def __init__(self, chain: Chain, *, to_stderr: bool) -> None:
        self._chain = chain
        self._console = Console(stderr=to_stderr, highlight=False, soft_wrap=True)

    def tell(
        self, message_id: str, params: Mapping[str, object] | None = None, tone: Tone = "plain"
    ) -> None:
        """Print the message `demo.<message_id>` in both languages."""
        now = time.monotonic_ns()
        if self._chain.first_line_ns is None:
            self._chain.first_line_ns = now
        elapsed = (now - self._chain.started_ns) / NS
        line = Text(f"{elapsed:7.2f} s  ", style="dim")
        zh, en = (_said(f"demo.{message_id}", code, params or {}) for code in ("zh-CN", "en"))
        line.append(zh, style=STYLES[tone])
        line.append(f"   {en}", style="dim")
        with contextlib.suppress(OSError):  # a closed terminal or pipe: all must still be stopped
            self._console.print(line)


def _said(message_id: str, language: str, params: Mapping[str, object]) -> str:
    return say(message_id, language, {k: _shown(v, language) for k, v in params.items()})


def _shown(value: object, language: str) -> object:
    """Return a number as people read it, three digits that mean something; a name in `language`."""
    if isinstance(value, Title):
        return value.zh if language == "zh-CN" else value.en
    return f"{value:.3g}" if isinstance(value, float) else value
