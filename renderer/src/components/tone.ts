/** The meaning of a colour; a word and an icon always express it too. */
export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'plain';
