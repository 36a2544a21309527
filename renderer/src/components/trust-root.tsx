import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { FaultView, FileHandle, Output } from '../../../preload/contract/index.ts';
import { useSession } from '../app/session.ts';
import { fill, localDate, words } from '../app/words.ts';
import { choose } from '../port/shell.ts';
import { useAction } from '../port/use-call.ts';
import { VerdictSentence } from './chip.tsx';
import { cls } from './classes.ts';
import { Dialog } from './dialog.tsx';
import { FaultPanel } from './fault-panel.tsx';
import { Waiting } from './loaded.tsx';
import { Digest, Mono } from './mono.tsx';
import { Facts } from './screen.tsx';

interface Seen {
  readonly file: FileHandle;
  readonly root: Output<'vendors.look'>;
}

interface TrustRootProps {
  /** The file that was chosen already. */
  readonly file?: FileHandle;
  /** The root that is missing. The dialog then names it before the user looks for its file. */
  readonly expected?: { readonly vendor: string; readonly subject: string };
  readonly close: () => void;
  readonly trusted?: () => void;
}

/**
 * Adds a vendor root to this laptop: the user chooses a file and compares its fingerprint, and only then is it trusted.
 */
export function TrustRoot({ file: given, expected, close, trusted }: TrustRootProps) {
  const look = useAction('vendors.look');
  const trust = useAction('vendors.trust');
  const [seen, setSeen] = useState<Seen>();
  const [isCompared, setCompared] = useState(false);
  const start = async (already?: FileHandle) => {
    const [file] = already ? [already] : await choose('vendor-root');
    if (!file) {
      if (!expected) close();
      return;
    }
    setCompared(false);
    const outcome = await look.run({ file });
    if (outcome.ok) setSeen({ file, root: outcome.value });
  };
  useEffect(() => {
    if (!expected) void start(given);
    // Once: the dialog starts with the choice of a file.
  }, []);
  const confirm = async () => {
    if (!seen) return;
    const outcome = await trust.run({ file: seen.file, fingerprint: seen.root.fingerprint });
    if (!outcome.ok) return;
    trusted?.();
    close();
  };
  const fault = look.fault ?? trust.fault;
  if (!expected && !seen && !look.isBusy && !fault) return null;
  const isOther = expected !== undefined && seen !== undefined && seen.root.subject !== expected.subject;
  const chooseFile = (
    <Button loading={look.isBusy} onClick={() => void start()}>
      {words.trust.chooseFile}
    </Button>
  );
  return (
    <Dialog
      title={expected ? fill(words.trust.expectedTitle, { vendor: expected.vendor }) : words.trust.title}
      size="xl"
      cancel={words.trust.cancel}
      close={close}
    >
      <div className={cls('stack')}>
        {expected && !seen && (
          <p>
            {fill(words.trust.expected, { vendor: expected.vendor })} <Mono>{expected.subject}</Mono>
          </p>
        )}
        {look.isBusy && <Waiting sentence={words.trust.looking} />}
        {fault && <FaultPanel fault={fault} />}
        {isOther && (
          <VerdictSentence tone="warn">
            {fill(words.trust.otherRoot, { subject: expected.subject })}
          </VerdictSentence>
        )}
        {seen && (
          <>
            <Facts
              facts={[
                [words.trust.file, seen.file.name],
                [words.trust.subject, seen.root.subject],
                [words.trust.until, localDate(seen.root.until)],
                [words.trust.fingerprint, <Digest key="digest" value={seen.root.fingerprint} />],
              ]}
            />
            {!isOther && (
              <>
                <p>{words.trust.compare}</p>
                <label className={cls('entry')}>
                  <input type="checkbox" checked={isCompared} onChange={() => setCompared(!isCompared)} />
                  {words.trust.compared}
                </label>
              </>
            )}
          </>
        )}
        <div className={cls('faultFoot')}>
          <Button variant="default" onClick={close}>
            {words.trust.cancel}
          </Button>
          {expected && (!seen || isOther) && chooseFile}
          {seen && !isOther && (
            <Button disabled={!isCompared} loading={trust.isBusy} onClick={() => void confirm()}>
              {words.trust.trust}
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  );
}

/** For a bundle whose vendor is not trusted here: a button to trust its root. Nothing for any other fault. */
export function TrustAction({ fault }: { readonly fault: FaultView }) {
  const { training } = useSession().app;
  const [isTrusting, setTrusting] = useState(false);
  if (fault.code !== 'vendor-not-trusted' || training) return null;
  return (
    <>
      <Button onClick={() => setTrusting(true)}>{words.trust.open}</Button>
      {isTrusting && <TrustRoot close={() => setTrusting(false)} />}
    </>
  );
}
