"""Weather masts: ice on vane and cup, and masts that contradict each other.

A wrong wind sends people into the cloud, so a vane that stands still in wind is Bad, not doubtful.
A cup at exactly 0 may be a calm night, the worst weather for gas; it is doubted and still counts,
unless another mast has wind.

Masts are looked at on the tick, by their tags' last readings: nothing of this is on the way of a
sample.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from edge.clock import NS
from edge.quality.track import Track, turn
from edge.tag import Reason
from edge.units import LINEAR

VANE_MOVES_DEG = 2.0
VANE_STILL_NS = 600 * NS
VANE_WIND_M_S = 0.5  # below this a vane need not move
SPEED_MOVES = 5  # meanwhile: a station that renews its means every ten minutes is none that iced
CUP_STILL_NS = 1800 * NS
OTHERS_WIND_M_S = 2.0  # another mast's mean, at which a cup at 0 is no calm
APART_DEG, TOGETHER_DEG = 45.0, 35.0
COMPARED_M_S = 1.0  # below this, directions are anybody's
MEAN_NS = 300 * NS
APART_NS = 600 * NS


class Mast:
    """One mast's speed and direction; either may be missing."""

    def __init__(self, speed: Track | None, direction: Track | None) -> None:
        self.speed, self.direction = speed, direction
        factor = 1.0 if speed is None else LINEAR[speed.tag.unit].factor
        self._to_m_s = factor
        self._anchor_deg: float | None = None
        self._spread = (0.0, 0.0)  # how far the vane has been to either side of the anchor [deg]
        self._vane_ns = self._cup_ns = 0  # since when it stands
        self._speed_moves = 0  # of the speed, up to when the vane came to stand
        self._cup_stands = False
        self._mean = (0.0, 0.0, 0.0)  # of speed [m/s] and of the direction's unit vector
        self._mean_from_ns: int | None = None
        self._seen_ns = 0

    def look(self, mono_ns: int) -> list[Track]:
        """Judge vane and cup by their last readings; return the tags of which there is news."""
        speed, direction = self._reading(self.speed), self._reading(self.direction)
        speed_m_s = None if speed is None else speed * self._to_m_s
        news: list[Track] = []
        if self.direction is not None and self._vane(speed_m_s, direction, mono_ns):
            news.append(self.direction)
        self._cup(speed_m_s, mono_ns)
        self._average(speed_m_s, direction, mono_ns)
        return news

    def judge_cup(self, others: Sequence[Mast], mono_ns: int) -> bool:
        """Judge a cup that has stood at 0; return whether that is news. After every `look`."""
        track = self.speed
        if track is None:
            return False
        stands = self._cup_stands and mono_ns - self._cup_ns >= CUP_STILL_NS
        windy = any((other.mean_m_s(mono_ns) or 0.0) > OTHERS_WIND_M_S for other in others)
        iced = stands and windy
        news = track.doubt(Reason.NO_WIND, on=stands and not windy)
        if iced or track.bad is Reason.ICED:
            news |= track.accuse(Reason.ICED if iced else None)
        return news

    def mean_m_s(self, mono_ns: int) -> float | None:
        """Return the mean wind speed [m/s], None while there is none to speak of."""
        begun = self._mean_from_ns
        return self._mean[0] if begun is not None and mono_ns - begun >= MEAN_NS else None

    def mean_deg(self, mono_ns: int) -> float | None:
        """Return the mean direction [deg] where it is fit to be compared with another mast's."""
        speed = self.mean_m_s(mono_ns)
        if speed is None or speed <= COMPARED_M_S or self.direction is None:
            return None
        if self.direction.bad is not None:
            return None
        return math.degrees(math.atan2(self._mean[1], self._mean[2])) % 360.0

    def forgive(self, ns: int) -> None:
        """Count no stillness over `ns` [ns] in which nobody listened."""
        self._vane_ns += ns
        self._cup_ns += ns

    def _reading(self, track: Track | None) -> float | None:
        return track.last if track is not None and track.raw is not None else None

    def _vane(self, speed_m_s: float | None, direction: float | None, mono_ns: int) -> bool:
        track = self.direction
        assert track is not None
        if direction is None:
            self._vane_ns += mono_ns - self._seen_ns  # a gap neither frees it nor counts against it
            return False
        if self._anchor_deg is None:
            self._hold(direction, mono_ns)
            return track.accuse(None)
        off = turn(direction - self._anchor_deg)
        low, high = min(self._spread[0], off), max(self._spread[1], off)
        if high - low >= VANE_MOVES_DEG:
            self._hold(direction, mono_ns)
            return track.accuse(None)
        self._spread = (low, high)
        if track.bad is None and (speed_m_s is None or speed_m_s <= VANE_WIND_M_S):
            self._stand(mono_ns)  # nothing asks it to move
            return False
        hung = self.speed is not None and self.speed.bad is Reason.STUCK  # the whole instrument
        if mono_ns - self._vane_ns >= VANE_STILL_NS and (hung or self._moves() >= SPEED_MOVES):
            return track.accuse(Reason.ICED)
        return False

    def _hold(self, direction: float, mono_ns: int) -> None:
        self._anchor_deg, self._spread = direction, (0.0, 0.0)
        self._stand(mono_ns)

    def _stand(self, mono_ns: int) -> None:
        """Begin to count how long the vane stands, and what the speed does meanwhile."""
        self._vane_ns = mono_ns
        self._speed_moves += self._moves()

    def _moves(self) -> int:
        """Return how often the speed has changed since the vane stands."""
        return 0 if self.speed is None else self.speed.moves - self._speed_moves

    def _cup(self, speed_m_s: float | None, mono_ns: int) -> None:
        stands = speed_m_s is not None and speed_m_s <= 0.0
        if stands and not self._cup_stands:
            self._cup_ns = mono_ns
        self._cup_stands = stands

    def _average(self, speed_m_s: float | None, direction: float | None, mono_ns: int) -> None:
        """Keep exponential means over five minutes: gusts and meander are not disagreement."""
        seconds_ns, self._seen_ns = mono_ns - self._seen_ns, mono_ns
        if speed_m_s is None or direction is None:
            self._mean_from_ns = None
            return
        angle = math.radians(direction)
        new = (speed_m_s, math.sin(angle), math.cos(angle))
        if self._mean_from_ns is None:
            self._mean_from_ns, self._mean = mono_ns, new
            return
        share = 1.0 - math.exp(-seconds_ns / MEAN_NS)
        old = self._mean
        self._mean = (
            old[0] + share * (new[0] - old[0]),
            old[1] + share * (new[1] - old[1]),
            old[2] + share * (new[2] - old[2]),
        )


