// Testing lamps and horns (试灯试音), each shift: one annunciator after another, and what came of it.
import { button, h } from '../kit/dom.ts';
import { say } from '../kit/words.ts';
import { explain, open } from './dialogs.ts';
import { areaText } from './evacuate.ts';
import { command } from './http.ts';
import type { Store } from './store.ts';

export function testOutputs(store: Store): Promise<void> {
  return new Promise((done) => {
    const rows = store.site.annunciators.map((one) => {
      const said = h('span', { class: 'said', role: 'status' });
      const press = button(say('console.test.start'), '', () => {
        press.disabled = true;
        said.textContent = say('console.test.running');
        command('test_all', { annunciator: one.id })
          .then(() => {
            said.textContent = say('console.test.done');
          })
          .catch((error: unknown) => {
            said.textContent = explain(error);
          })
          .finally(() => {
            press.disabled = false;
          });
      });
      const areas = one.areas.map((id) => areaText(store, id)).join('、');
      const outputs = one.outputs.map((output) => say(`annunciator.kind.${output.kind}`));
      const kinds = [...new Set(outputs)].join('、');
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
      rows.length ? h('ul', { class: 'tested' }, ...rows) : h('p', {}, say('console.test.nothing')),
      h('p', { class: 'by' }, say('console.ask.by', { who: store.me.user ?? '' })),
      h('div', { class: 'buttons' }, button(say('console.close'), 'strong', () => dialog.close())),
    );
    dialog.addEventListener('close', () => done());
  });
}
