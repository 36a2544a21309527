import type { FaultView } from '../../../../preload/contract/index.ts';
import { saveBytes } from '../../components/save-text.ts';
import { useAction } from '../../port/use-call.ts';

/** Saves the receipt of a job exactly as the eNB signed it. The receipt is the proof; a report only describes it. */
export function useSaveReceipt(id: string): {
  readonly save: () => void;
  readonly isBusy: boolean;
  readonly fault: FaultView | undefined;
} {
  const { run, isBusy, fault } = useAction('jobs.receipt');
  const save = async () => {
    const outcome = await run({ id });
    if (outcome.ok) saveBytes(outcome.value.fileName, 'application/pkcs7-mime', outcome.value.base64);
  };
  return { save: () => void save(), isBusy, fault };
}
