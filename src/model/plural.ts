// Owns counts in words: "1 record", "2 records", "1,200 records". Pure.

/** A number as people read it: 83,183. */
export function count(n: number): string {
  // Intl, whose first use takes some 20 ms of a start, is left to what is no whole number.
  if (!Number.isSafeInteger(n)) return n.toLocaleString('en-US')
  const digits = String(Math.abs(n))
  const first = digits.length % 3
  const groups = [digits.slice(0, first), ...(digits.slice(first).match(/\d{3}/g) ?? [])]
  return `${n < 0 ? '-' : ''}${groups.filter((group) => group !== '').join(',')}`
}

/**
 * A count with what is counted: `plural(1, 'record')` is "1 record", `plural(0, 'record')` "0 records". What is irregular,
 * or more than a noun, is given in both forms: `plural(n, 'record is', 'records are')`.
 */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`
}
