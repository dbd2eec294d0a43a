// Numbers, times and directions are written as a person expects them.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { clockText, dayText, decimals, decimalsFor, duration, formula, octant, significant } from './format.ts';

test('decimals follow the range', () => {
  const cases: [number, number][] = [
    [10, 2],
    [300, 0],
    [3, 2],
    [1.6, 2],
    [1, 3],
    [60, 1],
    [1100, 0],
    [0, 2],
  ];
  for (const [range, expected] of cases) assert.equal(decimals(range), expected, String(range));
});

test('a set-point far below the range is still seen', () => {
  assert.equal(decimalsFor(300, [25, 50]), 0);
  assert.equal(decimalsFor(2000, [4, 0]), 1);
  assert.equal(decimalsFor(10, [0.3, 0.6]), 2);
  assert.equal(decimalsFor(60, []), 1);
});

test('a value of any size keeps three digits', () => {
  const cases: [number, string][] = [
    [0, '0'],
    [0.0321, '0.0321'],
    [1.234, '1.23'],
    [56.78, '56.8'],
    [1234.5, '1235'],
    [0.000001, '<0.0001'],
  ];
  for (const [value, expected] of cases) assert.equal(significant(value), expected);
});

test('formulas get their small digits', () => {
  assert.equal(formula('Cl2'), 'Cl₂');
  assert.equal(formula('NH3'), 'NH₃');
});

test('durations', () => {
  assert.equal(duration(-3), '00:00');
  assert.equal(duration(75.9), '01:15');
  assert.equal(duration(3661), '1:01:01');
});

test('times are Beijing time', () => {
  const noon_ns = Date.UTC(2026, 0, 2, 18, 30, 5) * 1e6;
  assert.equal(clockText(noon_ns), '02:30:05');
  assert.equal(dayText(noon_ns), '2026-01-03');
});

test('eight winds', () => {
  assert.deepEqual([0, 22, 23, 45, 315, 338, -45, 720].map(octant), [0, 0, 1, 1, 7, 0, 7, 0]);
});
