// Owns the embedder that is built in: a table with a vector for each of many words, and for pieces of the others. A text's
// vector is the sum over them, of its title and of its body. English only; NOTICE names the model that the table is distilled
// from, scripts/embedder/ makes it again.

import { readFileSync } from 'node:fs'
import { ownData } from '../program-files.ts'
import type { Embedder } from './embedder.ts'
import { piecesOf, type Vocabulary } from './word-pieces.ts'

const DIMENSIONS = 192
/** A row of the table: its scale as a float, and two dimensions in each byte, the first of them in its lower half. */
const SCALE_BYTES = 4
const ROW_BYTES = SCALE_BYTES + DIMENSIONS / 2
/** Pieces of a text that count: what stands behind them is not found. */
const PIECES_MAX = 512

/** Read once a process, however many databases it opens: it takes as long as opening one. */
let known: Table | undefined

export function staticEmbedder(): Embedder {
  return {
    id: 'static-192/3',
    atOnce: 250,
    async embed(texts) {
      const loaded = (known ??= loadTable())
      return texts.map((text) => vectorOf(text, loaded))
    },
  }
}

interface Table {
  readonly vocabulary: Vocabulary
  readonly rows: DataView
}

/** Pieces that a text can have, once its marks are folded away; the table has rows of no others. */
const REACHED = /^(?:##)?[a-z0-9]+$/

function loadTable(): Table {
  const pieces = ['pieces.txt', 'words.txt'].flatMap((name) =>
    readFileSync(ownData(`embedders/static/${name}`), 'utf8')
      .trimEnd()
      .split('\n'),
  )
  const { buffer, byteOffset, byteLength } = readFileSync(ownData('embedders/static/vectors.bin'))
  return {
    vocabulary: new Map(pieces.filter((piece) => REACHED.test(piece)).map((piece, i) => [piece, i])),
    rows: new DataView(buffer, byteOffset, byteLength),
  }
}

/** A title of a few words weighs as much as the body behind it, which begins with the second line. */
function vectorOf(text: string, table: Table): Float32Array | null {
  const end = text.includes('\n') ? text.indexOf('\n') : text.length
  const parts = [text.slice(0, end), text.slice(end)].flatMap((part) => directionOf(part, table) ?? [])
  const [vector, other] = parts
  if (!vector) return null
  return other ? vector.map((one, i) => one + (other[i] ?? 0)) : vector
}

/** The sum over the pieces of a text, of length 1. */
function directionOf(text: string, { vocabulary, rows }: Table): Float32Array | null {
  const sum = new Float32Array(DIMENSIONS)
  for (const piece of piecesOf(text, vocabulary, PIECES_MAX)) {
    const row = piece * ROW_BYTES
    const scale = rows.getFloat32(row, true)
    for (let i = 0; i < DIMENSIONS; i += 2) {
      const pair = rows.getInt8(row + SCALE_BYTES + i / 2)
      // Shifted to the left first, the lower half keeps its sign.
      sum[i] = (sum[i] ?? 0) + scale * ((pair << 28) >> 28)
      sum[i + 1] = (sum[i + 1] ?? 0) + scale * (pair >> 4)
    }
  }
  const length = Math.hypot(...sum)
  return length === 0 ? null : sum.map((part) => part / length)
}
