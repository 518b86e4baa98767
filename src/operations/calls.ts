// Owns what calls of the library take that are no operations: they are checked like those.

import { callback, signal, text } from './fields.ts'
import { connectionInput } from './inputs.ts'

export const CONNECTOR = { name: 'connector', fields: { name: text('its name') }, example: "connector('github')" }
export const CONNECTION = { name: 'connection', fields: { id: connectionInput }, example: "connection('me')" }
export const START = {
  name: 'start',
  fields: { signal: signal('ends the serving'), onRun: callback('gets every run that was scheduled') },
  example: 'start({ signal })',
}
