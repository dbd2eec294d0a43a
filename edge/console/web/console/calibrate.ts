// Calibration mode for a person at the page: a permit's number sets a detector aside, one tap lets it
// watch again.
import { button, h } from '../kit/dom.ts';
import { clockText } from '../kit/format.ts';
import { reasonText } from '../kit/values.ts';
import type { TagInfo } from '../kit/wire.ts';
import { say } from '../kit/words.ts';
import { open } from './dialogs.ts';
import type { Store } from './store.ts';

export interface CalibrationActions {
  calibrate(tag: TagInfo, permit: string): void;
  endCalibration(tag: TagInfo): void;
}
const MOST_NAMED = 3;

/** The faceplate's button; null for what is no detector. */
export function calibrateButton(
  store: Store,
  tag: TagInfo,
  actions: CalibrationActions,
  done: () => void,
): HTMLButtonElement | null {
  if (tag.cover_m === null) return null;
  const running = store.calibrations.has(tag.tag);
  return button(say(running ? 'console.calibrate.end' : 'console.calibrate'), 'calibrate', () => {
    done();
    if (running) actions.endCalibration(tag);
    else confirm(tag, actions);
  });
}

function confirm(tag: TagInfo, actions: CalibrationActions): void {
  const permit = h('input', { name: 'permit', maxlength: 64, required: true, autocomplete: 'off' });
  const form = h(
    'form',
    { method: 'dialog' },
    h('p', {}, say('console.calibrate.why', { tag: tag.tag, cover: tag.cover_m ?? 0 })),
    h('label', {}, say('console.calibrate.permit'), permit),
  );
  const enter = h('button', { type: 'submit', class: 'strong' }, say('console.calibrate'));
  const cancel = button(say('console.cancel'), '', () => dialog.close());
  form.append(h('div', { class: 'buttons' }, cancel, enter));
  const dialog = open(say('console.calibrate.title', { tag: tag.tag }), form);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const number = permit.value.trim();
    if (!number) return;
    dialog.close();
    actions.calibrate(tag, number);
  });
  permit.focus();
}

/** Which detectors watch nothing now, in a line; "" while all do. */
export function blindText(store: Store): string {
  const blind = store.blind();
  if (!blind.length) return '';
  const named = blind.slice(0, MOST_NAMED).map((tag) => {
    const spell = store.calibrations.get(tag.tag);
    if (!spell) return `${tag.tag} ${reasonText(store.rows.get(tag.tag)?.[3] ?? '')}`;
    const time = clockText(spell.until_ns);
    return say('console.blind.until', { tag: tag.tag, time, actor: spell.actor });
  });
  if (blind.length > MOST_NAMED) named.push(say('console.blind.more', { count: blind.length }));
  return say('console.blind', { list: named.join(' · ') });
}
