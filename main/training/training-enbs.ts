/** Entry file of the worker thread that runs the training lab's eNBs and RA/CA. */
import { systemSurroundings } from '../core/index.ts';
import { ok } from '../faults/index.ts';
import { listen, lookAtDrive } from '../lab/index.ts';
import { runPart } from '../spawn/index.ts';
import { makeLabEnb, type LabEnb } from './lab-enb.ts';
import { networkOf, startLabGateway, type RunningLabGateway } from './lab-gateway.ts';
import { connectToLab, labGateways, raHost } from './lab-operator.ts';
import { startLabRaCa } from './lab-ra-ca.ts';
import { portUnavailable } from './port-unavailable.ts';
import type { FaultEffects } from './training-faults.ts';
import type { TrainingEnbs } from './training-lab.ts';
import { trainingNetwork } from './training-network.ts';

const host = '127.0.0.1';

/** The lab's keys are not encrypted. */
const noPassphrase = () => Promise.resolve(ok(undefined));

void runPart<TrainingEnbs>(async ({ requests, raCa, gateways }) => {
  const surroundings = systemSurroundings();
  const silent = { onAnswered: () => undefined, onError: () => undefined };
  let fault: LabFault = {};
  const authority = await startLabRaCa(
    { ...raCa, ...silent, isForgetful: () => fault.raCa === 'forgetful' },
    surroundings.now,
    noPassphrase,
  );
  if (!authority.ok) return authority;
  let silentPort = 0;
  const behind = networkOf((place) => {
    if (place !== raHost) return undefined;
    return fault.raCa === 'silent' ? silentPort : authority.value.port;
  });
  const running: RunningLabGateway[] = [];
  for (const [index, files] of gateways.entries()) {
    const { subnets, pool } = labGateways[index] ?? labGateways[0];
    const isFailing = () => (files.role === 'initial' ? fault.gateway : undefined);
    const request = { ...files, subnets, pool, behind, fault: isFailing };
    const gateway = await startLabGateway(request, surroundings.now);
    if (!gateway.ok) return gateway;
    running.push(gateway.value);
  }
  const connectTo = connectToLab({
    raCa: () => (fault.raCa === 'silent' ? silentPort : authority.value.port),
    outside: () => silentPort,
    gateway: (wanted) => running.find(({ address }) => address === wanted)?.port ?? silentPort,
  });
  const network = trainingNetwork(
    () => running,
    () => fault.raCa === 'outside',
  );
  const enbs: LabEnb[] = [];
  for (const request of requests) {
    const enb = await makeLabEnb({ ...request, connectTo }, { ...surroundings, network }, noPassphrase);
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
    info: { ports, gateways: running.map(({ address, udp }) => ({ address, udp })) },
    answer: async (question) => {
      if (question.kind === 'fail') {
        isCrossed = question.isCrossed;
        fault = question;
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

/** What is wrong with the RA/CA and the gateways. */
interface LabFault {
  readonly raCa?: FaultEffects['raCa'] | undefined;
  readonly gateway?: FaultEffects['gateway'] | undefined;
}

type DriveAnswer = Exclude<TrainingEnbs['answer'], 'done'>;