class Masts:
    """All masts of a site, compared with each other."""

    def __init__(self, masts: Sequence[Mast]) -> None:
        self._masts = masts
        self._odd: set[int] = set()  # masts that agree with no other, by place
        self._since_ns: dict[int, int] = {}

    def look(self, mono_ns: int) -> list[Track]:
        """Judge every mast; return the tags of which there is news."""
        news: list[Track] = []
        for mast in self._masts:
            news += mast.look(mono_ns)
        for mast in self._masts:
            others = [other for other in self._masts if other is not mast]
            if mast.judge_cup(others, mono_ns) and mast.speed is not None:
                news.append(mast.speed)
        if len(self._masts) > 1:
            news += self._compare(mono_ns)
        return news

    def forgive(self, ns: int) -> None:
        """Count no time over `ns` [ns] in which nobody listened."""
        for mast in self._masts:
            mast.forgive(ns)
        self._since_ns = {place: since + ns for place, since in self._since_ns.items()}

    def _compare(self, mono_ns: int) -> list[Track]:
        """Doubt each mast that agrees with no other: of two both, of three the odd one out."""
        means = {i: mast.mean_deg(mono_ns) for i, mast in enumerate(self._masts)}
        shown = {place: deg for place, deg in means.items() if deg is not None}
        news: list[Track] = []
        for place, mast in enumerate(self._masts):
            limit = TOGETHER_DEG if place in self._odd else APART_DEG
            others = [deg for other, deg in shown.items() if other != place]
            alone = place in shown and bool(others)
            alone = alone and all(abs(turn(shown[place] - deg)) > limit for deg in others)
            since = self._since_ns.setdefault(place, mono_ns) if alone else None
            if since is None:
                self._since_ns.pop(place, None)
            odd = since is not None and mono_ns - since >= APART_NS
            (self._odd.add if odd else self._odd.discard)(place)
            track = mast.direction
            if track is not None and track.doubt(Reason.MASTS_DIFFER, on=odd):
                news.append(track)
        return news
