"""The demo's own parts: options refused early, a copied site, the chain's arithmetic."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from edge.clock import NS
from edge.errors import ConfigError
from edge.site import load_site
from edge.site.model import Title
from suian.demo.chain import Chain
from suian.demo.options import DemoOptions, check, scenario_file, sites_folder
from suian.demo.story import Story
from suian.demo.workspace import copy_site, free_ports, workspace


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (DemoOptions(speed=10), "real time"),
        (DemoOptions(speed=0, replay=Path()), "not above 0"),
        (DemoOptions(start="leak:1"), "only a replay"),
        (DemoOptions(replay=Path("no/such")), "no such folder"),
        (DemoOptions(for_s=0), "not above 0 s"),
        (DemoOptions(broker="10.0.0.1"), "mqtt://HOST:PORT"),
        (DemoOptions(broker="mqtt://10.0.0.1:99999"), "mqtt://HOST:PORT"),
        (DemoOptions(broker="mqtt://"), "mqtt://HOST:PORT"),
        (DemoOptions(broker="mqtt://user:secret@10.0.0.1"), "mqtt://HOST:PORT"),
        (DemoOptions(speed=float("inf"), replay=Path()), "at most"),
        (DemoOptions(scenario="no-such"), "no such scenario"),
        (DemoOptions(scenario="../../../etc/passwd"), "no such scenario"),
    ],
)
def test_an_option_that_means_nothing_is_refused_with_a_remedy(options: DemoOptions, words: str):
    """A person is told what is wrong before any process is started."""
    with pytest.raises(ConfigError, match=words):
        check(options)


def test_an_unknown_scenario_names_those_that_there_are():
    """A misspelt scenario is answered with the list."""
    with pytest.raises(ConfigError, match="chlorine-hose"):
        scenario_file(DemoOptions(scenario="chlorine-house"))


def test_a_site_copy_is_the_same_site_on_other_ports(tmp_path: Path):
    """The copy loads, has the same tags, and every port of it is new and differs."""
    moved = copy_site(sites_folder() / "demo", tmp_path / "site")
    original, copy = load_site(sites_folder() / "demo"), load_site(tmp_path / "site")

    assert copy.tags.keys() == original.tags.keys()
    assert len(set(moved.values())) == len(moved)
    assert {link.port for link in copy.file.links} <= set(moved.values())
    assert copy.file.console.port == moved["console"]


def test_a_workspace_is_taken_away_and_a_kept_one_stays(tmp_path: Path):
    """Nothing of a run remains unless it was asked for."""
    with workspace(sites_folder() / "demo") as place:
        assert place.site.is_dir()
    assert not place.root.exists()
    with workspace(sites_folder() / "demo", keep=tmp_path / "kept") as place:
        pass
    assert (tmp_path / "kept" / "site" / "site.yaml").is_file()


def test_a_folder_to_keep_that_cannot_be_used_is_refused(tmp_path: Path):
    """Somebody's own files stay, and a message says what is wrong with the folder."""
    source = sites_folder() / "demo"
    (tmp_path / "file").touch()
    (tmp_path / "own" / "site").mkdir(parents=True)
    for keep, words in (
        (tmp_path / "file", "cannot be made"),
        (tmp_path / "own", "no demo made"),
        (tmp_path / ("x" * 110), "Unix socket"),
    ):
        with pytest.raises(ConfigError, match=words), workspace(source, keep=keep):
            pass
    with (
        workspace(source, keep=tmp_path / "kept"),
        pytest.raises(ConfigError, match="another suian-demo"),
        workspace(source, keep=tmp_path / "kept"),
    ):
        pass
    with workspace(source, keep=tmp_path / "kept") as place:
        assert place.site.is_dir(), "a kept folder may be used again"


def test_a_given_broker_is_where_the_copy_publishes(tmp_path: Path):
    """`--broker` reaches the relay's own settings."""
    copy_site(sites_folder() / "demo", tmp_path / "site", broker=("127.0.0.1", 1899))
    relay = load_site(tmp_path / "site").file.relay

    assert relay is not None
    assert (relay.host, relay.port) == ("127.0.0.1", 1899)


def test_free_ports_differ_and_can_be_had():
    """Each of them can be listened on right away."""
    ports = free_ports(5)

    assert len(set(ports)) == 5
    for port in ports:
        with socket.socket() as one:
            one.bind(("127.0.0.1", port))


def test_a_stage_keeps_its_first_stamp_and_says_what_is_missing():
    """The chain's seconds come from first stamps; what never came is named."""
    chain = Chain()
    assert chain.reach("leak", 1 * NS)
    assert not chain.reach("leak", 2 * NS)
    chain.reach("register", 4 * NS)

    assert chain.between("leak", "register") == 3.0
    assert chain.between("leak", "horn") is None
    assert chain.missing() == ["alarm", "horn", "plume", "console", "mqtt"]


def test_a_line_names_things_in_each_language(capsys: pytest.CaptureFixture[str]):
    """A name with two forms stands in Chinese in the Chinese half and in English in the other."""
    bay = Title(zh="卸车鹤位 B-1", en="Unloading bay B-1")
    Story(Chain(), to_stderr=True).tell("leak", {"asset": bay})
    chinese, english = capsys.readouterr().err.rstrip().rsplit("   ", 1)
    assert chinese.endswith("泄漏开始：卸车鹤位 B-1")
    assert english == "the leak starts: Unloading bay B-1"
