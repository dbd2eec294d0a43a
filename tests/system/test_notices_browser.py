"""Notices, horns to test and the evacuation in a real Chromium, and what room the list keeps."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from edge.web import UsersFile
from tests.system.test_alarm_page_browser import choose, hold
from tests.system.test_console_browser import (
    CLIPPED,
    PASSWORD,
    browsing,
    enter,
    stage,
    upset,
)
from tests.unit.console.fake_core import sample

__all__ = ["stage"]  # the fixture, for pytest to find
pytestmark = [pytest.mark.system, pytest.mark.browser, pytest.mark.timeout(180)]
SIZES = [(1920, 1080), (1280, 800)]
BARE = re.compile(r"\b(?:console|callout|web|alarm|trouble|evacuation)\.[a-z][\w.-]+")


async def enter_as(page: Page, user: str) -> None:
    """Fill in the login dialog under a name."""
    await page.locator("dialog input[name=user]").fill(user)
    await enter(page)


def add_user(stage, name: str) -> None:
    """Give the running console one more user: it reads the file at its next start."""
    users = UsersFile.load(stage.root / "state" / "users.json")
    users.set_password(name, PASSWORD)


async def test_a_notice_is_one_line_and_its_person_reads_it(stage):
    """Who was told in which role stands beside the list; only those it was for are offered 已阅."""
    await stage.stop()
    add_user(stage, "cl2-foreman")
    await stage.start()
    core = stage.core
    core.raise_alarm("AT-101/hh", 1.9)
    async with browsing(stage) as page:
        core.notify()
        core.notify("cl2-source")
        line, sheet = page.locator(".notice-line"), page.locator(".notice-sheet")
        await expect(line).to_contain_text("报警通知 2 · 6 人次未阅")
        await expect(sheet).to_be_hidden()
        await expect(page.locator(".alarms .warning")).to_be_hidden()
        before = await page.locator(".rows").bounding_box()
        await line.click()
        owners = sheet.locator('[data-notice="notice-cl2-source"]')
        await expect(owners).to_contain_text("液氯重大危险源")
        await expect(owners).to_contain_text("卸车鹤位东氯气 AT-101")
        for role, person in (("总体包保", "主要负责人"), ("技术包保", "氯碱技术负责人")):
            row = owners.locator("li", has_text=role)
            await expect(row).to_contain_text(person)
            await expect(row).to_contain_text("未阅")
        assert await page.locator(".rows").bounding_box() == before

        await owners.locator("button.read").click()
        await enter_as(page, "cl2-foreman")
        await expect(owners.locator("li.own")).to_contain_text(
            re.compile(r"操作包保.*cl2-foreman 于 \d\d:\d\d:\d\d 已阅")
        )
        command = core.commands[-1]
        assert (command.name, command.actor) == ("read_call", "cl2-foreman")
        assert command.args == {"call": "notice-cl2-source"}
        await expect(sheet.locator("button.read")).to_have_count(2)
        assert not await sheet.locator("button.read").first.is_visible()  # nobody else's either
        await expect(line).to_contain_text("5 人次未阅")
        await expect(page.locator(".rows li.unack")).to_have_count(1)
        await line.click()
        await expect(sheet).to_be_hidden()


async def test_a_notice_that_is_not_yours_is_refused_in_words(stage):
    """Who logs in to read another's notice is told so."""
    stage.core.raise_alarm("AT-101/hh", 1.9)
    stage.core.notify()
    async with browsing(stage, language="en") as page:
        await page.locator(".notice-line").click()
        await page.locator(".notice-sheet button.read").click()
        await enter(page)
        await expect(page.locator(".notice")).to_have_text("This notice was not for admin")
        await expect(page.locator(".notice-sheet button.read")).to_be_hidden()


