// Dialogs: login, one tag's faceplate, and short notices.
import { button, h } from '../kit/dom.ts';
import { clockText } from '../kit/format.ts';
import { numberText, reasonText, shown } from '../kit/values.ts';
import type { SiteInfo, TagInfo, Title } from '../kit/wire.ts';
import { say, titled } from '../kit/words.ts';
import { get, type Me, post, Refused } from './http.ts';
import type { Store } from './store.ts';

/** Open a dialog with a title. */
export function open(title: string, ...children: (Node | string)[]): HTMLDialogElement {
  const dialog = h('dialog', {}, h('h2', {}, title), ...children);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

const areas = new Map<string, Title>();

/** Have refusals name the site's areas by their titles. */
export function nameAreas(site: SiteInfo): void {
  for (const { id, title } of site.areas) areas.set(id, title);
}

/** Why something failed, in words. */
export function explain(error: unknown): string {
  if (!(error instanceof Refused)) return String(error);
  const area = areas.get(String(error.params['area']));
  return say(error.id, area ? { ...error.params, area: titled(area) } : error.params);
}

const NOTICE_MS = 6000;
const UNRECORDED_MS = 20_000;

/** Say something for a while at the page's foot, over any dialog; `bad` for what did not work. */
export function notice(text: string, bad = false, for_ms = NOTICE_MS): void {
  const kind = `notice${bad ? ' bad' : ''}`;
  const note = h('div', { class: kind, role: 'status', popover: 'manual' }, text);
  document.body.append(note);
  note.showPopover();
  setTimeout(() => note.remove(), for_ms);
}

/** Say that what was just done stands in no record. */
export function unrecorded(): void {
  notice(say('console.unrecorded'), true, UNRECORDED_MS);
}

/** Say why something failed. */
export function failed(error: unknown): void {
  notice(explain(error), true);
}

/** Ask for user and password; the result is who is in now, or null if the person gave up. */
export function login(why: string): Promise<Me | null> {
  return new Promise((done) => {
    const user = h('input', { name: 'user', autocomplete: 'username', required: true, value: 'admin' });
    const password = h('input', {
      name: 'password',
      type: 'password',
      autocomplete: 'current-password',
      required: true,
    });
    const fault = h('p', { class: 'fault', role: 'alert' });
    const form = h(
      'form',
      { method: 'dialog' },
      h('p', {}, why),
      h('label', {}, say('console.login.user'), user),
      h('label', {}, say('console.login.password'), password),
      fault,
    );
    const enter = h('button', { type: 'submit', class: 'strong' }, say('console.login.enter'));
    const cancel = button(say('console.cancel'), '', () => dialog.close());
    form.append(h('div', { class: 'buttons' }, cancel, enter));
    let result: Me | null = null;
    const dialog = open(say('console.login.title'), form);
    dialog.addEventListener('close', () => done(result));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      enter.disabled = true;
      post('login', { user: user.value, password: password.value })
        .then(() => get<Me>('me'))
        .then((me) => {
          result = me;
          dialog.close();
        })
        .catch((error: unknown) => {
          fault.textContent = explain(error);
          password.select();
        })
        .finally(() => {
          enter.disabled = false;
        });
    });
    password.focus();
  });
}

/** One tag's faceplate: what it is, what it says now, where it alarms, and what may be done. */
export function faceplate(
  store: Store,
  tag: TagInfo,
  act: (done: () => void) => HTMLElement | null,
): void {
  const row = store.rows.get(tag.tag);
  const rows: [string, string][] = [
    [say('console.tag.now'), shown(tag, row).text],
    [say('console.tag.quality'), row ? reasonText(row[3]) : '—'],
    [say('console.tag.read'), row ? clockText(row[5]) : '—'],
    [
      say('console.tag.range'),
      tag.unit === 'bool' || tag.quantity === 'predicted'
        ? '—'
        : `${numberText(tag, tag.range_low, false)} – ${numberText(tag, tag.range_high)}`,
    ],
    [say('console.tag.device'), `${tag.device} · ${tag.ref}`],
  ];
  const spell = store.calibrations.get(tag.tag);
  if (spell) {
    rows.push([say('console.calibrate.until'), `${clockText(spell.until_ns)} · ${spell.actor}`]);
    if (spell.permit) rows.push(['', spell.permit]);
  }
  for (const limit of store.site.limits.filter((one) => one.tag === tag.tag)) {
    if (limit.limit === null) continue;
    const priority = say(`console.priority.${limit.priority}`);
    rows.push([
      say(`alarm.kind.${limit.kind}`),
      `${numberText(tag, limit.limit)} · ${limit.priority} ${priority}`,
    ]);
    if (limit.source) rows.push(['', limit.source]);
  }
  const table = h('dl', { class: 'faceplate' });
  for (const [name, value] of rows) table.append(h('dt', {}, name), h('dd', {}, value));
  const close = button(say('console.close'), 'strong', () => dialog.close());
  const own = act(() => dialog.close());
  const dialog = open(
    `${tag.tag} ${titled(tag.title)}`,
    table,
    h('div', { class: 'buttons' }, ...(own ? [own] : []), close),
  );
}
