// Owns which templates of new connectors there are, and what a connector is called in code.

import { TidemarkError } from '../../model/errors.ts'
import { didYouMean } from '../../model/near-miss.ts'
import { apiTemplates } from './connector.ts'
import { fileTemplates } from './files.ts'
import { runTemplates } from './runs.ts'
import { capital, type Template } from './template.ts'

/** What a connector reads, by what is written to order it. */
const WAYS = { pages: apiTemplates, files: fileTemplates, runs: runTemplates } as const

/** @throws TidemarkError argument_invalid */
export function connectorTemplates(name: string, reads: string): readonly Template[] {
  if (!Object.hasOwn(WAYS, reads)) {
    const known = Object.keys(WAYS)
    throw new TidemarkError('argument_invalid', `A connector can't read "${reads}".`, {
      hint: `${didYouMean(reads, known)}It reads ${known.join(', ')}.`,
    })
  }
  const words = name.split('-')
  const names = { name, title: words.map(capital).join(' '), variable: camelCase(name) }
  return WAYS[reads as keyof typeof WAYS](names)
}

/** What its file is imported as: no word that JavaScript keeps, and none that stands beside it. */
export function variableOf(name: string): string {
  const variable = camelCase(name)
  return KEPT.has(variable) ? `${variable}Connector` : variable
}

const KEPT = new Set(
  (
    'arguments await break case catch class const continue debugger default defineConfig delete do else enum eval export ' +
    'extends false finally for function if implements import in instanceof interface let new null package private ' +
    'protected public return static super switch this throw true try typeof undefined var void while with yield'
  ).split(' '),
)

function camelCase(name: string): string {
  return name.split('-').reduce((all, word) => `${all}${capital(word)}`)
}
