import { Button, Title } from '@mantine/core';
import { useState } from 'react';
import type {
  CertificateImport as Result,
  FileKind,
  OperatorView,
} from '../../../../preload/contract/index.ts';
import { useAnnounced } from '../../app/announce.tsx';
import { count, counted, fill, words } from '../../app/words.ts';
import { VerdictSentence } from '../../components/chip.tsx';
import { cls } from '../../components/classes.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Bar } from '../../components/progress.tsx';
import { Folded } from '../../components/screen.tsx';
import { choose } from '../../port/shell.ts';
import { useAction } from '../../port/use-call.ts';

/** Imports the vendors' certificates of eNBs under an operator profile, and says what became of them. */
export function CertificateImport({ operator: { id, importing } }: { readonly operator: OperatorView }) {
  const start = useAction('operators.importCertificates');
  const [result, setResult] = useState<Result>();
  const stop = useAction('work.stop');
  const said = words.certificateImport;
  const from = async (kind: FileKind) => {
    const files = await choose(kind);
    if (files.length === 0) return;
    setResult(undefined);
    const ended = await start.run({ id, files: [...files] });
    if (ended.ok) setResult(ended.value);
  };
  const isBusy = start.isBusy || importing !== undefined;
  return (
    <section className={cls('stack')}>
      <Title order={3} size="h5">
        {said.title}
      </Title>
      <p className={cls('quiet')}>{said.lead}</p>
      {importing ? (
        <>
          <Bar label={said.running} state={counted(said.sofar, importing.done)} amount="moving" />
          <div>
            <Button
              variant="default"
              loading={stop.isBusy}
              onClick={() => void stop.run({ id: importing.id })}
            >
              {said.stop}
            </Button>
          </div>
        </>
      ) : (
        <div className={cls('row')}>
          <Button variant="default" loading={isBusy} onClick={() => void from('certificate-folder')}>
            {said.folder}
          </Button>
          <Button variant="default" loading={isBusy} onClick={() => void from('enb-certificates')}>
            {said.files}
          </Button>
        </div>
      )}
      {start.fault && <FaultPanel fault={start.fault} />}
      {!isBusy && result && <Ended result={result} />}
    </section>
  );
}

function Ended({ result }: { readonly result: Result }) {
  const { added, replaced, unchanged, authorities, refused, problems, stoppedBy } = result;
  const said = words.certificateImport;
  const sentence = fill(said.result, {
    ...{ added: count(added), replaced: count(replaced) },
    ...{ unchanged: count(unchanged), refused: count(refused) },
  });
  useAnnounced(sentence);
  return (
    <>
      <VerdictSentence tone={refused > 0 ? 'warn' : 'good'}>{sentence}</VerdictSentence>
      {authorities > 0 && <p className={cls('quiet')}>{counted(said.authorities, authorities)}</p>}
      {stoppedBy && <FaultPanel fault={stoppedBy} />}
      {problems.map(({ fault, count: times }) => (
        <Folded
          key={`${fault.code} ${fault.because.join(' ')}`}
          title={fill(counted(said.problem, times), { message: fault.message })}
        >
          <FaultPanel fault={fault} isDetail />
        </Folded>
      ))}
    </>
  );
}
