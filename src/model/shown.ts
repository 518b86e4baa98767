// Owns how much of a stranger's text is shown: of an error that a connector threw, of what a service said, of an address.
// Secrets are taken out first and what is left is cut, because half a secret can no longer be told from other text. Pure.

/** Takes secrets out of a text. */
export type Scrub = (text: string) => string

/** Characters of an error's message, of its hint, of a note, and of the reason why a record is in quarantine. */
export const MESSAGE_MAX = 2_000
/** Characters of the code of an error, which a connector may have made. */
export const CODE_MAX = 100
/** Characters of one text in an event of the log: a message and its stack. */
export const LOG_TEXT_MAX = 10_000
/** Characters of an address in the ledger of requests. */
export const URL_MAX = 2_000

/** Of a longer text only so many characters are looked at, besides those that are shown. */
const LOOKED_AT_MAX = 65_536

/** The text without secrets, in at most `max` characters. The end of one that is longer is an ellipsis. */
export function shown(text: string, scrub: Scrub, max: number): string {
  return shortened(scrub(text.slice(0, LOOKED_AT_MAX + max)), max)
}

/** A text in at most `max` characters. What is cut must have been scrubbed before. */
export function shortened(text: string, max: number): string {
  if (text.length <= max) return text
  const end = max - 1
  // Half of a character that takes two units is none.
  const isBetween = (text.charCodeAt(end - 1) & 0xfc00) === 0xd800
  return `${text.slice(0, isBetween ? end - 1 : end)}…`
}
