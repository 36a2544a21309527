import { perform } from './commands.ts';
import styles from './help-button.module.css';
import { shownKeys } from './keys.ts';
import { fill, words } from './words.ts';

/** Opens the help for this screen. */
export function HelpButton() {
  return (
    <button
      type="button"
      className={styles['button']}
      aria-label={words.frame.help}
      title={fill(words.frame.helpKey, { keys: shownKeys('help').join('+') })}
      onClick={() => void perform('help')}
    >
      <span aria-hidden="true" className={styles['sign']}>
        ?
      </span>
    </button>
  );
}
