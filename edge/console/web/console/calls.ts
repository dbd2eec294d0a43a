// The call that runs because nobody has answered: who is called, since when, and the read receipt.
import { button, h, setText } from '../kit/dom.ts';
import { clockText } from '../kit/format.ts';
import type { Call } from '../kit/wire.ts';
import { currentLanguage, say, titled } from '../kit/words.ts';
import { personText } from './guidance.ts';
import { conditionNames } from './row.ts';
import type { Store } from './store.ts';

export interface CallActions {
  read(call: Call): void;
}
const MOST_NAMED = 2;

export class CallPanel {
  readonly element: HTMLElement;
  private readonly store: Store;
  private readonly actions: CallActions;
  private shown = '';

  constructor(store: Store, actions: CallActions) {
    this.store = store;
    this.actions = actions;
    this.element = h('section', { class: 'calls', role: 'alert', hidden: true });
  }

  update(): void {
    const { calls } = this.store;
    this.element.hidden = calls.length === 0;
    const sign = `${JSON.stringify(calls)} ${currentLanguage()}`;
    if (sign === this.shown) return;
    this.shown = sign;
    this.element.replaceChildren(...calls.map((call) => this.row(call)));
  }

  private row(call: Call): HTMLElement {
    const { store } = this;
    const area = store.site.areas.find((one) => one.id === call.area);
    const state = h('b', {});
    if (call.read_by !== null && call.read_ns !== null) {
      const time = clockText(call.read_ns);
      setText(state, say('console.callout.read-by', { person: call.read_by, time }));
    } else if (call.person) {
      const person = personText(store, call.person);
      setText(state, say('console.callout.calling', { person, round: call.round }));
    } else setText(state, say('callout.step.contact'));
    const named = conditionNames(store, call.alarms, MOST_NAMED);
    const since = say('console.callout.since', { time: clockText(call.since_ns), count: call.count });
    const detail = [area ? titled(area.title) : '', since, ...named].filter(Boolean).join(' · ');
    const read = button(say('console.callout.read'), 'read', () => this.actions.read(call));
    read.hidden = !call.person || call.read_by !== null;
    return h(
      'div',
      { class: `call ${call.step}`, 'data-call': call.call },
      h(
        'div',
        { class: 'words' },
        h('div', {}, h('span', { class: 'bell', 'aria-hidden': 'true' }, '☎'), ' ', say('console.callout'), ' · ', state),
        h('div', { class: 'detail' }, detail),
        ...(call.read_by === null ? [] : [h('div', { class: 'detail' }, say('console.callout.not-acknowledged'))]),
      ),
      read,
    );
  }
}
