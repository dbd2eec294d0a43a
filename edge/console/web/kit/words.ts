// The one message catalogue, taken from edge/words/catalogue at build time.
import type { Language, Title } from './wire.ts';

type Texts = Record<string, Partial<Record<Language, string>>>;
const files = import.meta.glob<Texts>('../../../words/catalogue/*.json', {
  eager: true,
  import: 'default',
});
const catalogue: Texts = Object.assign({}, ...Object.values(files));
const KEY = 'suian.language';

let language: Language = localStorage.getItem(KEY) === 'en' ? 'en' : 'zh-CN';

export function currentLanguage(): Language {
  return language;
}

export function setLanguage(next: Language): void {
  language = next;
  localStorage.setItem(KEY, next);
}

/** The message with its parameters filled in; an unknown id is shown as it is. */
export function say(id: string, params: Record<string, unknown> = {}): string {
  const text = catalogue[id]?.[language];
  if (text === undefined) {
    return Object.keys(params).length ? `${id} ${JSON.stringify(params)}` : id;
  }
  return text.replace(/\{(\w+)\}/g, (whole, name: string) =>
    name in params ? String(params[name]) : whole,
  );
}

/** Whether the catalogue has this id. */
export function known(id: string): boolean {
  return catalogue[id]?.[language] !== undefined;
}

/** A title in the page's language. */
export function titled(title: Title): string {
  return language === 'en' ? title.en : title.zh;
}
