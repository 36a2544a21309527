/** The lab run: every step and renewal from nothing, with real processes in network namespaces, and what must fail. */
export {
  caseNames,
  formNames,
  runLab,
  type LabRunEvent,
  type LabRunReport,
  type LabRunRequest,
  type SceneReport,
} from './lab-run.ts';
export { checkRequirements, inNamespaces } from './requirements.ts';
