// One reading as text and mark: a value is never shown without its quality.
import { decimals, decimalsFor, octant, significant, unitText } from './format.ts';
import { FAR_S } from './spark.ts';
import type { Row, SiteInfo, TagInfo } from './wire.ts';
import { known, say } from './words.ts';

export type Mark = 'ok' | 'uncertain' | 'aside' | 'bad' | 'none';
export interface Shown {
  text: string;
  mark: Mark;
  why: string; // of an uncertain value
}

/** Give every tag its number of decimals, from its range and its set-points. */
export function setDigits(site: SiteInfo): void {
  const limits = new Map<string, number[]>();
  for (const { tag, limit } of site.limits) {
    if (limit !== null) limits.set(tag, [...(limits.get(tag) ?? []), limit]);
  }
  for (const tag of site.tags) tag.digits = decimalsFor(tag.range_high, limits.get(tag.tag) ?? []);
}

// Readings that are no measurement of the air: what they say is never "no gas".
const ASIDE = new Set(['calibrating', 'injected', 'inhibited', 'warm-up', 'simulated']);
// Of these the number itself is the instrument's own invention: a zero, or what it read last.
const NO_NUMBER = new Set(['inhibited', 'warm-up']);

/** Whether a detector with this reading watches nothing. */
export function unwatched(row: Row | undefined): boolean {
  return row !== undefined && (row[2] === 2 || ASIDE.has(row[3]));
}

/** A reason in few words. */
export function reasonText(reason: string): string {
  const id = `console.reason.${reason}`;
  return known(id) ? say(id) : reason;
}

/** Whether a computed time is the longest there is: later than in a day, or never. */
export function isFar(tag: TagInfo | undefined, value: number | null | undefined): boolean {
  return tag?.quantity === 'duration' && tag.unit === 's' && (value ?? 0) >= FAR_S;
}

/** A number of a tag with its unit. */
export function numberText(tag: TagInfo, value: number, withUnit = true): string {
  if (tag.unit === 'bool') {
    const id = `console.bool.${tag.quantity}.${value ? 1 : 0}`;
    return say(known(id) ? id : `console.bool.${value ? 1 : 0}`);
  }
  if (tag.quantity === 'wind_from') return windText(value);
  if (isFar(tag, value)) return say('console.duration.far');
  const digits =
    tag.quantity === 'predicted' ? significant(value) : value.toFixed(tag.digits ?? decimals(tag.range_high));
  const unit = withUnit ? unitText(tag.unit) : '';
  return unit ? `${digits} ${unit}` : digits;
}

/** A direction that the wind comes from. */
export function windText(from_deg: number): string {
  return `${say(`console.wind.${octant(from_deg)}`)} ${Math.round(from_deg) % 360}°`;
}

/** What to show for a tag now. */
export function shown(tag: TagInfo, row: Row | undefined): Shown {
  if (!row) return { text: '—', mark: 'none', why: '' };
  const [, value, quality, reason] = row;
  if (quality !== 2 && ASIDE.has(reason)) {
    const why = reasonText(reason);
    if (value === null || NO_NUMBER.has(reason)) return { text: why, mark: 'aside', why: '' };
    return { text: numberText(tag, value), mark: 'aside', why };
  }
  if (quality === 2 || value === null) return { text: reasonText(reason), mark: 'bad', why: '' };
  // A prediction is never more than an estimate; its place on the page says so.
  const expected = tag.quantity === 'predicted' && reason === 'estimated';
  if (quality === 1 && !expected) {
    return { text: numberText(tag, value), mark: 'uncertain', why: reasonText(reason) };
  }
  return { text: numberText(tag, value), mark: 'ok', why: '' };
}

/** The longest text that a tag is likely to show: what its label keeps room for. */
export function longest(tag: TagInfo): string {
  if (tag.unit === 'bool') return reasonText('timeout');
  if (tag.quantity === 'predicted') return '88888 ppm';
  if (tag.quantity === 'wind_from') return windText(225);
  return numberText(tag, tag.range_high);
}
