import { Button, Title } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { FaultView } from '../../../preload/contract/index.ts';
import { announce, useAnnounced } from '../app/announce.tsx';
import { areaOf, type Area } from '../app/routes.ts';
import { useRoute } from '../app/use-route.ts';
import { words } from '../app/words.ts';
import { cls } from './classes.ts';
import { copyText } from './copy-text.ts';
import { Icon } from './icons.tsx';
import { Facts, Folded } from './screen.tsx';

/** Who reads the screens of an area. For them, "the installer on site" is "you". */
const readers: Readonly<Partial<Record<Area, string>>> = { site: 'installer', office: 'preparer' };

/** A fault, the same everywhere: what happened, why, who fixes it, what to do now, and the code. */
export function FaultPanel({
  fault,
  isDetail,
  children,
}: {
  readonly fault: FaultView;
  /** It is a detail that the user has opened, and no news. */
  readonly isDetail?: true;
  readonly children?: ReactNode;
}) {
  useAnnounced(isDetail ? undefined : fault.message);
  const reader = readers[areaOf(useRoute())];
  const isReader = reader !== undefined && fault.fixer === reader;
  return (
    <section className={cls('fault')} aria-label={fault.message}>
      <Title order={2} className={cls('faultTitle')}>
        <Icon name="warn" size={24} />
        {fault.message}
      </Title>
      <Sides expected={fault.expected} found={fault.found} />
      <Facts
        facts={[
          [words.fault.where, fault.where],
          [words.fault.cause, fault.cause],
          [words.fault.mendedBy, isReader ? words.fault.you : fault.mendedBy],
          [words.fault.next, <strong key="next">{fault.next}</strong>],
        ]}
      />
      {fault.because.length > 0 && (
        <Folded title={words.fault.because}>
          <ul className={cls('list')}>
            {fault.because.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </Folded>
      )}
      <div className={cls('faultFoot')}>
        <div className={cls('row')}>{children}</div>
        <div className={cls('row')}>
          <span className={cls('code')}>{fault.code}</span>
          <CopyForSupport fault={fault} />
        </div>
      </div>
    </section>
  );
}

/** Expected and found, side by side. */
export function Sides({
  expected,
  found,
}: {
  readonly expected: string | undefined;
  readonly found: string | undefined;
}) {
  if (expected === undefined && found === undefined) return null;
  return (
    <dl className={cls('sides')}>
      {expected !== undefined && (
        <div>
          <dt>{words.fault.expected}</dt>
          <dd>{expected}</dd>
        </div>
      )}
      {found !== undefined && (
        <div>
          <dt>{words.fault.found}</dt>
          <dd>{found}</dd>
        </div>
      )}
    </dl>
  );
}

function CopyForSupport({ fault }: { readonly fault: FaultView }) {
  const [said, setSaid] = useState<string>();
  const copy = async () => {
    const outcome = (await copyText(supportText(fault))) ? words.fault.copied : words.fault.notCopied;
    setSaid(outcome);
    announce(outcome);
  };
  return (
    <Button variant="default" onClick={() => void copy()}>
      {said ?? words.fault.copy}
    </Button>
  );
}

/** What support needs. A fault carries no secret, so this text has none either. */
export function supportText(fault: FaultView): string {
  const { fault: names } = words;
  const lines: readonly (readonly [string, string | undefined])[] = [
    [names.code, fault.code],
    [names.message, fault.message],
    [names.where, fault.where],
    [names.expected, fault.expected],
    [names.found, fault.found],
    [names.cause, fault.cause],
    [names.because, fault.because.length > 0 ? fault.because.join(' ') : undefined],
  ];
  return lines.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`])).join('\n');
}
