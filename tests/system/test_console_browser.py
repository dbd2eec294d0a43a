"""The operator's page in a real Chromium: what a person sees, touches, and is told when it is past.

The console daemon is a real process; the core behind it is a fake one that speaks its protocol,
so that a test can say when a value moves. The chain behind a real core is tested in test_demo.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import statistics
import sys
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from edge.console.server import STATIC
from edge.journal.hazard_file import HazardWriter
from edge.site import load_site
from edge.tag import Reason
from tests.unit.console.fake_core import FakeCore, sample
from tests.unit.journal.kit import writer

pytestmark = [pytest.mark.system, pytest.mark.browser, pytest.mark.timeout(180)]
DEMO = Path(__file__).parents[2] / "deploy" / "sites" / "demo"
CHROMIUM = "/usr/bin/chromium"
PASSWORD = "a-good-password"
SIZES = [(1920, 1080), (1366, 768)]

# Boxes of all cards on the map, and how much any two of them cover of each other [px²].
OVERLAPS = """() => {
  const boxes = [...document.querySelectorAll('.card')].map((card) => ({
    id: card.dataset.card, box: card.querySelector('.back').getBoundingClientRect() }));
  const found = [];
  boxes.forEach((a, n) => boxes.slice(n + 1).forEach((b) => {
    const w = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
    const h = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
    if (w > 1 && h > 1) found.push([a.id, b.id, Math.round(w * h)]);
  }));
  return { count: boxes.length, found };
}"""
# Texts that are wider than the card or cell they stand in.
CLIPPED = """() => {
  const found = [];
  for (const card of document.querySelectorAll('.card')) {
    const back = card.querySelector('.back').getBoundingClientRect();
    for (const text of card.querySelectorAll('text')) {
      const box = text.getBoundingClientRect();
      if (box.right > back.right + 1 || box.left < back.left - 1) found.push(text.textContent);
    }
  }
  const cells = '.what, .condition, .now, .limit, dd, header *, .tab, .pager *, .guidance *,'
    + ' .call *, .notices *';
  for (const cell of document.querySelectorAll(cells)) {
    if (cell.scrollWidth > cell.clientWidth + 1 && cell.clientWidth) found.push(cell.textContent);
  }
  if (document.documentElement.scrollWidth > innerWidth) found.push('the page itself');
  return found;
}"""
# When a row of a condition was painted [ms since 1970], after the frame that shows it.
PAINTED = """(condition) => new Promise((done) => {
  const look = () => document.querySelector(`[data-condition="${condition}"]`)
    && requestAnimationFrame(() => setTimeout(
      () => done(performance.timeOrigin + performance.now())));
  const watch = new MutationObserver(() => { if (look()) watch.disconnect(); });
  watch.observe(document.body, { childList: true, subtree: true });
  if (look()) watch.disconnect();
})"""


class Stage:
    """A console process over a fake core, and a way to kill it."""

    def __init__(self, root: Path, port: int) -> None:
        site = root / "site"
        shutil.copytree(DEMO, site)
        text = (site / "site.yaml").read_text(encoding="utf-8")
        text = re.sub(r"port: 8020", f"port: {port}", text)
        (site / "site.yaml").write_text(text, encoding="utf-8")
        for name in ("state", "run"):
            (root / name).mkdir()
        self.site = load_site(site)
        journal = writer(root / "state" / "journal.db", world=self.site.world)
        journal.open()
        journal.close()
        (root / "password").write_text(PASSWORD, encoding="utf-8")
        self.root, self.port = root, port
        self.core = FakeCore(self.site, root / "run")
        self.process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    async def start(self) -> None:
        """Start the console and wait until it answers."""
        folder = [f"--{name}={self.root / name}" for name in ("site", "state", "run")]
        secret = f"--admin-password-file={self.root / 'password'}"
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "edge.daemons.console", *folder, secret,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert self.process.stderr
        async with asyncio.timeout(30):
            async for line in self.process.stderr:
                if b'"ready"' in line:
                    return
        raise AssertionError("the console ended before it was ready")

    async def kill(self) -> None:
        """End the console as a power cut would."""
        assert self.process
        self.process.kill()
        await self.process.communicate()

    async def stop(self) -> None:
        """End the console as systemd does; it has to go by itself."""
        assert self.process
        if self.process.returncode is None:
            self.process.terminate()
            await asyncio.wait_for(self.process.communicate(), 8)
            assert self.process.returncode == 0

    def calm(self) -> None:
        """Give every tag a quiet value."""
        quiet = {"level": 1.5, "wind_speed": 2.3, "wind_from": 250, "valve_open": 1, "running": 1}
        for tag in self.site.tags.values():
            value = 1004 if tag.unit == "hPa" else quiet.get(tag.quantity, tag.background)
            self.core.say(sample(self.site, tag.name, value))


@pytest.fixture
async def stage(free_port):
    """A running console with a quiet site."""
    if not (STATIC / "index.html").is_file():
        pytest.skip("the page is not built: run `make setup`")
    root = Path(tempfile.mkdtemp(prefix="scb-"))
    stage = Stage(root, free_port)
    async with stage.core:
        stage.calm()
        await stage.start()
        try:
            yield stage
        finally:
            await stage.stop()
    shutil.rmtree(root)


@asynccontextmanager
async def browsing(stage, size=SIZES[0], language="zh-CN"):
    """Open the page; whatever it logs as an error or asks of another host fails the test."""
    wrong: list[str] = []
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": size[0], "height": size[1]})
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda note: wrong.extend([note.text] * (note.type == "error")))
        page.on(
            "request", lambda ask: wrong.extend([ask.url] * (not ask.url.startswith(stage.url)))
        )
        await page.add_init_script(f"localStorage.setItem('suian.language', '{language}')")
        await page.goto(stage.url)
        await expect(page.locator('[data-tag="AT-101"] .value')).to_contain_text("ppm")
        yield page
        await browser.close()
    # A server that dies, in the midst of an answer or before it, and a refused command.
    expected = ("ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "409 (Conflict)")
    assert [text for text in wrong if not any(one in text for one in expected)] == []


def estimate(stage) -> dict:
    """Return a hazard estimate whose plume runs over the site to the north-east."""
    ring = [[120, 150], [220, 225], [380, 290], [340, 210], [230, 170]]
    zones = [
        {
            "id": f"aegl-{n}",
            "title": {"zh": f"区{n}", "en": f"zone {n}"},
            "value": value,
            "unit": "ppm",
            "source": "test",
            "rings": [[[120 + (x - 120) * f, 150 + (y - 150) * f] for x, y in ring]],
        }
        for n, value, f in ((1, 0.5, 4.0), (2, 2, 1.0), (3, 20, 0.4))
    ]
    now_ns = sample(stage.site, "AT-101", 0).receive_ns
    return {
        "id": f"chlorine-{now_ns}",
        "at_ns": now_ns,
        "world": "drill",
        "state": "estimate",
        "problem": "",
        "substance": "chlorine",
        "wind": {"speed_m_s": 2.3, "from_deg": 236, "temperature_c": -6, "stability": "D"},
        "evidence": [],
        "candidates": [
            {
                "asset": "CL2-BAY",
                "rate_kg_s": 0.32,
                "rate_lo_kg_s": 0.12,
                "rate_hi_kg_s": 0.85,
                "weight": 0.8,
            }
        ],
        "zones": zones,
        "places": [
            {"place": "MP-1", "value_ppm": 3.4, "zone": "aegl-2"},
            {"place": "MP-2", "value_ppm": 0.0, "zone": ""},
        ],
        "model": {"name": "test", "version": "1"},
        "compute_s": 0.1,
    }


def upset(stage) -> None:
    """Raise one alarm of each kind, with the values behind them."""
    core, site = stage.core, stage.site
    core.say(
        sample(site, "AT-101", 1.93),
        sample(site, "AT-104", 10.0, Reason.OVER_RANGE),
        sample(site, "AT-106", None, Reason.TIMEOUT),
        sample(site, "AT-203", 12, Reason.CALIBRATING),
        sample(site, "LI-201", 3.3),
        sample(site, "PRED-chlorine-MP-1", 3.43, Reason.ESTIMATED),
    )
    core.raise_alarm("AT-101/h", 1.93, state="rtn-unack", count=3)
    core.raise_alarm("AT-101/hh", 1.93)
    core.raise_alarm("AT-104/hh", 10.0, state="latched", latched=True, acked_by="admin")
    core.raise_alarm("AT-106/bad", None)
    core.raise_alarm("LI-201/h", 3.3, state="acked", acked_by="admin")
    core.raise_alarm("PRED-chlorine-MP-1/h", 3.43)


async def enter(page: Page) -> None:
    """Fill in the login dialog."""
    await page.locator("dialog input[name=password]").fill(PASSWORD)
    await page.locator("dialog button[type=submit]").click()


async def test_values_move_and_a_named_person_acknowledges(stage):
    """A reading moves, its alarm stands first, the login is asked, and core hears the name."""
    async with browsing(stage) as page:
        stage.core.say(sample(stage.site, "AT-101", 0.72))
        await expect(page.locator('[data-tag="AT-101"] .value')).to_have_text("0.72 ppm")
        stage.core.raise_alarm("LI-201/h", 3.3)
        stage.core.raise_alarm("AT-101/hh", 0.72)
        rows = page.locator(".rows li")
        await expect(rows.first).to_contain_text("卸车鹤位东氯气")
        await expect(rows.first).to_contain_text("紧急")
        await press_until_asked(page, ".rows li:first-child button")
        await expect(page.locator("dialog")).to_contain_text("谁确认，记录谁")
        await enter(page)

        row = page.locator('[data-condition="AT-101/hh"]')
        await expect(row).to_contain_text("已确认 · admin")
        await expect(row).to_have_class(re.compile(r"\backed\b"))
        await expect(rows.first).to_contain_text("液氨储罐液位")
        assert [one.actor for one in stage.core.commands] == ["admin"]


async def press_until_asked(page: Page, button: str) -> None:
    """Press until the name is asked for: a press on rows that have just moved is ignored."""
    for _ in range(30):
        await page.locator(button).click()
        if await page.locator("dialog").count():
            return
        await page.wait_for_timeout(500)
    raise AssertionError(f"{button} asked for no name")


async def test_the_visible_page_is_acknowledged_at_once_and_no_more(stage):
    """Of many alarms only those that stand on the screen are acknowledged."""
    for number in range(40):
        stage.core.raise_alarm("AT-103/hh", 1.0, condition=f"AT-103/{number:02}")
    async with browsing(stage) as page:
        await expect(page.locator(".pager")).to_be_visible()
        await press_until_asked(page, "button.all")  # taken only once the rows stand still
        shown = await page.locator(".rows li").count()
        await enter(page)
        left = page.locator(".counts .count").first.locator("b")
        await expect(left).to_have_text(str(40 - shown))
        acked = [one for one in stage.core.alarms.values() if one["state"] == "acked"]

        assert 4 <= shown < 20
        assert len(acked) == shown


async def test_silence_is_one_touch_and_acknowledges_nothing(stage):
    """No login stands between a person and the horn's silence."""
    stage.core.raise_alarm("AT-101/hh", 1.0)
    async with browsing(stage) as page:
        silence = page.locator("button.silence")
        await expect(silence).to_have_class(re.compile("sounding"))
        await silence.click()
        await expect(silence).not_to_have_class(re.compile("sounding"))
        assert [one.name for one in stage.core.commands] == ["silence"]
        await expect(page.locator("dialog")).to_have_count(0)
        await expect(page.locator(".rows li.unack")).to_have_count(1)

        stage.core.raise_alarm("AT-102/hh", 1.0)
        await expect(silence).to_have_class(re.compile("sounding"))


