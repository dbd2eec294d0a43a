// Whose a read receipt is. Core decides; the page offers it only to those whom it may be.
import type { Notice, Receipt, SiteInfo } from '../kit/wire.ts';

/** Whether `user` reads for the person of a receipt. */
export function isOwn(site: Pick<SiteInfo, 'people'>, receipt: Receipt, user: string | null): boolean {
  if (!user) return false;
  const person = site.people.find((one) => one.id === receipt.person);
  return user === receipt.person || user === person?.user;
}

/** Whether `user` has still to read a notice. */
export function unread(site: Pick<SiteInfo, 'people'>, notice: Notice, user: string | null): boolean {
  return notice.people.some((one) => one.read_by === null && isOwn(site, one, user));
}

/** Whether the receipt is offered: to whom it is missing, and to nobody known, who may log in. */
export function mayRead(site: Pick<SiteInfo, 'people'>, notice: Notice, user: string | null): boolean {
  if (!user) return notice.people.some((one) => one.read_by === null);
  return unread(site, notice, user);
}
