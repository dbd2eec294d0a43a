"""A run in words: what the terminal, the page and the picture show, in one language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edge.dispersion.consequence.zones import ThreatZone
from edge.dispersion.emission import Emission, Kind
from edge.dispersion.notes import ModelUse, Note
from edge.dispersion.weather.profile import wind_of
from edge.dispersion.weather.stability import letter_of
from edge.substance import Substance
from edge.substance.convert import ppm
from edge.units import Unit, from_si
from edge.words import say
from edge.words.wording import Wording, number, percent
from suian.plume.answer import Place, Result, Run
from suian.plume.uncertain import Likely

SHORT_S = 60.0
REFERENCE_M = 10.0
IN_THE_TABLE = frozenset(  # what a zone's own row says already
    {"dispersion.note.isolation-circle", "dispersion.note.level-not-reached"}
)


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """One zone: what it is, how far it reaches, what is drawn."""

    id: str
    name: str
    value: str
    averaging: str
    reach: str
    area: str


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One place: what comes there and when. `fraction` is shown to engineers only."""

    name: str
    peak: str
    zone: str
    first: str
    lasts: str
    load: str
    indoor: str
    fraction: str


@dataclass(frozen=True, slots=True)
class LikelyRow:
    """How far a zone reaches at 5, 50, 95 % of the members, and how many reach it at all."""

    name: str
    low: str
    middle: str
    high: str
    reached: str


