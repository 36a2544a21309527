import type { StepsView } from '../../../../preload/contract/index.ts';
import { words } from '../../app/words.ts';
import { cls } from '../../components/classes.ts';

/** A quiet line where the eNB's tunnels are not the real thing. */
export function IpsecKind({ steps: { ipsecKind } }: { readonly steps: StepsView }) {
  return ipsecKind ? <p className={cls('quiet', 'small')}>{words.tunnel.kinds[ipsecKind]}</p> : null;
}
