import { fill, words } from './words.ts';

let screen = '';
let news: string | undefined;

function write(): void {
  document.title = fill(words.frame.title, { screen: news ?? screen });
}

/** Names the screen in the title of the window or tab. */
export function nameScreen(title: string): void {
  screen = title;
  write();
}

/** Shows news in the title instead of the screen's name, until it is called without. */
export function showNews(text: string | undefined): void {
  news = text;
  write();
}
