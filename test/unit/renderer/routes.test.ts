import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modes } from '../../../preload/contract/index.ts';
import { areaOf, hashOf, homeOf, isNowhere, routeOf, type Route } from '../../../renderer/src/app/routes.ts';

const routes: readonly Route[] = [
  { kind: 'site' },
  { kind: 'job', id: 'a/b?c#d' },
  { kind: 'job', id: 'job-1', page: 'connect' },
  { kind: 'receipts' },
  { kind: 'job', id: 'job-1', page: 'drive', address: 'drive:7066-8977' },
  { kind: 'job', id: 'job-1', page: 'step-0', address: '[2001:db8::1]:4443' },
  { kind: 'report', id: 'job-1' },
  { kind: 'office' },
  { kind: 'prepare' },
  { kind: 'run', id: 'run 1' },
  { kind: 'log' },
  { kind: 'setup' },
];

test('every route comes back from its own hash', () => {
  for (const route of routes) assert.deepEqual(routeOf(hashOf(route)), route);
});

test('a hash that is not understood leads to the site', () => {
  for (const hash of ['', '#', '#/', '#/nowhere', '#/site/job', '#/site/job/%E0%A4%A'])
    assert.deepEqual(routeOf(hash), { kind: 'site' }, hash);
});

test('a hash that is half understood leads to the part of the frame', () => {
  assert.deepEqual(routeOf('#/office/run'), { kind: 'office' });
  assert.deepEqual(routeOf('#/setup/x'), { kind: 'setup' });
});

test('a page that there is not is left out, so that the job says where to go on', () => {
  assert.deepEqual(routeOf('#/site/job/job-1/step-7'), { kind: 'job', id: 'job-1' });
});

test('each route belongs to a part of the frame', () => {
  assert.deepEqual(new Set(routes.map(areaOf)), new Set(['site', 'office', 'log', 'setup']));
});

test('each start choice begins where that work is done', () => {
  assert.deepEqual(
    modes.map((mode) => [mode, homeOf(mode).kind]),
    [
      ['training', 'site'],
      ['office', 'office'],
      ['site', 'site'],
      ['log', 'log'],
    ],
  );
});

test('only an empty hash names no place', () => {
  for (const hash of ['', '#', '#/']) assert.ok(isNowhere(hash), hash);
  for (const hash of ['#/site', '#x', '#/nowhere']) assert.ok(!isNowhere(hash), hash);
});
