"""What `suian demo` and `suian drill` may be asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

from edge.clock import FASTEST
from edge.errors import ConfigError, Fault


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """One run of the demo. `speed` scales the clock of a replay; `for_s` is in real seconds."""

    scenario: str = "chlorine-hose"
    replay: Path | None = None
    speed: float = 1.0
    start: str = ""  # where a replay begins: ISO UTC time or "leak:N"; "" lets the record choose
    for_s: float | None = None
    headless: bool = False
    as_json: bool = False
    broker: str = ""  # mqtt://host:port of a broker that is already there
    keep: Path | None = None  # keep site, journals and logs in this folder
    view: bool = False  # open the pygame window (suian drill)
    seed: int | None = None


def sites_folder() -> Path:
    """Return the folder of the example sites."""
    return Path(str(resources.files("deploy"))) / "sites"


def site_of(options: DemoOptions) -> Path:
    """Return the site folder that the run's story plays in."""
    return sites_folder() / ("metec" if options.replay else "demo")


def scenario_file(options: DemoOptions) -> Path:
    """Return the scenario's file: a path as given, or a name among the example site's own.

    Raises `ConfigError` naming the scenarios that there are.
    """
    given = Path(options.scenario)
    if given.suffix in {".yaml", ".yml"}:
        if given.is_file():
            return given.resolve()
        raise ConfigError([Fault(str(given), 0, "scenario", "no such file", "Check the path")])
    folder = site_of(options) / "scenarios"
    found = folder / f"{options.scenario}.yaml"
    if found.is_file():
        return found
    names = ", ".join(sorted(path.stem for path in folder.glob("*.yaml")))
    fault = Fault(str(folder), 0, options.scenario, "no such scenario", f"There are: {names}")
    raise ConfigError([fault])


def check(options: DemoOptions) -> None:
    """Raise `ConfigError` for a combination that means nothing, before anything is started."""
    faults: list[Fault] = []
    if options.replay is None and options.speed != 1.0:
        remedy = "Leave --speed out, or give --replay DIR"
        faults.append(Fault("--speed", 0, str(options.speed), "drills run in real time", remedy))
    if not 0 < options.speed <= FASTEST:
        problem, remedy = f"not above 0 and at most {FASTEST:g}", "Give 1 or more"
        faults.append(Fault("--speed", 0, str(options.speed), problem, remedy))
    if options.replay is None and options.start:
        remedy = "Give --replay DIR as well"
        faults.append(Fault("--from", 0, options.start, "only a replay has a past", remedy))
    if options.replay is not None and not options.replay.is_dir():
        remedy = "Give the folder that holds obs_1min.csv, sensors.csv and leaks.csv"
        faults.append(Fault("--replay", 0, str(options.replay), "no such folder", remedy))
    if options.for_s is not None and not options.for_s > 0:
        faults.append(Fault("--for", 0, str(options.for_s), "not above 0 s", "Give seconds"))
    if options.broker and not _is_broker(options.broker):
        faults.append(Fault("--broker", 0, options.broker, "not mqtt://HOST:PORT", "Write it so"))
    if faults:
        raise ConfigError(faults)
    if options.replay is None:
        scenario_file(options)


def _is_broker(url: str) -> bool:
    """Whether `url` names a host, perhaps a port, and nothing that would be left out."""
    try:
        parts = urlsplit(url)
        more = parts.username or parts.path.strip("/") or parts.query or parts.fragment
        return parts.scheme == "mqtt" and bool(parts.hostname) and parts.port != 0 and not more
    except ValueError:  # a port that is none
        return False
