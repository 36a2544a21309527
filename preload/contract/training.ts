import { z } from 'zod';

/** What can go wrong in training when the user chooses so. */
export const trainingFaults = [
  'cable-pulled',
  'wrong-cable',
  'enb-refuses',
  'enb-silent',
  'no-permission',
  'usb-unplugged',
  'stick-loses-data',
  'stick-pulled',
  'ra-ca-refuses',
  'ra-ca-silent',
  'seg-silent',
  'seg-lacks-root',
  'seg-of-another',
  'seg-algorithms',
  'ra-ca-outside',
] as const;
export type TrainingFault = (typeof trainingFaults)[number];

/** What a training is about: the connections, the later steps, a fault on site and one at the operator. */
export const triedInTraining = [
  'ethernet',
  'usb',
  'drive',
  'initial-ipsec',
  'enrolment',
  'backhaul-ipsec',
  'fault',
  'operator-fault',
] as const;
export type Tried = (typeof triedInTraining)[number];

/** The emulated devices of training, and what has been tried with them. */
export const trainingView = z.strictObject({
  /** The serial numbers of the lab's eNBs that run. */
  enbs: z.array(z.string()),
  stick: z.strictObject({
    /** `laptop`, `ejected` (still in the laptop), `hand`, or the serial number of the eNB that it is plugged into. */
    at: z.string(),
    /** What the eNB did with the bundle that it found. */
    read: z.enum(['accepted', 'refused', 'nothing', 'failed']).optional(),
  }),
  /** The chosen fault. */
  fault: z.enum(trainingFaults).nullable(),
  /** The faults that can be chosen. */
  faults: z.array(z.enum(trainingFaults)),
  tried: z.array(z.enum(triedInTraining)),
  /** Whether every job has its receipt. */
  isAllDone: z.boolean(),
});
export type TrainingView = z.infer<typeof trainingView>;