async def test_only_areas_with_a_sound_are_evacuated_and_a_refusal_names_the_area(stage):
    """No area without an output is offered; core's refusal says the title, not the id."""
    async with browsing(stage) as page:
        await page.locator("header .evacuate").click()
        await enter(page)
        areas = page.locator("dialog .area")
        await expect(areas).to_have_text(["液氯区", "液氨区"])
        stage.core.evacuations = [{"area": "cl2", "actor": "li", "since_ns": 5}]
        await areas.first.click()
        await expect(page.locator("dialog .fault")).to_have_text("液氯区 疏散警报已在鸣响")


async def test_an_act_without_a_record_is_said_over_everything(stage):
    """The act stands, and the words say that its record does not."""
    stage.core.recorded = False
    async with browsing(stage) as page:
        await page.locator("header .evacuate").click()
        await enter(page)
        await page.locator("dialog .area", has_text="液氨区").click()
        await hold(page, 2000)
        await expect(page.locator(".evacuating")).to_contain_text("疏散警报鸣响：液氨区")
        await expect(page.locator(".notice").last).to_contain_text("未能写入记录")
        await page.locator("header .test").click()
        row = page.locator(".tested li", has_text="tower-1")
        await row.locator("button").click()
        await expect(row.locator(".said")).to_contain_text(
            "已完成，请核对现场声光 · 已执行，但未能"
        )


async def test_untested_and_troubled_horns_are_marked_and_open_the_test(stage):
    """The test's button says what is due, trouble has one beside it; both go by core's events."""
    core = stage.core
    core.annunciation = {
        "test_due": False,
        "untested": ["tower-1"],
        "trouble": [{"reason": "annunciator-failed", "subject": "tower-1"}],
    }
    await stage.stop()
    await stage.start()
    async with browsing(stage) as page:
        test, trouble = page.locator("header .test"), page.locator("header .trouble")
        await expect(test).to_have_text("本班未试灯试音")
        core.say(sample(stage.site, "SHIFT-TEST-OK", 0))
        await expect(test).to_have_text("试灯试音逾期")
        await trouble.click()
        await enter(page)
        await expect(page.locator(".trouble-line")).to_have_text("声光报警器不响应：tower-1")
        await expect(page.locator(".tested li", has_text="tower-1")).to_contain_text("本班未试")
        await page.locator("dialog button.strong").click()
        core.tell("trouble.ended", "tower-1", {"reason": "annunciator-failed"})
        core.tell("annunciator.tested", "tower-1", {"actor": "admin"})
        await expect(test).to_have_text("试灯试音")
        await expect(trouble).to_be_hidden()


async def test_a_tank_that_is_not_filling_shows_no_86400_seconds(stage):
    """The longest time there is reads as more than a day."""
    stage.core.say(sample(stage.site, "LI-101-FILL", 86400.0))
    stage.core.raise_alarm("LI-101-FILL", 86400.0, state="rtn-unack")
    async with browsing(stage) as page:
        row = page.locator('[data-condition="LI-101-FILL"]')
        await expect(row.locator(".now")).to_have_text("> 24 h")
        await choose(page, "LI-101-FILL")
        await expect(page.locator(".guidance .reading")).to_contain_text("> 24 h未在充装")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_four_rows_stay_with_everything_open(stage, size, language):
    """Call, notices, flood, blind detectors, guidance: the list keeps at least four rows."""
    upset(stage)
    core = stage.core
    core.raise_alarm("AT-102/hh", 1.4)
    core.set_flood(on=True)
    core.call()
    core.notify()
    core.notify("cl2-source")
    async with browsing(stage, size, language) as page:
        await choose(page, "AT-101/hh")
        await page.locator(".notice-line").click()
        await expect(page.locator(".notice-sheet article")).to_have_count(2)
        assert await page.locator(".rows li").count() >= 4
        assert await page.evaluate(CLIPPED) == []
        assert BARE.findall(await page.locator("body").inner_text()) == []
        for cover in (".notice-sheet", ".guidance"):
            box = await page.locator(cover).bounding_box()
            assert box
            assert box["x"] >= 0
            assert box["y"] + box["height"] <= size[1]