@dataclass(frozen=True, slots=True)
class Section:
    """All of one substance."""

    title: str
    emissions: tuple[str, ...]
    zones: tuple[ZoneRow, ...]
    zone_notes: tuple[str, ...]
    places: tuple[PlaceRow, ...]
    flammable: str
    likely: tuple[LikelyRow, ...]
    models: tuple[tuple[str, str], ...]  # what it is, where it holds
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The whole report."""

    language: str
    title: str
    site: str
    live: bool
    world: str
    weather: tuple[str, ...]
    weather_notes: tuple[str, ...]
    sections: tuple[Section, ...]
    exposure: str
    engineering: bool


def make_page(run: Run, language: str, *, engineering: bool = False) -> Page:
    """Return the report of `run`; `engineering` keeps the columns that only engineers read."""
    words = _Words(run, language)
    return Page(
        language=language,
        title=words.say("title"),
        site=run.scenario.title or words.gas(run.results[0].gas),
        live=True,
        world="",
        weather=words.weather(),
        weather_notes=tuple(words.note(note) for note in run.built.appraisal.notes),
        sections=tuple(words.section(result) for result in run.results),
        exposure=words.lasting(run.scenario.exposure_min * 60.0),
        engineering=engineering,
    )


class _Words(Wording):
    """Says a run."""

    def __init__(self, run: Run, language: str) -> None:
        super().__init__("plume", language, 0.0)
        self._run = run

    def note(self, note: Note) -> str:
        return say(note.id, self.language, note.params)

    def gas(self, gas: Substance) -> str:
        name = gas.name_zh if self.language == "zh-CN" else gas.name_en
        return f"{name} {gas.formula}"

    def weather(self) -> tuple[str, ...]:
        """Return the weather as it was judged."""
        appraisal = self._run.built.appraisal
        air, seen = appraisal.weather, self._run.scenario.weather
        if appraisal.calm:
            wind = self.say("weather.calm", speed=number(seen.wind.speed_m_s))
        else:
            wind = self.say(
                "weather.wind",
                from_deg=f"{air.from_deg:.0f}",
                side=self.word(f"plume.side.{round(air.from_deg / 45) % 8}"),
                speed=number(air.speed_m_s),
                height=number(air.height_m),
            )
            if air.height_m != REFERENCE_M:
                wind += self.say("weather.wind-10", at_10=number(wind_of(air, REFERENCE_M)))
        mixing = self.say(
            "weather.mixing",
            letter=letter_of(air.stability),
            stability=f"{air.stability:.1f}",
            low=letter_of(appraisal.most_unstable),
            high=letter_of(appraisal.most_stable),
            friction=f"{air.friction_m_s:.2f}",
            lid=f"{air.mixing_height_m:.0f}",
            roughness=number(air.roughness_m),
        )
        rest = self.say(
            "weather.air",
            celsius=f"{from_si(air.temperature_k, Unit.CELSIUS):.0f}",
            humidity=f"{100 * air.humidity:.0f}",
            kpa=f"{air.pressure_pa / 1000:.1f}",
        )
        if self._run.scenario.time is not None:
            rest += self.say("weather.sun", sun=f"{appraisal.sun_elevation_deg:.0f}")
        return wind, mixing, rest

    def section(self, result: Result) -> Section:
        uses = {use.id: use for emission in result.emissions for use in emission.models}
        uses |= {use.id: use for use in result.answer.solution.models}
        notes = {self.note(note): None for note in self._notes(result, list(uses.values()))}
        mass = result.flammable
        flammable = ""
        if mass is not None and mass.greatest_kg == 0:
            flammable = self.say("flammable.none")
        elif mass is not None:
            flammable = self.say(
                "flammable",
                kg=number(mass.greatest_kg),
                at=self.lasting(mass.greatest_s),
                lower=number(100 * (result.gas.lel_fraction or 0.0)),
                upper=number(100 * (result.gas.uel_fraction or 0.0)),
            )
        likely = () if result.uncertain is None else result.uncertain.likely
        return Section(
            title=self.gas(result.gas),
            emissions=tuple(self.emission(emission) for emission in result.emissions),
            zones=tuple(self.zone(result, zone) for zone in result.zones),
            zone_notes=tuple(self._under(result)),
            places=tuple(self.place(result.gas, place) for place in result.places),
            flammable=flammable,
            likely=tuple(self.likely(one) for one in likely),
            models=tuple((use.id, self.note(use.validity)) for use in uses.values()),
            notes=tuple(notes),
        )

    def _notes(self, result: Result, uses: list[ModelUse]) -> list[Note]:
        notes = list(result.answer.notes)
        for use in uses:
            notes += use.notes
        for zone in result.zones:
            notes += [note for note in zone.notes if note.id not in IN_THE_TABLE]
        for place in result.places:
            notes += () if place.load is None else place.load.notes
            notes += () if place.fraction is None else place.fraction.notes
        if result.uncertain is not None:
            notes += result.uncertain.ensemble.notes
        return notes

    def emission(self, emission: Emission) -> str:
        """Return what enters the air."""
        kind = self.word(f"plume.kind.{emission.kind.value}")
        if emission.kind is Kind.INSTANT:
            step = emission.steps[0]
            return self.say(
                "emission.instant",
                kind=kind,
                kg=number(emission.mass_kg),
                celsius=f"{from_si(step.temperature_k, Unit.CELSIUS):.0f}",
                liquid=percent(step.liquid_fraction),
            )
        peak = max(emission.steps, key=lambda step: step.rate_kg_s)
        return self.say(
            "emission.rate",
            kind=kind,
            rate=number(peak.rate_kg_s),
            kg=number(emission.total_kg),
            lasts=self.lasting(emission.duration_s),
            celsius=f"{from_si(peak.temperature_k, Unit.CELSIUS):.0f}",
            liquid=percent(peak.liquid_fraction),
        )

    def level(self, level_id: str) -> str:
        """Return a level's name, as AEGL-2 or 60 %LEL."""
        kind, _, share = level_id.partition("-")
        return f"{share} %LEL" if kind == "lel" else level_id.upper()

    def zone(self, result: Result, zone: ThreatZone) -> ZoneRow:
        origin = result.answer.solution.origin_m
        reach = zone.distance_m(origin)
        shortest, longest = (f(c.averaging_s for c in zone.level.criteria) for f in (min, max))
        times = self._averaging(shortest)
        if longest > shortest:
            times = f"{times} – {self._averaging(longest)}"
        more = ">" if zone.modelled.truncated else ""
        unit = say(f"unit.symbol.{zone.level.unit.value}", self.language)
        return ZoneRow(
            id=zone.level.id,
            name=self.level(zone.level.id),
            value=f"{number(zone.level.value)} {unit}",
            averaging=times,
            reach=f"{more}{self._metres(reach)}" if zone.reached else self.say("zone.nowhere"),
            area=f"{zone.modelled.area_m2 / 1e4:.3g} ha" if zone.reached else "–",
        )

    def _under(self, result: Result) -> Iterator[str]:
        """Yield what stands under the table of zones."""
        circle = max((zone.isolation_m for zone in result.zones), default=0.0)
        if circle > 0:
            yield self.say("zone.isolation", metres=f"{circle:.0f}")
        if not all(zone.reached for zone in result.zones):
            yield self.say("zone.nowhere.note")

    def place(self, gas: Substance, place: Place) -> PlaceRow:
        when, inside = place.when, place.indoor
        first = lasts = "–"
        if when is not None and when.first_s is not None:
            first = self.lasting(when.first_s)
            lasts = self.lasting(when.above_s)
        return PlaceRow(
            name=place.receptor.title or place.receptor.id,
            peak=self._ppm(gas, place.peak_kg_m3),
            zone=self.level(place.level) if place.level else self.say("place.none"),
            first=first,
            lasts=lasts,
            load=self._load(gas, place),
            indoor="–" if inside is None else self._ppm(gas, inside.peak),
            fraction="–" if place.fraction is None else percent(float(place.fraction.values[0])),
        )

    def likely(self, one: Likely) -> LikelyRow:
        low, middle, high = (
            self.say("zone.nowhere") if d is None else self._metres(d) for d in one.band.distances_m
        )
        if one.band.beyond:
            high = f">{high}"
        return LikelyRow(self.level(one.level.id), low, middle, high, percent(one.band.reached))

    def _load(self, gas: Substance, place: Place) -> str:
        """Return the steady concentration that would harm as much in the exposure's time."""
        if place.load is None:
            return "–"
        minutes = self._run.scenario.exposure_min
        return self._ppm(gas, float(place.load.equivalent(minutes)[0]))

    def _averaging(self, seconds: float) -> str:
        return self.say("instant") if seconds < SHORT_S else self.lasting(seconds)

    def _metres(self, metres: float) -> str:
        return f"{metres:.0f} m" if metres < 1000 else f"{metres / 1000:.2f} km"

    def _ppm(self, gas: Substance, density: float) -> str:
        air = self._run.built.appraisal.weather
        share = ppm(density * 1e6, gas, air.temperature_k, air.pressure_pa)
        return f"{number(share)} ppm" if share >= 1e-3 else "<0.001 ppm"
