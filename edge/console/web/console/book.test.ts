// The lists are in a person's order, whatever has changed, and a change among thousands is cheap.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Alarm } from '../kit/wire.ts';
import { AlarmBook } from './book.ts';

function alarm(condition: string, changes: Partial<Alarm> = {}): Alarm {
  return {
    condition, tag: condition, kind: 'h', klass: 'process', priority: 2, level: 1, area: 'a',
    state: 'unack', active: true, latched: false, since_ns: 1, raised_ns: 1, acked_by: null, value: 1,
    limit: 1, unit: 'ppm', count: 1, world: 'drill', held_by: '', held_reason: '', held_until_ns: null,
    permit: '', once: false, first_out: '', guidance: '', respond_s: 0, ...changes,
  };
}
const names = (list: Alarm[]): string => list.map((one) => one.condition).join(' ');

test('unacknowledged first, then priority, then newest', () => {
  const book = new AlarmBook();
  book.replace([
    alarm('acked', { state: 'acked', priority: 1 }),
    alarm('old', { raised_ns: 5 }),
    alarm('new', { raised_ns: 9 }),
    alarm('urgent', { priority: 1 }),
    alarm('latched', { state: 'latched', priority: 3 }),
    alarm('seen', { state: 'latched', priority: 1, acked_by: 'wang', raised_ns: 2 }),
  ]);
  assert.equal(names(book.list('standing')), 'urgent new old latched seen acked');
  assert.deepEqual(book.byPriority.slice(1), [[1, 3], [2, 2], [1, 1], [0, 0]]);
});

test('what is held and what is predicted stand apart', () => {
  const book = new AlarmBook();
  book.replace([
    alarm('a'),
    alarm('b', { state: 'shelved' }),
    alarm('c', { klass: 'predicted' }),
    alarm('d', { klass: 'predicted', state: 'out-of-service' }),
  ]);
  assert.equal(names(book.list('standing')), 'a');
  assert.equal(names(book.list('held')), 'b d');
  assert.deepEqual(book.count('predicted'), [1, 1]);
  assert.deepEqual(book.byPriority[2], [1, 1]);
});

test('what clears is gone and what comes again stands where it belongs', () => {
  const book = new AlarmBook();
  book.replace([alarm('a', { raised_ns: 1 }), alarm('b', { raised_ns: 2 }), alarm('c', { raised_ns: 3 })]);
  assert.equal(names(book.list('standing')), 'c b a');
  book.take(alarm('b', { state: 'normal' }));
  book.take(alarm('a', { raised_ns: 4 }));
  book.take(alarm('d', { raised_ns: 0 }));
  assert.equal(names(book.list('standing')), 'a c d');
  book.take(alarm('b', { raised_ns: 9 }));
  assert.equal(names(book.list('standing')), 'b a c d');
});

test('five hundred changes among five thousand alarms', () => {
  const book = new AlarmBook();
  for (let n = 0; n < 5000; n += 1) book.take(alarm(`T-${n}/h`, { raised_ns: (n * 7919) % 5000, priority: 1 + (n % 4) }));
  book.list('standing');
  const began = performance.now();
  for (let n = 0; n < 500; n += 1) {
    book.take(alarm(`T-${n * 9}/h`, { raised_ns: 5000 + n, priority: 1 + (n % 4) }));
    if (n % 50 === 49) book.list('standing');
  }
  const each_ms = (performance.now() - began) / 10;
  assert(each_ms < 25, `${each_ms} ms for a look`);
  const list = book.list('standing');
  const sorted = [...list].sort((a, b) => a.priority - b.priority || b.raised_ns - a.raised_ns);
  assert.equal(names(list), names(sorted));
});
