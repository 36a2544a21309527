import { Button } from '@mantine/core';
import type { PathView } from '../../../../preload/contract/index.ts';
import { pathChecks } from '../../../../preload/contract/steps.ts';
import { useAnnounced } from '../../app/announce.tsx';
import { words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Icon, toneIcons } from '../../components/icons.tsx';
import { Waiting } from '../../components/loaded.tsx';
import { Facts, Folded, Panel } from '../../components/screen.tsx';
import { PathTable } from './path-table.tsx';
import { pathSummary, summaryTones } from './path-state.ts';
import styles from './tunnel.module.css';
import type { PathCheck } from './use-path-check.ts';

interface PathPanelProps {
  readonly path: PathView | undefined;
  readonly check: PathCheck;
}

/** The checks of the path: what they mean together, then each of them, from the laptop and from the eNB. */
export function PathPanel({ path, check }: PathPanelProps) {
  const { work, places = [] } = path ?? {};
  const summary = pathSummary(path);
  const said = check.isBusy ? words.path.checking[work?.phase ?? 'laptop'] : words.path.summaries[summary];
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
      <PathTable path={path} />
      <Folded title={words.path.precise}>
        <Facts facts={pathChecks.names.map((name) => [words.path.names[name], words.path.precisely[name]])} />
      </Folded>
    </Panel>
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
