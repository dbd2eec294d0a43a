"""Tables of a steady plume: what depends on the distance downwind alone, reckoned once.

    c = U(x, 0, z) exp(-y^2 / 2 sigma_y^2) G(x),   load = U^n times the integral of G^n

(`passage`). U on the axis, sigma_y and G stand on `NODES` distances from `NEAREST_M` to
`FARTHEST_M`, each 1.04 % beyond the one before, and are read straight in logarithms; what is
smooth and dear (peaks, loads) on every `COARSE`-th of them. Against the formulas themselves a
value is within 1 % where it is above 1e-12 of the axis's (tested). Beyond the nodes nothing is
read: the caller asks the formulas.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from edge.dispersion.arrays import Floats
from edge.dispersion.jit import compiled
from edge.dispersion.passive.exponential import exponential
from edge.dispersion.passive.plume import passage_jit
from edge.dispersion.passive.plume.passage import Places, Unit, places

NEAREST_M, FARTHEST_M = 0.5, 20_000.0
NODES, COARSE = 1025, 8
LEAST = 1e-300  # stands for 0 in a logarithm
FAINT = -600.0  # ln of what is read as 0
KEPT = 128  # tables of one kind


@compiled
def _read(
    nodes: tuple[float, float],
    sigma: Floats,
    ln_unit: Floats,
    ln_felt: Floats,
    exponent: float,
    x: Floats,
    y: Floats,
    out: Floats,
) -> None:
    """Fill `out` with U^n times what is felt; `nodes`: ln of the first, and nodes per unit."""
    last = sigma.size - 2
    for i in range(x.size):
        at = max((math.log(x[i]) - nodes[0]) * nodes[1], 0.0)
        c = min(int(at), last)
        share = min(at - c, 1.0)
        wide = sigma[c] + share * (sigma[c + 1] - sigma[c])
        ln = ln_unit[c] + share * (ln_unit[c + 1] - ln_unit[c]) - 0.5 * (y[i] / wide) ** 2
        ln = exponent * ln + ln_felt[c] + share * (ln_felt[c + 1] - ln_felt[c])
        out[i] = exponential(ln) if ln > FAINT else 0.0


@dataclass(slots=True)
class Tables:
    """The tables of one `plume` and its `steps` (as in `passage`); filled as they are asked for."""

    plume: Unit
    steps: Floats
    at: Places
    sigma_y_m: Floats
    units: dict[float, Floats] = field(default_factory=dict[float, Floats])
    peaks: dict[float, Floats] = field(default_factory=dict[float, Floats])
    loads: dict[float, Floats] = field(default_factory=dict[float, Floats])
    rates: dict[float, Floats] = field(default_factory=dict[float, Floats])

    def unit(self, x_m: Floats, y_m: Floats, z_m: float) -> Floats:
        """Return c / Q [s/m3] at points (n,) within the nodes."""
        return self._values(x_m, y_m, z_m, np.zeros(NODES))

    def concentration(self, x_m: Floats, y_m: Floats, z_m: float, t_s: float) -> Floats:
        """Return c [kg/m3] at `t_s` [s] at points (n,) within the nodes."""
        if x_m.size < NODES:
            felt = passage_jit.rate(self.steps, places(self.plume, x_m), t_s)
            return self.unit(x_m, y_m, z_m) * felt
        if t_s not in self.rates:
            self.rates.clear()  # maps of one time follow each other
            self.rates[t_s] = _ln(passage_jit.rate(self.steps, self.at, t_s))
        return self._values(x_m, y_m, z_m, self.rates[t_s])

    def peak(self, x_m: Floats, y_m: Floats, z_m: float, averaging_s: float) -> Floats:
        """Return the greatest mean over `averaging_s` [s] at points (n,) within the nodes."""
        return self._values(x_m, y_m, z_m, self._peak(averaging_s))

    def load(
        self, x_m: Floats, y_m: Floats, z_m: float, exponent: float, most_kg_m3: float
    ) -> Floats:
        """Return the load at points (n,) within the nodes, of c no more than `most_kg_m3`."""
        out = self._values(x_m, y_m, z_m, self._load(exponent), exponent)
        # where the source's own concentration may cap it, it is no power of U times the rest
        capped = 1.02 * self.peak(x_m, y_m, z_m, 0.0) > most_kg_m3
        if capped.any():
            x = x_m[capped]
            unit = self.unit(x, y_m[capped], z_m)
            at = places(self.plume, x)
            out[capped] = passage_jit.load(self.steps, at, unit, most_kg_m3, exponent)
        return out

    def _values(
        self, x_m: Floats, y_m: Floats, z_m: float, ln_felt: Floats, exponent: float = 1.0
    ) -> Floats:
        if z_m not in self.units:
            _thin(self.units)
            self.units[z_m] = _ln(self.plume.unit(self.at.x_m, np.zeros(NODES), z_m))
        first, last = math.log(NEAREST_M), math.log(FARTHEST_M)
        nodes = (first, (NODES - 1) / (last - first))
        out = np.empty(x_m.size)
        x, y = np.ascontiguousarray(x_m), np.ascontiguousarray(y_m)
        _read(nodes, self.sigma_y_m, self.units[z_m], ln_felt, float(exponent), x, y, out)
        return out

    def _peak(self, averaging_s: float) -> Floats:
        if averaging_s not in self.peaks:
            _thin(self.peaks)
            found = passage_jit.peak(self.steps, self._coarse(), averaging_s)
            self.peaks[averaging_s] = self._finer(found)
        return self.peaks[averaging_s]

    def _load(self, exponent: float) -> Floats:
        if exponent not in self.loads:
            _thin(self.loads)
            at = self._coarse()
            one = np.ones(at.x_m.size)
            found = passage_jit.load(self.steps, at, one, math.inf, exponent)
            self.loads[exponent] = self._finer(found)
        return self.loads[exponent]

    def _coarse(self) -> Places:
        parts = (self.at.x_m, self.at.time_s, self.at.sigma_m)
        return Places(*(np.ascontiguousarray(part[::COARSE]) for part in parts))

    def _finer(self, values: Floats) -> Floats:
        """Return ln of values at the coarse nodes, at all of them (evenly spaced in ln x)."""
        every = np.arange(NODES, dtype=np.float64)
        return np.interp(every, every[::COARSE], _ln(values))


def tables(plume: Unit, steps: Floats) -> Tables:
    """Return the empty tables of `plume` and `steps`."""
    at = places(plume, np.geomspace(NEAREST_M, FARTHEST_M, NODES))
    return Tables(plume, steps, at, plume.sigma_y(at.x_m))


def _ln(values: Floats) -> Floats:
    return np.log(np.maximum(values, LEAST))


def _thin(kept: dict[float, Floats]) -> None:
    """Forget the oldest table where there are many."""
    if len(kept) >= KEPT:
        del kept[next(iter(kept))]
