import { ipcMain, type WebFrameMain } from 'electron';

/** Whether a frame is the main frame of the application's own page. */
export type IsOurs = (frame: WebFrameMain | null) => boolean;

/**
 * Everything that comes from a page comes through these two: what another frame sends is dropped, and no handler can
 * be registered without that check. (The linter refuses `ipcMain` elsewhere.)
 */
export function onMessage(channel: string, isOurs: IsOurs, listener: (frame: WebFrameMain) => void): void {
  ipcMain.on(channel, ({ senderFrame }) => {
    if (senderFrame && isOurs(senderFrame)) listener(senderFrame);
  });
}

/** As `onMessage`, for what has an answer. The argument is whatever the page gave. */
export function onRequest(
  channel: string,
  isOurs: IsOurs,
  answer: (argument: unknown) => Promise<unknown>,
): void {
  ipcMain.handle(channel, ({ senderFrame }, argument: unknown) => {
    if (!isOurs(senderFrame)) throw new Error('Refused.');
    return answer(argument);
  });
}
