"""A run in words: what the terminal, the page and the picture show, in one language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata

from edge.dispersion.chain import REFERENCE_M, strongest_step
from edge.dispersion.choice import Choice
from edge.dispersion.consequence.zones import ThreatZone
from edge.dispersion.emission import Emission, Kind
from edge.dispersion.notes import ModelUse, Note
from edge.dispersion.weather.profile import wind_of
from edge.dispersion.weather.stability import letter_of
from edge.substance import Substance
from edge.substance.convert import ppm
from edge.units import Unit, from_si
from edge.words import say
from edge.words.wording import Wording, percent
from suian.plume.answer import Place, Result, Run
from suian.plume.drawing import ordered
from suian.plume.noting import area, figure, level_name, metres, named, note_text
from suian.plume.told import told
from suian.plume.uncertain import Likely

SHORT_S = 60.0
LEAST = 1e-9  # is told as less than a tenth of a percent
LONG_S = 7200.0  # below, times are told in minutes: they fit a column and compare at a glance
IN_THE_TABLE = frozenset(  # what a zone's own row says already
    {
        "dispersion.note.isolation-circle",
        "dispersion.note.level-not-reached",
        "dispersion.note.zone-cut",
    }
)


@dataclass(frozen=True, slots=True)
class EmissionRow:
    """One thing that enters the air: what, how much, and how it is computed ("" in a calm)."""

    name: str
    text: str
    chosen: str


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
    """One place: what comes there and when, in ppm. `fraction` is shown to engineers only."""

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
    emissions: tuple[EmissionRow, ...]
    zones: tuple[ZoneRow, ...]
    zone_notes: tuple[str, ...]
    places: tuple[PlaceRow, ...]
    place_notes: tuple[str, ...]
    flammable: str
    likely: tuple[LikelyRow, ...]
    models: tuple[tuple[str, str], ...]  # what they are, where they hold
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The whole report."""

    language: str
    title: str
    site: str
    live: bool
    world: str
    facts: tuple[tuple[str, str], ...]  # when, where, with what
    told: tuple[str, ...]  # what the scenario assumes
    weather: tuple[str, ...]
    weather_notes: tuple[str, ...]
    sections: tuple[Section, ...]
    exposure: str
    calm: bool
    engineering: bool


def make_page(run: Run, language: str, *, engineering: bool = False) -> Page:
    """Return the report of `run`; `engineering` keeps the columns that only engineers read."""
    words = _Words(run, language, engineering)
    return Page(
        language=language,
        title=words.say("title"),
        site=run.scenario.title or words.gas(run.results[0].gas),
        live=True,
        world="",
        facts=tuple(words.facts()),
        told=told(run.scenario, language),
        weather=words.weather(),
        weather_notes=tuple(words.weather_notes()),
        sections=tuple(words.section(result) for result in run.results),
        exposure=words.exposure,
        calm=run.built.appraisal.calm,
        engineering=engineering,
    )


