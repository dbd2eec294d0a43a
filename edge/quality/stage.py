"""What each reading is worth: said in core's cycle, before the alarm engine judges it.

What it promises:

- No value is changed. A sample is passed on as it is, marked as doubtful, or taken away as Bad.
- A Bad sample, and one that was set aside (calibration, inhibit), is passed on untouched.
- A jump is marked on its first sample and passed on at once: marks of jumps raise (`REASONS`).
- What can be Bad here (stuck, iced) is so only while the value does not move: a value that rises
  is judged in the very sample in which it does.
- Durations are monotonic: a step of the wall clock changes no verdict. The one calendar check is
  the day on which a calibration ends.

Cost: a quiet sample is a look-up and four comparisons. Durations, masts, cold and calibration are
looked at on the tick.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from edge.clock import NS, Instant
from edge.quality.parameters import Parameters, parameters_of
from edge.quality.stamps import AHEAD_NS, Stamps
from edge.quality.track import Track
from edge.quality.wind import Mast, Masts
from edge.site.model import Site
from edge.tag import REASONS, Quality, Reason, Sample, World

LOOK_NS = 5 * NS  # how often durations and masts are looked at
WARMER_C = 1.0  # above t_min_c, before an instrument counts as warm again
DAY_S = 86_400
EAST_8_S = 8 * 3600  # calibration days end at midnight, China standard time
DAY_ZERO = 719_163  # 1970-01-01 as `date.toordinal` counts
# Looked up once: an enum's member costs more to look up than all the rest of a quiet sample.
_OK, _GOOD, _EARLIEST_NS = Reason.OK, Quality.GOOD, -AHEAD_NS
WORKED_ON = frozenset({Reason.CALIBRATING, Reason.INJECTED, Reason.WARM_UP})


class QualityStage:
    """Judges the samples of one site. `t_min_c`: device -> the coldest air its template allows.

    A tag with no check costs one look-up and nothing else.
    """

    def __init__(self, site: Site, t_min_c: Mapping[str, float] | None = None) -> None:
        self._tracks: dict[str, Track] = {}
        self._stamps = Stamps()
        # A replay's instruments stamp by clocks that no replay scales.
        self._stamped = set[str]() if site.world is World.REPLAY else _stamped(site)
        ambient, wind = _ambient(site), {"wind_speed", "wind_from"}
        for tag in site.tags.values():
            if tag.device not in site.devices:
                continue  # the hazard daemon's own
            asset = site.assets.get(tag.asset)
            parameters = parameters_of(
                tag,
                site.checks.get(tag.name),
                mast=asset is not None and asset.kind == "mast",
                device_t_min_c=(t_min_c or {}).get(tag.device) if tag.space == "outdoor" else None,
            )
            asked = tag.device in self._stamped or _asks(parameters)
            if asked or tag.name == ambient or tag.quantity in wind:
                self._tracks[tag.name] = Track(tag, parameters)
        tracks = self._tracks.values()
        self._restless: set[str] = set()
        self._still = [t for t in tracks if math.isfinite(t.parameters.still_s)]
        self._dated = [t for t in tracks if t.parameters.due_day is not None]
        self._chilled = [t for t in tracks if t.parameters.t_min_c is not None]
        self._ambient = self._tracks.get(ambient)
        self._masts = Masts(_masts(tracks))
        self._look_ns: int | None = None
        self._day = 0

    def check(self, sample: Sample, now: Instant, heard_ns: int) -> Sample:
        """Return `sample` as the alarm engine is to have it.

        `heard_ns` [ns, monotonic], where that is later than the last sample that was given, is
        when the tag was last heard of and read the same as in that one.
        """
        name, value, quality, reason, source_ns, receive_ns, _ = sample
        track = self._tracks.get(name)
        if track is None:
            return sample
        if (
            reason is _OK
            and quality is _GOOD
            and track.calm
            and value is not None
            and track.low <= value <= track.high
            and (source_ns == receive_ns or _EARLIEST_NS <= receive_ns - source_ns <= track.late_ns)
        ):
            mono_ns = now[1]
            if value != track.last:  # `Track.moved` of one that is not Bad, without the call
                track.last = value
                track.moves += 1
                still_ns = mono_ns - track.moved_ns
                if still_ns > track.longest_ns:  # noqa: PLR1730 - max() is another call
                    track.longest_ns = still_ns
                track.moved_ns = mono_ns
            track.raw = sample
            track.heard_ns = mono_ns
            return sample
        track.heard_ns = max(track.heard_ns, heard_ns)
        return self._judge(track, sample, now)

    def restless(self, tag: str) -> bool:
        """Return whether a sample of `tag` that repeats the last one could change its verdict.

        Where it could not, repeats may be kept from `check`.
        """
        return tag in self._restless

    def tick(self, now: Instant) -> Sequence[Sample]:
        """Return the samples whose verdict has changed with time alone, as they are now."""
        mono_ns = now.mono_ns
        if self._look_ns is not None and mono_ns < self._look_ns:
            return ()
        self._look_ns = mono_ns + LOOK_NS
        self._stamps.look(now)
        news = [t for t in self._still if t.frozen(mono_ns) and t.accuse(Reason.STUCK)]
        news += self._masts.look(mono_ns)
        news += self._cold()
        news += self._overdue(now.utc_ns)
        return [] if not news else list(self._renew(dict.fromkeys(news), now))

    def forgive(self, seconds: float) -> None:
        """Count no time over `seconds` [s] in which this process itself did not run."""
        ns = round(seconds * NS)
        for track in self._tracks.values():
            track.forgive(ns)
        self._masts.forgive(ns)

    def _judge(self, track: Track, sample: Sample, now: Instant) -> Sample:
        value, reason = sample.value, sample.reason
        rule = REASONS[reason]
        usable = sample.quality is not Quality.BAD and rule.quality is not Quality.BAD
        if not usable or not rule.judges or value is None or not math.isfinite(value):
            track.lose(now.mono_ns, worked_on=reason in WORKED_ON)
            self._settle(track, None)
            return sample
        passing = track.jump(value, now.mono_ns)
        if track.tag.device in self._stamped:
            track.stamp = self._stamps.judge(track, sample, now)
        track.take(sample, value, now.mono_ns)
        self._free(track, value)
        self._settle(track, passing)
        return track.verdict(sample, passing)

    def _free(self, track: Track, value: float) -> None:
        """Let a wind speed that is not 0 any more be believed at once, not at the next tick."""
        if track.tag.quantity == "wind_speed" and value > 0.0:
            track.doubt(Reason.NO_WIND, on=False)
            if track.bad is Reason.ICED:
                track.accuse(None)

    def _settle(self, track: Track, passing: Reason | None) -> None:
        """Know whether the next sample must be looked at even if it repeats this one."""
        if passing is not None or track.stamp is Reason.LATE:
            self._restless.add(track.tag.name)
        else:
            self._restless.discard(track.tag.name)

    def _cold(self) -> list[Track]:
        """Doubt what is colder than it is made for. A lost air temperature changes nothing."""
        ambient = self._ambient
        if ambient is None or ambient.raw is None or ambient.bad is not None:
            return []
        air_c = ambient.last
        if air_c is None:
            return []
        news: list[Track] = []
        for track in self._chilled:
            least_c = track.parameters.t_min_c
            assert least_c is not None
            between = least_c <= air_c <= least_c + WARMER_C
            if not between and track.doubt(Reason.LOW_TEMPERATURE, on=air_c < least_c):
                news.append(track)
        return news

    def _overdue(self, utc_ns: int) -> list[Track]:
        """Doubt what should have been calibrated by yesterday."""
        day = (utc_ns // NS + EAST_8_S) // DAY_S + DAY_ZERO
        if day == self._day:
            return []
        self._day = day
        news: list[Track] = []
        for track in self._dated:
            due = track.parameters.due_day
            assert due is not None
            if track.doubt(Reason.CALIBRATION_OVERDUE, on=day > due):
                news.append(track)
        return news

    def _renew(self, tracks: Iterable[Track], now: Instant) -> Iterable[Sample]:
        """Yield each tag's last reading under its new verdict, where that differs from the old."""
        for track in tracks:
            raw = track.raw
            if raw is None:
                continue
            before = raw.reason if track.given is None else track.given.reason
            sample = track.verdict(raw._replace(receive_ns=now.utc_ns), None)
            if sample.reason is not before:
                yield sample


