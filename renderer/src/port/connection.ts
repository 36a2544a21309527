import frame from '../../../assets/locales/en/page/frame.json' with { type: 'json' };
import { createClient } from './client.ts';
import { shellDial } from './shell.ts';

const dial = shellDial();

/**
 * The page's connection to the core. It is dialled as this module loads, and opens while the page is being loaded.
 * Undefined in a tab without access.
 */
export const client = dial && createClient(dial, frame.lost);

/** The answer to the question that every page starts with. */
export const firstAnswer = client?.call('app.get', {});
