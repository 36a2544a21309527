import type { PolicyView } from '../../../../preload/contract/index.ts';
import { languageName, listed, words } from '../../app/words.ts';
import { FaultPanel } from '../../components/fault-panel.tsx';
import { Mono } from '../../components/mono.tsx';
import { Facts, Panel } from '../../components/screen.tsx';

const say = words.setup.policy;
const names = {
  ethernet: words.connections.ethernet.name,
  usb: words.connections.usb.name,
  drive: words.connections.drives.name,
} as const;

/** The administrator's policy in words: where it is, and what it allows. */
export function PolicyPanel({ policy }: { readonly policy: PolicyView }) {
  const { file, training, connections, language, fault } = policy;
  return (
    <Panel title={say.title}>
      {fault ? <FaultPanel fault={fault} /> : <p>{say.lead}</p>}
      <Facts
        facts={[
          [say.file, file === undefined ? undefined : <Mono key="file">{file}</Mono>],
          [say.training, training ? say.on : say.off],
          [say.connections, connections.length > 0 ? listed(connections.map((one) => names[one])) : say.none],
          [say.language, language === undefined ? undefined : languageName(language)],
        ]}
      />
    </Panel>
  );
}
