// The areas' spoken names: fetched once, played between the tones. A page that has none says so.
import type { Siren } from '../kit/sound.ts';
import type { SiteInfo } from '../kit/wire.ts';
import { Incidents } from './incidents.ts';
import type { Store } from './store.ts';

const LEVELS = [1, 2];
const AGAIN_MS = 10_000;

export class Speaker {
  /** How many sentences are missing; null while they are being fetched. */
  missing: number | null = null;
  private readonly incidents = new Incidents();
  private readonly sounds = new Map<string, AudioBuffer>();
  private readonly siren: Siren;
  private readonly site: SiteInfo;
  private readonly onChange: () => void;

  constructor(siren: Siren, site: SiteInfo, onChange: () => void) {
    this.siren = siren;
    this.site = site;
    this.onChange = onChange;
    void this.load();
  }

  /** Speak what is to be spoken now. Nothing is taken as spoken while the browser is mute. */
  update(store: Store): void {
    if (this.siren.locked || this.missing === null || store.stale) return;
    const found = this.incidents.next(store.book.all.values(), (alarm) => store.isSilenced(alarm));
    for (const { area, level } of found) {
      const sound = this.sounds.get(`${area}/${level}`);
      if (!sound) continue;
      this.siren.speak(sound);
      document.documentElement.dataset['spoken'] = `${area}/${level}`;
    }
  }

  private async load(): Promise<void> {
    let missing = 0;
    for (const { id } of this.site.areas) {
      for (const level of LEVELS) {
        try {
          const response = await fetch(`/api/v1/speech/${id}/${level}.wav`, { credentials: 'same-origin' });
          const sound = response.status === 200 ? await this.siren.decode(await response.arrayBuffer()) : null;
          if (sound) this.sounds.set(`${id}/${level}`, sound);
          else missing += 1;
        } catch {
          setTimeout(() => void this.load(), AGAIN_MS); // the server is away: it is asked again
          return;
        }
      }
    }
    this.missing = missing;
    this.onChange();
  }
}
