// Owns reading the words of a documented command, as a shell makes them of a line that quotes with " alone.

/** @example shellWords('tidemark sql "select 1"') // ['tidemark', 'sql', 'select 1'] */
export function shellWords(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}
