// What an alarm means and what to do first, for whoever has touched it on the list.
import { button, h, s, setClass, setText } from '../kit/dom.ts';
import { clockText } from '../kit/format.ts';
import { glyph } from '../kit/glyph.ts';
import { type Spark, spark, type Stretch, withoutFar } from '../kit/spark.ts';
import { isFar } from '../kit/values.ts';
import { type Alarm, GDS_KINDS, type Guidance, isHeld, type MajorHazard, OWNER_ROLES, subjectOf, unacknowledged } from '../kit/wire.ts';
import { currentLanguage, say, titled } from '../kit/words.ts';
import { get } from './http.ts';
import { respond } from './respond.ts';
import { alarmTitle, amount, conditionText, isMeasured, nowText, stateText } from './row.ts';
import type { Store } from './store.ts';

export type GuidanceAct = 'acknowledge' | 'reset' | 'shelve' | 'unshelve' | 'out-of-service' | 'in-service';
export interface GuidanceActions {
  act(act: GuidanceAct, alarm: Alarm): void;
  close(): void;
}

const TREND_NS = 600e9; // what the small trend shows [ns]
const TREND_POINTS = 120;
const AGAIN_MS = 5000; // how often it is asked for anew
const [WIDTH, HEIGHT] = [300, 70];
const GASES: ReadonlySet<string> = new Set(['concentration', 'oxygen']);

/** What may be done with an alarm, most wanted first. */
export function actsFor(alarm: Alarm): GuidanceAct[] {
  if (alarm.state === 'shelved') return ['unshelve', 'out-of-service'];
  if (alarm.state === 'out-of-service') return ['in-service'];
  if (alarm.state === 'suppressed') return ['out-of-service'];
  const acts: GuidanceAct[] = [];
  if (unacknowledged(alarm)) acts.push('acknowledge');
  if (alarm.state === 'latched') acts.push('reset');
  // An urgent alarm is never shelved, and a latched one is reset.
  if (alarm.priority > 1 && alarm.state !== 'latched') acts.push('shelve');
  acts.push('out-of-service');
  return acts;
}

export class GuidancePanel {
  readonly element: HTMLElement;
  private readonly store: Store;
  private readonly actions: GuidanceActions;
  private readonly mark = h('span', {});
  private readonly title = h('h2', {});
  private readonly line = h('p', { class: 'line' });
  private readonly clock = h('div', { class: 'respond' });
  private readonly clockText = h('span', {});
  private readonly clockBar = h('progress', { max: 1, value: 0 });
  private readonly body = h('div', { class: 'body' });
  private readonly now = h('b', { class: 'now' });
  private readonly why = h('small', { class: 'why' });
  private readonly gds = h('dd', {});
  private readonly trend = h('div', { class: 'trend' });
  private readonly acts = h('div', { class: 'acts' });
  private shown = '';
  private shownActs = '';
  private askedAt = -Infinity;

  constructor(store: Store, actions: GuidanceActions) {
    this.store = store;
    this.actions = actions;
    this.clock.append(this.clockText, this.clockBar);
    const close = button('✕', 'close', () => actions.close());
    close.setAttribute('aria-label', say('console.close'));
    this.element = h(
      'section',
      { class: 'guidance', 'aria-label': say('console.guidance'), hidden: true },
      h('div', { class: 'head' }, this.mark, h('div', { class: 'names' }, this.title, this.line), this.clock, close),
      this.body,
      this.acts,
    );
  }

  /** Whether an alarm is shown. */
  get open(): boolean {
    return !this.element.hidden;
  }

