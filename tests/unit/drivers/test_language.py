"""What the template language can say beyond plain registers, both ways through the codec."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.drivers.base import Reading
from edge.drivers.codec import Words, decode, encode, payloads
from edge.drivers.layout import RefError, resolve
from edge.drivers.load import parse_template
from edge.drivers.plan import ReadPlan, make_plan
from edge.drivers.settings import Value
from edge.drivers.sparse import Memory
from edge.drivers.template import ORDERS, Area, ModbusTemplate
from edge.errors import ConfigError, Fault
from edge.tag import Quality, Reason
from edge.units import Unit
from tests.unit.drivers.points import make_tag

HEAD = """\
suian_template: 1
id: try-it
protocol: modbus
vendor: Nobody
model: None
kinds: [gas]
confidence: bench
source: [{title: none}]
addressing: {rule: none, basis: bench}
"""


def template(text: str) -> ModbusTemplate:
    """Return the template of HEAD + `text`, which must be sound."""
    faults: list[Fault] = []
    head = HEAD.replace("kinds: [gas]\n", "") if "\nkinds:" in text else HEAD
    found = parse_template("try.yaml", head + text, faults)
    assert not faults, faults
    assert isinstance(found, ModbusTemplate)
    return found


def plan_for(
    text: str,
    *refs: str,
    unit: Unit = Unit.COUNT,
    low: float = 0,
    high: float = 100,
    **given_: Value,
) -> ReadPlan:
    """Return the plan that reads `refs` of a template."""
    tags = [make_tag(ref, ref, unit, low, high) for ref in refs]
    return make_plan(resolve(template(text), given_), tags)


def read(plan: ReadPlan, words: dict[int, int], area: Area = Area.HOLDING) -> list[Reading]:
    """Return what holding registers of a device make of the plan's tags."""
    return decode(plan, payloads(plan, {(area, at): word for at, word in words.items()}))


def good(value: float) -> Reading:
    """Return a reading without a doubt."""
    return Reading(value, Quality.GOOD, Reason.OK)


TYPED = [  # type, registers of -2 or 258, value
    ("u8", [0xAB05], 5),
    ("s8", [0xABFE], -2),
    ("u8-high", [0x05AB], 5),
    ("s8-high", [0xFEAB], -2),
    ("u16", [0x0102], 258),
    ("s16", [0xFFFE], -2),
    ("u32", [0x0001, 0x0002], 65538),
    ("s32", [0xFFFF, 0xFFFE], -2),
    ("f32", [0x42C8, 0x8000], 100.25),
    ("u64", [0, 0, 1, 2], 65538),
    ("s64", [0xFFFF, 0xFFFF, 0xFFFF, 0xFFFE], -2),
    ("f64", [0x4059, 0x1000, 0, 0], 100.25),
]


@pytest.mark.parametrize(("kind", "words", "value"), TYPED)
def test_each_type_stands_where_it_is_said_to(kind: str, words: list[int], value: float):
    """Low and high bytes, and data of one, two and four registers, high word first."""
    plan = plan_for(f"registers: {{a: {{at: 7, type: {kind}}}}}\n", "a", low=-1e6, high=1e6)
    (reading,) = read(plan, {7 + index: word for index, word in enumerate(words)})
    assert reading == good(value)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kind", ["u32", "s32", "f32", "u64", "s64", "f64"])
@given(value=st.integers(0, 10**6))
def test_each_order_comes_back(kind: str, order: str, value: int):
    """What is laid into registers in an order is read out of them in it."""
    text = f"order: {order}\nregisters: {{a: {{at: 0, type: {kind}}}}}\n"
    plan = plan_for(text, "a", high=2e6)
    assert decode(plan, payloads(plan, encode(plan, [good(float(value))]))) == [good(value)]


def test_the_words_of_a_long_number_turn_round_with_the_order():
    """Low word first means the last of four registers first."""
    words: list[list[int]] = []
    for order in ("ABCD", "CDAB"):
        plan = plan_for(f"order: {order}\nregisters: {{a: {{at: 0, type: u64}}}}\n", "a", high=1e19)
        made: Words = encode(plan, [good(float(0x0001_0002_0003_0000))])
        words.append([made[Area.HOLDING, at] for at in range(4)])
    assert words[0] == [1, 2, 3, 0] == words[1][::-1]


