/** What tests read of the disk: style sheets, which are empty where they are imported. */
declare module 'node:fs' {
  export function readFileSync(path: string, encoding: 'utf8'): string;
}
