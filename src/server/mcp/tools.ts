// Owns which operations agents have as tools, and how each is described to them: its name, its sentences and its inputs
// are those of the operation. Pure.

import { allOperations } from '../../operations/all.ts'
import type { Field } from '../../operations/fields.ts'
import type { Described, Scope } from '../../operations/operation.ts'
import { objectSchema, type Schema } from '../json-schema.ts'

/** What agents may be allowed: looking, and starting and stopping runs. Who changes or ends things is a person. */
export const TOOL_SCOPES = ['read', 'sync'] as const satisfies readonly Scope[]

/** Operations of these scopes that are no tools, and why. */
const NO_TOOLS: Readonly<Record<string, string>> = {
  batch: 'syncAll tells it',
  catalog: 'a whole catalog fits no answer: its records are in its streams',
  image: 'its bytes are for a screen',
  order: 'sync does it, and goes on without the call that takes too long',
  orderAll: 'the same',
  ordered: 'the same',
  projects: 'whoever calls has one project',
  pushKey: 'a browser subscribes itself',
  subscribe: 'the same',
  testPush: 'the same',
  unsubscribe: 'the same',
  upload: 'a file does not go through a tool, and a path would be one of this machine',
}

/** Inputs that no agent gives: what a reader of the feed has read is its own, and a call has an end. */
const OMITTED: Readonly<Record<string, readonly string[]>> = {
  changes: ['consumer', 'acknowledge', 'follow'],
  sync: ['whenActive'],
}

export interface Tool {
  readonly operation: Described
  readonly fields: Readonly<Record<string, Field>>
}

/** Every tool by its name, in the order of the operations. */
export async function allTools(): Promise<ReadonlyMap<string, Tool>> {
  const operations = (await allOperations()).filter(
    ({ name, scope }) => (TOOL_SCOPES as readonly Scope[]).includes(scope) && !(name in NO_TOOLS),
  )
  return new Map(operations.map((operation) => [operation.name, { operation, fields: fieldsOf(operation) }]))
}

function fieldsOf({ name, input }: Described): Tool['fields'] {
  return Object.fromEntries(Object.entries(input).filter(([field]) => !OMITTED[name]?.includes(field)))
}

/** A tool as the protocol lists it. */
export interface ToolDocument {
  readonly name: string
  readonly description: string
  readonly inputSchema: { readonly type: 'object' } & Schema
  readonly annotations: Readonly<Record<`${'readOnly' | 'destructive' | 'idempotent' | 'openWorld'}Hint`, boolean>>
}

export function toolDocument({ operation, fields }: Tool): ToolDocument {
  const { name, does, details, scope, examples } = operation
  const shown = examples.filter((example) => Object.keys(example).every((field) => field in fields))
  return {
    name,
    description: details === undefined ? does : `${does} ${details}`,
    inputSchema: { ...objectSchema(fields), type: 'object', ...(shown.length > 0 ? { examples: shown } : {}) },
    annotations: {
      readOnlyHint: scope === 'read',
      // A run removes nothing that its source has not been shown to lack, and a removal can be undone.
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: scope === 'sync',
    },
  }
}
