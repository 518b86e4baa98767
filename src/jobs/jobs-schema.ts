// Owns in which schema of a server the job queue of a mirror stands: beside the mirror's own, so that two mirrors of one
// database share no jobs, and the tables of a mirror are its own.

import { fingerprint } from '../model/fingerprint.ts'

/** The longest name that pg-boss takes. */
const NAME_MAX = 50

/** The schema of the jobs of a mirror whose tables stand in `schema`. */
export function jobsSchema(schema: string): string {
  const name = schema === 'public' ? 'tidemark_jobs' : `${schema}_jobs`
  return name.length <= NAME_MAX ? name : `${schema.slice(0, 36)}_${fingerprint(schema).slice(0, 8)}_jobs`
}
