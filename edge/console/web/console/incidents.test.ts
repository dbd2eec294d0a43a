// An area is spoken once an incident, and again only where it becomes worse.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Alarm } from '../kit/wire.ts';
import { Incidents } from './incidents.ts';

const alarm = (area: string, level: number, changes: Partial<Alarm> = {}): Alarm =>
  ({ area, level, klass: 'process', state: 'unack', acked_by: null, ...changes }) as Alarm;
const loud = (): boolean => false;

test('once when it begins, once more from level 1 to level 2', () => {
  const incidents = new Incidents();
  assert.deepEqual(incidents.next([alarm('cl2', 1)], loud), [{ area: 'cl2', level: 1 }]);
  assert.deepEqual(incidents.next([alarm('cl2', 1), alarm('cl2', 1)], loud), []);
  assert.deepEqual(incidents.next([alarm('cl2', 1), alarm('cl2', 2)], loud), [{ area: 'cl2', level: 2 }]);
  assert.deepEqual(incidents.next([alarm('cl2', 1)], loud), []);
});

test('a new area is spoken, the worst first', () => {
  const found = new Incidents().next([alarm('nh3', 1), alarm('cl2', 2)], loud);
  assert.deepEqual(found.map((one) => one.area), ['cl2', 'nh3']);
});

test('after all of it has gone an area is spoken anew', () => {
  const incidents = new Incidents();
  incidents.next([alarm('cl2', 2)], loud);
  assert.deepEqual(incidents.next([alarm('cl2', 2, { state: 'acked', acked_by: 'wang' })], loud), []);
  assert.deepEqual(incidents.next([alarm('cl2', 2)], loud), []);
  incidents.next([], loud);
  assert.deepEqual(incidents.next([alarm('cl2', 1)], loud), [{ area: 'cl2', level: 1 }]);
});

test('predicted, held, silenced and levelless alarms are not spoken', () => {
  const quiet = [
    alarm('a', 2, { klass: 'predicted' }),
    alarm('b', 2, { state: 'shelved' }),
    alarm('c', 0),
    alarm('d', 2, { state: 'acked', acked_by: 'wang' }),
  ];
  assert.deepEqual(new Incidents().next(quiet, loud), []);
  assert.deepEqual(new Incidents().next([alarm('a', 1)], () => true), []);
});
