// One alarm as a row of the list.
import { button, h, setClass, setText } from '../kit/dom.ts';
import { clockText, significant, unitText } from '../kit/format.ts';
import { glyph } from '../kit/glyph.ts';
import type { RowView } from '../kit/list.ts';
import { numberText } from '../kit/values.ts';
import { type Alarm, GDS_KINDS, isHeld, subjectOf, unacknowledged } from '../kit/wire.ts';
import { known, say, titled } from '../kit/words.ts';
import type { Store } from './store.ts';

/** What is to be done with an alarm next, at one touch; '' is nothing. */
export type Act = 'acknowledge' | 'reset' | 'unshelve' | 'in-service' | '';

export interface RowActions {
  choose(alarm: Alarm): void;
  act(act: Act, alarm: Alarm): void;
}

/** A condition in words: "二级 高高", "坏值". */
export function conditionText(alarm: Alarm): string {
  const differs = `alarm.gds-differs.${alarm.value}`;
  if (alarm.kind === 'gds-differs' && known(differs)) return say(differs);
  const kind = known(`alarm.kind.${alarm.kind}`) ? say(`alarm.kind.${alarm.kind}`) : alarm.kind;
  return alarm.level && !GDS_KINDS.has(alarm.kind) ? `${say(`console.level.${alarm.level}`)} ${kind}` : kind;
}

/** A value of an alarm in its tag's unit. */
export function amount(store: Store, alarm: Alarm, value: number | null): string {
  if (value === null) return '—';
  const tag = store.tags.get(alarm.tag);
  if (tag) return numberText(tag, value);
  return `${significant(value)} ${unitText(alarm.unit)}`;
}

/** Whether an alarm's set-point is a number that says something: none of an on-off tag does. */
export function isMeasured(alarm: Alarm): boolean {
  return alarm.unit !== 'bool' && alarm.kind !== 'gds-differs';
}

/** What the person who acknowledges is told about the alarm's title. */
export function alarmTitle(store: Store, alarm: Alarm): string {
  const tag = store.tags.get(alarm.tag);
  // "Prediction available" is the tag; that it is not is the alarm.
  if (tag?.quantity === 'health') return say('console.prediction-lost');
  return tag ? titled(tag.title) : alarm.tag;
}

/** What the first conditions are about, each once: "卸车鹤位东氯气 AT-101". */
export function conditionNames(store: Store, conditions: string[], most: number): string[] {
  return [...new Set(conditions.map((one) => conditionName(store, one)))].slice(0, most);
}

function conditionName(store: Store, condition: string): string {
  const alarm = store.book.all.get(condition);
  if (alarm) return `${alarmTitle(store, alarm)} ${alarm.tag}`;
  const name = store.site.limits.find((one) => one.id === condition)?.tag;
  const tag = name === undefined ? undefined : store.tags.get(name);
  return tag ? `${titled(tag.title)} ${tag.tag}` : condition;
}

/** What an alarm's row offers. */
export function nextAct(alarm: Alarm): Act {
  if (alarm.state === 'shelved') return 'unshelve';
  if (alarm.state === 'out-of-service') return 'in-service';
  if (unacknowledged(alarm)) return 'acknowledge';
  return alarm.state === 'latched' ? 'reset' : '';
}

/** Why an alarm is held, and until when: "搁置至 07:30 · wang · 仪表故障". */
export function heldText(store: Store, alarm: Alarm): string {
  const parts: string[] = [];
  if (alarm.state === 'suppressed') {
    const design = store.site.suppressions.find((one) => one.id === alarm.held_by);
    parts.push(say('console.held.suppressed', { why: design ? titled(design.title) : suppressedBy(alarm) }));
  } else if (alarm.state === 'shelved') {
    const until = alarm.held_until_ns === null ? '' : clockText(alarm.held_until_ns);
    parts.push(say('console.held.shelved', { until }), alarm.held_by, alarm.held_reason);
    if (alarm.once) parts.splice(1, 0, say('console.held.once'));
  } else if (alarm.state === 'out-of-service') {
    const permit = alarm.permit;
    parts.push(say('console.held.out-of-service', { permit }), alarm.held_by, alarm.held_reason);
  }
  return parts.filter(Boolean).join(' · ');
}