def _asks(parameters: Parameters) -> bool:
    """Return whether there is anything to check a tag by, beside its stamps."""
    figures = (parameters.spike, parameters.rate, parameters.still_s)
    return (
        any(map(math.isfinite, figures))
        or parameters.t_min_c is not None
        or parameters.due_day is not None
    )


def _stamped(site: Site) -> set[str]:
    """Return the devices that give source times of their own."""
    links = {link.id for link in site.file.links if link.kind == "opcua"}
    return {device.id for device in site.file.devices if device.link in links}


def _ambient(site: Site) -> str:
    """Return the tag of the air's temperature, "" where the site names none."""
    hazard = site.file.hazard
    return site.file.quality.ambient_tag or (hazard.temperature_tag if hazard is not None else "")


def _masts(tracks: Iterable[Track]) -> list[Mast]:
    """Return the masts: a device's wind speed and direction belong together.

    Where they are two devices (cheap ones are), those of one asset do.
    """
    all_tracks = list(tracks)
    speeds = [track for track in all_tracks if track.tag.quantity == "wind_speed"]
    vanes = [track for track in all_tracks if track.tag.quantity == "wind_from"]
    found: list[Mast] = []
    for belongs in (_by_device, _by_asset):  # the surer way first
        for speed in tuple(speeds):
            vane = next((vane for vane in vanes if belongs(vane) == belongs(speed)), None)
            if vane is not None:
                speeds.remove(speed)
                vanes.remove(vane)
                found.append(Mast(speed, vane))
    found += [Mast(speed, None) for speed in speeds]
    return found + [Mast(None, vane) for vane in vanes]


def _by_device(track: Track) -> str:
    return track.tag.device


def _by_asset(track: Track) -> str:
    return track.tag.asset
