/** The built page as both windowed shells serve it: its files, and the security headers of every answer. */
export { answerHeaders, type PageFile, type PageFiles, readPage } from './page.ts';
