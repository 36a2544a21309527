// The checks of the path: which outcome counts, what is read, and what they mean together.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { faultView } from '../../../main/api/views.ts';
import type { PathCheckView, PathView } from '../../../preload/contract/index.ts';
import { pathChecks } from '../../../preload/contract/steps.ts';
import {
  failuresOf,
  lastChecked,
  pathGroups,
  pathLines,
  pathSummary,
} from '../../../renderer/src/screens/site/path-state.ts';
import { minutesAgo, path, pathOf, workOf } from '../../kit/fake-data.ts';

const fault = faultView({ code: 'ike-no-answer' });
const silent: Partial<PathCheckView> = { outcome: 'failed', fault };
const notHere: Partial<PathCheckView> = { outcome: 'not-possible' };

/** The checks `answer` and `sizes`, from both places. */
function checked(laptop: Partial<PathCheckView>, enb: Partial<PathCheckView>): PathView {
  const good = { check: 'sizes', outcome: 'passed' } as const;
  const at = (more: Partial<PathCheckView>): PathCheckView[] => [
    { check: 'answer', outcome: 'passed', ...more },
    good,
  ];
  return { places: [pathOf('laptop', at(laptop)), pathOf('enb', at(enb))] };
}

suite('the checks of the path', () => {
  const cases: readonly (readonly [string, string, PathView | undefined])[] = [
    ['unchecked', 'before the first', undefined],
    ['passed', 'if all passed', checked({}, {})],
    ['passed', 'if the eNB passed what the laptop could not check', checked(notHere, {})],
    ['passed', 'if only the laptop failed: it is on another network', checked(silent, {})],
    ['passed', 'if one is not needed', checked({ outcome: 'skipped' }, { outcome: 'skipped' })],
    ['failed', 'if the eNB failed', checked({}, silent)],
    ['failed', 'if the laptop failed, and the eNB cannot tell', checked(silent, notHere)],
    ['partly', 'if one was possible nowhere', checked(notHere, notHere)],
    [
      'impossible',
      'if none was',
      { places: [pathOf('laptop', [{ check: 'answer', outcome: 'not-possible' }])] },
    ],
    ['impossible', 'if the eNB cannot be asked', { places: [{ ...pathOf('enb', []), fault }] }],
  ];
  for (const [summary, when, given] of cases)
    test(`${when}: ${summary}`, () => assert.equal(pathSummary(given), summary));

  test('that failed are read once, and only where they count', () => {
    const read = (given: PathView) => failuresOf(pathGroups(given)[0]!.rows[0]!).map(({ place }) => place);
    assert.deepEqual(read(checked(silent, {})), []);
    assert.deepEqual(read(checked({}, silent)), ['enb']);
    assert.deepEqual(read(checked(silent, silent)), ['enb']);
    assert.deepEqual(read(checked(silent, notHere)), ['laptop']);
    const other = { ...silent, fault: faultView({ code: 'ike-name-unresolved' }) };
    assert.deepEqual(read(checked(other, silent)), ['laptop', 'enb']);
  });

  test('are grouped by gateway, in their order; before the first result, every check waits', () => {
    const groups = pathGroups(path());
    assert.deepEqual(
      groups.map(({ gateway }) => gateway),
      ['seg-1.example.net', 'seg-2.example.net', undefined],
    );
    assert.deepEqual(
      groups[1]!.rows.map(({ check }) => check),
      ['name', 'traffic-gateway'],
    );
    const [all, ...none] = pathGroups(undefined);
    assert.deepEqual([all!.rows.map(({ check }) => check), none], [pathChecks.names, []]);
    assert.ok(all!.rows.every(({ cells }) => cells.every(({ state }) => state === 'waiting')));
  });

  test('are made again one place after the other, and earlier results do not count meanwhile', () => {
    const states = (phase: 'laptop' | 'enb') =>
      pathGroups({ ...checked({}, {}), work: workOf('job', phase) })[0]!.rows[0]!.cells.map(
        ({ state }) => state,
      );
    assert.deepEqual(states('laptop'), ['checking', 'waiting']);
    assert.deepEqual(states('enb'), ['passed', 'checking']);
  });

  test('in the report name place, time, gateway, result and reason', () => {
    const [laptop, enb] = pathLines(path({ answer: silent }));
    assert.match(laptop!.title, /^From this laptop, .*2026/);
    assert.match(enb!.title, /^From the eNB, /);
    assert.equal(
      laptop!.lines[0],
      "seg-1.example.net: The gateway's name leads to an address: Passed; 203.0.113.7",
    );
    assert.ok(
      enb!.lines.some((line) =>
        line.endsWith('The gateway answers: Failed; The security gateway does not answer.'),
      ),
    );
    const unasked = pathLines({ places: [{ ...pathOf('enb', []), fault }] });
    assert.deepEqual(unasked[0]!.lines, ['The security gateway does not answer.']);
    assert.deepEqual(pathLines(undefined), []);
  });

  test('were made last when the later place was checked', () => {
    const [laptop, enb] = checked({}, {}).places;
    const later = { ...enb!, checkedAt: minutesAgo(0) };
    assert.equal(lastChecked({ places: [later, { ...laptop!, checkedAt: minutesAgo(9) }] }), minutesAgo(0));
    assert.equal(lastChecked(undefined), undefined);
  });
});
