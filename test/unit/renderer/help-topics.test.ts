import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { shortcuts } from '../../../preload/contract/commands.ts';
import { modes } from '../../../preload/contract/index.ts';
import { topicGroups, topicOf, type Topic } from '../../../renderer/src/app/help-topics.ts';
import { pageIds, type Route } from '../../../renderer/src/app/routes.ts';

interface Help {
  readonly help: { readonly commands: Readonly<Record<string, string>> };
  readonly topics: Readonly<
    Record<string, { title: string; what: string; steps: string[]; wrong: { when: string; then: string }[] }>
  >;
}

const file = join(import.meta.dirname, '../../../assets/locales/en/page/help.json');
const { help, topics } = JSON.parse(readFileSync(file, 'utf8')) as Help;
const listed: readonly Topic[] = Object.values(topicGroups).flat();

/** One of each kind: the compiler rejects this table when a kind of route is missing. */
const routes: Readonly<Record<Route['kind'], Route>> = {
  site: { kind: 'site' },
  job: { kind: 'job', id: 'job-1' },
  report: { kind: 'report', id: 'job-1' },
  receipts: { kind: 'receipts' },
  office: { kind: 'office' },
  prepare: { kind: 'prepare' },
  run: { kind: 'run', id: 'run-1' },
  log: { kind: 'log' },
  setup: { kind: 'setup' },
};

test('every screen and every page of a job has a topic', () => {
  const pages = pageIds.map((page): Route => ({ kind: 'job', id: 'job-1', page }));
  const all = [...Object.values(routes), ...pages];
  const found = [null, ...modes].flatMap((mode) => all.map((route) => topicOf(route, mode)));
  for (const topic of found) assert.ok(listed.includes(topic), topic);
  // The overview has no screen.
  assert.deepEqual(new Set([...found, 'guide']), new Set(listed));
});

test('a page of a job has its own topic, the list of jobs in training that of training', () => {
  assert.equal(topicOf({ kind: 'job', id: 'job-1', page: 'step-0' }, 'training'), 'step-0');
  assert.equal(topicOf({ kind: 'site' }, 'training'), 'training');
  assert.equal(topicOf({ kind: 'site' }, 'office'), 'jobs');
  assert.equal(topicOf({ kind: 'site' }, null), 'start');
});

test('the guide lists exactly the topics that have words, each once', () => {
  assert.deepEqual(listed.toSorted(), Object.keys(topics).sort());
});

test('a topic is short: one sentence or two, three to six steps, and what to do when something goes wrong', () => {
  for (const [topic, { title, what, steps, wrong }] of Object.entries(topics)) {
    assert.match(title, /^[A-Z].*[^.]$/, topic);
    assert.ok(what.length < 160, topic);
    assert.ok(steps.length >= 3 && steps.length <= 6, `${topic}: ${steps.length} steps`);
    assert.ok(wrong.length > 0, topic);
    for (const sentence of [what, ...steps, ...wrong.flatMap(({ when, then }) => [when, then])])
      assert.match(sentence, /^[A-Z].*[.]$/, `${topic}: ${sentence}`);
  }
});

test('the help names every shortcut', () => {
  assert.deepEqual(Object.keys(help.commands).sort(), shortcuts.map(({ command }) => command).sort());
});
