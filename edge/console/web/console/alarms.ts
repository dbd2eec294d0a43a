// The alarm list: banner with counts, silence, rows with acknowledge, pages.
import { button, h, setClass, setText } from '../kit/dom.ts';
import { clockText, significant, unitText } from '../kit/format.ts';
import { glyph } from '../kit/glyph.ts';
import { PagedList, type RowView } from '../kit/list.ts';
import { numberText } from '../kit/values.ts';
import { type Alarm, unacknowledged } from '../kit/wire.ts';
import { currentLanguage, known, say, titled } from '../kit/words.ts';
import { blindText } from './calibrate.ts';
import type { Store } from './store.ts';

export interface AlarmActions {
  acknowledge(conditions: string[]): void;
  reset(alarm: Alarm): void;
  silence(): void;
}

/** A condition in words: "二级 高高", "坏值". */
export function conditionText(alarm: Alarm): string {
  const kind = known(`alarm.kind.${alarm.kind}`) ? say(`alarm.kind.${alarm.kind}`) : alarm.kind;
  return alarm.level ? `${say(`console.level.${alarm.level}`)} ${kind}` : kind;
}

function amount(store: Store, alarm: Alarm, value: number | null): string {
  if (value === null) return '—';
  const tag = store.tags.get(alarm.tag);
  if (tag) return numberText(tag, value);
  return `${significant(value)} ${unitText(alarm.unit)}`;
}

/** Unacknowledged of all; of very many the first number is what matters. */
function amounts(open: number, all: number): HTMLElement {
  return h('span', {}, h('b', {}, String(open)), all < 100 ? ` / ${all}` : '');
}

/** What the person who acknowledges is told about the alarm's title. */
export function alarmTitle(store: Store, alarm: Alarm): string {
  const tag = store.tags.get(alarm.tag);
  // "Prediction available" is the tag; that it is not is the alarm.
  if (tag?.quantity === 'health') return say('console.prediction-lost');
  return tag ? titled(tag.title) : alarm.tag;
}

function makeRow(store: Store, alarm: Alarm, actions: AlarmActions, ready: () => boolean): RowView<Alarm> {
  let current = alarm;
  const predicted = alarm.klass === 'predicted';
  const words = alarmTitle(store, alarm);
  const title = h('div', { class: 'what', title: words }, words);
  const condition = h('div', { class: 'condition' });
  const value = h('div', { class: 'now' });
  const limit = h('div', { class: 'limit' });
  const since = h('div', { class: 'since' });
  const count = h('div', { class: 'count' });
  const act = button('', 'act', () => {
    if (!ready()) return;
    if (unacknowledged(current)) actions.acknowledge([current.condition]);
    else if (current.state === 'latched') actions.reset(current);
  });
  const rank = predicted ? say('console.predicted') : say(`console.priority.${alarm.priority}`);
  const element = h(
    'li',
    { 'data-condition': alarm.condition },
    h('div', { class: 'mark' }, glyph(alarm.priority, predicted), h('span', {}, rank)),
    h('div', { class: 'name' }, title, condition),
    h('div', { class: 'value' }, value, limit),
    h('div', { class: 'time' }, since, count),
    act,
  );
  const update = (next: Alarm): void => {
    current = next;
    setClass(element, `p${next.priority}`, next.state, predicted && 'predicted');
    const state = say(`console.state.${next.state}`, { by: next.acked_by ?? '' });
    setText(condition, `${next.tag} · ${conditionText(next)} · ${state}`);
    const row = store.rows.get(next.tag);
    const bad = row ? row[2] === 2 : false;
    setText(value, bad ? say('console.bad-value') : amount(store, next, row?.[1] ?? next.value));
    setClass(value, 'now', bad && 'bad');
    setText(
      limit,
      next.limit === null ? '' : say('console.set-point', { value: amount(store, next, next.limit) }),
    );
    setText(since, clockText(next.raised_ns));
    setText(count, next.count > 1 ? `×${next.count}` : '');
    const word = unacknowledged(next)
      ? say('console.acknowledge')
      : next.state === 'latched'
        ? say('console.reset')
        : '';
    setText(act, word);
    act.hidden = word === '';
  };
  update(alarm);
  return { element, update };
}

