import type { DriveView } from '../../../../preload/contract/index.ts';
import { fill, formatBytes, words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Waiting } from '../../components/loaded.tsx';
import { Panel } from '../../components/screen.tsx';
import styles from './job.module.css';

interface DriveListProps {
  readonly drives: readonly DriveView[];
  readonly chosen: string | undefined;
  readonly choose: (volume: string) => void;
  /** Whether to write: drives that can only be read cannot be chosen then. */
  readonly toWrite: boolean;
}

/**
 * The removable drives that are plugged in, with the reason at those that cannot be chosen. The list updates
 * automatically.
 */
export function DriveList({ drives, chosen, choose, toWrite }: DriveListProps) {
  if (drives.length === 0) return <NoDrive />;
  const unfit = chosen === undefined ? drives.find(({ fault }) => fault)?.fault : undefined;
  return (
    <>
      <fieldset className={styles['choices']}>
        <legend>{words.drives.found}</legend>
        {drives.map((drive) => (
          <label key={drive.volume} className={styles['choice']}>
            <input
              type="radio"
              name="drive"
              checked={chosen === drive.volume}
              disabled={!isFit(drive, toWrite)}
              onChange={() => choose(drive.volume)}
            />
            <span className={styles['choiceText']}>
              <strong>{drive.name}</strong>
              <span>{roomOn(drive)}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {unfit && <FaultPanel fault={unfit} />}
    </>
  );
}

function roomOn({ size, free, fault }: DriveView): string {
  if (fault) return fill(words.drives.unfit, { size: formatBytes(size), reason: fault.message });
  return free === undefined
    ? fill(words.drives.notMounted, { size: formatBytes(size) })
    : fill(words.drives.room, { size: formatBytes(size), free: formatBytes(free) });
}

function NoDrive() {
  return (
    <>
      <Panel title={words.network.whatToCheck}>
        <ol className={cls('list')}>
          {words.drives.check.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ol>
      </Panel>
      <Waiting sentence={words.drives.looking} />
    </>
  );
}

/** Whether a drive can be chosen. A drive that cannot be written may still have receipts, unless it is encrypted. */
function isFit({ fault }: DriveView, toWrite: boolean): boolean {
  return !fault || (!toWrite && fault.code !== 'drive-encrypted');
}

/** The chosen drive: the user's choice, otherwise the first suitable one. */
export function chosenDrive(
  drives: readonly DriveView[],
  choice: string | undefined,
  toWrite: boolean,
): DriveView | undefined {
  const fit = drives.filter((drive) => isFit(drive, toWrite));
  return fit.find(({ volume }) => volume === choice) ?? fit[0];
}
