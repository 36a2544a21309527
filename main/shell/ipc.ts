import { ipcMain, type WebFrameMain } from 'electron';

/** Whether a frame is the main frame of the application's own page. */
export type IsOurs = (frame: WebFrameMain | null) => boolean;

/**
 * Everything from a page comes through these two functions. Messages from other frames are dropped, and no handler can
 * be registered without that check. (The linter refuses `ipcMain` elsewhere.) The argument is unchecked input.
 */
export function onMessage(channel: string, isOurs: IsOurs, listener: (argument: unknown) => void): void {
  ipcMain.on(channel, ({ senderFrame }, argument: unknown) => {
    if (isOurs(senderFrame)) listener(argument);
  });
}

/** Like `onMessage`, for messages with an answer. */
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
