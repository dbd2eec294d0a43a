"""Calibrating at the page: a permit sets a detector aside, and all can see that it is blind."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from edge.tag import Reason
from tests.system.test_console_browser import CLIPPED, OVERLAPS, browsing, enter, sample, stage

__all__ = ["stage"]  # the fixture, for pytest to find
pytestmark = [pytest.mark.system, pytest.mark.browser, pytest.mark.timeout(180)]


async def test_a_permit_sets_a_detector_aside_and_one_tap_lets_it_watch_again(stage):
    """The circle, the line and the card say that it is blind; core hears who wanted it."""
    async with browsing(stage) as page:
        await page.locator('[data-tag="AT-101"]').click()
        await page.locator("dialog .calibrate").click()
        await page.locator("dialog button[type=submit]").click()  # refused: no permit's number yet
        await page.locator("dialog input[name=permit]").fill("DH-2026-117")
        await page.locator("dialog button[type=submit]").click()
        await enter(page)
        card = page.locator('[data-card="AT-101"]')
        await expect(card.locator(".title")).to_contain_text("标定中")
        await expect(page.locator('[data-blind="AT-101"]')).to_be_visible()
        await expect(page.locator(".blind-line")).to_contain_text("AT-101 标定至")
        command = stage.core.commands[-1]
        assert (command.name, command.actor) == ("calibrate", "admin")
        assert command.args == {"tag": "AT-101", "permit": "DH-2026-117"}
        stage.core.say(sample(stage.site, "AT-101", 9.5))
        await expect(card.locator(".value")).to_have_text("9.50 ppm")
        assert (await page.evaluate(CLIPPED), (await page.evaluate(OVERLAPS))["found"]) == ([], [])
        await card.click()
        await expect(page.locator("dialog dd", has_text="admin")).to_be_visible()
        await page.locator("dialog .calibrate").click()
        await expect(page.locator('[data-blind="AT-101"]')).to_have_count(0)
        await expect(page.locator(".blind-line")).to_be_hidden()


async def test_an_inhibited_zero_is_never_shown_as_a_reading(stage):
    """What an inhibited instrument sends is its own invention: the page shows the reason alone."""
    async with browsing(stage, language="en") as page:
        stage.core.say(sample(stage.site, "AT-102", 0.0, Reason.INHIBITED))
        await expect(page.locator('[data-tag="AT-102"] .value')).to_have_text("inhibited")
        await expect(page.locator('[data-blind="AT-102"]')).to_be_visible()
        await expect(page.locator(".blind-line")).to_have_text("Not watching: AT-102 inhibited")


async def test_a_page_opened_later_knows_what_is_blind(stage):
    """The snapshot carries the running calibrations."""
    async with browsing(stage) as page:
        await page.locator('[data-tag="AT-101"]').click()
        await page.locator("dialog .calibrate").click()
        await page.locator("dialog input[name=permit]").fill("DH-2026-117")
        await page.locator("dialog button[type=submit]").click()
        await enter(page)
        await expect(page.locator(".blind-line")).to_contain_text("AT-101 标定至")
        await page.reload()
        await expect(page.locator(".blind-line")).to_contain_text("AT-101 标定至")
        await page.locator('[data-tag="AT-101"]').click()
        await expect(page.locator("dialog dd", has_text="DH-2026-117")).to_be_visible()
