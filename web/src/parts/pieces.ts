// Owns where words that were looked for stand in a text: found as the search finds them, by how a word begins, whatever its
// case and its accents. Pure.

interface Piece {
  readonly text: string
  readonly isFound: boolean
}

const WORD = /[\p{L}\p{N}\p{M}]+/gu

function folded(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
}

/** A text in pieces, those that were looked for and those between. */
export function piecesOf(text: string, sought: string): readonly Piece[] {
  const words = [...folded(sought).matchAll(WORD)].map(([word]) => word)
  const pieces: Piece[] = []
  let from = 0
  for (const { 0: word, index } of text.matchAll(WORD)) {
    const plain = folded(word)
    const length = Math.max(0, ...words.filter((one) => plain.startsWith(one)).map((one) => one.length))
    if (length === 0) continue
    // Where folding changes the length, the whole word is meant.
    const end = index + (plain.length === word.length ? length : word.length)
    if (index > from) pieces.push({ text: text.slice(from, index), isFound: false })
    pieces.push({ text: text.slice(index, end), isFound: true })
    from = end
  }
  if (from < text.length) pieces.push({ text: text.slice(from), isFound: false })
  return pieces
}
