// Loads the packages that are in part native and names each that does not load, one line each. Runs on the Node that
// Siteseal runs on, after an installation.
for (const name of ['better-sqlite3', 'usb', 'rolldown', 'lightningcss']) {
  try {
    const { default: Store } = await import(name);
    // Its native part is loaded with the first database.
    if (name === 'better-sqlite3') new Store(':memory:').close();
  } catch (error) {
    const [line = ''] = String(error instanceof Error ? error.message : error).split('\n');
    process.stdout.write(`${name}: ${line}\n`);
  }
}
