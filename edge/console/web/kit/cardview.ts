// One card on the map: its box, its words, its mark of quality and its alarm frame.
import type { Card } from './cards.ts';
import { s, setClass, setText } from './dom.ts';
import { glyphShape } from './glyph.ts';
import type { Placed } from './labels.ts';
import { longest, reasonText, shown } from './values.ts';
import { type Alarm, type Row, type TagInfo, unacknowledged } from './wire.ts';

export interface Metrics {
  small: number; // font sizes [px]
  large: number;
  width(text: string, size: number, bold: boolean): number;
}
interface Line {
  tag: TagInfo;
  group: SVGGElement;
  value: SVGTextElement;
  glyph: SVGGElement;
  shown: string;
}

const PAD = 5;
const GLYPH = 15;

/** A card's size [px], with room for the longest thing it is likely to say. */
export function sizeOf(card: Card, metrics: Metrics): { w: number; h: number } {
  const { small, large } = metrics;
  const title = metrics.width(card.title, small, false);
  if (card.kind === 'detector') {
    const tag = card.lines[0]?.tag;
    const room = metrics.width(`${card.title} ${reasonText('over-range')}`, small, false);
    const value = Math.max(room, tag ? metrics.width(longest(tag), large, true) : 0);
    return { w: Math.ceil(Math.max(title, value) + 2 * PAD), h: Math.ceil(small + large + 12) };
  }
  const lines = card.lines.map(
    (line) =>
      metrics.width(line.label, small, false) +
      metrics.width(`${longest(line.tag)} ?`, small, true) +
      GLYPH +
      8,
  );
  return {
    w: Math.ceil(Math.max(title, ...lines) + 2 * PAD),
    h: Math.ceil(small * 1.3 * (1 + lines.length) + 7),
  };
}

/** A card's elements, made once a layout and then only changed. */
export class CardView {
  readonly element: SVGGElement;
  readonly card: Card;
  private readonly frame: SVGRectElement;
  private readonly title: SVGTextElement;
  private readonly lines: Line[] = [];

  constructor(card: Card, placed: Placed, metrics: Metrics, select: (tag: TagInfo) => void) {
    this.card = card;
    const { x, y, w, h } = placed.box;
    this.frame = s('rect', { class: 'frame', x, y, width: w, height: h, rx: 2 });
    this.element = s(
      'g',
      { class: `card ${card.kind}`, 'data-card': card.id },
      s('rect', { class: 'back', x, y, width: w, height: h, rx: 2 }),
    );
    const { small, large } = metrics;
    const first = y + 4 + small * 0.86;
    this.title = s('text', { class: 'title', x: x + PAD, y: first, 'font-size': small }, card.title);
    this.element.append(this.title);
    card.lines.forEach((line, n) => {
      const alone = card.kind === 'detector';
      const base = alone ? y + h - 6 : first + small * 1.3 * (n + 1);
      const left = x + PAD + (alone ? 0 : GLYPH);
      const value = s('text', {
        class: 'value',
        x: alone ? left : x + w - PAD,
        y: base,
        'text-anchor': alone ? 'start' : 'end',
        'font-size': alone ? large : small,
      });
      const glyph = s('g', {
        class: 'line-glyph',
        transform: `translate(${x + PAD - 2} ${base - small}) scale(${(small + 2) / 24})`,
      });
      const group = s('g', { 'data-tag': line.tag.tag, class: 'line' }, glyph);
      if (!alone) {
        group.append(s('text', { class: 'label', x: left, y: base, 'font-size': small }, line.label));
      }
      group.append(value);
      if (!alone) group.addEventListener('click', () => select(line.tag));
      this.lines.push({ tag: line.tag, group, value, glyph, shown: '' });
      this.element.append(group);
    });
    this.element.append(
      s('rect', { class: 'hatch', x, y, width: w, height: h, fill: 'url(#hatch)' }),
      this.frame,
    );
    const tag = card.lines[0]?.tag;
    if (card.kind === 'detector' && tag) this.element.addEventListener('click', () => select(tag));
  }

  /** Show the readings. */
  values(rows: ReadonlyMap<string, Row>): void {
    let bad = false;
    for (const line of this.lines) {
      const now = shown(line.tag, rows.get(line.tag.tag));
      const alone = this.card.kind === 'detector';
      setText(line.value, now.why && !alone ? `${now.text} ?` : now.text);
      if (alone) setText(this.title, now.why ? `${this.card.title} ${now.why}` : this.card.title);
      setClass(line.group, 'line', `q-${now.mark}`);
      bad ||= now.mark === 'bad';
    }
    this.element.classList.toggle('has-bad', bad && this.card.kind === 'detector');
  }

  /** Show the alarms of this card's tags; the worst one frames it. */
  alarms(byTag: ReadonlyMap<string, Alarm>): void {
    let worst: Alarm | undefined;
    for (const line of this.lines) {
      const alarm = byTag.get(line.tag.tag);
      const key = alarm ? `${alarm.priority}${alarm.klass}` : '';
      if (key !== line.shown) {
        line.shown = key;
        line.glyph.replaceChildren();
        if (alarm && this.card.kind !== 'detector') {
          line.glyph.append(glyphShape(alarm.priority, alarm.klass === 'predicted'));
        }
      }
      if (alarm && (!worst || before(alarm, worst))) worst = alarm;
    }
    setClass(
      this.frame,
      'frame',
      worst && `p${worst.priority}`,
      worst?.klass === 'predicted' && 'predicted',
      worst && unacknowledged(worst) && 'unack',
    );
  }
}

/** Whether one alarm speaks before another: unacknowledged, then priority. */
export function before(a: Alarm, b: Alarm): boolean {
  const rank = (alarm: Alarm): number => (unacknowledged(alarm) ? 0 : 10) + alarm.priority;
  return rank(a) < rank(b);
}