async def test_a_dead_server_is_shown_within_a_second_of_the_third_missed_tick(stage):
    """The overlay comes, the alarm list stays, and when the server is back the page is as well."""
    upset(stage)
    async with browsing(stage) as page:
        overlay = page.locator(".overlay")
        await expect(page.locator(".rows li")).to_have_count(5)
        await expect(overlay).to_be_hidden()
        loop = asyncio.get_running_loop()
        await stage.kill()
        began = loop.time()
        await expect(overlay).to_be_visible(timeout=5000)
        waited_s = loop.time() - began

        await expect(overlay).to_contain_text("通信中断")
        await expect(overlay).to_contain_text(re.compile(r"已 00:0\d"))
        await expect(page.locator(".rows li")).to_have_count(5)
        await expect(page.locator("#app")).to_have_class(re.compile(r"\bstale\b"))
        assert waited_s < 2.5  # three ticks of 0.5 s, and one second

        await stage.start()
        await expect(overlay).to_be_hidden(timeout=15000)
        await expect(page.locator(".rows li")).to_have_count(5)


async def test_a_dead_core_is_said_and_the_list_is_kept(stage):
    """With core gone the page lives, marks everything as past, and never says that all is well."""
    upset(stage)
    async with browsing(stage) as page:
        await expect(page.locator(".rows li")).to_have_count(5)
        await stage.core.__aexit__(None, None, None)

        await expect(page.locator('[data-daemon="core"]')).to_contain_text("中断")
        await expect(page.locator(".alarms .warning")).to_contain_text("核心中断")
        await expect(page.locator(".rows li")).to_have_count(5)
        await expect(page.locator(".overlay")).to_be_hidden()
        await expect(page.locator(".card .hatch").first).to_be_visible()


