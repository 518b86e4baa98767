// Owns the embedder that is built in: a table with a vector for each piece of a word. A text's vector is the sum over its
// pieces, of its title and of its body. English only; NOTICE names the model that the table is distilled from, scripts/embedder/make.py makes it again.

import { readFileSync } from 'node:fs'
import { ownData } from '../program-files.ts'
import type { Embedder } from './embedder.ts'
import { piecesOf, type Vocabulary } from './word-pieces.ts'

const DIMENSIONS = 128
/** A row of the table: its scale as a float, and a whole number of one byte for each dimension. */
const SCALE_BYTES = 4
const ROW_BYTES = SCALE_BYTES + DIMENSIONS
/** Pieces of a text that count: what stands behind them is not found. */
const PIECES_MAX = 512

/** Read once a process, however many databases it opens: it takes as long as opening one. */
let known: Table | undefined

export function staticEmbedder(): Embedder {
  return {
    id: 'static-128/2',
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

function loadTable(): Table {
  const pieces = readFileSync(ownData('embedders/static/pieces.txt'), 'utf8').trimEnd().split('\n')
  const { buffer, byteOffset, byteLength } = readFileSync(ownData('embedders/static/vectors.bin'))
  return {
    vocabulary: new Map(pieces.map((piece, i) => [piece, i])),
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
    for (let i = 0; i < DIMENSIONS; i++) sum[i] = (sum[i] ?? 0) + scale * rows.getInt8(row + SCALE_BYTES + i)
  }
  const length = Math.hypot(...sum)
  return length === 0 ? null : sum.map((part) => part / length)
}
