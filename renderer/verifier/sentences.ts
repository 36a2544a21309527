import type { LogPoint } from '../../main/tlog/index.ts';
import { verificationSentence } from '../../main/words/index.ts';

/** What is proven or not, as Siteseal puts it. */
export function pointSentence({ code, facts }: LogPoint): string {
  return verificationSentence(code, facts);
}
