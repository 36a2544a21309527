import { useState } from 'react';
import type { LogHead } from '../../../../preload/contract/index.ts';
import { words } from '../../app/words.ts';
import { Loaded } from '../../components/loaded.tsx';
import { QrCode } from '../../components/qr-code.tsx';
import { Folded } from '../../components/screen.tsx';
import { useCall } from '../../port/use-call.ts';
import { headAlternative } from './report-lines.ts';
import styles from './report.module.css';

/** The head of the log as a QR code and as text, and what it is for. */
export function HeadOnPaper({ head: { text, size } }: { readonly head: LogHead }) {
  return (
    <div className={styles['sealed']}>
      <QrCode text={text} label={headAlternative(size)} />
      <div>
        <p>{words.logHead.why}</p>
        <pre>{text.trim()}</pre>
      </div>
    </div>
  );
}

/** The same in one line, until the user opens it. Only then does the head leave this laptop. */
export function FoldedHead() {
  const [isOpened, setOpened] = useState(false);
  const head = useCall('log.head', {}, { wait: !isOpened });
  return (
    <Folded title={words.logHead.fold} opened={() => setOpened(true)}>
      <Loaded answer={head}>{(value) => <HeadOnPaper head={value} />}</Loaded>
    </Folded>
  );
}
