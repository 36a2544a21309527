// Makes one HTML file of a page: its script and its style sheet inside, and a policy that forbids everything else.
import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

/** Names the page in the build. Vite looks for this name. */
const page = 'index.html';

/**
 * Puts the built script and style sheet into the page, with a Content Security Policy that allows exactly these two, by
 * their hashes, and no network. Fonts and pictures are `data:` URLs in them.
 * @param name of the file
 * @param note a comment at its top: what the file is, and the terms of what is inside
 */
export function singleFile(name: string, note: () => string): Plugin {
  return {
    name: 'siteseal-single-file',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const outputs = Object.values(bundle);
      const chunks = outputs.filter((output) => output.type === 'chunk');
      const sheets = outputs.filter((output) => output.type === 'asset' && output.fileName.endsWith('.css'));
      const html = bundle[page];
      if (
        html?.type !== 'asset' ||
        chunks.length !== 1 ||
        outputs.length !== chunks.length + sheets.length + 1
      )
        throw new Error(
          `The page has files that cannot be put into it: ${outputs.map(({ fileName }) => fileName).join(', ')}`,
        );
      // An end tag in a text would end the element.
      const script = chunks.map(({ code }) => code.trim().replaceAll('</script', '<\\/script')).join('');
      const style = sheets.map((sheet) => (sheet.type === 'asset' ? text(sheet.source).trim() : '')).join('');
      const policy = [
        `default-src 'none'`,
        `script-src ${hashOf(script)}`,
        `style-src ${hashOf(style)}`,
        `font-src data:`,
        `img-src data:`,
        `base-uri 'none'`,
        `form-action 'none'`,
        `require-trusted-types-for 'script'`,
      ].join('; ');
      // The same file on every system, whatever ends the lines of its sources.
      const source = text(html.source)
        .replaceAll('\r\n', '\n')
        .replace(/<script type="module"[^>]*><\/script>\s*/, '')
        .replace(/<link rel="stylesheet"[^>]*>\s*/, '')
        .replace('<!doctype html>', () => `<!doctype html>\n<!--\n${note().replaceAll('--', '- -')}\n-->`)
        .replace(
          '<meta charset="utf-8" />',
          (charset) => `${charset}\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`,
        )
        .replace('</head>', () => `  <style>${style}</style>\n  </head>`)
        .replace('</body>', () => `  <script type="module">${script}</script>\n  </body>`);
      for (const { fileName } of outputs) Reflect.deleteProperty(bundle, fileName);
      this.emitFile({ type: 'asset', fileName: name, source });
    },
  };
}

/** A source of the policy: the hash of exactly this content. */
function hashOf(content: string): string {
  return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
}

function text(source: string | Uint8Array): string {
  return typeof source === 'string' ? source : new TextDecoder().decode(source);
}
