// The page put together: built from the store, and built again when the language changes.
import { button, h, setText } from '../kit/dom.ts';
import { duration } from '../kit/format.ts';
import { glyph } from '../kit/glyph.ts';
import { SiteMap } from '../kit/map.ts';
import { Siren } from '../kit/sound.ts';
import type { Alarm } from '../kit/wire.ts';
import { currentLanguage, say, setLanguage } from '../kit/words.ts';
import { bringBack, reset, shelve, takeOut } from './acts.ts';
import { AlarmPanel } from './alarms.ts';
import { type CalibrationActions, calibrateButton } from './calibrate.ts';
import { CallPanel } from './calls.ts';
import { RateCorner } from './corner.ts';
import { failed, faceplate, login, nameAreas, notice, unrecorded } from './dialogs.ts';
import { EstimatePanel } from './estimate.ts';
import { evacuate, EvacuationBand } from './evacuate.ts';
import { type GuidanceAct, GuidancePanel } from './guidance.ts';
import { Header } from './header.ts';
import { command, get, type Me, onUnrecorded, post, Refused } from './http.ts';
import { NoticePanel } from './notices.ts';
import type { Act } from './row.ts';
import { Speaker } from './speaker.ts';
import type { Store } from './store.ts';
import { testOutputs } from './testing.ts';

export class App {
  private readonly root: HTMLElement;
  private readonly store: Store;
  private readonly siren: Siren;
  private header!: Header;
  private panel!: AlarmPanel;
  private calls!: CallPanel;
  private notices!: NoticePanel;
  private corner!: RateCorner;
  private guidance!: GuidancePanel;
  private band!: EvacuationBand;
  private readonly speaker: Speaker;
  private estimate!: EstimatePanel;
  private map!: SiteMap;
  private wide!: HTMLButtonElement;
  private readonly overlay = h('div', { class: 'overlay', role: 'alert', hidden: true });
  private readonly overlayTitle = h('strong', {});
  private readonly overlayAge = h('span', {});
  private wanted = false;

  constructor(root: HTMLElement, store: Store) {
    this.root = root;
    this.store = store;
    nameAreas(store.site);
    onUnrecorded(unrecorded);
    this.siren = new Siren(() => this.refresh());
    this.speaker = new Speaker(this.siren, store.site, () => this.refresh());
    this.overlay.append(h('div', {}, this.overlayTitle, this.overlayAge));
    document.body.append(this.overlay);
    this.build();
  }

  /** Build every part from the store; what is sounding goes on. */
  private build(): void {
    const { store } = this;
    document.documentElement.lang = currentLanguage();
    document.title = say('console.page-title');
    this.header = new Header(store, {
      login: () => void this.login(say('console.login.why')),
      logout: () => void this.logout(),
      unlockSound: () => void this.siren.unlock(),
      switchLanguage: () => {
        setLanguage(currentLanguage() === 'en' ? 'zh-CN' : 'en');
        this.build();
        this.refresh();
      },
      evacuate: () => void this.act(say('console.login.to-evacuate'), () => evacuate(store)),
      testOutputs: () => void this.act(say('console.login.to-test'), () => testOutputs(store)),
    });
    this.buildAlarms();
    this.estimate = new EstimatePanel(store);
    const ground = h('div', { class: 'ground' });
    this.wide = button('', 'wide', () => {
      this.map.setWide(!this.map.wide);
      this.refresh();
    });
    const frame = h('main', {}, ground, this.wide, legend());
    const { calls, notices, panel, guidance, estimate, band, header } = this;
    const strip = h('div', { class: 'strip' }, calls.element, notices.element);
    const side = h('aside', {}, strip, panel.element, guidance.element, estimate.element);
    const head = h('div', { class: 'top' }, band.element, header.element);
    this.root.replaceChildren(head, h('div', { class: 'work' }, frame, side), this.foot());
    this.root.className = `world-${store.site.world}`;
    this.map = new SiteMap(ground, store.site, (tag) =>
      faceplate(store, tag, (done) => calibrateButton(store, tag, this.calibration, done)),
    );
  }

  private buildAlarms(): void {
    const { store } = this;
    this.corner = new RateCorner(store);
    const act = (name: Act | GuidanceAct, alarm: Alarm): void => void this.does(name, alarm);
    this.panel = new AlarmPanel(store, {
      acknowledge: (conditions) => void this.acknowledge(conditions),
      silence: () => void this.silence(),
      act,
      choose: (alarm) => this.choose(store.chosen === alarm.condition ? '' : alarm.condition),
    });
    this.guidance = new GuidancePanel(store, { act, close: () => this.choose('') });
    const read = (call: string): void =>
      void this.act(say('console.callout.login'), () => command('read_call', { call }));
    this.calls = new CallPanel(store, { read: ({ call }) => read(call) });
    this.notices = new NoticePanel(store, ({ notice }) => read(notice), this.notices?.open);
    this.band = new EvacuationBand(store, ({ area }) =>
      void this.act(say('console.login.to-evacuate'), () => command('evacuate_end', { area })),
    );
  }

  private foot(): HTMLElement {
    const { site } = this.store;
    return h(
      'footer',
      { class: 'foot' },
      h('b', {}, say('console.advises')),
      h('span', {}, say('console.not-sis')),
      this.corner.element,
      h('span', { class: 'build' }, `${site.gateway} · Suian ${site.suian}`),
    );
  }

