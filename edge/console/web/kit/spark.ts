// A small trend: one line of values over time, and a set-point. Gaps stay gaps.

export interface Stretch {
  from_ns: number;
  to_ns: number;
  lowest: number | null;
  highest: number | null;
  last: number | null;
}
export interface Spark {
  line: string; // of an SVG path
  limitY: number | null;
  lowest: number;
  highest: number;
}

export const FAR_S = 86_400; // core gives no longer time than this: "later than in a day, or never"

/** A computed time's trend without what is only "later than in a day": it would flatten the rest. */
export function withoutFar(stretches: Stretch[]): Stretch[] {
  return stretches.map((one) => {
    if (one.lowest === null || one.highest === null || one.highest < FAR_S) return one;
    if (one.lowest >= FAR_S) return { ...one, lowest: null, highest: null, last: null };
    const last = one.last === null || one.last >= FAR_S ? one.lowest : one.last;
    return { ...one, highest: one.lowest, last };
  });
}

/** The path of `stretches` in a box of `w` × `h`, from `from_ns` to `to_ns`; null without values. */
export function spark(
  stretches: Stretch[],
  from_ns: number,
  to_ns: number,
  limit: number | null,
  w: number,
  h: number,
): Spark | null {
  const values = stretches.flatMap((one) => [one.lowest, one.highest]).filter((v) => v !== null);
  if (!values.length) return null;
  if (limit !== null) values.push(limit);
  let [lowest, highest] = [Math.min(...values), Math.max(...values)];
  if (highest === lowest) [lowest, highest] = [lowest - 1, highest + 1];
  const room = (highest - lowest) * 0.08;
  const y = (v: number): number => round(h - ((v - lowest + room) / (highest - lowest + 2 * room)) * h);
  const x = (ns: number): number => round(((ns - from_ns) / (to_ns - from_ns)) * w);
  let line = '';
  let pen = false;
  for (const one of stretches) {
    if (one.lowest === null || one.highest === null || one.last === null) {
      pen = false;
      continue;
    }
    line += `${pen ? 'L' : 'M'}${x(one.from_ns)} ${y(one.lowest)}`;
    if (one.highest !== one.lowest) line += `L${x(one.from_ns)} ${y(one.highest)}`;
    line += `L${x(one.to_ns)} ${y(one.last)}`;
    pen = true;
  }
  return { line, limitY: limit === null ? null : y(limit), lowest, highest };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
