// The corner counts each raising once, in the right window.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Alarm, JournalEvent } from '../kit/wire.ts';
import { AlarmRate, load } from './rate.ts';

const NOW = 1.8e18;
const raised = (seq: number | null, minutes: number, kind = 'alarm.raised'): JournalEvent => ({
  seq, kind, subject: 'a', utc_ns: NOW - minutes * 60e9, params: {},
});

test('ten minutes and an hour', () => {
  const rate = new AlarmRate();
  rate.fill([raised(9, 5), raised(8, 20), raised(7, 59), raised(6, 61), raised(5, 4, 'alarm.cleared')]);
  assert.deepEqual(rate.counts(NOW), [1, 3]);
  rate.take(raised(10, 0));
  rate.take(raised(null, 0)); // not numbered yet
  assert.deepEqual(rate.counts(NOW), [3, 5]);
  assert.deepEqual(rate.counts(NOW + 30 * 60e9), [0, 4]);
});

test('what the journal tells late is not counted twice', () => {
  const rate = new AlarmRate();
  rate.take(raised(20, 1));
  rate.fill([raised(20, 1), raised(19, 2)]);
  assert.deepEqual(rate.counts(NOW), [2, 2]);
});

test('without a journal what stands is the least that was raised', () => {
  const rate = new AlarmRate();
  const stands = (minutes: number, state: string): Alarm =>
    ({ raised_ns: NOW - minutes * 60e9, state }) as Alarm;
  rate.seed([stands(3, 'acked'), stands(20, 'unack'), stands(5, 'suppressed')]);
  assert.deepEqual(rate.counts(NOW), [1, 2]);
  assert.equal(rate.whole, false);
});

test('a load has a name', () => {
  assert.deepEqual([0, 2, 3, 10, 11].map((n) => load(n, false)), ['calm', 'calm', 'busy', 'busy', 'flood']);
  assert.equal(load(0, true), 'flood');
});
