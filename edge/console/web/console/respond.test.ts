// The time to respond runs from the raising, and what is over it is said as such.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Alarm } from '../kit/wire.ts';
import { respond } from './respond.ts';

const alarm = { active: true, raised_ns: 100e9 } as Alarm;

test('what is left, and what is over', () => {
  assert.deepEqual(respond(alarm, 180, 100e9), { state: 'left', clock: '03:00', share: 0 });
  assert.deepEqual(respond(alarm, 180, 190e9), { state: 'left', clock: '01:30', share: 0.5 });
  assert.deepEqual(respond(alarm, 180, 345e9), { state: 'over', clock: '01:05', share: 1 });
});

test('a clock that went back leaves the whole time', () => {
  assert.equal(respond(alarm, 60, 0).clock, '01:00');
});

test('no time where none is given, and none once the condition is over', () => {
  assert.equal(respond(alarm, 0, 200e9).state, 'none');
  assert.equal(respond({ ...alarm, active: false }, 60, 200e9).state, 'none');
});
