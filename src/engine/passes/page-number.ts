// Owns the number of a page in its run, by which its requests are found again.

/** The number of a page in its run, once it is stored: streams that share a page share its number, and its requests. */
export interface PageNumber {
  value?: number
}
