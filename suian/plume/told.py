"""What a scenario assumes, in words: a printed page says what it was computed from."""

from __future__ import annotations

from collections.abc import Iterator

from edge.words.wording import Wording
from suian.plume.noting import figure, gas_name, named
from suian.plume.scenario import Hole, PlumeScenario, Puff, Rate, Room, Rupture, Spill, Vessel


def told(scenario: PlumeScenario, language: str) -> tuple[str, ...]:
    """Return the lines that say what is released, where, and what is looked at."""
    return tuple(_Told(scenario, language).lines())


class _Told(Wording):
    """Says the inputs; a part that the file leaves out is not said."""

    def __init__(self, scenario: PlumeScenario, language: str) -> None:
        super().__init__("plume.told", language, 0.0)
        self._scenario = scenario

    def lines(self) -> Iterator[str]:
        scenario, release = self._scenario, self._scenario.release
        for way in ("rate", "puff", "hole", "spill", "rupture", "reactive"):
            part = getattr(release, way)
            if part is not None:
                yield self._release(part)
        if release.indoors is not None:
            yield self._room(release.indoors)
        at = release.at
        yield self.say("at", x=figure(at.x_m), y=figure(at.y_m), height=figure(at.height_m))
        yield self.say(
            "looked-at",
            height=figure(scenario.height_m),
            exposure=scenario.exposure_min,
            horizon=figure(scenario.horizon_min),
        )

    def _release(self, part: Rate | Puff | Hole | Spill | Rupture) -> str:
        gas = gas_name(self._scenario.substance, self.language)
        if isinstance(part, Rate):
            lasts = self._minutes(part.duration_min)
            lasts = self.say("rate.for", lasts=lasts) if lasts else self.say("goes-on")
            return self.say("rate", gas=gas, rate=figure(part.kg_s), lasts=lasts)
        if isinstance(part, Puff):
            return self.say("puff", gas=gas, kg=figure(part.kg), width=figure(part.diameter_m))
        if isinstance(part, Spill):
            return self._spill(gas, part)
        if isinstance(part, Rupture):
            return self.say("rupture", gas=gas, vessel=self._vessel(part.vessel))
        closed = self._minutes(part.closed_after_min)
        parts = [
            self.say("hole", vessel=self._vessel(part.vessel), gas=gas),
            self.say("hole.size", mm=figure(part.diameter_mm), height=figure(part.height_m)),
            self.say("hole.pipe", metres=figure(part.pipe_m)) if part.pipe_m else "",
            self.say("hole.closed", lasts=closed) if closed else self.say("hole.open"),
            self._bund(part.bund_m2),
            self.say("hole.hj169") if part.method == "hj169" else "",
        ]
        return self._joined(parts)

    def _spill(self, gas: str, part: Spill) -> str:
        if part.kg is not None:
            amount = self.say("spill.kg", kg=figure(part.kg))
        else:
            lasts = self._minutes(part.duration_min)
            amount = self.say("spill.rate", rate=figure(part.kg_s or 0.0), lasts=lasts)
        strength = getattr(part, "strength", None)
        parts = [
            self.say("spill", gas=gas, amount=amount, ground=self._ground(part.ground)),
            self.say("spill.strength", percent=figure(100 * strength)) if strength else "",
            self._bund(part.bund_m2),
        ]
        for key in ("wet_mm", "rain_mm_h"):
            value = getattr(part, key, 0.0)
            parts.append(self.say(f"spill.{key}", value=figure(value)) if value else "")
        return self._joined(parts)

    def _vessel(self, part: Vessel) -> str:
        parts = [
            self.say(
                "vessel",
                shape=named("shape", part.shape, self.language),
                volume=figure(part.volume_m3),
                kg=figure(part.mass_kg, 4),
                celsius=figure(part.temperature_c),
            ),
            self.say("vessel.kpa", kpa=figure(part.pressure_kpa, 4)) if part.pressure_kpa else "",
        ]
        return self._joined(parts)

    def _room(self, part: Room) -> str:
        parts = [self.say("room", volume=figure(part.volume_m3), ach=figure(part.normal_ach))]
        if part.emergency_ach:
            parts.append(
                self.say(
                    "room.emergency",
                    ach=figure(part.emergency_ach),
                    minutes=figure(part.emergency_after_min),
                    percent=figure(100 * part.scrubber),
                )
            )
        if part.door_m2:
            minutes = figure(part.door_opens_after_min)
            parts.append(self.say("room.door", area=figure(part.door_m2), minutes=minutes))
        return self._joined(parts)

    def _bund(self, area_m2: float | None) -> str:
        return self.say("bund", area=figure(area_m2)) if area_m2 else ""

    def _ground(self, ground: str) -> str:
        return named("ground", ground, self.language)

    def _minutes(self, minutes: float | None) -> str:
        return "" if minutes is None else self.lasting(60 * minutes)

    def _joined(self, parts: list[str]) -> str:
        return ("，" if self.language == "zh-CN" else ", ").join(part for part in parts if part)
