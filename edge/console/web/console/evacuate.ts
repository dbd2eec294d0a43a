// The evacuation signal: by hand and in two steps, for one area. The first arms it, the second is a
// press that is held; if it does not come within fifteen seconds nothing has happened.
import { button, h, setText } from '../kit/dom.ts';
import { clockText } from '../kit/format.ts';
import type { Evacuation, SiteInfo } from '../kit/wire.ts';
import { currentLanguage, say, titled } from '../kit/words.ts';
import { explain, open } from './dialogs.ts';
import { command } from './http.ts';
import type { Store } from './store.ts';

const HOLD_MS = 1500;
const STEP_MS = 50;

interface Armed {
  token: string;
  until_ns: number;
}

export function areaText(store: Store, id: string): string {
  const area = store.site.areas.find((one) => one.id === id);
  return area ? titled(area.title) : id;
}

/** The areas where something can sound the evacuation, in the site's order. */
export function soundedAreas({ areas, annunciators }: SiteInfo): SiteInfo['areas'] {
  const heard = annunciators.filter((one) => one.outputs.some((output) => output.kind === 'evacuation'));
  const ids = new Set(heard.flatMap((one) => one.areas));
  return areas.filter((area) => ids.has(area.id));
}

/** Ask which area, then arm. Resolves when the dialog is closed. */
export function evacuate(store: Store): Promise<void> {
  return new Promise((done) => {
    const fault = h('p', { class: 'fault', role: 'alert' });
    const areas = soundedAreas(store.site);
    const choices = areas.map((area) => {
      const choice = button(titled(area.title), 'area', () => {
        command('evacuate_arm', { area: area.id })
          .then((answer) => {
            dialog.close();
            confirm(store, area.id, answer.result as unknown as Armed);
          })
          .catch((error: unknown) => {
            fault.textContent = explain(error);
          });
      });
      if (store.evacuations.has(area.id)) {
        choice.disabled = true;
        choice.append(h('small', {}, say('console.evacuate.sounding')));
      }
      return choice;
    });
    const body = h('div', { class: 'areas' }, ...choices);
    const cancel = button(say('console.cancel'), '', () => dialog.close());
    const dialog = open(
      say('console.evacuate.title'),
      h('p', {}, say(areas.length ? 'console.evacuate.which' : 'console.evacuate.nowhere')),
      body,
      h('p', { class: 'by' }, say('console.ask.by', { who: store.me.user ?? '' })),
      fault,
      h('div', { class: 'buttons' }, cancel),
    );
    dialog.classList.add('evacuation');
    dialog.addEventListener('close', () => done());
  });
}

/** The second step: a press that is held while the time runs. */
function confirm(store: Store, area: string, armed: Armed): void {
  const ends = performance.now() + Math.min(15, Math.max(0, (armed.until_ns - store.at_ns) / 1e9)) * 1000;
  const left = h('p', { class: 'left', role: 'timer' });
  const fault = h('p', { class: 'fault', role: 'alert' });
  const bar = h('progress', { max: 1, value: 0 });
  const name = areaText(store, area);
  const hold = h('button', { type: 'button', class: 'hold' }, h('span', {}, say('console.evacuate.hold', { area: name })), bar);
  const cancel = button(say('console.cancel'), '', () => dialog.close());
  const dialog = open(
    say('console.evacuate.confirm', { area: name }),
    left,
    hold,
    h('p', { class: 'by' }, say('console.ask.by', { who: store.me.user ?? '' })),
    fault,
    h('div', { class: 'buttons' }, cancel),
  );
  dialog.classList.add('evacuation', 'armed');
  let held = 0; // [ms]
  let pressed = false;
  let sent = false;
  const send = (): void => {
    sent = true;
    hold.disabled = true;
    command('evacuate', { area, token: armed.token })
      .then(() => dialog.close())
      .catch((error: unknown) => {
        fault.textContent = explain(error);
      });
  };
  const step = (): void => {
    const seconds = (ends - performance.now()) / 1000;
    setText(left, say('console.evacuate.left', { seconds: Math.max(0, Math.ceil(seconds)) }));
    if (sent) return;
    if (seconds <= 0) {
      dialog.close();
      return;
    }
    held = pressed ? held + STEP_MS : 0;
    bar.value = held / HOLD_MS;
    if (held >= HOLD_MS) send();
  };
  const timer = setInterval(step, STEP_MS);
  step();
  dialog.addEventListener('close', () => clearInterval(timer));
  const press = (down: boolean): void => {
    pressed = down;
  };
  hold.addEventListener('pointerdown', () => press(true));
  for (const kind of ['pointerup', 'pointercancel', 'pointerleave', 'blur']) {
    hold.addEventListener(kind, () => press(false));
  }
  hold.addEventListener('keydown', (event) => press(event.key === 'Enter' || event.key === ' '));
  hold.addEventListener('keyup', () => press(false));
  hold.addEventListener('contextmenu', (event) => event.preventDefault());
}

/** The band over the whole page while an area is being evacuated. */
export class EvacuationBand {
  readonly element = h('div', { class: 'evacuating', role: 'alert', hidden: true });
  private readonly store: Store;
  private readonly end: (evacuation: Evacuation) => void;
  private shown = '';

  constructor(store: Store, end: (evacuation: Evacuation) => void) {
    this.store = store;
    this.end = end;
  }

  update(): void {
    const running = [...this.store.evacuations.values()];
    this.element.hidden = running.length === 0;
    const sign = `${JSON.stringify(running)} ${currentLanguage()}`;
    if (sign === this.shown) return;
    this.shown = sign;
    this.element.replaceChildren(
      ...running.map((one) =>
        h(
          'div',
          { class: 'one' },
          h('strong', {}, say('console.evacuate.running', { area: areaText(this.store, one.area) })),
          h('span', {}, say('console.evacuate.since', { time: clockText(one.since_ns), who: one.actor })),
          button(say('console.evacuate.end'), '', () => this.end(one)),
        ),
      ),
    );
  }
}
