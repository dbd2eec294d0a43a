// Labels of crowded detectors stand apart, and are tied to what they name.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Label, overlap, place } from './labels.ts';
import { fit, scaleBar } from './project.ts';

// The chlorine area of the example park: fifteen metres between detectors [m].
const DETECTORS: [number, number][] = [
  [132, 152],
  [119, 164],
  [107, 148],
  [122, 137],
  [152, 178],
  [178, 183],
  [133, 193],
  [128, 217],
];
const EXTENT = { west: 0, south: 0, east: 400, north: 300 };

function labels(scaled: ReturnType<typeof fit>, w: number, h: number): Label[] {
  return DETECTORS.map(([x, y], n) => ({
    id: String(n),
    x: scaled.x(x),
    y: scaled.y(y),
    w,
    h,
    gap: 9,
  }));
}

for (const [name, box, w, h] of [
  ['1920 × 1080', { x: 0, y: 0, w: 1220, h: 900 }, 84, 40],
  ['1366 × 768', { x: 0, y: 0, w: 860, h: 620 }, 70, 33],
] as const) {
  test(`no two labels and no symbol overlap at ${name}`, () => {
    const all = labels(fit(EXTENT, box, 12), w, h);
    const symbols = all.map(({ x, y }) => ({ x: x - 8, y: y - 8, w: 16, h: 16 }));
    const placed = [...place(all, symbols, [], box).values()];

    for (const [n, one] of placed.entries()) {
      assert.ok(one.clear);
      for (const other of placed.slice(n + 1)) assert.equal(overlap(one.box, other.box), 0);
      for (const symbol of symbols) assert.equal(overlap(one.box, symbol), 0);
      assert.equal(overlap(one.box, box), one.box.w * one.box.h, 'inside the map');
    }
  });
}

test('the same input gives the same places', () => {
  const box = { x: 0, y: 0, w: 900, h: 700 };
  const once = place(labels(fit(EXTENT, box, 10), 80, 40), [], [], box);
  const twice = place(labels(fit(EXTENT, box, 10), 80, 40), [], [], box);
  assert.deepEqual([...once.values()], [...twice.values()]);
});

test('a lone label stands beside its point without a line', () => {
  const bounds = { x: 0, y: 0, w: 400, h: 400 };
  const one = place([{ id: 'a', x: 200, y: 200, w: 60, h: 30, gap: 8 }], [], [], bounds).get('a');
  assert.equal(one?.leader, null);
});

test('north is up and the scale bar is round', () => {
  const scaled = fit(EXTENT, { x: 0, y: 0, w: 800, h: 600 }, 0);
  assert.equal(scaled.scale, 2);
  assert.ok(scaled.y(300) < scaled.y(0));
  assert.equal(scaleBar(2, 160), 50);
  assert.equal(scaleBar(0.05, 160), 2000);
});
