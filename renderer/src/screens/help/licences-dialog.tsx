import { useEffect, useState } from 'react';
import type licences from 'virtual:licences';
import words from '../../../../assets/locales/en/page/licences.json' with { type: 'json' };
import { fill } from '../../app/words.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Waiting } from '../../components/loaded.tsx';
import { useSession } from '../../app/session.ts';
import styles from './licences.module.css';

type Packages = typeof licences;

/** The packages inside Siteseal, each with its licence. The texts load when they are read. */
export function LicencesDialog({ close }: { readonly close: () => void }) {
  const { shell } = useSession().app;
  const [packages, setPackages] = useState<Packages>();
  const [isMissing, setMissing] = useState(false);
  useEffect(() => {
    import('virtual:licences').then(
      (loaded) => setPackages(loaded.default),
      () => setMissing(true),
    );
  }, []);
  return (
    <Dialog title={words.title} size="xl" cancel={words.close} close={close}>
      <div className={styles['licences']}>
        <p>{words.lead}</p>
        {shell === 'electron' && <p>{words.electron}</p>}
        {isMissing && <p role="alert">{words.notLoaded}</p>}
        {!packages && !isMissing && <Waiting sentence={words.loading} />}
        {packages && (
          <ul>
            {packages.map(({ name, version, licence, text }) => (
              <li key={`${name} ${version}`}>
                <details>
                  <summary>
                    <span>{fill(words.package, { name, version })}</span>
                    <span className={styles['kind']}>{licence}</span>
                  </summary>
                  <pre>{text === '' ? fill(words.noText, { licence }) : text}</pre>
                </details>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Dialog>
  );
}
