// The page's head: whose site, whose world, what time, how the daemons are, who is logged in.
import { button, h, setClass, setText } from '../kit/dom.ts';
import { clockText, dayText } from '../kit/format.ts';
import { known, say, titled } from '../kit/words.ts';
import type { Store } from './store.ts';
import { troubleText } from './testing.ts';

export interface HeaderActions {
  login(): void;
  logout(): void;
  unlockSound(): void;
  switchLanguage(): void;
  evacuate(): void;
  testOutputs(): void;
}

const DAEMONS = ['core', 'hazard', 'relay'] as const;

export class Header {
  readonly element: HTMLElement;
  private readonly store: Store;
  private readonly clock = h('b', { class: 'time' });
  private readonly day = h('span', { class: 'day' });
  private readonly chips = new Map<string, HTMLElement>();
  private readonly who: HTMLButtonElement;
  private readonly locked: HTMLButtonElement;
  private readonly test: HTMLButtonElement;
  private readonly trouble: HTMLButtonElement;
  private readonly mute = h('span', { class: 'chip bad', hidden: true });

  constructor(store: Store, actions: HeaderActions) {
    this.store = store;
    const { site } = store;
    const badge =
      site.world === 'live'
        ? []
        : [h('strong', { class: `world ${site.world}` }, say(`console.world.${site.world}`))];
    const chips = h('div', { class: 'chips' });
    for (const daemon of DAEMONS) {
      const chip = h('span', { class: 'chip', 'data-daemon': daemon });
      this.chips.set(daemon, chip);
      chips.append(chip);
    }
    this.trouble = button(say('console.trouble'), 'trouble', () => actions.testOutputs());
    this.test = button('', 'test', () => actions.testOutputs());
    chips.append(this.mute);
    this.locked = button(say('console.sound-locked'), 'locked', () => actions.unlockSound());
    this.who = button('', 'who', () => (store.me.user ? actions.logout() : actions.login()));
    this.element = h(
      'header',
      {},
      h('div', { class: 'site' }, h('span', { class: 'brand' }, '绥安 Suian'), h('h1', {}, titled(site.title))),
      ...badge,
      h('div', { class: 'clock' }, this.clock, this.day),
      button(say('console.evacuate'), 'evacuate', () => actions.evacuate()),
      this.test,
      this.trouble,
      this.locked,
      chips,
      this.who,
      button(say('console.other-language'), 'language', () => actions.switchLanguage()),
    );
  }

  /** `locked` is whether the browser refuses to make a sound, `mute` whether no area can be spoken. */
  update(locked: boolean, mute: boolean): void {
    const { store } = this;
    this.mute.hidden = !mute;
    setText(this.mute, say('console.speech.none'));
    this.locked.hidden = !locked;
    this.showHorns();
    setText(this.clock, store.at_ns ? clockText(store.at_ns) : '--:--:--');
    setText(this.day, store.at_ns ? dayText(store.at_ns) : '');
    setText(
      this.who,
      store.me.user
        ? `${store.me.user} · ${say('console.logout')}`
        : say('console.login.enter'),
    );
    for (const [daemon, chip] of this.chips) {
      const state = daemon === 'core' ? store.core : (store.daemons[daemon] ?? 'none');
      const unsure = store.stale || (daemon !== 'core' && store.core === 'down');
      const id = `console.daemon.${unsure ? 'unknown' : state}`;
      setText(chip, `${say(`console.daemon-name.${daemon}`)} ${known(id) ? say(id) : state}`);
      const well = !unsure && (state === 'up' || state === 'running' || state === 'preparing');
      setClass(chip, 'chip', !well && 'bad');
    }
  }

  /** Say quietly what of lamps and horns is to be tested or mended; either opens the test. */
  private showHorns(): void {
    const { test_due, untested, trouble } = this.store.annunciation;
    const due = untested.length ? (test_due ? 'overdue' : 'untested') : '';
    setText(this.test, say(due ? `console.test.${due}` : 'console.test'));
    this.test.title = untested.join(' ');
    setClass(this.test, 'test', due);
    this.trouble.hidden = trouble.length === 0;
    this.trouble.title = trouble.map(troubleText).join('\n');
  }
}