  update(): void {
    const { store } = this;
    const alarm = store.chosenAlarm;
    this.element.hidden = alarm === null;
    if (!alarm) {
      this.shown = '';
      return;
    }
    const sign = `${alarm.condition} ${alarm.priority} ${alarm.guidance} ${currentLanguage()}`;
    if (sign !== this.shown) this.build(alarm, sign);
    setText(this.line, `${subjectOf(alarm)} · ${conditionText(alarm)} · ${stateText(store, alarm)}`);
    this.line.title = this.line.textContent ?? '';
    const [now, bad] = nowText(store, alarm);
    setText(this.now, now);
    setClass(this.now, 'now', bad && 'bad');
    const far = isFar(store.tags.get(alarm.tag), store.rows.get(alarm.tag)?.[1] ?? alarm.value);
    setText(this.why, far && !bad ? say('console.duration.far-why') : '');
    setText(this.gds, this.gdsText(alarm));
    this.showClock(alarm);
    this.showActs(alarm);
    if (performance.now() - this.askedAt > AGAIN_MS) void this.askTrend(alarm);
  }

  private build(alarm: Alarm, sign: string): void {
    const { store } = this;
    this.shown = sign;
    this.shownActs = '';
    this.mark.replaceChildren(glyph(alarm.priority, alarm.klass === 'predicted'));
    setText(this.title, alarmTitle(store, alarm));
    const guidance = store.site.guidance[alarm.guidance];
    this.trend.replaceChildren();
    this.askedAt = -Infinity;
    const now = h('div', { class: 'reading' }, h('small', {}, say('console.tag.now')), this.now, this.why);
    this.body.replaceChildren(
      h(
        'div',
        { class: 'first' },
        actionsOf(guidance),
        h('div', { class: 'side' }, now, this.trend, ...meaning(guidance)),
      ),
      this.facts(alarm),
    );
  }

  private facts(alarm: Alarm): HTMLElement {
    const { store } = this;
    const list = h('dl', {});
    const fact = (name: string, ...value: (Node | string)[]): void => {
      list.append(h('dt', {}, say(name)), h('dd', {}, ...value));
    };
    const source = store.site.limits.find((one) => one.id === alarm.condition)?.source;
    if (alarm.limit !== null && isMeasured(alarm)) {
      fact('console.guidance.set-point', [amount(store, alarm, alarm.limit), source].filter(Boolean).join(' · '));
    }
    if (alarm.first_out) {
      const group = store.site.alarm_groups.find((one) => one.id === alarm.first_out);
      fact('console.first-out', say('console.guidance.first-of', { group: group ? titled(group.title) : alarm.first_out }));
    }
    const gas = GASES.has(store.tags.get(alarm.tag)?.quantity ?? '');
    if (gas || GDS_KINDS.has(alarm.kind)) list.append(h('dt', {}, say('console.guidance.gds')), this.gds);
    const hazard = hazardOf(store, alarm);
    if (hazard) {
      const level = say(`callout.hazard.level.${hazard.level}`);
      const owners = OWNER_ROLES.map((role) => `${say(`console.owner.${role}`)} ${personText(store, hazard.owners[role])}`);
      fact('console.guidance.hazard', `${titled(hazard.title)} · ${level}`);
      fact('console.callout.owners', owners.join(' · '));
    }
    return list;
  }

  /** What the detectors' own controller says of this tag, and what nobody here can do about it. */
  private gdsText(alarm: Alarm): string {
    if (GDS_KINDS.has(alarm.kind)) return say('console.guidance.gds-mirror');
    const own = this.store.site.limits.filter(
      (one) => GDS_KINDS.has(one.kind) && one.id.startsWith(`${alarm.tag}/`),
    );
    if (!own.length) return say('console.guidance.gds-none');
    const standing = own.map((one) => this.store.book.all.get(one.id)).filter((one) => one?.active);
    if (!standing.length) return say('console.guidance.gds-quiet');
    const words = standing.map((one) => (one ? `${say(`alarm.kind.${one.kind}`)} ${clockText(one.raised_ns)}` : ''));
    return `${words.join(' · ')} · ${say('console.guidance.gds-mirror')}`;
  }

