// Owns how a person uploads a file: again and again until it has been read, whatever becomes of the processes.

import type { UploadReport } from '../../src/operations/upload.ts'
import type { Tidemark } from '../../src/tidemark.ts'
import { bytesOf, type Chosen } from './files.ts'
import type { Simulation } from './simulation.ts'
import { Violation } from './violation.ts'

/** How often a person tries it, at most. */
const TRIES_MAX = 30

/** Uploads a file, and judges what comes of it. */
export async function upload(world: Simulation, { file, shape }: Chosen): Promise<void> {
  const { oracle, scheduler, random } = world
  const isWhole = shape === 'whole'
  const bytes = bytesOf(file, shape)
  scheduler.note(`a person uploads file ${file.n}, ${shape}`)
  const read = async (tidemark: Tidemark) =>
    (await tidemark.connection('c')).upload('items', bytes, { name: 'items.json' })
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const before = world.judge()
    if (isWhole) oracle.uploads.show(file)
    const acted = await world.act(read, (number) => oracle.uploading(number, file))
    const after = world.judge()
    const { status, error } = acted?.kind === 'done' ? (acted.value as Partial<UploadReport>) : {}
    const isRead = status === 'succeeded' || (status === 'incomplete' && !error)
    if (!isWhole && (isRead || after.changes.length > before.changes.length)) {
      throw new Violation('I23', `a file that is ${shape} was read`)
    }
    if (isRead) return oracle.uploads.judge(file, before, after)
    if (!isWhole && acted) return
    if (status === 'paused' || (acted?.kind === 'threw' && acted.code === 'connection_paused')) await world.login()
    world.advance(random.int(1_000, 200_000))
  }
  throw new Violation('I5', `file ${file.n} could not be uploaded in ${TRIES_MAX} tries`)
}
