// The checks of the path: which outcome counts, what is read, and what they mean together.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { faultView } from '../../../main/api/views.ts';
import type { PathCheckView, PathView } from '../../../preload/contract/index.ts';
import { pathChecks } from '../../../preload/contract/steps.ts';
import {
  exactFigures,
  failuresOf,
  firstGateways,
  hasOtherFailure,
  lastChecked,
  pathGroups,
  pathLines,
  pathSummary,
  shownFigure,
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

/** The check `answer` of two first gateways, from the eNB. */
function withSecond(...answers: readonly Partial<PathCheckView>[]): PathView {
  const checks = answers.map((more, place): PathCheckView => ({
    check: 'answer',
    gateway: `seg-${place}`,
    outcome: 'passed',
    ...more,
  }));
  return { places: [pathOf('enb', checks)] };
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
    ['failed', "if the eNB's clock is wrong", path({ clock: { outcome: 'failed', fault } })],
    ['troubled', 'if a traffic gateway is too open', path({ 'traffic-gateway': silent })],
    ['troubled', 'if enrolment is open outside the tunnel', path({ 'ra-silent': silent })],
    ['troubled', 'if another first gateway may do', withSecond(silent, {})],
    ['failed', 'if every first gateway failed', withSecond(silent, silent)],
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
    const states = (phase: 'laptop' | 'enb', places: number) => {
      const given = { places: checked({}, {}).places.slice(0, places), work: workOf('job', phase) };
      const rows = pathGroups(given).flatMap((group) => group.rows);
      return rows.find(({ check }) => check === 'answer')!.cells.map(({ state }) => state);
    };
    assert.deepEqual(states('laptop', 0), ['checking', 'waiting']);
    assert.deepEqual(states('laptop', 2), ['passed', 'waiting']);
    assert.deepEqual(states('enb', 1), ['passed', 'checking']);
    assert.deepEqual(states('enb', 2), ['passed', 'passed']);
  });

  test('of which nothing is known yet stay in the list, after those of the gateways', () => {
    const known: PathCheckView = { check: 'name', gateway: 'seg', outcome: 'passed' };
    const groups = pathGroups({ places: [pathOf('laptop', [known])], work: workOf('job', 'laptop') });
    assert.deepEqual(
      groups.map(({ rows }) => rows.map(({ check }) => check)),
      [['name'], pathChecks.names.slice(1)],
    );
  });

  test('in the report name place, time, gateway, result and reason', () => {
    const [laptop, enb] = pathLines(path({ answer: silent }));
    assert.match(laptop!.title, /^From this laptop, .*2026/);
    assert.match(enb!.title, /^From the eNB, /);
    assert.equal(laptop!.lines[0], "seg-1.example.net: The gateway's name is known: Passed; 203.0.113.7");
    const line =
      /^seg-1.example.net: The gateway answers: Failed; .*; The security gateway does not answer\.$/m;
    assert.match(enb!.lines.join('\n'), line);
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

  test('show what helps on site, and have algorithms, addresses and exact times folded', () => {
    const figure = 'aes256-sha384-ecp384';
    assert.equal(shownFigure({ check: 'answer', figure: `14 ms, ${figure}` }), '14 ms');
    assert.equal(shownFigure({ check: 'ra-silent', figure: '10.20.0.10:8080' }), undefined);
    assert.match(shownFigure({ check: 'clock', figure: '2026-11-15T12:00:00Z' }) ?? '', /^\d\d:\d\d$/);
    assert.equal(shownFigure({ check: 'clock', figure: '-1 s' }), '-1 s');
    assert.equal(shownFigure({ check: 'sizes', figure: '1400 bytes' }), '1400 bytes');
    const answered = withSecond({ figure: `14 ms, ${figure}` }, {});
    assert.deepEqual(exactFigures(answered, 'answer'), [`seg-0: From the eNB: 14 ms, ${figure}`]);
  });

  test('say nothing more about a failed step if they failed for its reason', () => {
    const failed = withSecond(silent, {});
    assert.deepEqual(firstGateways(failed), ['seg-0', 'seg-1']);
    assert.equal(hasOtherFailure(failed, 'ike-no-answer'), false);
    assert.equal(hasOtherFailure(failed, 'ike-peer-refused'), true);
  });
});
