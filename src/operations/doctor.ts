// Owns the doctor: whether this machine, a database and its keys are as they should be.

import { z } from 'zod'
import { type DocumentOf, document } from '../engine/document.ts'
import type { Check } from '../engine/health/doctor.ts'
import type { Patient } from './doctor-facts.ts'
import { count, optional, yesOrNo } from './fields.ts'
import { later } from './later.ts'
import { operation } from './operation.ts'

const diagnosing = later(() => import('../engine/health/doctor.ts'))
const gathering = later(() => import('./doctor-facts.ts'))

/** The port of a server that names none. */
const PORT = 4600
const PORT_MAX = 65_535

export interface DoctorInput {
  readonly deep?: boolean | undefined
  readonly port?: number | undefined
}

const checkDocument: z.ZodType<Check> = document({
  check: z.string(),
  state: z.enum(['ok', 'warn', 'fail']),
  value: z.string(),
  hint: z.string().nullable(),
})
const diagnosisDocument = document({ checks: z.array(checkDocument), failed: z.number(), warnings: z.number() })
export type Diagnosis = DocumentOf<typeof diagnosisDocument>

export const doctor = operation<DoctorInput, Promise<Diagnosis>, object, Patient>({
  name: 'doctor',
  does: 'Check this machine, the database and its keys.',
  details:
    'Checks the version of Node, the database with its permissions and integrity, the disk, the key and whether it opens every secret, logins that expire soon, the clock, schedules that nothing runs, runs that died, and whether a server is reachable from other machines. Makes no request to a source.',
  scope: 'admin',
  isLook: true,
  input: {
    deep: optional(yesOrNo('also compare every index with its table')),
    port: optional(
      count('the port on which to look for a server', { most: PORT_MAX, sign: 'port', otherwise: String(PORT) }),
    ),
  },
  output: diagnosisDocument,
  examples: [{}, { deep: true }],
  async run(patient, { deep = false, port = PORT }) {
    const [{ diagnose }, { gatherFacts }] = await Promise.all([diagnosing(), gathering()])
    const checks = diagnose(await gatherFacts(patient, { deep, port }))
    const having = (state: Check['state']) => checks.filter((one) => one.state === state).length
    return { checks, failed: having('fail'), warnings: having('warn') }
  },
})
