import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ok, refuse, type Result } from '../faults/index.ts';
import { makeFolder } from '../files/index.ts';
import type { IpsecKind } from '../lab/index.ts';
import { checkCaptures, startCaptures, type CaptureFinding } from './captures.ts';
import { gatewayNames, raHost, raName, type LabFiles } from './lab-files.ts';
import { addresses, endCommands, networkCommands, within, type Place } from './network.ts';
import { Processes, type Program, type Ran, type Start } from './processes.ts';
import { inventoryOf, needsTunnel, newSecret, profileOf } from './scene-documents.ts';
import { raCaPort, type Action, type GatewayChanges, type Scene } from './scenes.ts';
import { deliverByUsb } from './usb-delivery.ts';
import { certificatesToPem, parseCertificate } from '../pki/index.ts';

/** What all scenes of a run share. */
export interface Stage {
  readonly kind: IpsecKind;
  readonly files: LabFiles;
  /** The command in front of the arguments of `siteseal`. */
  readonly siteseal: readonly [string, ...string[]];
  /** Encrypts the configuration key. */
  readonly passphrase: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

/** Something that a scene has shown. `milliseconds`: how long it took. */
export interface Shown {
  readonly what: string;
  readonly milliseconds: number;
}

/** How a scene ended: the last action, and its fault if it had one, with what the command said about it. */
export interface SceneEnd {
  readonly action: string;
  readonly fault?: string | undefined;
  readonly detail?: string | undefined;
}

/** The document of a siteseal command, as far as it is read here. */
interface Document {
  readonly fault?: { readonly code: string; readonly rule?: string; readonly found?: string };
  readonly steps?: readonly {
    readonly step: string;
    readonly state: string;
    readonly phase?: string;
    readonly fault?: { readonly code: string; readonly detail?: string };
  }[];
  readonly offersVendorRoot?: boolean | null;
}

const maintenancePort = 8443;
const usbPort = 3240;

/** One scene that plays: its network, its processes, its folder. */
export class ScenePlay {
  readonly #scene: Scene;
  readonly #stage: Stage;
  readonly #serialNumber: string;
  readonly #folder: string;
  readonly #processes: Processes;
  readonly #secret = newSecret();
  readonly #gateways = new Map<Place, Program>();

