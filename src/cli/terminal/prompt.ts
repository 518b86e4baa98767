// Owns what is read from a person or a pipe: a secret that is not shown while it is typed, or all of standard input.

import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { TidemarkError } from '../../model/errors.ts'
import { INTERRUPTED } from './interruption.ts'

/** A secret or a key file has a few kilobytes at most; more is a mistake. */
const INPUT_BYTES_MAX = 1_000_000

/** Asks on a terminal; what is typed is not shown. Ctrl-C ends the program, as everywhere. */
export async function hiddenAnswer(
  input: NodeJS.ReadableStream,
  output: { write(text: string): unknown },
  question: string,
): Promise<string> {
  output.write(question)
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() })
  // `terminal` switches the echo off; what readline itself would print goes nowhere.
  const lines = createInterface({ input, output: silence, terminal: true, historySize: 0 })
  try {
    return await new Promise<string>((resolve) => {
      lines.once('line', resolve)
      lines.once('close', () => resolve(''))
      lines.once('SIGINT', () => {
        output.write('\n')
        lines.close()
        process.exit(INTERRUPTED)
      })
    })
  } finally {
    output.write('\n')
    lines.close()
  }
}

/** Asks on a terminal; what is typed is shown. Ctrl-C ends the program, as everywhere. */
export async function answer(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream | { write(text: string): unknown },
  question: string,
): Promise<string> {
  output.write(question)
  const lines = createInterface({ input })
  try {
    return await new Promise<string>((resolve) => {
      lines.once('line', resolve)
      lines.once('close', () => resolve(''))
    })
  } finally {
    lines.close()
  }
}

/** All of standard input, without the line break at its end. */
export async function wholeInput(input: AsyncIterable<Uint8Array | string>): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of input) {
    const buffer = Buffer.from(chunk as Uint8Array)
    bytes += buffer.length
    if (bytes > INPUT_BYTES_MAX) {
      throw new TidemarkError('secret_invalid', `Standard input has more than ${INPUT_BYTES_MAX} bytes.`)
    }
    chunks.push(buffer)
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
}
