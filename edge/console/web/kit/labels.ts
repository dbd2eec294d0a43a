// Where labels stand on a map: beside what they name, over nothing else, tied to it by a line where
// they had to move away. Pure: the same input gives the same places.
import type { Box } from './project.ts';

export interface Label {
  id: string;
  x: number; // what it names [px]
  y: number;
  w: number;
  h: number;
  gap: number; // from the point to the label where nothing is in the way [px]
  away?: readonly [number, number]; // a direction that it would rather stand in
}
export interface Placed {
  id: string;
  box: Box;
  leader: [x1: number, y1: number, x2: number, y2: number] | null;
  clear: boolean; // whether it covers nothing that it must not
}

const ANGLES = 24;
const STEPS = [0, 8, 18, 30, 44, 60, 78, 98, 120, 145, 175, 210];
const PADDING = 3;
const PASSES = 4;

/** Area that two boxes share [px²]. */
export function overlap(a: Box, b: Box): number {
  const w = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x);
  const h = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y);
  return w > 0 && h > 0 ? w * h : 0;
}

function grown(box: Box, by: number): Box {
  return { x: box.x - by, y: box.y - by, w: box.w + 2 * by, h: box.h + 2 * by };
}

type Line = [number, number, number, number];

/** Whether a line passes through a box. */
export function crosses([x1, y1, x2, y2]: Line, box: Box): boolean {
  let [t0, t1] = [0, 1];
  const [dx, dy] = [x2 - x1, y2 - y1];
  for (const [p, q] of [
    [-dx, x1 - box.x],
    [dx, box.x + box.w - x1],
    [-dy, y1 - box.y],
    [dy, box.y + box.h - y1],
  ] as const) {
    if (p === 0) {
      if (q < 0) return false;
    } else if (p < 0) t0 = Math.max(t0, q / p);
    else t1 = Math.min(t1, q / p);
  }
  return t0 < t1;
}

function side(ax: number, ay: number, bx: number, by: number, px: number, py: number): number {
  return Math.sign((bx - ax) * (py - ay) - (by - ay) * (px - ax));
}

function meets([a, b, c, d]: Line, [e, f, g, i]: Line): boolean {
  return (
    side(a, b, c, d, e, f) !== side(a, b, c, d, g, i) &&
    side(e, f, g, i, a, b) !== side(e, f, g, i, c, d)
  );
}

function leaderOf(label: Label, box: Box): Line | null {
  const x = Math.min(Math.max(label.x, box.x), box.x + box.w);
  const y = Math.min(Math.max(label.y, box.y), box.y + box.h);
  return Math.hypot(x - label.x, y - label.y) > label.gap + 6 ? [label.x, label.y, x, y] : null;
}

function candidate(label: Label, angle: number, step: number): Box {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const far = label.gap + step;
  // The label's border, not its middle, stands `far` from the point.
  const reach = Math.min(
    label.w / 2 / Math.max(1e-9, Math.abs(cos)),
    label.h / 2 / Math.max(1e-9, Math.abs(sin)),
  );
  const middle = far + reach;
  return {
    x: Math.round(label.x + cos * middle - label.w / 2),
    y: Math.round(label.y + sin * middle - label.h / 2),
    w: label.w,
    h: label.h,
  };
}

/** A box moved, where it hangs over the edge of `bounds`, so that it does not. */
function within(box: Box, bounds: Box): Box {
  const x = Math.max(bounds.x, Math.min(box.x, bounds.x + bounds.w - box.w));
  const y = Math.max(bounds.y, Math.min(box.y, bounds.y + bounds.h - box.h));
  return { ...box, x, y };
}

interface Ground {
  hard: readonly Box[];
  soft: readonly Box[];
  bounds: Box;
}

function cost(label: Label, box: Box, step: number, others: Placed[], ground: Ground): number {
  const size = box.w * box.h;
  const padded = grown(box, PADDING);
  const line = leaderOf(label, box);
  let sum = step * 0.9;
  sum += ((size - overlap(box, ground.bounds)) / size) * 4000;
  for (const other of others) {
    sum += (overlap(padded, other.box) / size) * 3000;
    if (overlap(padded, other.box) > 0) sum += 400;
    if (line && crosses(line, other.box)) sum += 250;
    if (other.leader && crosses(other.leader, box)) sum += 250;
    if (line && other.leader && meets(line, other.leader)) sum += 120;
  }
  for (const box2 of ground.hard) sum += (overlap(padded, box2) / (box2.w * box2.h)) * 600;
  for (const box2 of ground.soft) sum += (overlap(box, box2) / size) * 25;
  if (label.away) {
    const [dx, dy] = [box.x + box.w / 2 - label.x, box.y + box.h / 2 - label.y];
    const length = Math.hypot(dx, dy) || 1;
    sum += (1 - (dx * label.away[0] + dy * label.away[1]) / length) * 12;
  }
  return sum;
}

/** The best place for one label among `others`. */
export function placeOne(label: Label, others: Placed[], ground: Ground): Placed {
  let best = candidate(label, 0, 0);
  let least = Number.POSITIVE_INFINITY;
  for (const step of STEPS) {
    if (step * 0.9 > least) break;
    for (let n = 0; n < ANGLES; n += 1) {
      const box = within(candidate(label, (n * 2 * Math.PI) / ANGLES, step), ground.bounds);
      const price = cost(label, box, step, others, ground);
      if (price < least) [best, least] = [box, price];
    }
  }
  const clear = others.every((other) => overlap(best, other.box) === 0);
  return { id: label.id, box: best, leader: leaderOf(label, best), clear };
}

/**
 * Place every label. `hard` boxes (symbols, scale bar) are kept free, `soft` ones (buildings) where
 * that costs nothing. The first round puts each down in turn; later rounds let each move again,
 * knowing where the others are.
 */
export function place(
  labels: readonly Label[],
  hard: readonly Box[],
  soft: readonly Box[],
  bounds: Box,
): Map<string, Placed> {
  const ground: Ground = { hard, soft, bounds };
  const placed = new Map<string, Placed>();
  for (let pass = 0; pass < PASSES; pass += 1) {
    for (const label of labels) {
      placed.delete(label.id);
      placed.set(label.id, placeOne(label, [...placed.values()], ground));
    }
  }
  for (const label of labels) {
    const own = placed.get(label.id);
    if (!own) continue;
    own.clear = [...placed.values()].every(
      (other) => other.id === own.id || overlap(own.box, other.box) === 0,
    );
  }
  return placed;
}
