/** What a colour says, beside the word and the icon that say it too. */
export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'plain';
