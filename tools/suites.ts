// The test suites, as data. tools/test.ts runs them; CONTRIBUTING.md says how to add one.

/**
 * Something that a suite needs from the machine: a Debian package, an environment variable, or a right that on many
 * machines only root has.
 */
export type Need =
  | { readonly kind: 'right'; readonly name: string; readonly probe: readonly [string, ...string[]] }
  | { readonly kind: 'executable'; readonly name: string; readonly debian: string }
  | { readonly kind: 'file'; readonly name: string; readonly debian: string }
  | { readonly kind: 'variable'; readonly name: string; readonly value: string };

export type Suite = {
  readonly name: string;
  /** What a passed suite shows. */
  readonly shows: string;
  /** Only `npm run test:system` runs it, because it is slow or has unusual needs. */
  readonly system?: boolean;
  readonly needs?: readonly Need[];
  /**
   * Its temporary files are in memory where there is room for them: it makes many stores and keys, each of which waits for
   * the disk. What kills those who write has its files on the disk, where a write takes its time.
   */
  readonly inMemory?: boolean;
  /** A script that sets up an environment for the tests. Its arguments are the command to run. */
  readonly within?: string;
  /**
   * A tool, which counts as one test, as the path of its script and its arguments. Or a folder of node:test files, or
   * {several}, without some of its files and folders.
   */
  readonly run:
    { readonly tool: readonly string[] } | { readonly folder: string; readonly without?: readonly string[] };
};

const electron: Need = {
  kind: 'variable',
  name: 'ELECTRON_OVERRIDE_DIST_PATH',
  value: 'a folder with an Electron runtime that everyone may read',
};

/**
 * In the order in which they start: first the most informative, then the long ones, so that both lanes finish together.
 */
