"""Reports in a real Chromium: nothing is clipped, on a screen and on a sheet of A4."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from edge.clock import NS
from edge.journal import JournalReader
from edge.kpi.page import make_page as make_alarm_page
from edge.kpi.read import reckon
from edge.quality.page import make_page
from edge.rules.alarm_kpi import kpi_rule
from edge.words import LANGUAGES
from suian.kpi.show import as_html as alarm_html
from suian.quality.read import read_tallies
from suian.quality.show import as_html
from tests.unit.kpi.week import MONDAY_NS, WEEK_NS, write_week
from tests.unit.quality.day import MIDNIGHT_NS, day_site, write_day

pytestmark = [pytest.mark.system, pytest.mark.browser, pytest.mark.timeout(180)]
CHROMIUM = "/usr/bin/chromium"
A4_PX, DESK_PX = 703, 1366  # 186 mm between the margins, at 96 dots an inch

# Texts that are wider than the box they stand in, and the page itself if it must be scrolled.
CLIPPED = """() => {
  const found = [];
  for (const box of document.querySelectorAll('td, th, dd, h1, h2, h3, p, .fact, .grade')) {
    if (box.scrollWidth > box.clientWidth + 1 && box.clientWidth && !box.querySelector('.axis'))
      found.push(box.textContent.trim());
  }
  if (document.documentElement.scrollWidth > innerWidth) found.push('the page itself');
  return found;
}"""


@pytest.mark.parametrize("language", LANGUAGES)
async def test_nothing_is_clipped(tmp_path: Path, language: str):
    """In both languages every text has its room, at a desk and between the margins of A4."""
    site, end_ns = day_site(), MIDNIGHT_NS + 86_400 * NS
    write_day(tmp_path, site)
    tallies, window = read_tallies(site, tmp_path / "journal.db", MIDNIGHT_NS, end_ns, end_ns)
    await see(as_html(make_page(site, tallies, window, language)))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_nothing_of_the_alarm_report_is_clipped(tmp_path: Path, language: str):
    """The bad week: figures, floods, hours and what to do, each with its room."""
    site = write_week(tmp_path).site
    reader, rule, to_ns = JournalReader(tmp_path / "journal.db"), kpi_rule(), MONDAY_NS + WEEK_NS
    figures, _ = reckon(reader, rule.counts, site.limits, MONDAY_NS, to_ns)
    await see(alarm_html(make_alarm_page(site, figures, rule, to_ns, language)))


async def see(html: str) -> None:
    """Look at a page at a desk and between the margins of A4: no text may be cut."""
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            page = await browser.new_page()
            for pixels in (A4_PX, DESK_PX):
                await page.emulate_media(media="print" if pixels == A4_PX else "screen")
                await page.set_viewport_size({"width": pixels, "height": 1000})
                await page.set_content(html)
                assert await page.evaluate(CLIPPED) == []
        finally:
            await browser.close()
