// Owns what the current folder says before a command begins: `.env`, and which configuration is meant.

import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { TidemarkError } from '../model/errors.ts'
import { readSmallFile, specialKind } from '../store/named-file.ts'

/** What is looked for in the current folder, in this order. */
const NAMES = ['tidemark.config.ts', 'tidemark.config.js', 'tidemark.config.mjs']

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The configuration that was named, or the one of the current folder; undefined when there is none.
 *
 * @throws TidemarkError config_missing, config_invalid
 */
export function findConfig(named: string | undefined): string | undefined {
  if (named === undefined) return NAMES.map((name) => resolve(name)).find((path) => existsSync(path))
  const kind = specialKind(named)
  if (kind !== undefined) {
    throw new TidemarkError('config_invalid', `The configuration ${named} is ${kind}, not a regular file.`)
  }
  if (named !== '' && existsSync(named)) return resolve(named)
  throw new TidemarkError('config_missing', `There is no configuration "${named}".`)
}

/** Where `.env` is looked for. */
export function envFile(config: string | undefined): string {
  return config === undefined ? resolve('.env') : join(dirname(config), '.env')
}

/**
 * The environment with what `.env` adds to it, which lies beside the configuration or in the current folder. What is set
 * already stays.
 *
 * @throws TidemarkError config_invalid
 */
export function withEnvFile(environment: Environment, config: string | undefined): Environment {
  const file = envFile(config)
  let text: string
  try {
    text = readSmallFile(file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'EISDIR') return environment
    throw new TidemarkError('config_invalid', `The file ${file} can't be read (${code}).`, { cause: error })
  }
  text = text.replace(/^\uFEFF/, '')
  checkEnv(file, text)
  const added = Object.entries(parseEnv(text)).filter(([name]) => environment[name] === undefined)
  if (environment !== process.env) return { ...Object.fromEntries(added), ...environment }
  // A configuration reads process.env, and so does everything that it imports.
  for (const [name, value] of added) process.env[name] = value
  return environment
}

/**
 * Refuses what Node would pass over, or take for something else. A line may hold a secret, so that its number alone is
 * told.
 */
function checkEnv(file: string, text: string): void {
  const lines = text.split(/\r?\n/)
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? ''
    if (/^\s*(?:#|$)/.test(line)) continue
    const [, name, behind = ''] = /^\s*(?:export\s+)?([\w.-]+)\s*=(.*)$/.exec(line) ?? []
    if (name === undefined) throw wrongLine(file, i, 'expected NAME=value')
    const value = behind.trimStart()
    const [quote = ''] = /^["'`]/.exec(value) ?? []
    if (quote === '') continue
    const opened = i
    let rest = value.slice(1)
    while (!rest.includes(quote)) {
      i++
      if (i === lines.length) throw wrongLine(file, opened, `the value of ${name} has no closing ${quote}`)
      rest = lines[i] ?? ''
    }
    if (/^\s*(?:#|$)/.test(rest.slice(rest.indexOf(quote) + 1))) continue
    throw wrongLine(file, i, `something follows the value of ${name} behind its closing ${quote}`)
  }
}

function wrongLine(file: string, index: number, what: string): TidemarkError {
  return new TidemarkError('config_invalid', `In ${file}:${index + 1}: ${what}.`, {
    hint: 'Write NAME=value, or NAME="a value with blanks"; what begins with # is a comment.',
  })
}
