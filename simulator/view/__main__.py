"""`python -m simulator.view --feed SOCKET`: the park's window in a drill.

`--frames N --screenshot FILE` draws N frames of the feed, saves the last, and ends: for tests and
pictures. Runs headless with SDL_VIDEODRIVER=dummy.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

# Without a graphics card, presenting through software OpenGL costs ten times the drawing.
os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")
# One small matrix product a frame: threads that wait for it cost more than they give.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

import pygame

from edge.errors import WireError
from edge.words import LANGUAGES
from simulator.seat import SeatClient
from simulator.view import theme
from simulator.view.app import FRAMES_PER_S, Window
from simulator.view.fonts import Texts


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until closed; return the exit code."""
    options = _parser().parse_args(arguments)
    for sig in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sig, lambda *_: sys.exit(0))
    pygame.display.init()
    pygame.font.init()
    try:
        surface = pygame.display.set_mode(theme.SIZE)
        texts = Texts(options.language, options.font)
        pygame.display.set_caption(texts.say("view.window"))
        _run(options, Window(SeatClient(options.feed, options.seat), texts, surface))
    except (WireError, pygame.error) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    else:
        if options.screenshot:
            pygame.image.save(surface, str(options.screenshot))
        return 0
    finally:
        pygame.quit()


def _run(options: argparse.Namespace, window: Window) -> None:
    """Draw until closed; counted frames are those that had something to show."""
    pace = pygame.time.Clock()
    shown = 0
    while window.step():
        shown += window.scene.connected
        if options.frames and shown >= options.frames:
            return
        pace.tick(FRAMES_PER_S)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulator.view", description=__doc__)
    parser.add_argument("--feed", type=Path, required=True, metavar="SOCKET")
    parser.add_argument("--seat", default="seat-1", help="this seat's name in the command log")
    parser.add_argument("--language", choices=LANGUAGES, default="zh-CN")
    parser.add_argument("--font", metavar="FILE", help="a font with Chinese glyphs")
    parser.add_argument("--frames", type=int, default=0, metavar="N", help="end after N frames")
    parser.add_argument("--screenshot", type=Path, metavar="FILE", help="save the last frame")
    return parser


if __name__ == "__main__":
    sys.exit(main())
