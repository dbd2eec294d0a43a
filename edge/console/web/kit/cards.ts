// What stands on the map as a card: each detector by itself, other tags with their asset, predicted
// values with their place.
import { formula } from './format.ts';
import type { SiteInfo, TagInfo, Title } from './wire.ts';
import { currentLanguage, say, titled } from './words.ts';

export interface CardLine {
  tag: TagInfo;
  label: string;
}
export interface Card {
  id: string;
  kind: 'detector' | 'asset' | 'place';
  sort: string; // the asset's or place's own kind
  x_m: number;
  y_m: number;
  title: string;
  lines: CardLine[];
}

/** The cards of a site, the most crowded kind first. */
export function cardsOf(site: SiteInfo): Card[] {
  const detectors: Card[] = [];
  const byAsset = new Map<string, TagInfo[]>();
  const byPlace = new Map<string, TagInfo[]>();
  for (const tag of site.tags) {
    // What core calculates, and what the GDS says of a detector, stands with its alarms.
    if (tag.gds_of || tag.device === 'core') continue;
    if (tag.quantity === 'concentration' || tag.quantity === 'oxygen') detectors.push(detector(tag));
    else if (tag.quantity === 'predicted') gather(byPlace, tag.ref.split('@')[1] ?? '', tag);
    else gather(byAsset, tag.asset, tag);
  }
  const title = (title: Title): string => titled(title);
  const assets = site.assets.map(
    (asset): Card => ({
      id: asset.id,
      kind: 'asset',
      sort: asset.kind,
      x_m: asset.x_m,
      y_m: asset.y_m,
      title: title(asset.title),
      lines: (byAsset.get(asset.id) ?? []).map((tag) => ({ tag, label: tag.tag })),
    }),
  );
  const places = site.places.map(
    (place): Card => ({
      id: place.id,
      kind: 'place',
      sort: place.kind,
      x_m: place.x_m,
      y_m: place.y_m,
      title: title(place.title),
      lines: (byPlace.get(place.id) ?? []).map((tag) => ({
        tag,
        label: `${say('console.predicted')} ${gasName(site, tag)}`,
      })),
    }),
  );
  return [...detectors, ...assets, ...places];
}

function detector(tag: TagInfo): Card {
  const lines = [{ tag, label: '' }];
  const [x_m, y_m] = [tag.x_m, tag.y_m];
  return { id: tag.tag, kind: 'detector', sort: '', x_m, y_m, title: tag.tag, lines };
}

function gather(map: Map<string, TagInfo[]>, key: string, tag: TagInfo): void {
  const list = map.get(key);
  if (list) list.push(tag);
  else map.set(key, [tag]);
}

/** A substance as a short name: its formula where it has a short one, else its name. */
export function gasName(site: SiteInfo, tag: { substance: string }): string {
  const substance = site.substances[tag.substance];
  if (!substance) return tag.substance;
  if (substance.formula && substance.formula.length <= 5) return formula(substance.formula);
  return currentLanguage() === 'en' ? substance.en : substance.zh;
}
