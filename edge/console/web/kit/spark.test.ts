// A small trend fits its box, shows the set-point, and draws nothing where nothing was read.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FAR_S, type Stretch, spark, withoutFar } from './spark.ts';

const at = (from_ns: number, value: number | null): Stretch => ({
  from_ns, to_ns: from_ns + 10, lowest: value, highest: value, last: value,
});

test('values and set-point lie in the box', () => {
  const drawn = spark([at(0, 0), at(50, 2)], 0, 100, 4, 200, 50);
  assert.equal(drawn?.line, 'M0 46.6L20 46.6L100 25L120 25');
  assert.equal(drawn?.limitY, 3.4);
});

test('a gap lifts the pen, and nothing is drawn of nothing', () => {
  const drawn = spark([at(0, 1), at(30, null), at(60, 1)], 0, 100, null, 100, 10);
  assert.equal(drawn?.line.match(/M/g)?.length, 2);
  assert.equal(spark([at(0, null)], 0, 100, 3, 100, 10), null);
});

test('a time of a day or more leaves a gap and does not flatten the rest', () => {
  const mixed = { ...at(30, 500), highest: FAR_S, last: FAR_S };
  const kept = withoutFar([at(0, FAR_S), mixed, at(60, 400), at(70, null)]);
  assert.deepEqual(kept.map((one) => one.highest), [null, 500, 400, null]);
  assert.equal(kept[1]?.last, 500);
  assert.equal(spark(kept, 0, 100, null, 100, 10)?.highest, 500);
});
