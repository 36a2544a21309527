import { words } from '../app/words.ts';
import { createClient } from './client.ts';
import { shellDial } from './shell.ts';

const dial = shellDial();

/**
 * The page's connection to the core. It is dialled as this module loads, and opens while the page is being drawn.
 * Undefined in a tab without access.
 */
export const client = dial && createClient(dial, words.lost);