async def test_a_dead_core_with_no_alarm_never_says_no_alarm(stage):
    """An empty list behind a lost connection is unknown, not well."""
    async with browsing(stage) as page:
        await expect(page.locator(".empty")).to_have_text("当前无报警")
        await stage.core.__aexit__(None, None, None)
        await expect(page.locator(".empty")).to_have_text("报警状态不明")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_nothing_overlaps_or_is_clipped(stage, size, language):
    """At both screens and in both languages every label is whole and covers no other."""
    upset(stage)
    with_plume = HazardWriter(stage.root / "state" / "hazard.db")
    with_plume.write(estimate(stage), {})
    async with browsing(stage, size, language) as page:
        await expect(page.locator(".rows li")).to_have_count(5)
        await expect(page.locator(".zone")).to_have_count(3)
        await expect(page.locator(".zone-label", has_text="AEGL-2 2 ppm · 60 min")).to_be_visible()
        await expect(page.locator(".source.best")).to_have_count(1)
        await expect(page.locator(".place.muster .struck")).to_have_count(1)
        overlaps = await page.evaluate(OVERLAPS)
        clipped = await page.evaluate(CLIPPED)
        words = await page.locator("body").inner_text()
    with_plume.close()

    assert overlaps["found"] == []
    assert overlaps["count"] >= 22
    assert clipped == []
    assert re.findall(r"\b(?:console|web|hazard|control)\.[\w.-]+", words) == []
    assert ("演练" in words) is (language == "zh-CN")


async def test_alarms_are_on_the_screen_at_once(stage, record_property):
    """From core's push to the painted row: alarms wait for no tick."""
    async with browsing(stage) as page:
        delays_ms = []
        for number in range(12):
            condition = f"AT-105/{number}"
            painted = asyncio.ensure_future(page.evaluate(PAINTED, condition))
            await page.wait_for_timeout(150)
            alarm = stage.core.raise_alarm(
                "AT-105/hh", 1.0, condition=condition, priority=1, count=number + 1
            )
            delays_ms.append(await painted - alarm["raised_ns"] / 1e6)
            del stage.core.alarms[condition]
            stage.core.server.push_event({"kind": "alarm.cleared"}, {**alarm, "state": "normal"})
        record_property("alarm_to_pixel_ms", [round(one) for one in delays_ms])
        print(sorted(round(one) for one in delays_ms))  # noqa: T201  # shown with -s

        assert statistics.median(delays_ms) < 250
