// Owns a recording as a folder: `recording.json` says what it is, and each exchange is a file of its own (`0001.json`),
// to be read, corrected and kept beside a test.

import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { sentence, TidemarkError } from '../../model/errors.ts'
import { isObject } from '../../model/json.ts'
import { isExchange, RECORDING_FORMAT, type RecordedExchange, type Recording } from './record.ts'

const ABOUT = 'recording.json'
const EXCHANGE = /^\d{4,}\.json$/

/**
 * Refuses a folder that has anything in it, before anything is recorded for it.
 *
 * @throws TidemarkError option_invalid, output_failed
 */
export function checkFolder(folder: string): void {
  let files: readonly string[] = []
  try {
    files = readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unwritable(folder, error)
  }
  if (files.length > 0) {
    throw new TidemarkError('option_invalid', `The folder ${folder} is not empty.`, {
      hint: 'Name a new folder; a recording is never mixed with other files.',
    })
  }
  // Made one by one: where none can be made, making all at once may not come back.
  const parent = dirname(resolve(folder))
  try {
    accessSync(parent, constants.W_OK)
    if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    throw unwritable(folder, error)
  }
}

/**
 * Writes a recording into a folder, which only its owner may read.
 *
 * @throws TidemarkError option_invalid, output_failed
 */
export function writeRecording(folder: string, recording: Recording): void {
  checkFolder(folder)
  const { exchanges, ...about } = recording
  try {
    const write = (name: string, value: unknown) =>
      writeFileSync(join(folder, name), `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 })
    exchanges.forEach((exchange, i) => write(`${String(i + 1).padStart(4, '0')}.json`, exchange))
    write(ABOUT, { ...about, exchanges: exchanges.length })
  } catch (error) {
    throw unwritable(folder, error)
  }
}

/**
 * Reads a recording.
 *
 * @throws TidemarkError recording_invalid
 */
export function readRecording(folder: string): Recording {
  const about = readJson(folder, ABOUT)
  if (!isObject(about) || about['format'] !== RECORDING_FORMAT) throw invalid(folder, `${ABOUT} is not of format 1`)
  const { connector, baseUrl, options, leftOut } = about
  if (typeof connector !== 'string' || typeof baseUrl !== 'string' || !URL.canParse(baseUrl) || !isObject(options)) {
    throw invalid(folder, `${ABOUT} lacks connector, baseUrl or options`)
  }
  const names = readdirSync(folder)
    .filter((name) => EXCHANGE.test(name))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
  const exchanges = names.map((name): RecordedExchange => {
    const exchange = readJson(folder, name)
    if (!isExchange(exchange)) throw invalid(folder, `${name} is no exchange`)
    return exchange
  })
  if (exchanges.length === 0) throw invalid(folder, 'it has no exchanges')
  return {
    format: RECORDING_FORMAT,
    connector,
    baseUrl,
    options,
    leftOut: typeof leftOut === 'number' ? leftOut : 0,
    exchanges,
  }
}

function readJson(folder: string, name: string): unknown {
  try {
    return JSON.parse(readFileSync(join(folder, name), 'utf8'))
  } catch (error) {
    throw invalid(folder, `${name} cannot be read: ${(error as Error).message}`)
  }
}

function invalid(folder: string, why: string): TidemarkError {
  return new TidemarkError('recording_invalid', sentence(`The folder ${folder} is no recording: ${why}`))
}

function unwritable(folder: string, error: unknown): TidemarkError {
  return new TidemarkError(
    'output_failed',
    sentence(`The recording can't be written to ${folder}: ${(error as Error).message}`),
  )
}
