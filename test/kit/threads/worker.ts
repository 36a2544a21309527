/** Entry file of a worker thread for tests: does what its options say. */
import { setTimeout } from 'node:timers';
import { ok, refuse } from '../../../main/faults/index.ts';
import { runPart } from '../../../main/spawn/index.ts';

export interface TestPart {
  readonly options: { readonly does: 'run' | 'die' | 'refuse' | 'end' | 'throw' };
  readonly info: { readonly does: string };
  readonly question: 'echo' | 'die' | { readonly secret: string };
  readonly answer: string;
}

void runPart<TestPart>(({ does }) => {
  switch (does) {
    case 'refuse':
      return Promise.resolve(refuse('port-unavailable', { found: 'EADDRINUSE' }));
    case 'end':
      return process.exit(0);
    case 'throw':
      throw new Error('on purpose');
    case 'die':
      setTimeout(() => {
        throw new Error('on purpose');
      }, 1);
      break;
    case 'run':
      setInterval(() => undefined, 1_000);
  }
  const answer = (question: TestPart['question']) => {
    if (typeof question === 'object') throw new Error(`Failed at ${question.secret}`);
    return question === 'die' ? process.exit(1) : Promise.resolve(`${question} of ${does}`);
  };
  return Promise.resolve(ok({ info: { does }, answer }));
});
