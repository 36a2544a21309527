import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { FaultView, FileHandle, Output } from '../../../preload/contract/index.ts';
import { useSession } from '../app/session.ts';
import { localDate, words } from '../app/words.ts';
import { choose } from '../port/shell.ts';
import { useAction } from '../port/use-call.ts';
import { cls } from './classes.ts';
import { Dialog } from './dialog.tsx';
import { FaultPanel } from './fault-panel.tsx';
import { Waiting } from './loaded.tsx';
import { Digest } from './mono.tsx';
import { Facts } from './screen.tsx';

interface Seen {
  readonly file: FileHandle;
  readonly root: Output<'vendors.look'>;
}

/**
 * Adds a vendor root to this laptop: the user chooses a file and compares its fingerprint, and only then is it trusted.
 */
export function TrustRoot({ close, trusted }: { readonly close: () => void; readonly trusted?: () => void }) {
  const look = useAction('vendors.look');
  const trust = useAction('vendors.trust');
  const [seen, setSeen] = useState<Seen>();
  const [isCompared, setCompared] = useState(false);
  const start = async () => {
    const [file] = await choose('vendor-root');
    if (!file) {
      close();
      return;
    }
    const outcome = await look.run({ file });
    if (outcome.ok) setSeen({ file, root: outcome.value });
  };
  useEffect(() => {
    void start();
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
  if (!seen && !look.isBusy && !fault) return null;
  return (
    <Dialog title={words.trust.title} size="xl" cancel={words.trust.cancel} close={close}>
      <div className={cls('stack')}>
        {look.isBusy && <Waiting sentence={words.trust.looking} />}
        {fault && <FaultPanel fault={fault} />}
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
            <p>{words.trust.compare}</p>
            <label className={cls('entry')}>
              <input type="checkbox" checked={isCompared} onChange={() => setCompared(!isCompared)} />
              {words.trust.compared}
            </label>
          </>
        )}
        <div className={cls('faultFoot')}>
          <Button variant="default" onClick={close}>
            {words.trust.cancel}
          </Button>
          {seen && (
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
