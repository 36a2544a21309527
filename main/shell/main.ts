/**
 * The Electron shell: one window with the page, and the core in a separate process. No other part of the product
 * imports electron.
 */
import { runApplication } from './application.ts';

runApplication();
