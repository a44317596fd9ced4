// Bundles the widget into one file, with its styles inside: hosts without our panel load nothing else.
import { build } from 'esbuild';

await build({
  entryPoints: ['src/widget.ts'],
  outfile: '../nbtracker/screen/static/widget.js',
  bundle: true,
  format: 'esm',
  target: 'es2023',
  minify: true,
  legalComments: 'inline',
  loader: { '.css': 'text' },
  logLevel: 'warning'
});
