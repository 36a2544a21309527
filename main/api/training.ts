import type { Topic, TrainingView } from '../../preload/contract/index.ts';
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
        let operators: readonly string[] = [];
        const changed: Topic[] = [];
        const { works } = context;
        await Promise.all(works.subjects('steps').map((job) => works.end('steps', job)));
        const restarted = await training.restart(
          () => {
            const idle = works.refuseIfAnyExcept('identification');
            if (idle.ok) operators = operatorIds(context);
            return idle;
          },
          () => {
            changed.push('app', 'jobs', 'operators', 'runs', 'log', 'enbs', 'training');
            for (const id of operators) context.keys.drop(id);
          },
        );
        if (changed.length > 0) context.changed(...changed);
        return restarted;
      }),
  };
}

/** The operators of training, whose keys go with them. */
function operatorIds({ stores }: ApiContext): readonly string[] {
  const opened = stores.open(true);
  return opened.ok ? opened.value.store.operators.all().map(({ id }) => id) : [];
}
