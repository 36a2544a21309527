import type { FaultView } from '../../../../preload/contract/index.ts';
import { saveOctets } from '../../parts/save-text.ts';
import { useAction } from '../../port/use-call.ts';

/** Saves the receipt of a job as the eNB has signed it: the proof itself, which a report only tells of. */
export function useSaveReceipt(id: string): {
  readonly save: () => void;
  readonly isBusy: boolean;
  readonly fault: FaultView | undefined;
} {
  const { run, isBusy, fault } = useAction('jobs.receipt');
  const save = async () => {
    const outcome = await run({ id });
    if (outcome.ok) saveOctets(outcome.value.fileName, 'application/pkcs7-mime', outcome.value.base64);
  };
  return { save: () => void save(), isBusy, fault };
}
