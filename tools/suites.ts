// The test suites, as data. tools/test.ts runs them; CONTRIBUTING.md says how to add one.

/**
 * Something that a suite needs from the machine: the Debian package that brings it, a variable that is to be set, or a
 * right that only root has on many machines.
 */
export type Need =
  | { readonly kind: 'right'; readonly name: string; readonly probe: readonly [string, ...string[]] }
  | { readonly kind: 'executable'; readonly name: string; readonly debian: string }
  | { readonly kind: 'file'; readonly name: string; readonly debian: string }
  | { readonly kind: 'variable'; readonly name: string; readonly value: string };

export type Suite = {
  readonly name: string;
  /** What is known when it passed. */
  readonly shows: string;
  /** Only `npm run test:system` runs it: it is slow, or needs what few machines have. */
  readonly system?: boolean;
  readonly needs?: readonly Need[];
  /** A script in whose surroundings the tests run: it gets the command as its arguments. */
  readonly within?: string;
  /** A tool, which counts as one test, as the path of its script and arguments; or a folder of node:test files, or {several}. */
  readonly run: { readonly tool: readonly string[] } | { readonly folder: string };
};

const electron: Need = {
  kind: 'variable',
  name: 'ELECTRON_OVERRIDE_DIST_PATH',
  value: 'a folder with an Electron runtime that everyone may read',
};

/** In the order in which they start: first what tells most at once, then the long ones, so that both lanes end together. */
export const suites: readonly Suite[] = [
  {
    name: 'types',
    shows: 'the sources agree with their types (tsc)',
    run: { tool: ['tools/typecheck.ts'] },
  },
  {
    name: 'format',
    shows: 'the files are formatted (prettier; npm run format mends it)',
    run: { tool: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'] },
  },
  {
    name: 'lint',
    shows: 'the layers of main/ and the habits of the code are kept (eslint)',
    run: { tool: ['node_modules/eslint/bin/eslint.js', '.'] },
  },
  {
    name: 'unit',
    shows: 'each part does what its tests say',
    run: { folder: 'test/unit' },
  },
  {
    name: 'page',
    shows: 'the window does what it shows, from the door to the report, by mouse and by keyboard (Chromium)',
    needs: [{ kind: 'executable', name: 'chromium', debian: 'chromium' }],
    run: { folder: 'test/e2e/page' },
  },
  {
    name: 'command line',
    shows: 'the siteseal command does what its manual says',
    run: { folder: 'test/cli' },
  },
  {
    name: 'openssl',
    shows: 'what Siteseal writes OpenSSL accepts, and the reverse',
    needs: [{ kind: 'executable', name: 'openssl', debian: 'openssl' }],
    run: { folder: 'test/interop/openssl' },
  },
  {
    name: 'screens',
    shows: 'every screen can be used by everyone, and every way and fault leads to the screen that tells it',
    system: true,
    needs: [{ kind: 'executable', name: 'chromium', debian: 'chromium' }],
    run: { folder: 'test/e2e/screens' },
  },
  {
    name: 'bouncy castle',
    shows: 'what Siteseal writes Bouncy Castle accepts, and the reverse',
    system: true,
    needs: [
      { kind: 'executable', name: 'javac', debian: 'default-jdk-headless' },
      { kind: 'file', name: '/usr/share/java/bcpkix.jar', debian: 'libbcpkix-java' },
    ],
    run: { folder: 'test/interop/bouncy-castle' },
  },
  {
    name: 'usb',
    shows: 'a real USB stack delivers to a device of software, through plugging and unplugging',
    system: true,
    needs: [
      { kind: 'executable', name: 'gcc', debian: 'gcc' },
      { kind: 'file', name: '/usr/include/stdio.h', debian: 'libc6-dev' },
      { kind: 'executable', name: 'pkg-config', debian: 'pkg-config' },
      { kind: 'file', name: '/usr/include/fuse3/fuse_lowlevel.h', debian: 'libfuse3-dev' },
      { kind: 'executable', name: 'fusermount3', debian: 'fuse3' },
      { kind: 'executable', name: 'ip', debian: 'iproute2' },
      { kind: 'executable', name: 'unshare', debian: 'util-linux' },
      {
        kind: 'right',
        name: 'the right to new namespaces',
        probe: ['test/kit/usbfs/on-empty-bus.sh', 'true'],
      },
    ],
    within: 'test/kit/usbfs/on-empty-bus.sh',
    run: { folder: 'test/usb' },
  },
  {
    name: 'network',
    shows: 'an eNB at the other end of a cable is found and takes a bundle, by IPv4 and by link-local IPv6',
    system: true,
    needs: [
      { kind: 'executable', name: 'ip', debian: 'iproute2' },
      { kind: 'executable', name: 'unshare', debian: 'util-linux' },
      { kind: 'executable', name: 'nsenter', debian: 'util-linux' },
      { kind: 'right', name: 'the right to new namespaces', probe: ['test/kit/on-own-network.sh', 'true'] },
    ],
    within: 'test/kit/on-own-network.sh',
    run: { folder: 'test/network' },
  },
  {
    name: 'drive',
    shows:
      'a FAT stick is written, proven after a remount and answered; one that lies, fails or is full is told',
    system: true,
    needs: [
      { kind: 'file', name: '/dev/fuse', debian: 'fuse3' },
      { kind: 'right', name: 'the right to write to /dev/fuse', probe: ['test', '-w', '/dev/fuse'] },
      { kind: 'executable', name: 'fusermount3', debian: 'fuse3' },
      { kind: 'executable', name: 'fusefat', debian: 'fusefat' },
      { kind: 'file', name: '/usr/sbin/mkfs.vfat', debian: 'dosfstools' },
      { kind: 'executable', name: 'mtype', debian: 'mtools' },
      { kind: 'executable', name: 'findmnt', debian: 'util-linux' },
      { kind: 'executable', name: 'gcc', debian: 'gcc' },
      { kind: 'executable', name: 'pkg-config', debian: 'pkg-config' },
      { kind: 'file', name: '/usr/include/stdio.h', debian: 'libc6-dev' },
      { kind: 'file', name: '/usr/include/fuse3/fuse.h', debian: 'libfuse3-dev' },
    ],
    run: { folder: 'test/drive' },
  },
  {
    name: 'soak',
    shows: 'a short soak finds nothing untrue, and finds a build that claims what it has not looked at',
    system: true,
    run: { folder: 'test/soak' },
  },
  {
    name: 'electron',
    shows: 'the window starts in Electron, confined, and stays with its core',
    system: true,
    needs: [electron, { kind: 'executable', name: 'Xvfb', debian: 'xvfb' }],
    run: { folder: 'test/electron' },
  },
  {
    name: 'electron node',
    shows: "what prepares and delivers works in Electron's own Node.js, and says what that lacks",
    system: true,
    needs: [electron],
    within: 'test/kit/electron-node/run.sh',
    run: {
      folder:
        'test/unit/{api,asn1,audit,bundle,cms,core,files,host,json,keys,office,pki,site,store,training}',
    },
  },
];