  /** Show the guidance of an alarm; '' shows none. */
  private choose(condition: string): void {
    this.store.chosen = condition;
    this.draw();
  }

  /** Draw once before the next frame, however many messages have come. */
  refresh(): void {
    if (this.wanted) return;
    this.wanted = true;
    requestAnimationFrame(() => {
      this.wanted = false;
      this.draw();
    });
  }

  private draw(): void {
    const { store } = this;
    const tone = store.tone();
    this.siren.set(tone);
    this.speaker.update(store);
    this.header.update(this.siren.locked, (this.speaker.missing ?? 0) > 0);
    this.band.update();
    this.calls.update();
    this.notices.update();
    this.corner.update();
    this.panel.update(tone !== null);
    this.guidance.update();
    this.root.classList.toggle('guided', this.guidance.open);
    this.estimate.update();
    this.map.show({ rows: store.rows, alarms: store.book.all, estimate: store.estimate });
    this.root.classList.toggle('estimate-past', store.estimatePast);
    this.root.classList.toggle('core-down', store.core === 'down');
    setText(this.wide, say(this.map.wide ? 'console.map.site' : 'console.map.plume'));
    this.wide.hidden = !this.map.wide && !this.map.leavesSite;
  }

  /** Show whether what stands on the page is the present. Works without a frame being drawn. */
  age(stale: boolean, seconds: number): void {
    const { store } = this;
    const changed = store.stale !== stale;
    store.stale = stale;
    store.staleFor_s = seconds;
    this.overlay.hidden = !stale;
    if (stale) {
      setText(this.overlayTitle, say('console.stale'));
      setText(this.overlayAge, say('console.stale-for', { age: duration(seconds) }));
    }
    if (!changed) return;
    this.root.classList.toggle('stale', stale);
    this.refresh();
  }

  /** Ask the server who is in; a page that may not look must log in. */
  async whoami(): Promise<void> {
    this.store.me = await get<Me>('me');
    this.refresh();
  }

  /** Ask for a login; whether somebody is in now. */
  async login(why: string): Promise<boolean> {
    const me = await login(why);
    if (me) this.store.me = me;
    this.refresh();
    return me !== null;
  }

  private async logout(): Promise<void> {
    await post('logout').catch(failed);
    await this.whoami().catch(failed);
  }

  /** Do what needs a named person, asking for the login first where there is none. */
  private async act(why: string, doing: () => Promise<unknown>): Promise<void> {
    try {
      if (!this.store.me.act && !(await this.login(why))) return;
      await doing();
    } catch (error) {
      if (error instanceof Refused && error.status === 401) {
        this.store.me = { ...this.store.me, user: null, act: false };
        if (await this.login(why)) await doing().catch(failed);
        return;
      }
      failed(error);
    }
  }

  private acknowledge(conditions: string[]): Promise<void> {
    return this.act(say('console.login.to-acknowledge'), async () => {
      const [only] = conditions;
      if (conditions.length === 1 && only) await command('acknowledge', { condition: only });
      else await command('acknowledge_all', { conditions });
    });
  }

  /** Do with an alarm what a row or the guidance panel offers. */
  private does(name: Act | GuidanceAct, alarm: Alarm): Promise<void> {
    const { store } = this;
    switch (name) {
      case 'acknowledge':
        return this.acknowledge([alarm.condition]);
      case 'reset':
        return this.act(say('console.login.to-reset'), () => reset(store, alarm));
      case 'shelve':
        return this.act(say('console.login.to-hold'), () => shelve(store, alarm));
      case 'out-of-service':
        return this.act(say('console.login.to-hold'), () => takeOut(store, alarm));
      case 'unshelve':
        return this.act(say('console.login.to-hold'), () => bringBack(store, alarm, 'unshelve'));
      case 'in-service':
        return this.act(say('console.login.to-hold'), () => bringBack(store, alarm, 'in_service'));
      default:
        return Promise.resolve();
    }
  }

  private readonly calibration: CalibrationActions = {
    calibrate: (tag, permit) =>
      void this.act(say('console.login.to-calibrate'), () =>
        command('calibrate', { tag: tag.tag, permit }),
      ),
    endCalibration: (tag) =>
      void this.act(say('console.login.to-calibrate'), () =>
        command('calibrate_end', { tag: tag.tag }),
      ),
  };

  private async silence(): Promise<void> {
    try {
      await command('silence');
      notice(say('console.silenced'));
    } catch (error) {
      if (error instanceof Refused && error.status === 401) {
        await this.act(say('console.login.to-silence'), () => command('silence'));
      } else failed(error);
    }
  }
}

/** What the map's marks mean. */
function legend(): HTMLElement {
  const item = (mark: Node, words: string): HTMLElement =>
    h('span', {}, mark, say(`console.legend.${words}`));
  const swatch = (name: string): HTMLElement => h('i', { class: `swatch ${name}` });
  const alarm = h('span', { class: 'glyphs' });
  for (const priority of [1, 2, 3, 4]) {
    alarm.append(glyph(priority, false), say(`console.priority.${priority}`));
  }
  return h(
    'footer',
    { class: 'legend' },
    alarm,
    item(glyph(2, true), 'predicted'),
    item(swatch('bad'), 'bad'),
    item(swatch('past'), 'past'),
    item(swatch('blind'), 'blind'),
    item(swatch('plume'), 'plume'),
    item(swatch('source'), 'source'),
    item(swatch('muster'), 'muster'),
  );
}