FIELDS = """
registers:
  a:
    at: 0
    fields:
      value: {bits: "13..0", signed: true, scale: 0.1, offset: 5, unit: degC, invalid: [0x2000]}
      state: {bits: "15..14"}
gates: [{from: a.state, governs: [a.value], when: {0: ok, 1: calibrating}, otherwise: device-fault}]
"""


@given(value=st.floats(-800, 800), told=st.sampled_from([Reason.OK, Reason.CALIBRATING]))
def test_a_field_has_a_scale_a_sign_and_a_gate_like_a_register(value: float, told: Reason):
    """Fourteen bits of a signed value beside two of its state, in one register, both ways."""
    plan = plan_for(FIELDS, "a.value", unit=Unit.CELSIUS, low=-800, high=800)
    quality = Quality.GOOD if told is Reason.OK else Quality.UNCERTAIN
    (back,) = decode(plan, payloads(plan, encode(plan, [Reading(value, quality, told)])))
    assert back.reason is told
    assert back.value == pytest.approx(value, abs=0.051)


def test_a_fields_own_pattern_is_no_value():
    """The most negative number of a field says that there is none, both ways."""
    plan = plan_for(FIELDS, "a.value", unit=Unit.CELSIUS)
    (reading,) = read(plan, {0: 0x2000})
    assert reading.reason is Reason.INVALID_VALUE
    assert encode(plan, [reading]) == {(Area.HOLDING, 0): 0x2000}


FLAGS = """
registers:
  a: {at: 0, channels: 2, stride: 2, fields: {run: {bits: 0}, hot: {bits: 1}, off: {bits: 2}}}
  b: {at: 1, channels: 2, stride: 2}
flags:
  odd: a.run xor a.hot
  odd_or_off: not (a.run xor not a.hot) or a.off
  in_mode: b in 4..6 and not a.off
  never: a.run and not a.run
gates: [{from: in_mode, governs: [b], when: {1: injected}}]
"""
ROWS = [
    (run, hot, off, mode) for run in (0, 1) for hot in (0, 1) for off in (0, 1) for mode in (0, 5)
]


@pytest.mark.parametrize(("run", "hot", "off", "mode"), ROWS)
def test_flags_follow_from_bits_and_numbers(run: int, hot: int, off: int, mode: int):
    """AND, OR, XOR, NOT and a span of codes, on the channel that is asked for."""
    refs = ("odd[2]", "odd_or_off[2]", "in_mode[2]", "never[2]", "odd[1]")
    plan = plan_for(FLAGS, *refs, unit=Unit.BOOL, high=1)
    word = run | hot << 1 | off << 2
    values = [reading.value for reading in read(plan, {2: word, 3: mode})]
    odd = run != hot
    assert values == [odd, odd or bool(off), mode == 5 and not off, 0, 0]


@given(st.lists(st.booleans(), min_size=2, max_size=2), st.booleans())
def test_a_flag_is_brought_about_by_moving_bits(wanted: list[bool], mode: bool):
    """Flags that a device is told to show are what it shows, whatever bits that takes."""
    plan = plan_for(FLAGS, "odd[1]", "odd[2]", "in_mode[1]", unit=Unit.BOOL, high=1)
    told = [good(float(flag)) for flag in (*wanted, mode)]
    assert decode(plan, payloads(plan, encode(plan, told))) == told


def test_a_flag_that_was_not_read_is_no_flag():
    """Where one of a flag's registers did not come, the flag is Bad for that reason."""
    text = "read: {max_gap: 0}\nregisters: {a: {at: 0}, b: {at: 9}}\nflags: {c: a and b}\n"
    plan = plan_for(text, "c", unit=Unit.BOOL, high=1)
    readings = decode(plan, [b"\0\1", Reason.TIMEOUT])
    assert [reading.reason for reading in readings] == [Reason.TIMEOUT]


FACTORS = """
registers:
  sensor: {at: 0, fields: {type: {bits: "15..8", scales: {1: 0.1, 2..4: 1, 5: 10}}}}
  span: {at: 1, type: f32}
  full: {at: 3}
  places: {at: 4, type: u8}
  a: {at: 5, multiplier: sensor.type}
  b: {at: 6, multiplier: span, divisor: full}
  c: {at: 7, type: s16, decimals: places}
"""


