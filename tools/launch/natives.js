// Loads the packages that are partly native. Prints the name of each that does not load, one per line. Runs after an
// installation, on the Node that runs Siteseal.
for (const name of ['better-sqlite3', 'usb', 'rolldown', 'lightningcss']) {
  try {
    const { default: Store } = await import(name);
    // Its native part loads with the first database.
    if (name === 'better-sqlite3') new Store(':memory:').close();
  } catch (error) {
    const [line = ''] = String(error instanceof Error ? error.message : error).split('\n');
    process.stdout.write(`${name}: ${line}\n`);
  }
}