  private showClock(alarm: Alarm): void {
    const { store } = this;
    const own = store.site.guidance[alarm.guidance]?.respond_s ?? 0;
    const total_s = alarm.respond_s || own;
    const state = respond(alarm, total_s, store.at_ns);
    this.clock.hidden = state.state === 'none';
    setClass(this.clock, 'respond', state.state);
    if (state.state === 'none') return;
    setText(this.clockText, say(`console.respond.${state.state}`, { clock: state.clock }));
    this.clockBar.value = state.share;
  }

  private showActs(alarm: Alarm): void {
    const acts = actsFor(alarm);
    const sign = acts.join(' ');
    if (sign === this.shownActs) return;
    this.shownActs = sign;
    const { condition } = alarm;
    const press = (act: GuidanceAct): void => {
      const current = this.store.book.all.get(condition);
      if (current) this.actions.act(act, current);
    };
    const why = alarm.priority === 1 && !isHeld(alarm) ? [h('small', {}, say('console.shelve.never-urgent'))] : [];
    this.acts.replaceChildren(
      ...why,
      ...acts.map((act) => button(say(`console.act.${act}`), `act-${act}`, () => press(act))),
    );
  }

  private async askTrend(alarm: Alarm): Promise<void> {
    this.askedAt = performance.now();
    const to_ns = this.store.at_ns;
    const from_ns = to_ns - TREND_NS;
    const query = new URLSearchParams({
      tag: alarm.tag,
      from_ns: String(from_ns),
      to_ns: String(to_ns),
      points: String(TREND_POINTS),
    });
    const stretches = await get<Stretch[]>(`trend?${query}`).catch(() => null);
    if (this.store.chosenAlarm?.condition !== alarm.condition) return;
    const tag = this.store.tags.get(alarm.tag);
    const far = stretches?.some((one) => isFar(tag, one.highest)) ?? false;
    const shown = far && stretches ? withoutFar(stretches) : stretches;
    const drawn = shown && spark(shown, from_ns, to_ns, alarm.limit, WIDTH, HEIGHT);
    const why = far ? [h('small', {}, ` · ${say('console.trend.far')}`)] : [];
    if (!drawn) {
      const none = say(far ? 'console.trend.all-far' : 'console.trend.none');
      this.trend.replaceChildren(h('small', {}, none));
      return;
    }
    this.trend.replaceChildren(picture(drawn), h('small', {}, say('console.trend.caption')), ...why);
  }
}

function actionsOf(guidance: Guidance | undefined): HTMLElement {
  if (!guidance) return h('p', { class: 'actions' }, say('console.guidance.none'));
  const steps = guidance.actions.map((one) => h('li', {}, titled(one)));
  return h('div', { class: 'actions' }, h('h3', {}, say('console.guidance.actions')), h('ol', {}, ...steps));
}

function meaning(guidance: Guidance | undefined): HTMLElement[] {
  if (!guidance) return [];
  return [
    h('h3', {}, say('console.guidance.cause')),
    h('p', {}, titled(guidance.cause)),
    h('h3', {}, say('console.guidance.consequence')),
    h('p', {}, titled(guidance.consequence)),
  ];
}

/** The major hazard source that an alarm's tag belongs to: by its asset, or else by its area. */
export function hazardOf(store: Store, alarm: Alarm): MajorHazard | undefined {
  const asset = store.tags.get(alarm.tag)?.asset ?? '';
  const sources = store.site.major_hazards;
  return (
    sources.find((one) => one.assets.includes(asset)) ??
    sources.find((one) => one.areas.includes(alarm.area))
  );
}

function picture(drawn: Spark): SVGSVGElement {
  const box = s('svg', {
    class: 'spark',
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    preserveAspectRatio: 'none',
    role: 'img',
    'aria-label': say('console.trend.caption'),
  });
  if (drawn.limitY !== null) {
    box.append(s('path', { class: 'limit-line', d: `M0 ${drawn.limitY}H${WIDTH}` }));
  }
  box.append(s('path', { class: 'value-line', d: drawn.line }));
  return box;
}

/** A person by title, where the site knows them. */
export function personText(store: Store, id: string): string {
  const person = store.site.people.find((one) => one.id === id);
  return person ? titled(person.title) : id;
}