def test_other_registers_scale_a_value():
    """A table over the sensor's type, a span over a full count, and a decimal point."""
    plan = plan_for(FACTORS, "a", "b", "c", low=-1000, high=1000)
    words = {0: 0x0105, 1: 0x4248, 2: 0, 3: 1000, 4: 0xAA02, 5: 105, 6: 500, 7: 0xFF85}
    assert [reading.value for reading in read(plan, words)] == pytest.approx([10.5, 25.0, -1.23])


@pytest.mark.parametrize(
    ("words", "reasons"),
    [
        ({0: 0x0900, 2: 1, 3: 1}, ["configuration", "ok", "ok"]),
        ({0: 0x0200, 1: 0x7FC0, 3: 1}, ["ok", "invalid-value", "ok"]),
        ({0: 0x0200, 1: 0x4248, 3: 0}, ["ok", "invalid-value", "ok"]),
        ({0: 0x0200, 1: 0x4248, 3: 1, 4: 12}, ["ok", "ok", "invalid-value"]),
    ],
)
def test_a_factor_that_makes_no_sense_spoils_its_own_value_only(
    words: dict[int, int], reasons: list[str]
):
    """An unknown type, no number, a division by zero, twelve decimals: a reason, never a value."""
    plan = plan_for(FACTORS, "a", "b", "c", low=-1000, high=1000)
    assert [str(reading.reason) for reading in read(plan, words)] == reasons


@given(st.floats(0, 90), st.floats(0, 60000), st.floats(-30, 30))
def test_factors_are_chosen_so_that_a_value_fits(a: float, b: float, c: float):
    """A device told to show a value picks type, span and decimals for it, and is read back."""
    tags = [make_tag("A", "a", Unit.COUNT), make_tag("B", "b", Unit.COUNT, 0, 6e4)]
    tags.append(make_tag("C", "c", Unit.COUNT, -30, 30))
    plan = make_plan(resolve(template(FACTORS), {}), tags)
    back = decode(plan, payloads(plan, encode(plan, [good(value) for value in (a, b, c)])))
    for reading, value, step in zip(back, (a, b, c), (0.1, 1.0, 0.01), strict=True):
        assert reading.reason is Reason.OK
        assert math.isclose(reading.value or 0.0, value, abs_tol=step / 2 + 1e-9)


SEEN = st.sampled_from([0, 1, 5, 0x105])


@given(
    st.lists(st.one_of(st.none(), st.lists(SEEN, min_size=8, max_size=8)), min_size=2, max_size=6)
)
def test_judging_only_what_changed_says_the_same(polls: list[list[int] | None]):
    """Flags and factors over several registers are judged anew when any of these has moved."""
    text = FLAGS.replace("gates:", "  heavy: b and a.run\ngates:")
    plans = [plan_for(FACTORS, "a", "b", "c"), plan_for(text, "heavy[1]", "odd[2]", "b[1]", high=9)]
    for plan in plans:
        memory = Memory(plan)
        for poll in polls:
            places = {(Area.HOLDING, at): word for at, word in enumerate(poll or ())}
            answers: list[bytes | Reason] = [*payloads(plan, places)]
            if poll is None:
                answers = [Reason.TIMEOUT] * len(plan.blocks)
            assert memory.decode(answers) == decode(plan, answers)


RANGED = "registers: {a: {at: 0, points: [[200, 4], [1000, 20]], unit: mA, of_range: [4, 20]}}\n"


@given(st.floats(-20, 180))
def test_a_loop_current_is_spread_over_the_tags_range(value: float):
    """4 mA is the low end of the tag's range and 20 mA the high one; a tag in mA reads mA."""
    plan = plan_for(RANGED, "a", unit=Unit.PPM, low=-20, high=180)
    words = encode(plan, [good(value)])
    (back,) = decode(plan, payloads(plan, words))
    assert back.value == pytest.approx(value, abs=0.126)
    current = plan_for(RANGED, "a", unit=Unit.MILLIAMPERE, low=0, high=22)
    (reading,) = decode(current, payloads(current, words))
    assert reading.value == pytest.approx(4 + ((back.value or 0.0) + 20) / 200 * 16)


