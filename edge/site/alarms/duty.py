"""`people:`, `major_hazards:` and `callout:` of site.yaml: who is to know of an alarm.

A person here is a post that is always filled (值班长), not a name: names change, sites do not.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from edge.site.parts import Model, Name, Title

Seconds = Annotated[float, Field(gt=0, le=3600)]
OWNER_ROLES = ("principal", "technical", "operational")  # 总体, 技术, 操作


class Person(Model):
    """Somebody who may be called."""

    id: Name
    title: Title
    phone: str = ""  # for people to read, or for an autodialler's own list: nothing here dials it
    user: str = ""  # the console's user whose page shows their calls; "": none does


class Owners(Model):
    """The three owners (包保责任人) of a major hazard source, each an id of `people`."""

    principal: Name  # 总体包保 (主要负责人)
    technical: Name  # 技术包保
    operational: Name  # 操作包保


class MajorHazard(Model):
    """A major hazard source (重大危险源) and its three owners (包保责任人).

    Alarms of tags at its `assets`, or anywhere in its `areas`, are its alarms.
    """

    id: Name
    title: Title
    level: Annotated[int, Field(ge=1, le=4)]  # 一级 1 (the worst) to 四级 4
    assets: tuple[Name, ...] = ()
    areas: tuple[Name, ...] = ()
    owners: Owners


class Contact(Model):
    """The output that is on while nobody answers: a dry contact, or an autodialler's input."""

    annunciator: Name
    output: Name  # of kind dialler


class Callout(Model):
    """Who is called when nobody answers an alarm, and after how long.

    The three steps count from when the alarm came to be unacknowledged: the contact, the first of
    the shift (the duty desk), the second; then the next each `each_s`, and after the last the
    first again. A call that was read (已阅) rests for `again_s`.
    """

    shift: tuple[Name, ...] = ()  # people in the order in which they are called
    contact: Contact | None = None
    contact_s: Seconds = 60.0
    desk_s: Seconds = 120.0
    next_s: Seconds = 180.0
    each_s: Seconds = 60.0
    again_s: Seconds = 300.0
    levels: tuple[Literal[1, 2], ...] = (2,)  # detector levels; priority 1 calls at any level
