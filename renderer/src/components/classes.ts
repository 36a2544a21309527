import styles from './components.module.css';

/** Joins the class names of the components' style sheet. */
export function cls(...names: readonly (string | false | undefined)[]): string {
  return names.flatMap((name) => (name ? [styles[name] ?? name] : [])).join(' ');
}