SETTLED = """
settings:
  step: {type: number, default: 0.1, min: 0.001, max: 10}
  many: {type: int, default: 2, min: 1, max: 16}
  model: {type: choice, choices: [one, two], default: one}
registers:
  a: {at: 0, channels_by: many, stride: 1, scale_by: step, fields: {f: {bits: 0, scale_by: step}}}
  old: {at: 20}
  state: {at: 30}
flags: {lit: old == 1}
gates:
  - {from: old, governs: [a], when: {1: device-fault}}
  - {from: state, governs: [a, old], when: {1: device-fault}}
variants:
  model:
    two:
      registers: {a: {at: 100, type: s16}, old: null, fresh: {at: 21}}
      flags: {lit: null}
      gates: [{from: fresh, governs: [a], when: {7: inhibited}}]
      identity: [{from: fresh, equals: [7]}]
"""


def test_settings_say_what_a_count_is_worth_and_how_many_channels_there_are():
    """Scale and number of channels come from the device's own entry."""
    plan = plan_for(SETTLED, "a[9]", "a.f[1]", step=2, many=9)
    assert [reading.value for reading in read(plan, {8: 21, 0: 1})] == [42.0, 2.0]
    with pytest.raises(ConfigError, match="Channels are 1 to 2"):
        plan_for(SETTLED, "a[3]")
    with pytest.raises(RefError, match="many is 17"):
        plan_for(SETTLED, "a[3]", many=17)


def test_a_variant_moves_takes_away_and_adds():
    """The other model has its own address and type, lacks a register and what hung on it."""
    plan = plan_for(SETTLED, "a[1]", model="two", low=-10, high=10)
    (reading,) = read(plan, {100: 0xFFFE, 21: 7, 20: 1})
    assert (reading.value, reading.reason) == (pytest.approx(-0.2), Reason.INHIBITED)
    for ref in ("old", "lit"):
        with pytest.raises(ConfigError, match="no point"):
            plan_for(SETTLED, ref, model="two")
    with pytest.raises(RefError, match="one of one, two"):
        plan_for(SETTLED, "a[1]", model="three")


def test_a_unit_that_is_none_of_ours_is_never_believed():
    """A listed code without a unit is a configuration fault, an unlisted one is the tag's own."""
    text = "registers: {a: {at: 0, units_from: b}, b: {at: 1, units: {1: ppm, 5: null}}}\n"
    plan = plan_for(text, "a", unit=Unit.PPM)
    reasons = [read(plan, {0: 5, 1: code})[0].reason for code in (1, 5, 9)]
    assert reasons == [Reason.OK, Reason.CONFIGURATION, Reason.OK]


def test_a_device_is_known_by_its_letters():
    """A text identifies a device: other letters are another device, unread ones are no verdict."""
    text = (
        "registers: {a: {at: 0}, name: {at: 1, type: text, registers: 3}}\n"
        "identity: [{from: name, equals: [GT-100, GT-2]}]\n"
    )
    plan = plan_for(text, "a")
    told = [good(5.0)]
    assert decode(plan, payloads(plan, encode(plan, told))) == told
    (reading,) = read(plan, {0: 5, 1: 0x4754, 2: 0x2D39, 3: 0})
    assert reading.reason is Reason.WRONG_DEVICE


def test_a_point_is_not_asked_oftener_than_it_has_news():
    """A tag that is faster than its register's least period is refused at load, with the period."""
    text = "registers: {a: {at: 0, min_period_s: 30}}\n"
    with pytest.raises(ConfigError, match="30 s or more"):
        plan_for(text, "a")
    tag = replace(make_tag("a", "a", Unit.COUNT), period_s=30.0)
    assert make_plan(resolve(template(text), {}), [tag]).programs


def test_a_wide_register_is_refused_with_the_way_out():
    """Where one address holds 32 bits no ordinary request reads it; the template names the copy."""
    text = 'registers: {a: {at: 7400, type: f32, wide: true, note: "Read b."}, b: {at: 1}}\n'
    with pytest.raises(ConfigError, match="Read b"):
        plan_for(text, "a")


@pytest.mark.parametrize(("period_s", "judged"), [(1.0, True), (2.0, True), (2.5, False)])
def test_a_toggle_is_judged_where_it_is_polled_often_enough(period_s: float, judged: bool):
    """Polled at least once a step, a bit that stands still is an instrument that stands still."""
    text = (
        "registers: {a: {at: 0}, beat: {at: 1}}\n"
        "heartbeat: {from: beat, kind: toggle, period_s: 2, governs: [a]}\n"
    )
    tag = replace(make_tag("a", "a", Unit.COUNT), period_s=period_s)
    plan = make_plan(resolve(template(text), {}), [tag])
    assert plan.heartbeat is not None
    assert plan.heartbeat.judged is judged
