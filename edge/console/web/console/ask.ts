// A dialog that asks a named person for what an act needs, and says in words why it was refused.
import { button, h } from '../kit/dom.ts';
import { say } from '../kit/words.ts';
import { explain, open } from './dialogs.ts';
import { Refused } from './http.ts';

export interface Field {
  name: string;
  label: string;
  kind: 'text' | 'number' | 'choice' | 'check';
  required?: boolean;
  choices?: [value: string, label: string][]; // of a choice: its answers; of a text: quick ones
  value?: string;
}
export interface Question {
  title: string;
  why: string;
  who: string; // the name that the act is recorded under
  fields: Field[];
  enter: string;
}
export type Answers = Record<string, string>;

/** Ask; `send` acts. Ends when it was done, or the person gave up. Throws only for a lost login. */
export function ask(question: Question, send: (answers: Answers) => Promise<unknown>): Promise<void> {
  return new Promise((done, fail) => {
    const fault = h('p', { class: 'fault', role: 'alert' });
    const enter = h('button', { type: 'submit', class: 'strong' }, question.enter);
    const cancel = button(say('console.cancel'), '', () => dialog.close());
    const form = h(
      'form',
      { method: 'dialog', class: 'ask' },
      h('p', {}, question.why),
      ...question.fields.map(field),
      h('p', { class: 'by' }, say('console.ask.by', { who: question.who })),
      fault,
      h('div', { class: 'buttons' }, cancel, enter),
    );
    const dialog = open(question.title, form);
    let lost: unknown = null;
    dialog.addEventListener('close', () => (lost === null ? done() : fail(lost)));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      enter.disabled = true;
      fault.textContent = '';
      send(answersOf(form))
        .then(() => dialog.close())
        .catch((error: unknown) => {
          if (error instanceof Refused && error.status === 401) {
            lost = error;
            dialog.close();
          } else fault.textContent = explain(error);
        })
        .finally(() => {
          enter.disabled = false;
        });
    });
    form.querySelector<HTMLElement>('input:not([type=radio]):not([type=checkbox])')?.focus();
  });
}

function answersOf(form: HTMLFormElement): Answers {
  const answers: Answers = {};
  for (const [name, value] of new FormData(form)) answers[name] = String(value).trim();
  return answers;
}

function field(one: Field): HTMLElement {
  const { name, label, required } = one;
  if (one.kind === 'choice') return choice(one);
  if (one.kind === 'check') {
    const box = h('input', { type: 'checkbox', name, value: '1' });
    return h('label', { class: 'check' }, box, h('span', {}, label));
  }
  const input = h('input', {
    name,
    required,
    maxlength: 200,
    value: one.value ?? '',
    autocomplete: 'off',
    ...(one.kind === 'number' ? { type: 'number', step: 'any', inputmode: 'decimal' } : {}),
  });
  const box = h('label', {}, label, input);
  if (!one.choices) return box;
  const quick = h('div', { class: 'quick' });
  for (const [value, words] of one.choices) {
    quick.append(
      button(words, '', () => {
        input.value = value;
      }),
    );
  }
  return h('div', {}, box, quick);
}

function choice({ name, label, choices, value }: Field): HTMLElement {
  const options = (choices ?? []).map(([answer, words]) =>
    h(
      'label',
      {},
      h('input', { type: 'radio', name, value: answer, required: true, checked: answer === value }),
      h('span', {}, words),
    ),
  );
  return h('fieldset', { class: 'choice' }, h('legend', {}, label), ...options);
}
