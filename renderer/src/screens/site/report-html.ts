import type { LogHead, ReportView } from '../../../../preload/contract/index.ts';
import { fill, words } from '../../app/words.ts';
import { qrPath } from '../../components/qr-path.ts';
import { pathLines } from './path-state.ts';
import { grouped, headAlternative, reportFoot, reportLines } from './report-lines.ts';

const style = `body{font:11pt/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#000;background:#fff}
h1{font-size:1.4rem}h2{font-size:1.1rem}table{border-collapse:collapse;width:100%}
pre{white-space:pre-wrap;overflow-wrap:anywhere}
th,td{text-align:left;vertical-align:top;padding:.3rem 1rem .3rem 0;border-bottom:1px solid #ccc}th{font-weight:400;width:12rem;color:#444}
td{overflow-wrap:anywhere}.digest{font-family:ui-monospace,monospace}.training{border:2px solid;padding:.25rem .75rem;display:inline-block;font-weight:700}`;

/** The report as one self-contained HTML file. */
export function reportHtml(report: ReportView, head?: LogHead): string {
  const { job, training } = report;
  const title = escaped(fill(words.report.title, { siteId: job.siteId, siteName: job.siteName }));
  const rows = reportLines(report).map(({ name, value, isDigest }) =>
    isDigest
      ? `<tr><th scope="row">${escaped(name)}</th><td class="digest">${escaped(grouped(value))}</td></tr>`
      : `<tr><th scope="row">${escaped(name)}</th><td>${escaped(value)}</td></tr>`,
  );
  const { passed, failed, notMade } = words.checks;
  const checks = (job.verdict?.checks ?? []).map(
    ({ sentence, ok, why }) =>
      `<li>${escaped(sentence)}: ${escaped(why ?? (ok === null ? notMade : ok ? passed : failed))}</li>`,
  );
  const path = pathLines(job.path).map(
    ({ title: place, lines }) =>
      `<p>${escaped(place)}</p>\n<ul>\n${lines.map((line) => `<li>${escaped(line)}</li>`).join('\n')}\n</ul>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<h1>${title}</h1>
${training ? `<p class="training">${escaped(words.report.training)}</p>` : ''}
<table>
${rows.join('\n')}
</table>
${checks.length > 0 ? `<h2>${escaped(words.report.checks)}</h2>\n<ul>\n${checks.join('\n')}\n</ul>` : ''}
${path.length > 0 ? `<h2>${escaped(words.report.path)}</h2>\n${path.join('\n')}` : ''}
${head ? headHtml(head) : ''}
<p>${escaped(reportFoot(report))}</p>
</body>
</html>
`;
}

/** The head of the log, to be read by people and by a camera. */
function headHtml({ text, size }: LogHead): string {
  const { title, why } = words.logHead;
  const { path, size: side } = qrPath(text);
  const label = escaped(headAlternative(size));
  return `<h2>${escaped(title)}</h2>
<p>${escaped(why)}</p>
<svg width="200" height="200" viewBox="0 0 ${side} ${side}" role="img" aria-label="${label}" shape-rendering="crispEdges"><rect width="${side}" height="${side}" fill="#fff"/><path d="${path}"/></svg>
<pre>${escaped(text)}</pre>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
