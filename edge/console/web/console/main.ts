// Starts the page: the site first, then the live connection; until then it says that it waits.
import '../kit/kit.css';
import './alarms.css';
import './guidance.css';
import './notices.css';
import './console.css';
import { h } from '../kit/dom.ts';
import { Live } from '../kit/socket.ts';
import type { JournalEvent, SiteInfo } from '../kit/wire.ts';
import { say } from '../kit/words.ts';
import { App } from './app.ts';
import { login } from './dialogs.ts';
import { get, Refused } from './http.ts';
import { Store } from './store.ts';

const RETRY_MS = 1000;
const JOURNAL_AGAIN_MS = 15_000;
// A wall page grows in memory over weeks: it is loaded anew once a day, when nothing is in alarm.
const RELOAD_MS = 24 * 3600 * 1000;

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

async function siteInfo(root: HTMLElement): Promise<SiteInfo> {
  for (;;) {
    try {
      return await get<SiteInfo>('site');
    } catch (error) {
      if (error instanceof Refused && error.status === 401) {
        while (!(await login(say('console.login.to-view'))));
        continue;
      }
      root.replaceChildren(h('p', { class: 'waiting' }, say('console.connecting')));
      await pause(RETRY_MS);
    }
  }
}

/** Count the alarms that came before this page was opened. */
async function lastHour(store: Store): Promise<void> {
  const events = await get<JournalEvent[]>('events?limit=1000').catch(() => null);
  if (events) store.rate.fill(events);
  else setTimeout(() => void lastHour(store), JOURNAL_AGAIN_MS); // it is made while the page opens
}

async function start(): Promise<void> {
  const root = document.getElementById('app');
  if (!root) throw new Error('the page has no #app');
  const site = await siteInfo(root);
  const store = new Store(site);
  const app = new App(root, store);
  const began = performance.now();
  const live = new Live(`${location.origin.replace(/^http/, 'ws')}/api/v1/live`, {
    message: (message) => {
      if (message.t === 'hello') {
        // Another site or version answers now: this page's map and words may be wrong for it.
        if (message.hash !== site.hash || message.suian !== site.suian) location.reload();
        void app.whoami().catch(() => undefined);
        if (!store.rate.whole) void lastHour(store);
        return;
      }
      store.take(message);
      app.refresh();
      const idle = store.book.all.size === 0 && !document.querySelector('dialog');
      if (idle && performance.now() - began > RELOAD_MS) location.reload();
    },
    age: (stale, seconds) => app.age(stale, seconds),
    loginNeeded: () => {
      const again = async (): Promise<void> => {
        while (!(await app.login(say('console.login.to-view'))));
        live.connect();
      };
      void again();
    },
  });
  live.connect();
}

void start();
