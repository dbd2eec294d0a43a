"""Scenarios: the story file, its triggers, and the log of what people did."""

from simulator.scenario.load import load_scenario
from simulator.scenario.log import Command, CommandLog
from simulator.scenario.model import Event, Scenario, ScoreItem, Start, Step
from simulator.scenario.story import Story

__all__ = [
    "Command",
    "CommandLog",
    "Event",
    "Scenario",
    "ScoreItem",
    "Start",
    "Step",
    "Story",
    "load_scenario",
]
