import type { CollectedView } from '../../../../preload/contract/index.ts';
import { words } from '../../app/words.ts';
import { Chip } from '../../components/chip.tsx';
import { cls } from '../../components/classes.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Mono } from '../../components/mono.tsx';
import type { Tone } from '../../components/tone.ts';

const tones: Readonly<Record<CollectedView['kind'], Tone>> = {
  proven: 'good',
  refused: 'bad',
  known: 'plain',
  unusable: 'warn',
};

/** The result for each receipt that was on a drive. */
export function CollectedList({ receipts }: { readonly receipts: readonly CollectedView[] }) {
  if (receipts.length === 0) return <p>{words.receipts.none}</p>;
  return (
    <ul className={cls('checks')}>
      {receipts.map(({ kind, name, fault }, place) => (
        <li key={place} className={cls('stack')}>
          <span className={cls('row')}>
            <Mono>{name}</Mono>
            <Chip tone={tones[kind]}>{words.receipts.kinds[kind]}</Chip>
          </span>
          {fault && (
            <details>
              <summary>{fault.message}</summary>
              <FaultPanel fault={fault} />
            </details>
          )}
        </li>
      ))}
    </ul>
  );
}
