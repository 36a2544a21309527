/**
 * The checks of the path to the security gateways before step 0.5. The laptop and the eNB share them: each makes them from
 * its own place, over the network that it is given.
 */
export { checkPath, type PathQuestion, type PathSurroundings } from './check-path.ts';
export { clockBeside, clockWithin } from './clock-checks.ts';
export { systemPathNetwork, type PathNetwork } from './network.ts';
export { inOrder, pathFaults, pathProblem, type PathCheck } from './path-check.ts';
