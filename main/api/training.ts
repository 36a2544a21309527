import type { TrainingView } from '../../preload/contract/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import type { ApiContext } from './context.ts';
import type { Handlers } from './handlers.ts';

type TrainingCalls = 'training.get' | 'training.setFault' | 'training.moveStick' | 'training.restart';

/** The emulated devices of training. Outside training there is nothing behind these calls. */
export function trainingHandlers(context: ApiContext): Handlers<TrainingCalls> {
  const { training } = context;
  const inTraining = async (act: () => Promise<Result<void>>): Promise<Result<TrainingView>> => {
    const mode = context.mode();
    if (!mode.ok) return mode;
    if (mode.value !== 'training') return refuse('not-found', { where: { field: 'training' } });
    const done = await act();
    return done.ok ? training.view() : done;
  };
  return {
    'training.get': () => inTraining(() => Promise.resolve(ok(undefined))),
    'training.setFault': ({ fault }) => inTraining(() => training.setFault(fault)),
    'training.moveStick': ({ to }) => inTraining(() => training.moveStick(to)),
    'training.restart': () =>
      inTraining(async () => {
        const restarted = await training.restart(() => {
          const idle = context.works.refuseIfAnyExcept('identification');
          if (idle.ok) lockKeys(context);
          return idle;
        });
        if (restarted.ok) context.changed('app', 'jobs', 'operators', 'runs', 'log', 'enbs', 'training');
        return restarted;
      }),
  };
}

/** Keys of operators that are about to be deleted. */
function lockKeys({ stores, keys }: ApiContext): void {
  const opened = stores.open(true);
  if (opened.ok) for (const { id } of opened.value.store.operators.all()) keys.lock(id);
}
