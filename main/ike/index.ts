/**
 * IKEv2 (RFC 7296) as far as anybody gets without credentials: IKE_SA_INIT. The probe asks a security gateway whether it
 * answers, what it chooses, and which CAs it trusts. The responder plays the gateway.
 */
export { systemDatagrams, type DatagramChannel, type DatagramNetwork } from './datagrams.ts';
export {
  ikePort,
  probeGateway,
  type GatewayQuestion,
  type ProbeFaultCode,
  type ProbeAnswer,
} from './probe.ts';
export { probeWithoutState, type StatelessQuestion } from './probe-without-state.ts';
export { placeOf, ProbeLimit } from './probe-limit.ts';
export { readProposal } from './proposal.ts';
export { Responder, type ResponderOptions } from './responder.ts';
export { keyIdOf } from './vendor-trust.ts';
