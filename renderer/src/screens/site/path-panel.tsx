import { Button } from '@mantine/core';
import type { PathView } from '../../../../preload/contract/index.ts';
import { pathChecks, type PathCheckName } from '../../../../preload/contract/steps.ts';
import { useAnnounced } from '../../app/announce.tsx';
import { words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Icon, toneIcons } from '../../components/icons.tsx';
import { Waiting } from '../../components/loaded.tsx';
import { Facts, Folded, Panel } from '../../components/screen.tsx';
import { PathTable } from './path-table.tsx';
import { exactFigures, hasOtherFailure, pathSummary, summaryTones } from './path-state.ts';
import styles from './tunnel.module.css';
import type { PathCheck } from './use-path-check.ts';

interface PathPanelProps {
  readonly path: PathView | undefined;
  readonly check: PathCheck;
  /** Why the tunnel did not come up, if it was tried. */
  readonly told?: string | undefined;
}

/** The checks of the path: what they mean together, then each of them, from the laptop and from the eNB. */
export function PathPanel({ path, check, told }: PathPanelProps) {
  const { work, places = [] } = path ?? {};
  const summary = pathSummary(path);
  const found =
    told !== undefined && summary === 'passed' ? words.path.before : words.path.summaries[summary];
  const said = check.isBusy ? words.path.checking[work?.phase ?? 'laptop'] : found;
  useAnnounced(said);
  const tone = summaryTones[summary];
  return (
    <Panel title={words.path.title} aside={<CheckAgain check={check} />}>
      {check.isBusy ? (
        <Waiting sentence={said} />
      ) : (
        <p className={styles['summary']} data-tone={tone}>
          <Icon name={toneIcons[tone]} />
          <strong>{said}</strong>
        </p>
      )}
      {check.fault && <FaultPanel fault={check.fault} />}
      {places.map(({ place, fault }) => fault && !work && <FaultPanel key={place} fault={fault} />)}
      {told === undefined || check.isBusy ? (
        <PathTable path={path} />
      ) : (
        <Folded title={words.tunnel.checks} isOpen={hasOtherFailure(path, told)}>
          <PathTable path={path} told={told} />
        </Folded>
      )}
      <Folded title={words.path.precise}>
        <Facts
          facts={pathChecks.names.map((name) => [
            words.path.names[name],
            <Exact key={name} {...{ name, path }} />,
          ])}
        />
      </Folded>
    </Panel>
  );
}

/** What a check does, and its complete figures. */
function Exact({ name, path }: { readonly name: PathCheckName; readonly path: PathView | undefined }) {
  return (
    <>
      {words.path.precisely[name]}
      {exactFigures(path, name).map((line) => (
        <span key={line} className={styles['exact']}>
          {line}
        </span>
      ))}
    </>
  );
}

/** Checks again, but not at once: the reason is beside the button. */
function CheckAgain({ check }: Pick<PathPanelProps, 'check'>) {
  if (check.isBusy) {
    return (
      <Button variant="default" onClick={check.stop}>
        {words.path.stop}
      </Button>
    );
  }
  return (
    <div className={cls('row')}>
      {check.isTooSoon && (
        <span id="path-too-soon" className={cls('quiet', 'small')}>
          {words.path.tooSoon}
        </span>
      )}
      <Button
        variant="default"
        {...(check.isTooSoon && {
          'aria-disabled': true,
          'aria-describedby': 'path-too-soon',
          'data-disabled': true,
        })}
        onClick={() => !check.isTooSoon && check.run()}
      >
        {words.path.again}
      </Button>
    </div>
  );
}
