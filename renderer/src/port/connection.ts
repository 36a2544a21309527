import { words } from '../app/words.ts';
import { createClient } from './client.ts';
import { shellDial } from './shell.ts';

/** The page's connection to the core. It is dialled as this is loaded, and opens while the page is being drawn. */
export const client = createClient(shellDial(), words.lost);
