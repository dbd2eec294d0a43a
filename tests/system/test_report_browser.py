"""Reports in a real Chromium: nothing is clipped, on a screen and on a sheet of A4."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from edge.clock import NS
from edge.quality.page import make_page
from edge.words import LANGUAGES
from suian.quality.read import read_tallies
from suian.quality.show import as_html
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
    html = as_html(make_page(site, tallies, window, language))
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
