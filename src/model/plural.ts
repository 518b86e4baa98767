// Owns counts in words: "1 record", "2 records", "12,000 records". Pure.

/** A number in a column, as people read it: 83,183 or 1,200. */
export function count(n: number): string {
  return n.toLocaleString('en-US')
}

/**
 * A count with what is counted, grouped from five digits on: `plural(1, 'record')` is "1 record", `plural(0, 'record')` "0 records". What is irregular,
 * or more than a noun, is given in both forms: `plural(n, 'record is', 'records are')`.
 */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en-US', { useGrouping: 'min2' })} ${n === 1 ? one : many}`
}
