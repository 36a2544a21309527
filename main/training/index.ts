/** The demo, the training lab, and the reference eNB as users start it. */
export { failureForms, ipsecKinds, parseFailure, type Failure, type IpsecKind } from '../lab/index.ts';
export { runDemo } from './demo.ts';
export { makeLabOperatorFolder, makeLabVendorFolder, type LabVendorRequest } from './lab-authorities.ts';
export { startLabDns } from './lab-dns.ts';
export { startLabEnb, type LabDrive, type LabEnbRequest, type RunningLabEnb } from './lab-enb.ts';
export { startLabRaCa, type LabRaCaRequest } from './lab-ra-ca.ts';
export { startLabSeg, type LabSegRequest } from './lab-seg.ts';
export { writeRegistrations } from './lab-registrations.ts';
export { TrainingLab } from './training-lab.ts';
