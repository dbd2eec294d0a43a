// What a named person may do with an alarm beside acknowledging it: set it aside, bring it back, reset
// it. Each is one dialog and one command; core checks and records it.
import { unitText } from '../kit/format.ts';
import type { Alarm, TagInfo } from '../kit/wire.ts';
import { say } from '../kit/words.ts';
import { ask, type Field } from './ask.ts';
import { type Arguments, command } from './http.ts';
import { alarmTitle, conditionText } from './row.ts';
import type { Store } from './store.ts';

const MINUTES = [5, 15, 30, 60, 120, 240, 480]; // a shelf ends within a shift
const REASONS = ['fault', 'work', 'trial', 'nuisance'];
const GASES = new Set(['concentration', 'oxygen']);

/** An alarm by name, for a dialog's words. */
function nameOf(store: Store, alarm: Alarm): string {
  return `${alarmTitle(store, alarm)} ${alarm.tag} ${conditionText(alarm)}`;
}

function reason(): Field {
  return {
    name: 'reason',
    label: say('console.ask.reason'),
    kind: 'text',
    required: true,
    choices: REASONS.map((id) => say(`console.ask.reason.${id}`)).map((words) => [words, words]),
  };
}

function permit(): Field {
  return { name: 'permit', label: say('console.ask.permit'), kind: 'text', required: true };
}

function minutesText(minutes: number): string {
  return minutes < 60
    ? say('console.ask.minutes', { minutes })
    : say('console.ask.hours', { hours: minutes / 60 });
}

/** Set an alarm aside for a while, never without a reason and an end. */
export function shelve(store: Store, alarm: Alarm): Promise<void> {
  const what = nameOf(store, alarm);
  const until: Field = {
    name: 'minutes',
    label: say('console.shelve.minutes'),
    kind: 'choice',
    choices: MINUTES.map((minutes) => [String(minutes), minutesText(minutes)]),
    value: '30',
  };
  const once: Field = { name: 'once', label: say('console.shelve.once'), kind: 'check' };
  return ask(
    {
      title: say('console.shelve.title'),
      why: say('console.shelve.why', { what }),
      who: store.me.user ?? '',
      fields: [until, once, reason()],
      enter: say('console.act.shelve'),
    },
    (answers) =>
      command(
        'shelve',
        {
          condition: alarm.condition,
          minutes: Number(answers['minutes']),
          once: answers['once'] === '1',
        },
        answers['reason'],
      ),
  );
}

/** Take an alarm out of service, or all alarms of its tag, under a permit. */
export function takeOut(store: Store, alarm: Alarm): Promise<void> {
  const extent: Field = {
    name: 'extent',
    label: say('console.out.extent'),
    kind: 'choice',
    choices: [
      ['condition', say('console.out.this')],
      ['tag', say('console.out.tag', { tag: alarm.tag })],
    ],
    value: 'condition',
  };
  return ask(
    {
      title: say('console.out.title'),
      why: say('console.out.why', { what: nameOf(store, alarm) }),
      who: store.me.user ?? '',
      fields: [extent, permit(), reason()],
      enter: say('console.act.out-of-service'),
    },
    (answers) => {
      const whole = answers['extent'] === 'tag';
      const subject: Arguments = whole ? { tag: alarm.tag } : { condition: alarm.condition };
      return command(
        'out_of_service',
        { ...subject, permit: answers['permit'] ?? '' },
        answers['reason'],
      );
    },
  );
}

/** Bring a shelved or suspended alarm back before its time. */
export function bringBack(store: Store, alarm: Alarm, name: 'unshelve' | 'in_service'): Promise<void> {
  const act = name === 'unshelve' ? 'unshelve' : 'in-service';
  return ask(
    {
      title: say(`console.act.${act}`),
      why: say('console.back.why', { what: nameOf(store, alarm) }),
      who: store.me.user ?? '',
      fields: [],
      enter: say(`console.act.${act}`),
    },
    () => command(name, { condition: alarm.condition }),
  );
}

/** Reset a latched alarm; of a gas, with what a portable instrument read at the place. */
export function reset(store: Store, alarm: Alarm): Promise<void> {
  const tag: TagInfo | undefined = store.tags.get(alarm.tag);
  const gas = tag !== undefined && GASES.has(tag.quantity);
  const reading: Field[] = gas
    ? [
        {
          name: 'reading',
          label: say('console.reset.reading', { unit: unitText(alarm.unit) }),
          kind: 'number',
          required: true,
        },
        {
          name: 'instrument',
          label: say('console.reset.instrument'),
          kind: 'text',
          required: true,
        },
      ]
    : [];
  const remark: Field = { name: 'reason', label: say('console.reset.remark'), kind: 'text', required: !gas };
  return ask(
    {
      title: say('console.reset.title'),
      why: say(gas ? 'console.reset.why' : 'console.reset.why-not-gas', { what: nameOf(store, alarm) }),
      who: store.me.user ?? '',
      fields: [...reading, remark],
      enter: say('console.reset'),
    },
    (answers) => {
      const evidence: Arguments = gas
        ? { reading: Number(answers['reading']), instrument: answers['instrument'] ?? '' }
        : {};
      return command('reset', { condition: alarm.condition, ...evidence }, answers['reason']);
    },
  );
}
