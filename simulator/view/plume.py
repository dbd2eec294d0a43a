"""The gas on the map: puffs to a grid of ground concentration, through a table to colours.

A Gaussian puff is a product of one function of x and one of y, so the whole field is one matrix
product: rows of puffs by columns of the grid.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pygame
from numpy.typing import NDArray

from edge.substance import substances
from edge.units import molar_volume
from simulator.view.camera import Camera
from simulator.view.theme import RAMPS, THICK_PPM, THIN_PPM, Ramp

CELL = 4  # pixels of the picture to a cell of the grid
SHOWN_M = 0.5  # the height that is shown: where the detectors of a heavy gas hang
WARM_K = 288.15
NORM = (2 * math.pi) ** 1.5
Array = NDArray[np.float64]


def table(ramp: Ramp) -> NDArray[np.uint8]:
    """Return a ramp as 256 colours, shape (256, 4)."""
    at = [stop[0] for stop in ramp]
    x = np.linspace(0, 1, 256)
    columns = [np.interp(x, at, [stop[i] for stop in ramp]) for i in range(1, 5)]
    return np.round(np.stack(columns, axis=-1)).astype(np.uint8)


TABLES = [table(ramp) for ramp in RAMPS]


def ground_ppm(puffs: Array, xs: Array, ys: Array, molar_mass_kg_mol: float) -> Array:
    """Return the concentration [ppm] at `SHOWN_M` over the grid, shape (len(xs), len(ys)).

    `puffs` has rows [x, y, sigma_h, sigma_z, kg] of one gas; centres are taken at the ground, where
    the plant keeps all but the freshest.
    """
    narrow = -0.5 / puffs[:, 2] ** 2
    east = np.exp((xs[None, :] - puffs[:, 0, None]) ** 2 * narrow[:, None])
    north = np.exp((ys[None, :] - puffs[:, 1, None]) ** 2 * narrow[:, None])
    upright = 2 * np.exp(-0.5 * (SHOWN_M / puffs[:, 3]) ** 2)
    peak = puffs[:, 4] * upright / (NORM * puffs[:, 2] ** 2 * puffs[:, 3])
    density = (east * peak[:, None]).T @ north
    return density / molar_mass_kg_mol * molar_volume(WARM_K) * 1e6


def shade(ppm: Array) -> NDArray[np.uint8]:
    """Return each cell's place in a colour table: logarithmic from `THIN_PPM` to `THICK_PPM`."""
    decades = math.log10(THICK_PPM / THIN_PPM)
    scaled = np.log10(np.maximum(ppm, THIN_PPM) / THIN_PPM) / decades
    return np.round(np.clip(scaled, 0, 1) * 255).astype(np.uint8)


def paint(
    puffs: Sequence[Sequence[float]], gases: Sequence[str], camera: Camera
) -> pygame.Surface | None:
    """Return the plume as a picture of the camera's size, or None where there is none."""
    if not puffs:
        return None
    width, height = camera.rect.width // CELL + 1, camera.rect.height // CELL + 1
    xs = np.asarray([camera.metres((i + 0.5) * CELL, 0)[0] for i in range(width)])
    ys = np.asarray([camera.metres(0, (j + 0.5) * CELL)[1] for j in range(height)])
    rows = np.asarray(puffs, dtype=float)
    known = substances()
    small = pygame.Surface((width, height), pygame.SRCALPHA)
    for kind, gas in enumerate(gases):
        mine = rows[rows[:, 5] == kind]
        if not len(mine) or gas not in known:
            continue
        ppm = ground_ppm(mine[:, :5], xs, ys, known[gas].molar_mass_kg_mol)
        small.blit(_coloured(shade(ppm), TABLES[kind % len(TABLES)]), (0, 0))
    size = (width * CELL, height * CELL)
    return pygame.transform.smoothscale(small, size)


def _coloured(shades: NDArray[np.uint8], colours: NDArray[np.uint8]) -> pygame.Surface:
    """Return a grid of places in a colour table as a picture."""
    picture = pygame.Surface(shades.shape, pygame.SRCALPHA)
    chosen = colours[shades]
    pygame.surfarray.blit_array(picture, chosen[:, :, :3])
    alpha = pygame.surfarray.pixels_alpha(picture)
    alpha[:] = chosen[:, :, 3]
    del alpha  # pixels_alpha keeps the surface locked as long as it lives
    return picture


def legend_colour(kind: int, ppm: float) -> tuple[int, int, int]:
    """Return the solid colour that `ppm` of gas number `kind` has on paper."""
    red, green, blue, alpha = TABLES[kind % len(TABLES)][int(shade(np.asarray(ppm)))].tolist()
    share = alpha / 255
    return (
        round(red * share + 222 * (1 - share)),
        round(green * share + 225 * (1 - share)),
        round(blue * share + 227 * (1 - share)),
    )


def gas_title(gas: str) -> dict[str, str]:
    """Return a gas's name and formula in both languages."""
    known = substances().get(gas)
    if known is None:
        return {"zh": gas, "en": gas}
    return {"zh": known.name_zh, "en": known.formula}
