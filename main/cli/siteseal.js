// The entry of the command line. Plain JavaScript, so that an old Node.js gets a sentence and not a stack trace.
const isNodeFit = Number(process.versions.napi) >= 10 && process.features.typescript === 'strip';
if (isNodeFit) {
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv.slice(2));
} else {
  process.stderr.write(
    `Siteseal needs Node.js 24 or newer, but this is ${process.versions.node}. Start it with "npm run -s siteseal -- ..."\n`,
  );
  process.exitCode = 3;
}
