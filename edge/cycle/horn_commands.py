"""Commands on horns: silence, tests, and the evacuation sound in its two steps."""

from __future__ import annotations

from collections.abc import Awaitable

from edge.control.protocol import Command, Json
from edge.cycle.acting import LONGEST_TEXT, Acting, Acts, text
from edge.event import Param

SILENCE = "silence"  # the one act that needs no person: one touch, at the gateway's own screen


class HornCommands:
    """The acts, over one cycle."""

    def __init__(self, acting: Acting) -> None:
        self._acting, self._cycle = acting, acting.cycle

    def acts(self) -> Acts:
        """Return the commands by name."""
        return {
            SILENCE: self._silence,
            "test_output": self._test_output,
            "test_all": self._test_all,
            "evacuate_arm": self._evacuate_arm,
            "evacuate": self._evacuate,
            "evacuate_end": self._evacuate_end,
        }

    def _silence(self, command: Command) -> Json:
        """Still what sounds, everywhere. It acknowledges nothing, and no evacuation is stilled."""
        annunciator = self._cycle.annunciator
        count = annunciator.silence()
        again = [row["until_ns"] for row in annunciator.tones() if row["silenced"]]
        known = [at for at in again if isinstance(at, int)]
        until: dict[str, Param] = {"until_ns": min(known) if known else None}
        self._acting.do(command, [], {"count": count, **until})
        return {"silenced": count}

    def _test_output(self, command: Command) -> Awaitable[Json]:
        """Record that somebody tests a horn before it sounds; the result says whether it did."""
        annunciator, output = text(command, "annunciator"), text(command, "output")
        taken = self._cycle.annunciator.begin_test(annunciator, output)
        self._acting.do(command, [])
        return _when(taken, {"annunciator": annunciator, "output": output})

    def _test_all(self, command: Command) -> Awaitable[Json]:
        """Test all that an annunciator has, but the evacuation sound: the test of the shift."""
        annunciator = text(command, "annunciator")
        taken = self._cycle.annunciator.begin_test(annunciator)
        self._acting.do(command, [])
        return self._tested(taken, annunciator, command)

    async def _tested(self, taken: Awaitable[None], annunciator: str, command: Command) -> Json:
        await taken
        now, actor = self._cycle.clock.now(), command.actor[:LONGEST_TEXT]
        self._cycle.record(self._cycle.horns.tested(annunciator, actor, now))
        return {"annunciator": annunciator, "untested": self._cycle.horns.view(now)["untested"]}

    def _evacuate_arm(self, command: Command) -> Json:
        area, now = text(command, "area"), self._cycle.clock.now()
        token, until_ns = self._cycle.horns.evacuation.arm(area, command.actor, now)
        self._acting.do(command, [], {"until_ns": until_ns})  # the token is for one pair of eyes
        return {"token": token, "until_ns": until_ns}

    def _evacuate(self, command: Command) -> Json:
        """Sound the evacuation: the order is driven first, and recorded with its row."""
        area, token, now = text(command, "area"), text(command, "token"), self._cycle.clock.now()
        who = tuple(part[:LONGEST_TEXT] for part in (command.actor, command.place, command.reason))
        horns = self._cycle.horns
        begun = horns.evacuation.begin(area, token, who, now)
        horns.evacuate()
        self._acting.do(command, begun)
        return {"evacuating": sorted(horns.evacuation.running)}

    def _evacuate_end(self, command: Command) -> Json:
        area, now = text(command, "area"), self._cycle.clock.now()
        horns = self._cycle.horns
        ended = horns.evacuation.end(area, command.actor[:LONGEST_TEXT], now)
        horns.evacuate()
        self._acting.do(command, ended)
        return {"evacuating": sorted(horns.evacuation.running)}


async def _when(taken: Awaitable[None], result: Json) -> Json:
    await taken
    return result
