// Owns pausing and resuming a connection.

import { z } from 'zod'
import { type DocumentOf, document } from '../engine/document.ts'
import { standingDocument } from '../engine/runs/documents.ts'
import { PAUSED_BY_USER } from '../engine/runs/standing.ts'
import { connectionInput } from './inputs.ts'
import { connectionRow, type Mirror } from './mirror.ts'
import { operation } from './operation.ts'
import { standing } from './reports.ts'

export interface OneConnection {
  readonly connection: string
}

const pauseDocument = document({ id: z.string(), paused: z.array(z.string()), standing: standingDocument })
/** Why a connection is paused, if it is. */
export type PauseReport = DocumentOf<typeof pauseDocument>

export const pause = operation<OneConnection, Promise<PauseReport>>({
  name: 'pause',
  does: 'Pause a connection.',
  details: 'Nothing runs it until it is resumed. A run that is under way goes on.',
  scope: 'write',
  input: { connection: connectionInput },
  positional: ['connection'],
  output: pauseDocument,
  examples: [{ connection: 'me' }],
  run: (mirror, { connection }) => setPaused(mirror, connection, true),
})

export const resume = operation<OneConnection, Promise<PauseReport>>({
  name: 'resume',
  does: 'Resume a paused connection.',
  details: 'A connection that needs a login resumes when it is connected again with new secrets.',
  scope: 'write',
  input: { connection: connectionInput },
  positional: ['connection'],
  output: pauseDocument,
  examples: [{ connection: 'me' }],
  run: (mirror, { connection }) => setPaused(mirror, connection, false),
})

async function setPaused(mirror: Mirror, id: string, isPaused: boolean): Promise<PauseReport> {
  const row = await connectionRow(mirror, id)
  const paused = await mirror.store.connections.setPaused(row.no, PAUSED_BY_USER, isPaused)
  return { id, paused, standing: await standing(mirror, { ...row, paused }) }
}
