import { Screen } from '../parts/screen.tsx';
import styles from './frame.module.css';
import { words } from './words.ts';

/** What a tab shows that was not let in: where Siteseal is open, and how to open it again. */
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