class _Words(Wording):
    """Says a run."""

    def __init__(self, run: Run, language: str, engineering: bool) -> None:
        super().__init__("plume", language, 0.0)
        self._run = run
        self._engineering = engineering
        self.exposure = self.lasting(run.scenario.exposure_min * 60.0)

    def note(self, note: Note) -> str:
        return note_text(note, self.language)

    def gas(self, gas: Substance) -> str:
        name = gas.name_zh if self.language == "zh-CN" else gas.name_en
        return f"{name} {gas.formula}"

    def facts(self) -> Iterator[tuple[str, str]]:
        """Yield what heads a printed page: when, where, with which software."""
        when, origin = self._run.scenario.time, self._run.scenario.origin
        if when is not None:
            yield self.say("told.time"), f"{when:%Y-%m-%d %H:%M %z}"
        if origin is not None:
            yield self.say("told.place"), f"{origin.lat_deg:g}°, {origin.lon_deg:g}°"
        try:
            yield self.say("told.version"), f"Suian {metadata.version('suian')}"
        except metadata.PackageNotFoundError:  # a checkout that was never installed
            return

    def weather(self) -> tuple[str, ...]:
        """Return the weather as it was judged."""
        appraisal = self._run.built.appraisal
        air, seen = appraisal.weather, self._run.scenario.weather
        if appraisal.calm:
            wind = self.say("weather.calm", speed=figure(seen.wind.speed_m_s))
        else:
            wind = self.say(
                "weather.wind",
                from_deg=f"{air.from_deg:.0f}",
                side=self.word(f"plume.side.{round(air.from_deg / 45) % 8}"),
                speed=figure(air.speed_m_s),
                height=figure(air.height_m),
            )
            if air.height_m != REFERENCE_M:
                wind += self.say("weather.wind-10", at_10=figure(wind_of(air, REFERENCE_M)))
        low, high = letter_of(appraisal.most_unstable), letter_of(appraisal.most_stable)
        mixing = self.say(
            "weather.mixing",
            letter=letter_of(air.stability),
            stability=f"{air.stability:.1f}",
            range="" if low == high else self.say("weather.range", low=low, high=high),
            friction=f"{air.friction_m_s:.2f}",
            lid=figure(air.mixing_height_m, 2),
            roughness=figure(air.roughness_m),
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

    def weather_notes(self) -> Iterator[str]:
        """Yield how the weather was judged, and what a calm leaves out."""
        appraisal = self._run.built.appraisal
        yield from (self.note(note) for note in appraisal.notes)
        if appraisal.calm and self._run.scenario.uncertainty is not None:
            yield self.say("weather.uncertain-calm")

    def section(self, result: Result) -> Section:
        uses = {use.id: use for emission in result.emissions for use in emission.models}
        uses |= {use.id: use for use in result.answer.solution.models}
        likely = () if result.uncertain is None else result.uncertain.likely
        return Section(
            title=self.gas(result.gas),
            emissions=tuple(self._emissions(result)),
            zones=tuple(self.zone(result, result.zones[index]) for index in ordered(result)),
            zone_notes=tuple(self._under_zones(result)),
            places=tuple(self.place(result.gas, place) for place in result.places),
            place_notes=tuple(self._under_places(result)),
            flammable=self._flammable(result),
            likely=tuple(self.likely(one) for one in likely),
            models=self._models(list(uses.values())),
            notes=tuple(self._notes(result, list(uses.values()))),
        )

    def _models(self, uses: list[ModelUse]) -> tuple[tuple[str, str], ...]:
        """Return the models; those that hold in the same places share a line."""
        said: dict[str, list[str]] = {}
        for use in uses:
            said.setdefault(self.note(use.validity), []).append(use.id)
        return tuple((", ".join(ids), text) for text, ids in said.items())

    def _notes(self, result: Result, uses: list[ModelUse]) -> dict[str, None]:
        """Return each note once, in order; the choice of models stands beside its emission."""
        chosen = {choice.note.id for choice in result.answer.choices}
        notes = [note for note in result.answer.notes if note.id not in chosen]
        for use in uses:
            notes += use.notes
        for zone in result.zones:
            notes += [note for note in zone.notes if note.id not in IN_THE_TABLE]
        for place in result.places:
            notes += () if place.load is None else place.load.notes
            notes += () if place.fraction is None else place.fraction.notes
        if result.uncertain is not None:
            notes += result.uncertain.ensemble.notes
        return {self.note(note): None for note in notes}

    def _flammable(self, result: Result) -> str:
        mass = result.flammable
        if mass is None:
            return ""
        if mass.greatest_kg == 0:
            return self.say("flammable.none")
        return self.say(
            "flammable",
            kg=figure(mass.greatest_kg),
            at=self.lasting(mass.greatest_s),
            lower=figure(100 * (result.gas.lel_fraction or 0.0)),
            upper=figure(100 * (result.gas.uel_fraction or 0.0)),
        )

    def _emissions(self, result: Result) -> Iterator[EmissionRow]:
        """Yield what enters the air; the choices stand in the order of the emissions."""
        choices: tuple[Choice | None, ...] = result.answer.choices
        if len(choices) != len(result.emissions):
            choices = (None,) * len(result.emissions)
        for emission, choice in zip(result.emissions, choices, strict=True):
            chosen = "" if choice is None else self.note(choice.note)
            name = emission_name(emission, self.language)
            yield EmissionRow(name, self._emission(emission), chosen)

    def _emission(self, emission: Emission) -> str:
        step = strongest_step(emission)
        celsius = f"{from_si(step.temperature_k, Unit.CELSIUS):.0f}"
        if emission.kind is Kind.INSTANT:
            text = self.say("emission.instant", kg=figure(emission.mass_kg), celsius=celsius)
        else:
            text = self.say(
                "emission.rate",
                rate=figure(step.rate_kg_s),
                kg=figure(emission.total_kg),
                lasts=self.lasting(emission.duration_s),
                celsius=celsius,
            )
        if step.liquid_fraction > 0:
            text += self.say("emission.droplets", percent=figure(100 * step.liquid_fraction, 2))
        return text

    def zone(self, result: Result, zone: ThreatZone) -> ZoneRow:
        reach = zone.distance_m(result.answer.solution.origin_m)
        shortest, longest = (f(c.averaging_s for c in zone.level.criteria) for f in (min, max))
        times = self._averaging(shortest)
        if longest > shortest:
            span = f"{shortest / 60:.0f}–{longest / 60:.0f}"
            times = self.say("place.minutes", minutes=span)
        more = ">" if zone.modelled.truncated else ""
        unit = say(f"unit.symbol.{zone.level.unit.value}", self.language)
        flammable = zone.level.id.startswith("lel-")
        return ZoneRow(
            id=zone.level.id,
            name=level_name(zone.level.id),
            value=self._share(result, zone) if flammable else f"{figure(zone.level.value)} {unit}",
            averaging=times,
            reach=f"{more}{metres(reach)}" if zone.reached else self.say("zone.nowhere"),
            area=f"{more}{area(zone.modelled.area_m2)}" if zone.reached else "–",
        )

    def _share(self, result: Result, zone: ThreatZone) -> str:
        """Return a share of the LEL in ppm: the level's name says the share already."""
        share = zone.level.value / 100 * (result.gas.lel_fraction or 0.0)
        return f"{figure(1e6 * share)} ppm"

    def _under_zones(self, result: Result) -> Iterator[str]:
        """Yield what stands under the table of zones."""
        circle = max((zone.isolation_m for zone in result.zones), default=0.0)
        if circle > 0:
            yield self.say("zone.isolation", metres=f"{circle:.0f}")
        if any(len(zone.level.criteria) > 1 for zone in result.zones):
            yield self.say("zone.several", minutes=self.exposure)
        cut = [note for zone in result.zones for note in zone.notes if zone.modelled.truncated]
        far = [float(note.params["distance_m"]) for note in cut if "distance_m" in note.params]
        if far:
            yield self.say("zone.cut", km=figure(max(far) / 1000))
        if not all(zone.reached for zone in result.zones):
            yield self.say("zone.nowhere.note")

    def _under_places(self, result: Result) -> Iterator[str]:
        """Yield what the table of places means."""
        if not result.places:
            return
        yield self.say("place.when", level=level_name(result.zones[0].level.id))
        if any(place.load is not None for place in result.places):
            yield self.say("place.load.note", minutes=self.exposure)
        if self._engineering:
            yield self.say("place.fraction.note")
        if not all(place.level for place in result.places):
            yield self.say("zone.nowhere.note")

    def place(self, gas: Substance, place: Place) -> PlaceRow:
        when, inside = place.when, place.indoor
        first = lasts = "–"
        if when is not None and when.first_s is not None:
            first = self._brief(when.first_s)
            lasts = self._brief(when.above_s)
        return PlaceRow(
            name=place.receptor.title or place.receptor.id,
            peak=self._ppm(gas, place.peak_kg_m3),
            zone=level_name(place.level) if place.level else self.say("place.none"),
            first=first,
            lasts=lasts,
            load=self._load(gas, place),
            indoor="–" if inside is None else self._ppm(gas, inside.peak),
            fraction=self._fraction(place),
        )

    def likely(self, one: Likely) -> LikelyRow:
        low, middle, high = (
            self.say("zone.nowhere") if d is None else metres(d) for d in one.band.distances_m
        )
        if one.band.beyond:
            high = f">{high}"
        return LikelyRow(level_name(one.level.id), low, middle, high, percent(one.band.reached))

    def _load(self, gas: Substance, place: Place) -> str:
        """Return the steady concentration that would harm as much in the exposure's time."""
        if place.load is None:
            return "–"
        minutes = self._run.scenario.exposure_min
        return self._ppm(gas, float(place.load.equivalent(minutes)[0]))

    def _fraction(self, place: Place) -> str:
        """Return the fraction killed; no model says none."""
        found = place.fraction
        return "–" if found is None else percent(float(found.values[0]) or LEAST)

    def _averaging(self, seconds: float) -> str:
        return self.say("instant") if seconds < SHORT_S else self._brief(seconds)

    def _brief(self, seconds: float) -> str:
        """Return a time in one unit where that is short enough to be read."""
        if SHORT_S <= seconds < LONG_S:
            return self.say("place.minutes", minutes=round(seconds / 60))
        return self.lasting(seconds)

    def _ppm(self, gas: Substance, density: float) -> str:
        air = self._run.built.appraisal.weather
        share = ppm(density * 1e6, gas, air.temperature_k, air.pressure_pa)
        return figure(share) if share >= 1e-3 else "<0.001"


def emission_name(emission: Emission, language: str) -> str:
    """Return what an emission is; that of a room by the way it leaves."""
    kind = say(f"plume.kind.{emission.kind.value}", language)
    path = next((str(note.params["path"]) for note in emission.notes if "path" in note.params), "")
    if not path:
        return kind
    words = {"kind": kind, "path": named("path", path, language)}
    return say("plume.kind.named", language, words)