  constructor(scene: Scene, stage: Stage, serialNumber: string) {
    this.#scene = scene;
    this.#stage = stage;
    this.#serialNumber = serialNumber;
    this.#folder = join(stage.files.folder, scene.name);
    for (const name of ['logs', 'captures', 'certificates', 'sas']) makeFolder(join(this.#folder, name));
    this.#processes = new Processes(join(this.#folder, 'logs'), stage.env, stage.signal);
  }

  /** Plays it to its end. `onShown` is called after each action that succeeded. Refuses if a part of the lab does not start. */
  async play(onShown: (shown: Shown) => void): Promise<Result<SceneEnd>> {
    const timed = async <Value>(what: string, work: () => Promise<Result<Value>>): Promise<Result<Value>> => {
      const start = performance.now();
      const result = await work();
      if (result.ok) onShown({ what, milliseconds: Math.round(performance.now() - start) });
      return result;
    };
    try {
      const network = await this.#makeNetwork();
      if (!network.ok) return network;
      const prepared = await timed('prepared', () => this.#prepare());
      if (!prepared.ok) return prepared;
      const started = await timed('started', () => this.#startParts());
      if (!started.ok) return started;
      for (const action of this.#scene.actions) {
        const start = performance.now();
        const end = await this.#act(action);
        if (end.fault !== undefined) return ok(end);
        onShown({ what: action, milliseconds: Math.round(performance.now() - start) });
      }
      await this.#keepAssociations();
      return ok({ action: this.#scene.actions.at(-1) ?? '' });
    } finally {
      await this.#processes.close();
      if (!this.#stage.signal.aborted)
        for (const command of endCommands(this.#namespace))
          await this.#processes.run({ name: 'network', ...command });
    }
  }

  /** What the captures show, once the scene is over. */
  judgeCaptures(): Promise<readonly CaptureFinding[]> {
    return checkCaptures(this.#processes, join(this.#folder, 'captures'), this.#scene.captured ?? []);
  }

  readonly #namespace = (place: Place) => `${this.#serialNumber}-${place}`;

  async #makeNetwork(): Promise<Result<void>> {
    const { wan = {} } = this.#scene;
    const changes = [
      ...(wan.mtu === undefined
        ? []
        : [within(this.#namespace('wan'), ['ip', 'link', 'set', 'site', 'mtu', String(wan.mtu)])]),
      ...(wan.blockedPort === undefined
        ? []
        : [within(this.#namespace('site'), ['nft', '-f', '-'], blockingOf(wan.blockedPort))]),
    ];
    for (const command of [...networkCommands(this.#namespace), ...changes]) {
      const { code, stderr } = await this.#processes.run({ name: 'network', ...command });
      if (code !== 0)
        return refuse('lab-part-failed', { found: `${command.command.join(' ')}: ${stderr.trim()}` });
    }
    return startCaptures(
      this.#processes,
      this.#namespace,
      join(this.#folder, 'captures'),
      this.#scene.captured ?? [],
    );
  }

  async #prepare(): Promise<Result<void>> {
    const scene = this.#scene;
    const { files, now } = this.#stage;
    const write = (name: string, contents: string) => {
      const file = join(this.#folder, name);
      writeFileSync(file, contents, { mode: 0o600 });
      return file;
    };
    const profile = write('operator.json', JSON.stringify(profileOf(scene, files), undefined, 2));
    const inventoryWith = (secret: string) => inventoryOf(scene, this.#serialNumber, files, now(), secret);
    const inventory = write('inventory.csv', inventoryWith(this.#secret));
    const known = scene.raCa?.hasOtherSecret ? write('ra-ca.csv', inventoryWith(newSecret())) : inventory;
    const prepared = await this.#siteseal('office', [
      'prepare',
      inventory,
      '--profile',
      profile,
      '--out',
      join(this.#folder, 'office'),
    ]);
    if (prepared.fault) return partFailed('prepare', prepared.fault);
    const registered = await this.#siteseal('office', [
      ...['lab', 'registrations', known, '--profile', profile, '--out', this.#registrations],
    ]);
    return registered.fault ? partFailed('lab registrations', registered.fault) : ok(undefined);
  }

  get #registrations(): string {
    return join(this.#folder, 'registrations.json');
  }

  get #bundle(): string {
    return join(this.#folder, 'office', 'bundles', `${this.#serialNumber}.p7m`);
  }

  async #startParts(): Promise<Result<void>> {
    const { actions, raCa = {} } = this.#scene;
    const isUsb = actions.includes('write-usb');
    const parts = [
      this.#start('ra-ca', raCa.at ?? 'core', this.#raCaCommand()),
      this.#start('enb', 'site', this.#enbCommand(isUsb)),
      ...(needsTunnel(this.#scene) ? [this.#startGateway('seg1', this.#scene.seg1 ?? {})] : []),
      ...(actions.includes('backhaul-ipsec')
        ? [this.#startGateway('seg2', { trust: 'operatorRoot', untrusted: ['issuingCa'] })]
        : []),
      ...(raCa.resolvesTo === undefined
        ? []
        : [this.#start('dns', 'core', this.#dnsCommand(raCa.resolvesTo))]),
    ];
    const started = await Promise.all(parts);
    return started.find((one) => !one.ok) ?? ok(undefined);
  }

  #raCaCommand(): readonly string[] {
    const { files } = this.#stage;
    const { at = 'core', isOther = false, wait = 0 } = this.#scene.raCa ?? {};
    const ca = isOther ? files.otherOperator : files.operator;
    return [
      ...['lab', 'ra-ca', '--state', join(this.#folder, 'ra-ca'), '--registrations', this.#registrations],
      ...['--vendor-root', files.of('vendorRoot'), '--untrusted', files.of('vendorIssuing')],
      ...['--host', addresses[at], '--port', String(raCaPort), '--name', raName, '--wait', String(wait)],
      ...['--ca', join(ca, 'issuing-ca.pem'), '--ca-key', join(ca, 'issuing-ca.key')],
      ...['--chain', join(ca, 'operator-root.pem')],
    ];
  }

  #enbCommand(isUsb: boolean): readonly string[] {
    const { kind, files } = this.#stage;
    const { hasNoChain, clockOffset } = this.#scene.enb ?? {};
    return [
      ...['lab', 'enb', '--identity', join(files.vendor, `${this.#serialNumber}.pem`)],
      ...['--key', join(files.vendor, `${this.#serialNumber}.key`)],
      ...(hasNoChain ? [] : ['--chain', files.of('vendorIssuing')]),
      ...['--vendor-root', files.of('vendorRoot'), '--state', this.#enbState, '--ipsec', kind],
      ...['--host', addresses.maintenance, '--port', String(maintenancePort)],
      ...(isUsb ? ['--usb', String(usbPort)] : []),
      ...(clockOffset === undefined ? [] : ['--clock-offset', String(clockOffset)]),
    ];
  }

  get #enbState(): string {
    return join(this.#folder, 'enb');
  }

  #dnsCommand(place: 'core' | 'open'): readonly string[] {
    return [
      'lab',
      'dns',
      '--host',
      addresses.core,
      '--port',
      '53',
      '--answer',
      `${raHost}=${addresses[place]}`,
    ];
  }

  async #startGateway(place: 'seg1' | 'seg2', changes: GatewayChanges): Promise<Result<Program>> {
    const { kind, files } = this.#stage;
    const name = gatewayNames[changes.isExpired ? 'expired' : place];
    const started = await this.#start(place, place, [
      ...['lab', 'seg', '--identity', name],
      ...(kind === 'stand-in' ? [] : ['--state', join(this.#folder, place)]),
      ...['--certificate', join(files.operator, `${name}.pem`), '--key', join(files.operator, `${name}.key`)],
      ...(changes.hasNoChain ? [] : ['--chain', files.of('issuingCa')]),
      ...['--trust', files.of(changes.trust ?? 'vendorRoot')],
      ...(changes.untrusted ?? []).flatMap((file) => ['--untrusted', files.of(file)]),
      ...(changes.crl ? ['--crl', files.of(changes.crl)] : []),
      ...['--listen', addresses[place], '--subnet', place === 'seg1' ? addresses.coreNetwork : '0.0.0.0/0'],
      ...['--pool', place === 'seg1' ? addresses.initialPool : addresses.trafficPool],
      ...(changes.proposals ?? []).flatMap((text) => ['--proposal', text]),
      ...(changes.espProposals ?? []).flatMap((text) => ['--esp-proposal', text]),
      ...(kind === 'strongswan' ? [] : [`--${kind}`]),
    ]);
    if (started.ok) this.#gateways.set(place, started.value);
    return started;
  }

  async #act(action: Action): Promise<SceneEnd> {
    const end = (document: Document): SceneEnd => {
      const problem = document.fault;
      const detail = [problem?.rule, problem?.found].filter((text) => text !== undefined).join(': ');
      return { action, fault: problem?.code, ...(detail !== '' && { detail }) };
    };
    switch (action) {
      case 'write':
        return end(await this.#enb(['write', this.#bundle], ['--out', join(this.#folder, 'receipts')]));
      case 'write-usb': {
        const connection = within(this.#namespace('laptop'), [
          ...relay(this.#stage.siteseal[0], addresses.maintenance, usbPort),
        ]);
        const delivered = await deliverByUsb({
          ...{ bundle: this.#bundle, serialNumber: this.#serialNumber, home: this.#home('laptop') },
          ...{ connection: connection.command, vendorRoot: this.#stage.files.of('vendorRoot') },
          ...{ vendorIssuing: this.#stage.files.of('vendorIssuing'), out: join(this.#folder, 'receipts') },
        });
        return { action, fault: delivered?.code, detail: delivered?.found };
      }
      case 'probe':
        return end(await this.#probe());
      case 'check-path':
        return end(await this.#enb(['check-path']));
      case 'theft':
        return end(await this.#steal());
      case 'enrolment-cut':
        return this.#makeStep(action, 'enrolment', () => void this.#gateways.get('seg1')?.stop());
      case 'enrolment-again':
        return this.#makeStep(action, 'enrolment');
      default:
        return this.#makeStep(action, action);
    }
  }

  /** Makes a step, and keeps the certificate that it brings. */
  async #makeStep(action: Action, step: string, whenWaiting?: () => void): Promise<SceneEnd> {
    const made = this.#enb(['start-step', step], ['--follow']);
    if (whenWaiting) {
      await this.#until(async () => {
        const { steps = [] } = await this.#enb(['status']);
        const own = steps.find((one) => one.step === step);
        return own?.phase === 'waiting' || own?.state === 'done' || own?.state === 'failed';
      });
      whenWaiting();
    }
    const document = await made;
    this.#keepCertificate(step);
    const own = document.steps?.find((one) => one.step === step)?.fault;
    const problem = own ?? document.fault;
    const detail = own?.detail ?? document.fault?.found;
    return { action, fault: document.fault && problem?.code, detail };
  }

  async #until(isSo: () => Promise<boolean>): Promise<void> {
    for (let count = 0; count < 20; count += 1) if (await isSo()) return;
  }

  async #probe(): Promise<Document> {
    const { files } = this.#stage;
    const command = [
      'ike',
      'probe',
      addresses[this.#scene.initial?.[0] ?? 'seg1'],
      '--vendor-root',
      files.of('vendorRoot'),
    ];
    const document = await this.#siteseal('laptop', command, 'site');
    if (document.fault || document.offersVendorRoot === true) return document;
    return { fault: { code: 'seg-lacks-vendor-root' } };
  }

  /** Enrols with the eNB's credential, from inside the core. */
  async #steal(): Promise<Document> {
    const secret = join(this.#folder, 'stolen-secret');
    writeFileSync(secret, this.#secret, { mode: 0o600 });
    return this.#siteseal(
      'thief',
      [
        ...['cmp', 'enrol', `http://${addresses.core}:${raCaPort}/pkix/`, '--ca-name', raName],
        ...['--subject', `CN=${this.#serialNumber}`, '--reference', `enb-${this.#serialNumber}`],
        ...['--secret-file', secret, '--trust', this.#stage.files.of('operatorRoot')],
        ...['--out', join(this.#folder, 'thief')],
      ],
      'core',
    );
  }

  /** The certificate that the eNB has from the operator, for those who look at the evidence. */
  #keepCertificate(step: string): void {
    try {
      const { operator } = JSON.parse(readFileSync(join(this.#enbState, 'state.json'), 'utf8')) as {
        readonly operator?: { readonly certificate: string };
      };
      const parsed = operator && parseCertificate(Buffer.from(operator.certificate, 'base64'));
      if (!parsed?.ok) return;
      const name = step === 'renewal' ? 'enb-renewed.pem' : 'enb.pem';
      writeFileSync(join(this.#folder, 'certificates', name), certificatesToPem([parsed.value]));
    } catch {
      // The eNB has no certificate yet.
    }
  }

  /** What the gateways report about their tunnels. */
  async #keepAssociations(): Promise<void> {
    for (const [place, { said }] of this.#gateways) {
      const { socket } = JSON.parse(said.split('\n').find(isJson) ?? '{}') as { readonly socket?: string };
      if (socket === undefined) continue;
      const name = `list-sas-${place}`;
      const { stdout } = await this.#processes.run({
        name,
        command: ['swanctl', '--list-sas', '--uri', `unix://${socket}`],
      });
      writeFileSync(join(this.#folder, 'sas', `${place}.txt`), stdout);
    }
  }

  /** A command of the laptop about the eNB, on the maintenance port. */
  #enb(command: readonly string[], options: readonly string[] = []): Promise<Document> {
    const { files } = this.#stage;
    const trust = ['--vendor-root', files.of('vendorRoot'), '--untrusted', files.of('vendorIssuing')];
    const address = ['--ethernet', `${addresses.maintenance}:${maintenancePort}`];
    return this.#siteseal('laptop', ['enb', ...command, ...address, ...trust, ...options], 'laptop');
  }

  /** Runs a command of siteseal, for a user with a data folder of this name. */
  async #siteseal(user: string, args: readonly string[], place?: Place): Promise<Document> {
    const ran = await this.#processes.run(
      this.#command(
        `${user}-${args
          .slice(0, 2)
          .filter((text) => !text.includes('/'))
          .join('-')}`,
        user,
        args,
        place,
      ),
    );
    return documentOf(ran);
  }

  #start(name: string, place: Place, args: readonly string[]): Promise<Result<Program>> {
    return this.#processes.start(this.#command(name, name, args, place), isJson);
  }

  #command(name: string, user: string, args: readonly string[], place?: Place): Start {
    const { siteseal, passphrase } = this.#stage;
    const command = [...siteseal, ...args, '--json'] as const;
    return {
      name,
      command: place === undefined ? command : within(this.#namespace(place), command).command,
      env: { SITESEAL_HOME: this.#home(user), ...(user === 'office' && { SITESEAL_PASSPHRASE: passphrase }) },
    };
  }

  #home(user: string): string {
    return join(this.#folder, 'homes', user);
  }
}

function partFailed(part: string, { code, rule, found }: NonNullable<Document['fault']>) {
  return refuse('lab-part-failed', { found: [part, code, rule, found].filter(Boolean).join(': ') });
}

function isJson(line: string): boolean {
  return line.startsWith('{');
}

function documentOf({ code, stdout, stderr }: Ran): Document {
  const line = stdout.split('\n').find(isJson);
  if (line !== undefined) return JSON.parse(line) as Document;
  return { fault: { code: 'lab-part-failed', found: `exit ${code}: ${stderr.trim().slice(-300)}` } };
}

/** The eNB's packets to this UDP port are lost. */
function blockingOf(port: number): string {
  return `table inet lab { chain output { type filter hook output priority 0; udp dport ${port} drop; }; }\n`;
}

/** A command that connects its standard streams to a TCP port. */
function relay(node: string, host: string, port: number): readonly string[] {
  const script =
    "const [, host, port] = process.argv; const peer = require('node:net').connect(Number(port), host);" +
    'process.stdin.pipe(peer).pipe(process.stdout); peer.on("close", () => process.exit());';
  return [node, '-e', script, host, String(port)];
}