export const suites: readonly Suite[] = [
  {
    name: 'types',
    shows: 'the types of all sources check (tsc)',
    run: { tool: ['tools/typecheck.ts'] },
  },
  {
    name: 'format',
    shows: 'the files are formatted (prettier; npm run format fixes it)',
    run: { tool: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'] },
  },
  {
    name: 'lint',
    shows: 'the code follows the layers of main/ and the lint rules (eslint)',
    run: { tool: ['node_modules/eslint/bin/eslint.js', '.'] },
  },
  {
    name: 'unit',
    shows: 'each module does what its tests say',
    inMemory: true,
    run: { folder: 'test/unit' },
  },
  {
    name: 'page',
    shows: 'the window works from the start screen to the report, by mouse and by keyboard (Chromium)',
    needs: [{ kind: 'executable', name: 'chromium', debian: 'chromium' }],
    inMemory: true,
    run: { folder: 'test/e2e/page' },
  },
  {
    name: 'command line',
    shows: 'the siteseal command does what its manual says',
    inMemory: true,
    run: { folder: 'test/cli' },
  },
  {
    name: 'openssl',
    shows: 'OpenSSL accepts what Siteseal writes, and the reverse',
    needs: [{ kind: 'executable', name: 'openssl', debian: 'openssl' }],
    inMemory: true,
    run: { folder: 'test/interop/openssl' },
  },
  {
    name: 'ipsec',
    shows:
      'an eNB comes into service through real IPsec, every mistake ends in its fault, and no CMP leaves the tunnels',
    system: true,
    needs: [
      { kind: 'file', name: '/usr/sbin/charon-systemd', debian: 'charon-systemd' },
      { kind: 'file', name: '/usr/sbin/swanctl', debian: 'strongswan-swanctl' },
      {
        kind: 'file',
        name: '/usr/lib/ipsec/plugins/libstrongswan-openssl.so',
        debian: 'libstrongswan-standard-plugins',
      },
      {
        kind: 'file',
        name: '/usr/lib/ipsec/plugins/libstrongswan-kernel-libipsec.so',
        debian: 'libcharon-extra-plugins',
      },
      { kind: 'executable', name: 'ip', debian: 'iproute2' },
      { kind: 'file', name: '/usr/sbin/nft', debian: 'nftables' },
      { kind: 'executable', name: 'tcpdump', debian: 'tcpdump' },
      { kind: 'executable', name: 'openssl', debian: 'openssl' },
      { kind: 'executable', name: 'certutil', debian: 'libnss3-tools' },
      { kind: 'executable', name: 'unshare', debian: 'util-linux' },
      { kind: 'executable', name: 'nsenter', debian: 'util-linux' },
      {
        kind: 'right',
        name: 'the right to new namespaces and to /dev/net/tun',
        probe: ['test/kit/on-own-network.sh', 'test', '-w', '/dev/net/tun'],
      },
    ],
    within: 'test/kit/on-own-network.sh',
    run: { folder: 'test/ipsec' },
  },
  {
    name: 'screens',
    shows: 'every connection, command and fault leads to its screen',
    system: true,
    needs: [{ kind: 'executable', name: 'chromium', debian: 'chromium' }],
    inMemory: true,
    run: { folder: 'test/e2e/screens' },
  },
  {
    name: 'every screen',
    shows: 'every screen is accessible in both themes, and fits into any window',
    system: true,
    needs: [{ kind: 'executable', name: 'chromium', debian: 'chromium' }],
    inMemory: true,
    run: { folder: 'test/e2e/every-screen' },
  },
  {
    name: 'electron',
    shows: 'the window starts in Electron, confined, and survives the death of its core',
    system: true,
    needs: [electron, { kind: 'executable', name: 'Xvfb', debian: 'xvfb' }],
    run: { folder: 'test/electron' },
  },
  {
    name: 'electron node',
    shows: "preparing and delivering work in Electron's own Node.js, and report what that lacks",
    system: true,
    needs: [electron],
    within: 'test/kit/electron-node/run.sh',
    inMemory: true,
    run: {
      folder: 'test/unit/{api,audit,bundle,cmp,cms,core,files,host,keys,office,pki,site,store,training}',
      // What comes out the same in any Node.js, because it reads and compares texts and values, or kills and restarts
      // processes. Of the training, its lab is here.
      without: [
        'test/unit/api/{addresses,app,expiry,job-view,look-at,make-folder,refused-files,views}.test.ts',
        'test/unit/api/{training,training-restart}.test.ts',
        'test/unit/bundle/{check-configuration,content,differences}.test.ts',
        'test/unit/cmp/kill.test.ts',
        'test/unit/office/{changes,check-inventory,corrections,csv,in-order,inventory,inventory-template}.test.ts',
        'test/unit/office/{report,spreadsheets}.test.ts',
      ],
    },
  },
  {
    name: 'batch',
    shows: 'a run that is killed again and again is completed with the numbers that it began with',
    system: true,
    run: { folder: 'test/batch' },
  },
  {
    name: 'package',
    shows:
      'the deb installs on a bare Debian, the app works there as an ordinary user gets it, and its removal leaves their data; ' +
      'on Electron older than 36 with four bytes of the installed better-sqlite3 changed, so that it loads',
    system: true,
    needs: [
      electron,
      { kind: 'executable', name: 'git', debian: 'git' },
      { kind: 'executable', name: 'dpkg-deb', debian: 'dpkg' },
      { kind: 'executable', name: 'rpmbuild', debian: 'rpm' },
      { kind: 'executable', name: 'debootstrap', debian: 'debootstrap' },
      {
        kind: 'file',
        name: '/usr/share/keyrings/debian-archive-keyring.gpg',
        debian: 'debian-archive-keyring',
      },
      { kind: 'executable', name: 'Xvfb', debian: 'xvfb' },
      { kind: 'executable', name: 'xdotool', debian: 'xdotool' },
      { kind: 'executable', name: 'unshare', debian: 'util-linux' },
      {
        kind: 'right',
        name: 'the right to mount and to make devices',
        probe: ['test/kit/on-own-mounts.sh', 'sh', '-c', 'mknod "$SITESEAL_OWN_MOUNT/null" c 1 3'],
      },
    ],
    within: 'test/kit/on-own-mounts.sh',
    run: { folder: 'test/package' },
  },
  {
    name: 'audit log',
    shows:
      'the log loses nothing that it acknowledged, and stays sealed, however often it is killed; no file holds a secret',
    system: true,
    run: { folder: 'test/audit' },
  },
  {
    name: 'log verifier',
    shows:
      'the stand-alone verifier judges every export in a browser without network, and names what was altered',
    system: true,
    needs: [{ kind: 'executable', name: 'chromium', debian: 'chromium' }],
    inMemory: true,
    run: { folder: 'test/e2e/verifier' },
  },
  {
    name: 'export',
    shows: 'a million entries of the log are exported in bounded memory, and an export stops at once',
    system: true,
    run: { folder: 'test/export' },
  },
  {
    name: 'soak',
    shows: 'a short soak finds no false claim, and detects builds that claim what they have not checked',
    system: true,
    run: { folder: 'test/soak' },
  },
  {
    name: 'usb',
    shows: 'a real USB stack delivers to a software device, through plugging and unplugging',
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
    shows:
      'Siteseal finds an eNB at the other end of a cable and delivers to it, by IPv4 and link-local IPv6, also without an address',
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
    name: 'bouncy castle',
    shows: 'Bouncy Castle accepts what Siteseal writes, and the reverse',
    system: true,
    needs: [
      { kind: 'executable', name: 'javac', debian: 'default-jdk-headless' },
      { kind: 'file', name: '/usr/share/java/bcpkix.jar', debian: 'libbcpkix-java' },
    ],
    run: { folder: 'test/interop/bouncy-castle' },
  },
  {
    name: 'drive',
    shows:
      'Siteseal writes a FAT stick, verifies it after a remount and reads the answer; it detects bad, full and unfit ones',
    system: true,
    needs: [
      { kind: 'file', name: '/dev/fuse', debian: 'fuse3' },
      { kind: 'right', name: 'the right to write to /dev/fuse', probe: ['test', '-w', '/dev/fuse'] },
      { kind: 'executable', name: 'fusermount3', debian: 'fuse3' },
      { kind: 'executable', name: 'fusefat', debian: 'fusefat' },
      { kind: 'file', name: '/usr/sbin/mkfs.vfat', debian: 'dosfstools' },
      { kind: 'file', name: '/usr/sbin/mkfs.ext4', debian: 'e2fsprogs' },
      { kind: 'file', name: '/usr/sbin/cryptsetup', debian: 'cryptsetup-bin' },
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
    name: 'go',
    shows: "Go's sumdb verifies the checkpoints and proofs of the audit log",
    system: true,
    needs: [
      { kind: 'executable', name: 'go', debian: 'golang-go' },
      {
        kind: 'file',
        name: '/usr/share/gocode/src/golang.org/x/mod/sumdb/note/note.go',
        debian: 'golang-golang-x-mod-dev',
      },
    ],
    run: { folder: 'test/interop/go' },
  },
  {
    name: 'python',
    shows: 'a verifier that was written from the published format alone gives the published verdicts on logs',
    system: true,
    needs: [{ kind: 'executable', name: 'python3', debian: 'python3' }],
    run: { folder: 'test/interop/python' },
  },
];