/** The right side of the page, from the counts down to the list's pages. */
export class AlarmPanel {
  readonly element: HTMLElement;
  private readonly store: Store;
  private readonly list: PagedList<Alarm>;
  private readonly counts = h('div', { class: 'counts' });
  private readonly empty = h('p', { class: 'empty' });
  private readonly rows = h('ol', { class: 'rows' });
  private readonly pager = h('div', { class: 'pager' });
  private readonly pageText = h('span', { class: 'page' });
  private readonly all: HTMLButtonElement;
  private readonly silence: HTMLButtonElement;
  private readonly warning = h('p', { class: 'warning', role: 'alert' });
  private readonly blind = h('p', { class: 'blind-line', role: 'status', hidden: true });
  private shownCounts = '';

  constructor(store: Store, actions: AlarmActions) {
    this.store = store;
    this.list = new PagedList<Alarm>(
      this.rows,
      (alarm) => alarm.condition,
      (alarm) => makeRow(store, alarm, actions, () => this.list.settled(alarm.condition)),
      () => this.showPager(),
    );
    this.all = button(say('console.acknowledge-page'), 'all', () => {
      if (!this.list.allSettled) return;
      actions.acknowledge(this.list.visible.filter(unacknowledged).map((one) => one.condition));
    });
    this.silence = button(say('console.silence'), 'silence', () => actions.silence());
    const turn = (by: number): void => this.list.turn(this.list.current + by);
    this.pager.append(
      button(say('console.page-back'), '', () => turn(-1)),
      this.pageText,
      button(say('console.page-on'), '', () => turn(1)),
    );
    this.element = h(
      'section',
      { class: 'alarms', 'aria-label': say('console.alarms') },
      h('div', { class: 'banner' }, this.counts, this.silence, this.all),
      this.warning,
      this.blind,
      h('div', { class: 'list' }, this.rows, this.empty),
      this.pager,
    );
    new ResizeObserver(() => this.resize()).observe(this.rows);
  }

  private resize(): void {
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
    this.list.resize(3.75 * rem);
  }

  /** Show the alarms; `sounding` whether one of them asks for a sound. */
  update(sounding: boolean): void {
    const { store } = this;
    const alarms = store.sorted();
    this.list.show(alarms);
    this.showCounts(alarms);
    this.silence.classList.toggle('sounding', sounding);
    this.all.disabled = !this.list.visible.some(unacknowledged);
    const past = store.core === 'down';
    this.warning.hidden = !past;
    setText(this.warning, past ? say('console.core-down-list') : '');
    const blind = blindText(store);
    this.blind.hidden = !blind;
    setText(this.blind, blind);
    setText(this.empty, alarms.length ? '' : say(past ? 'console.alarms-unknown' : 'console.no-alarm'));
    setClass(this.element, 'alarms', past && 'past');
  }

  private showCounts(alarms: Alarm[]): void {
    const numbers = [1, 2, 3, 4].map((priority) => {
      const mine = alarms.filter((one) => one.priority === priority && one.klass !== 'predicted');
      return [priority, mine.filter(unacknowledged).length, mine.length] as const;
    });
    const predicted = alarms.filter((one) => one.klass === 'predicted');
    const sign = JSON.stringify([numbers, predicted.length, currentLanguage()]);
    if (sign === this.shownCounts) return;
    this.shownCounts = sign;
    const parts = numbers.map(([priority, open, all]) =>
      h(
        'span',
        { class: `count${all ? '' : ' none'}`, title: say('console.count.title') },
        glyph(priority, false),
        amounts(open, all),
        h('small', {}, say(`console.priority.${priority}`)),
      ),
    );
    parts.push(
      h(
        'span',
        { class: `count predicted${predicted.length ? '' : ' none'}` },
        glyph(2, true),
        amounts(predicted.filter(unacknowledged).length, predicted.length),
        h('small', {}, say('console.predicted')),
      ),
    );
    this.counts.replaceChildren(...parts);
  }

  private showPager(): void {
    const [page, pages] = [this.list.current + 1, this.list.pages];
    this.pager.hidden = pages < 2;
    setText(this.pageText, say('console.page', { page, pages }));
    this.all.disabled = !this.list.visible.some(unacknowledged);
  }
}
