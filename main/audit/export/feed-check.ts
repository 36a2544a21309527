import type { LogCheck } from '../../tlog/index.ts';
import type { ProofSink } from './proof.ts';

/** Passes what a proof says to a check. It then finds what a verifier of the export finds. */
export function feedCheck(check: LogCheck): Required<ProofSink> {
  return {
    listed: (entry) => {
      check.entry(entry);
    },
    line: (line) => {
      if ('format' in line) return;
      const { entry, skipped, hashes = [], checkpoint, person } = line;
      if (entry !== undefined) check.entry(entry);
      if (skipped !== undefined) check.skip(skipped, hashes);
      if (checkpoint !== undefined) check.checkpoint(checkpoint);
      if (person) check.person(person.id, person.name, person.salt);
    },
  };
}
