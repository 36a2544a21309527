import { Screen } from '../components/screen.tsx';
import styles from './frame.module.css';
import { words } from './words.ts';

/** Shown in a tab without access: where Siteseal is open, and how to open it again. */
export function OtherTab() {
  const { title, next, closed } = words.otherTab;
  return (
    <main tabIndex={-1} className={styles['content']}>
      <Screen title={title} lead={next}>
        <p>{closed}</p>
      </Screen>
    </main>
  );
}
