import { themes, type AppState, type Mode, type PolicyView } from '../../preload/contract/index.ts';
import { ok, type Result } from '../faults/index.ts';
import {
  nodeVersion,
  productVersion,
  readParts,
  readSbom,
  sbomName,
  type Surroundings,
} from '../core/index.ts';
import type { Handlers } from './handlers.ts';
import { modeSetting, type ApiContext } from './context.ts';
import { faultView } from './views.ts';

/** The choice on the start screen, the theme, and what Siteseal consists of. */
export function appHandlers(
  context: ApiContext,
): Handlers<'app.get' | 'app.enter' | 'app.leave' | 'app.theme' | 'app.about' | 'app.sbom'> {
  const get = (): Result<AppState> => {
    const opened = context.stores.open(false);
    if (!opened.ok) return opened;
    const { settings } = opened.value.store;
    const mode = context.mode();
    if (!mode.ok) return mode;
    const policy = policyView(context.surroundings);
    return ok({
      version: productVersion(),
      shell: context.options.shell,
      mode: mode.value,
      training: mode.value === 'training',
      theme: themes.find((theme) => theme === settings.get('theme')) ?? 'system',
      ...(policy && { policy }),
    });
  };
  const set = (name: string, value: string): Result<AppState> => {
    const opened = context.stores.open(false);
    if (!opened.ok) return opened;
    opened.value.store.settings.set(name, value);
    context.changed('app', 'jobs', 'operators', 'runs', 'log', 'enbs');
    return get();
  };
  /**
   * Changes the choice on the start screen. Refuses while work is in progress, because that work belongs to the current
   * store. An identification and following steps do not count: they may be left.
   */
  const leave = (to: Mode | ''): Result<AppState> => {
    const mode = context.mode();
    const isStaying = mode.ok && mode.value === to;
    const idle = isStaying ? ok(undefined) : context.works.refuseIfAnyExcept('identification', 'steps');
    return idle.ok ? set(modeSetting, to) : idle;
  };
  return {
    'app.get': get,
    'app.enter': async ({ mode }) => {
      if (mode === 'training') {
        const started = await context.training.start();
        if (!started.ok) return started;
      }
      return leave(mode);
    },
    'app.leave': () => leave(''),
    'app.theme': ({ theme }) => set('theme', theme),
    'app.about': () => {
      const parts = readParts();
      return parts.ok ? ok({ node: nodeVersion, parts: [...parts.value] }) : parts;
    },
    'app.sbom': () => {
      const sbom = readSbom();
      return sbom.ok ? ok({ fileName: sbomName, text: sbom.value }) : sbom;
    },
  };
}

/** The administrator's policy; undefined without one. */
function policyView({ policy }: Surroundings): PolicyView | undefined {
  if (!policy.ok) {
    const place = policy.fault.where?.file;
    const fault = faultView(policy.fault);
    return { ...(place !== undefined && { file: place }), training: false, connections: [], fault };
  }
  const { file, training, connections, language } = policy.value;
  if (file === undefined) return undefined;
  return { file, training, connections: [...connections], ...(language !== undefined && { language }) };
}
