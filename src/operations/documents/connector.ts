// Owns the connector as a document: what it needs, what its streams hold, how they are read, how often it may ask.

import { z } from 'zod'
import { OPTION_TYPES } from '../../connector/options.ts'
import { type DocumentOf, document } from '../../engine/document.ts'
import { COLUMN_TYPES } from '../../model/record.ts'
import { PASS_KINDS } from '../../model/run.ts'

const text = z.string()
const textOrNull = text.nullable()
const texts = z.array(text)

const option = document({
  /** As it is written in `--set name=value`. */
  name: text,
  /** Whether it is sealed and never shown. */
  secret: z.boolean(),
  /** Whether a connection cannot be made without it. */
  required: z.boolean(),
  description: text,
  /** For people. */
  label: text,
  /** How a form asks for it. */
  type: z.enum(OPTION_TYPES),
  /** Of a choice; empty for others. */
  choices: texts,
  /** What stands where it is left out; null: nothing. */
  default: z.union([text, z.number(), z.boolean()]).nullable(),
  /** Of a number; null: no bound. */
  min: z.number().nullable(),
  max: z.number().nullable(),
  /** Of a number, such as `pages`. */
  unit: textOrNull,
  /** What it looks like. */
  example: textOrNull,
  /** Few need it. */
  advanced: z.boolean(),
})

const stream = document({
  stream: text,
  title: text.nullable(),
  /** Its name in SQL. */
  table: text,
  columns: z.array(z.object({ name: text, type: z.enum(COLUMN_TYPES) })),
  /** Columns that are kept as snapshots. */
  metrics: texts,
  /** `pageSize` is null where a pass turns no pages. */
  passes: z.array(
    z.object({
      pass: z.enum(PASS_KINDS),
      pageSize: z.number().nullable(),
      description: text,
      /** Whether it is read through runs at a vendor that cost money. */
      paid: z.boolean(),
      /** The files that an upload reads; null where it is none. */
      accepts: textOrNull,
    }),
  ),
  /** What `sync --where` can filter by at the source. */
  filters: z.array(z.object({ field: text, values: texts, open: texts })),
})

export const connectorDocument = document({
  name: text,
  title: text,
  version: text,
  options: z.array(option),
  streams: z.array(stream),
  /** `when` says which options a limit holds for, where it depends on them. */
  limits: z.array(z.object({ requests: z.number(), per: text, when: text.nullable() })),
  /** Whether it takes webhooks of the service, at the `webhookUrl` of its connections. */
  webhooks: z.boolean(),
  /** The streams of the catalog that is published after each complete run, with their columns of categories; null: it has none. */
  catalog: z
    .object({ streams: z.array(z.object({ stream: text, category: text.nullable() })), categories: text.nullable() })
    .nullable(),
})
export type ConnectorDocument = DocumentOf<typeof connectorDocument>
