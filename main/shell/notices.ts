import { type BrowserWindow, Notification } from 'electron';
import { noticeLength } from '../../preload/contract/bridge.ts';
import { words } from '../words/index.ts';

/** Whether it is a text that may be shown. The page may send anything, so the shell checks. */
export function isNotice(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= noticeLength;
}

/** Whether it is progress: 0 to 1, or null for no progress. */
export function isPart(value: unknown): value is number | null {
  return value === null || (typeof value === 'number' && value >= 0 && value <= 1);
}

/** The latest notification. Without a reference it would be collected, and a click on it would do nothing. */
let shown: Notification | undefined;

/** Shows a notification, if the window is not in front. A click on it brings the window to the front. */
export function showNotice(window: BrowserWindow, text: string): void {
  if (window.isFocused() || !Notification.isSupported()) return;
  // Some systems read markup in a notification. Ours has none.
  const body = text.replace(/[\p{C}<>&]/gu, ' ');
  shown?.close();
  shown = new Notification({ title: words.shell.title, body });
  shown.on('click', () => bringToFront(window));
  shown.show();
}

/** Brings the window to the front, wherever it is. */
export function bringToFront(window: BrowserWindow): void {
  if (window.isDestroyed()) return;
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
