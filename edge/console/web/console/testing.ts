// Testing lamps and horns (试灯试音), each shift: one annunciator after another, and what came of it.
import { button, h } from '../kit/dom.ts';
import type { Annunciation } from '../kit/wire.ts';
import { known, say } from '../kit/words.ts';
import { explain, open } from './dialogs.ts';
import { areaText } from './evacuate.ts';
import { command, isUnrecorded } from './http.ts';
import type { Store } from './store.ts';

/** What makes it doubtful that people would be warned: "声光报警器不响应：tower-1". */
export function troubleText({ reason, subject }: Annunciation['trouble'][number]): string {
  const id = `trouble.${reason}`;
  const words = known(id) ? say(id) : reason;
  // Only an annunciator's failure is of one among several.
  return reason === 'annunciator-failed' ? say('console.trouble.of', { words, subject }) : words;
}

/** Test lamps and horns, one annunciator after another; what is no part of it is not listed. */
export function testOutputs(store: Store): Promise<void> {
  return new Promise((done) => {
    const rows = store.site.annunciators.filter((one) => one.outputs.some((output) => output.tested)).map((one) => {
      const untested = store.annunciation.untested.includes(one.id);
      const said = h('span', { class: 'said', role: 'status' }, untested ? say('console.test.not-yet') : '');
      const press = button(say('console.test.start'), '', () => {
        press.disabled = true;
        said.textContent = say('console.test.running');
        command('test_all', { annunciator: one.id })
          .then((answer) => {
            const record = isUnrecorded(answer) ? say('console.unrecorded') : '';
            said.textContent = [say('console.test.done'), record].filter(Boolean).join(' · ');
          })
          .catch((error: unknown) => {
            said.textContent = explain(error);
          })
          .finally(() => {
            press.disabled = false;
          });
      });
      const areas = one.areas.map((id) => areaText(store, id)).join(say('console.list-comma'));
      const outputs = one.outputs.filter((output) => output.tested).map((output) => say(`annunciator.kind.${output.kind}`));
      const kinds = [...new Set(outputs)].join(say('console.list-comma'));
      return h(
        'li',
        {},
        h('div', {}, h('b', {}, one.id), h('small', {}, `${areas} · ${kinds}`)),
        said,
        press,
      );
    });
    const dialog = open(
      say('console.test.title'),
      h('p', {}, say('console.test.why')),
      ...store.annunciation.trouble.map((one) => h('p', { class: 'trouble-line' }, troubleText(one))),
      rows.length ? h('ul', { class: 'tested' }, ...rows) : h('p', {}, say('console.test.nothing')),
      h('p', { class: 'by' }, say('console.ask.by', { who: store.me.user ?? '' })),
      h('div', { class: 'buttons' }, button(say('console.close'), 'strong', () => dialog.close())),
    );
    dialog.addEventListener('close', () => done());
  });
}
