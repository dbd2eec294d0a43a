"""Included files: one site from many files, every fault with the file and line it is in."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from edge.drivers import check_site, load_templates
from edge.site import load_site, survey
from edge.site.where import Where

CASES = Path(__file__).parents[2] / "cases" / "site"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the sound site that is spread over files."""
    return Path(shutil.copytree(CASES / "includes", tmp_path / "site"))


def test_many_files_make_the_same_site_as_one(folder: Path):
    """A site spread over files has the areas, assets, links, devices and tags of the one file."""
    one, many = load_site(CASES / "sound"), load_site(folder)
    for section in ("areas", "assets", "spaces", "links", "devices", "annunciators"):
        by_id = {item.id: item for item in getattr(one.file, section)}
        assert {item.id: item for item in getattr(many.file, section)} == by_id
    assert many.tags == one.tags
    assert many.limits == one.limits
    assert many.sources == ("site.yaml", "links.yaml", "areas/cl2.yaml", "areas/nh3.yaml")
    assert many.tag_lists == ("lists/gas.csv", "lists/met.csv")


@pytest.mark.parametrize("name", ["links.yaml", "areas/nh3.yaml", "lists/met.csv"])
def test_the_hash_covers_every_file(folder: Path, name: str):
    """A change in any included file or matched tag list is another site."""
    before = load_site(folder).hash
    path = folder / name
    path.write_bytes(path.read_bytes() + b"\n")
    assert load_site(folder).hash != before


def test_a_new_file_that_a_pattern_matches_belongs_to_the_site(folder: Path):
    """An area is added by putting its file there."""
    text = "areas:\n  - {id: tanks, title: {zh: 罐区, en: Tanks}}\n"
    (folder / "areas" / "tanks.yaml").write_text(text, encoding="utf-8")
    assert "tanks" in load_site(folder).areas


def test_what_the_drivers_find_names_the_included_file(folder: Path):
    """A device that its template cannot be is told with the file and line where it stands."""
    path = folder / "areas" / "nh3.yaml"
    text = path.read_text(encoding="utf-8").replace("honeywell-xnx", "honeywell-xmx")
    path.write_text(text, encoding="utf-8")
    site, faults = survey(folder)
    assert site is not None
    assert not faults
    (fault,) = check_site(site, load_templates(None))
    line = next(i for i, row in enumerate(text.splitlines(), 1) if "id: AE-2" in row)
    assert (fault.file, fault.line) == ("areas/nh3.yaml", line)


def test_things_are_found_where_they_stand(folder: Path):
    """Items, parts of items and tags are found by id; what is nowhere has no line."""
    where = Where(load_site(folder))
    assert where.item("links", "line-a") == ("links.yaml", 3)
    assert where.item("annunciators", "tower-1", "outputs", "horn")[0] == "site.yaml"
    assert where.item("annunciators", "tower-1", "outputs", "horn")[1] > 0
    assert where.item("devices", "none") == ("site.yaml", 0)
    assert where.tag("WD-1") == ("lists/met.csv", 3)
    assert where.tag("none") == ("lists/gas.csv", 0)


def test_a_link_out_of_the_folder_is_refused(folder: Path, tmp_path: Path):
    """A symbolic link does not bring in files from elsewhere, by name or by pattern."""
    outside = tmp_path / "outside.yaml"
    outside.write_text("areas: []\n", encoding="utf-8")
    (folder / "link.yaml").symlink_to(outside)
    (folder / "areas" / "link.yaml").symlink_to(outside)
    site_file = folder / "site.yaml"
    text = site_file.read_text(encoding="utf-8").replace("[links.yaml,", "[links.yaml, link.yaml,")
    site_file.write_text(text, encoding="utf-8")
    site, faults = survey(folder)
    assert site is not None
    assert "areas/link.yaml" not in site.sources
    assert [fault.problem for fault in faults] == [
        "'link.yaml' is a link that leads out of the site's folder"
    ]