function suppressedBy(alarm: Alarm): string {
  const id = `console.held.by-${alarm.held_by}`;
  return known(id) ? say(id) : alarm.held_by;
}

/** An alarm's state in words. */
export function stateText(store: Store, alarm: Alarm): string {
  if (isHeld(alarm)) {
    const text = heldText(store, alarm);
    return alarm.active ? `${say('console.held.active')} · ${text}` : text;
  }
  if (alarm.state === 'latched' && alarm.acked_by === null) return say('console.state.latched-unack');
  return say(`console.state.${alarm.state}`, { by: alarm.acked_by ?? '' });
}

/** The value that the row shows: the tag's own now, or the alarm's last. */
export function nowText(store: Store, alarm: Alarm): [text: string, bad: boolean] {
  if (alarm.kind === 'gds-differs') return ['', false]; // its number has words
  const row = store.rows.get(alarm.tag);
  if (row?.[2] === 2) return [say('console.bad-value'), true];
  return [amount(store, alarm, row?.[1] ?? alarm.value), false];
}

/** Make a row. `ready` is whether a press on it can be meant for it. */
export function makeRow(
  store: Store,
  alarm: Alarm,
  actions: RowActions,
  ready: () => boolean,
): RowView<Alarm> {
  let current = alarm;
  const predicted = alarm.klass === 'predicted';
  const words = alarmTitle(store, alarm);
  const first = h('b', { class: 'first-out', hidden: true }, say('console.first-out'));
  const title = h('div', { class: 'what', title: words }, words);
  const condition = h('div', { class: 'condition' });
  const value = h('div', { class: 'now' });
  const limit = h('div', { class: 'limit' });
  const since = h('div', { class: 'since' });
  const count = h('div', { class: 'count' });
  const act = button('', 'act', () => {
    if (ready()) actions.act(nextAct(current), current);
  });
  const rank = predicted ? say('console.predicted') : say(`console.priority.${alarm.priority}`);
  const mark = h('div', { class: 'mark' }, glyph(alarm.priority, predicted), h('span', {}, rank));
  const element = h(
    'li',
    { 'data-condition': alarm.condition },
    mark,
    h('div', { class: 'name' }, h('div', { class: 'headline' }, first, title), condition),
    h('div', { class: 'value' }, value, limit),
    h('div', { class: 'time' }, since, count),
    act,
  );
  element.addEventListener('click', (event) => {
    if (event.target !== act && ready()) actions.choose(current);
  });
  const update = (next: Alarm): void => {
    if (next.priority !== current.priority) {
      mark.replaceChildren(glyph(next.priority, predicted), h('span', {}, say(`console.priority.${next.priority}`)));
    }
    current = next;
    const chosen = store.chosen === next.condition && 'chosen';
    setClass(element, `p${next.priority}`, next.state, predicted && 'predicted', chosen);
    first.hidden = next.first_out === '';
    const state = stateText(store, next);
    setText(condition, `${subjectOf(next)} · ${conditionText(next)} · ${state}`);
    const [now, bad] = nowText(store, next);
    setText(value, now);
    setClass(value, 'now', bad && 'bad');
    const set = next.limit === null || !isMeasured(next) ? '' : say('console.set-point', { value: amount(store, next, next.limit) });
    setText(limit, set);
    setText(since, clockText(next.raised_ns));
    setText(count, next.count > 1 ? say('console.again', { count: next.count }) : '');
    const offered = nextAct(next);
    setText(act, offered && say(`console.act.${offered}`));
    act.hidden = offered === '';
  };
  update(alarm);
  return { element, update };
}
