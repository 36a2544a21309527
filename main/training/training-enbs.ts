/** Entry file of the worker thread that runs the training lab's eNBs and RA/CA. */
import { systemSurroundings } from '../core/index.ts';
import { ok } from '../faults/index.ts';
import { listen, lookAtDrive } from '../lab/index.ts';
import { runPart } from '../spawn/index.ts';
import { makeLabEnb, type LabEnb } from './lab-enb.ts';
import { connectToRaCa } from './lab-operator.ts';
import { startLabRaCa } from './lab-ra-ca.ts';
import { portUnavailable } from './port-unavailable.ts';
import type { FaultEffects } from './training-faults.ts';
import type { TrainingEnbs } from './training-lab.ts';

const host = '127.0.0.1';

/** The lab's keys are not encrypted. */
const noPassphrase = () => Promise.resolve(ok(undefined));

void runPart<TrainingEnbs>(async ({ requests, raCa }) => {
  const surroundings = systemSurroundings();
  const silent = { onAnswered: () => undefined, onError: () => undefined };
  let raCaFault: FaultEffects['raCa'];
  const authority = await startLabRaCa(
    { ...raCa, ...silent, isForgetful: () => raCaFault === 'forgetful' },
    surroundings.now,
    noPassphrase,
  );
  if (!authority.ok) return authority;
  let silentPort = 0;
  const connectTo = connectToRaCa(() => (raCaFault === 'silent' ? silentPort : authority.value.port));
  const enbs: LabEnb[] = [];
  for (const request of requests) {
    const enb = await makeLabEnb({ ...request, connectTo }, surroundings, noPassphrase);
    if (!enb.ok) return enb;
    enbs.push(enb.value);
  }
  let isCrossed = false;
  /** The eNB at the other end of a cable. */
  const enbAt = (cable: number) => enbs[(cable + (isCrossed ? 1 : 0)) % enbs.length];
  const ports: number[] = [];
  try {
    ({ port: silentPort } = await listen(host, 0, (socket) => socket.resume()));
    for (const cable of enbs.keys()) {
      const { port } = await listen(host, 0, (socket) =>
        enbAt(cable)?.server.accept(socket, () => socket.resetAndDestroy()),
      );
      ports.push(port);
    }
  } catch (error) {
    return portUnavailable(error, host);
  }
  return ok({
    info: { ports },
    answer: async (question) => {
      if (question.kind === 'fail') {
        isCrossed = question.isCrossed;
        raCaFault = question.raCa;
        for (const enb of enbs) enb.setFailure(question.failure);
        return 'done';
      }
      const enb = enbs.find((one) => one.enb.identity.serialNumber === question.serialNumber);
      let found: DriveAnswer = 'nothing';
      if (enb)
        await lookAtDrive(enb.enb, question.folder, (event) => {
          found = event.kind === 'failed' ? 'failed' : event.verdict.accepted ? 'accepted' : 'refused';
        });
      return found;
    },
  });
});

type DriveAnswer = Exclude<TrainingEnbs['answer'], 'done'>;
