// The read receipt is offered to those it is for, and to nobody twice.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Notice, Receipt } from '../kit/wire.ts';
import { mayRead, unread } from './receipts.ts';

const title = { zh: '', en: '' };
const site = { people: [{ id: 'boss', title, user: 'li' }, { id: 'foreman', title, user: '' }] };
const receipt = (person: string, read_by: string | null = null): Receipt => ({
  person, role: 'principal', read_by, read_ns: read_by === null ? null : 5,
});
const told = (...people: Receipt[]): Notice => ({
  notice: 'n', hazard: '', people, alarms: [], count: 0, area: '', sent_ns: 1,
});

test('a receipt is for the user of its person, or the person', () => {
  const notice = told(receipt('boss'), receipt('foreman'));
  assert.equal(unread(site, notice, 'li'), true);
  assert.equal(unread(site, notice, 'foreman'), true);
  assert.equal(unread(site, notice, 'boss'), true);
  assert.equal(unread(site, notice, 'admin'), false);
  assert.equal(mayRead(site, notice, 'admin'), false);
});

test('who has read it is not asked again', () => {
  const notice = told(receipt('boss', 'li'), receipt('foreman'));
  assert.equal(mayRead(site, notice, 'li'), false);
  assert.equal(mayRead(site, notice, 'foreman'), true);
});

test('nobody logged in may log in to read what is unread', () => {
  assert.equal(mayRead(site, told(receipt('boss')), null), true);
  assert.equal(mayRead(site, told(receipt('boss', 'li')), null), false);
  assert.equal(unread(site, told(receipt('boss')), null), false);
});
