"""Voting: how many of a few channels are beyond their limits (MooN)."""

from __future__ import annotations

from collections.abc import Mapping

from edge.alarm.calc.calculation import Voice, reading
from edge.alarm.condition import Condition
from edge.clock import Instant
from edge.site.alarms.calculated import Channel, VoteSpec
from edge.site.model import LimitKind, LimitSpec
from edge.tag import REASONS, Quality, Reason, Sample, Tag


class Voter:
    """One channel: whether it is beyond its limit, as far as it may be believed."""

    __slots__ = ("_condition", "_tag", "bad", "heard", "reason")

    def __init__(self, channel: Channel, tag: Tag) -> None:
        kind = LimitKind.LOW if channel.falling else LimitKind.HIGH
        limit = LimitSpec(channel.tag, channel.tag, kind, channel.limit, 4, 0, channel.deadband)
        self._condition = Condition(limit)
        self._tag = tag
        self.heard = self.bad = False
        self.reason = Reason.NOT_YET_READ

    def offer(self, sample: Sample, mono_ns: int) -> None:
        """Take a sample: a Bad one leaves it as it was, one that is set aside takes its voice."""
        value, self.reason = reading(sample, self._tag)
        self.heard = True
        self.bad = REASONS[self.reason].quality is Quality.BAD
        if value is not None and self.informs:
            self._condition.offer(value, mono_ns)
        elif not self.bad:
            self._condition.active = False

    @property
    def informs(self) -> bool:
        """Whether it may vote now by what it reads."""
        return REASONS[self.reason].informs

    @property
    def votes(self) -> bool:
        """Whether it is beyond its limit, or was when it was lost."""
        return self._condition.active


class Vote:
    """The number of channels that vote, against the number that is asked for.

    A channel that is set aside (calibrating, injected, inhibited, …) never votes. One that is lost
    keeps the vote that it had; one that had none counts

    - `vote`: as one that votes;
    - `degrade`: for nothing, and one fewer is asked for, but never none (2oo3 → 1oo2 → 1oo1);
    - `ignore`: for nothing.

    Where those that are left cannot reach the number, nobody knows, and the sample is Bad.
    """

    timed = False

    def __init__(self, spec: VoteSpec, tags: Mapping[str, Tag]) -> None:
        self.spec, self.tag = spec, tags[spec.tag]
        self._voters = {c.tag: Voter(c, tags[c.tag]) for c in spec.channels}
        self._voice = Voice(self.tag)

    def offer(self, sample: Sample, now: Instant) -> Sample | None:
        """Take a sample of a channel. Nothing is said before every channel has been heard of."""
        self._voters[sample.tag].offer(sample, now.mono_ns)
        voters = self._voters.values()
        if not all(voter.heard for voter in voters):
            return None
        count = sum(voter.votes for voter in voters)
        lost = [voter for voter in voters if voter.bad and not voter.votes]
        able = sum(voter.votes or voter.informs for voter in voters)
        credit = self._credit(len(lost), able)
        if able + credit < self.spec.votes:
            aside = (v.reason for v in voters if not v.informs)
            reason = lost[0].reason if lost else next(aside, Reason.NOT_YET_READ)
            return self._voice.say(None, reason, now)
        whole = able == len(self._voters) and not any(voter.bad for voter in voters)
        reason = Reason.OK if whole else Reason.ESTIMATED
        return self._voice.say(float(count + credit), reason, now)

    def tick(self, now: Instant) -> Sample | None:  # noqa: ARG002  # time is no part of it
        """Do nothing."""
        return None

    def _credit(self, lost: int, able: int) -> int:
        """Return how many votes are given for channels that are lost without one."""
        if self.spec.bad == "vote":
            return lost
        if self.spec.bad == "degrade" and able:
            return min(lost, self.spec.votes - 1)
        return 0
