"""Colours and sizes. Grey is normal; colour means something (ISA-101's habit).

Plumes stay outside the alarms' colours; magenta is for bad quality alone.
"""

from __future__ import annotations

Colour = tuple[int, int, int]

SIZE = (1280, 720)
HEADER = 46
PANEL = 372
PAD = 12

INK: Colour = (32, 37, 42)
FAINT: Colour = (98, 106, 114)
PAPER: Colour = (233, 235, 237)
CARD: Colour = (246, 247, 248)
LINE: Colour = (204, 208, 213)
BAR: Colour = (36, 47, 60)
ON_BAR: Colour = (238, 242, 246)
FAINT_ON_BAR: Colour = (158, 172, 186)
DRILL: Colour = (0, 118, 130)

GROUND: Colour = (214, 218, 220)
YARD: Colour = (222, 225, 227)
ROAD: Colour = (236, 237, 239)
AREA: Colour = (165, 172, 179)
BUILDING: Colour = (196, 201, 206)
VESSEL: Colour = (181, 187, 193)
EDGE: Colour = (122, 130, 138)
PIPE: Colour = (144, 151, 158)
FENCE: Colour = (112, 119, 126)
SAFE: Colour = (27, 122, 77)  # inside an assembly point's sign only (GB 2894-2025)

LEVEL_1: Colour = (242, 169, 0)
LEVEL_2: Colour = (208, 38, 44)
BAD: Colour = (196, 0, 160)
GAUGE: Colour = (120, 130, 140)

# One ramp a gas, from thin to thick: (position 0-1, red, green, blue, alpha).
Ramp = tuple[tuple[float, int, int, int, int], ...]
RAMPS: tuple[Ramp, ...] = (
    ((0.0, 178, 150, 216, 0), (0.12, 172, 142, 212, 62), (0.5, 124, 74, 176, 150),
     (1.0, 58, 16, 96, 222)),
    ((0.0, 120, 176, 196, 0), (0.12, 112, 170, 192, 62), (0.5, 40, 116, 150, 150),
     (1.0, 8, 52, 82, 222)),
    ((0.0, 190, 170, 140, 0), (0.12, 184, 160, 128, 62), (0.5, 140, 104, 62, 150),
     (1.0, 72, 44, 14, 222)),
)  # fmt: skip
THIN_PPM, THICK_PPM = 0.1, 1000.0  # the ramp's ends, on a logarithmic scale
