// Owns the check that no secret gets out: it provokes an error that repeats what was sent, records a run, and then looks
// at what all checks together have left behind.

import { optionFields } from '../../connector/options.ts'
import { createRecorder, type Recorder } from '../../http/recording/record.ts'
import { FINDABLE_LENGTH_MIN } from '../evidence.ts'
import type { Stage } from '../stage.ts'
import { broken, notStaged } from './found.ts'

const REQUESTS_BEFORE_END = 2

export async function secretsStaySecret(stage: Stage, streams: readonly string[]): Promise<string> {
  const options = stage.options()
  if (!stage.evidence.knows) {
    return notStaged(
      `no secret option has a value of ${FINDABLE_LENGTH_MIN} characters or more, which could be looked for`,
    )
  }
  for (const name of streams) await runThatIsRepeated(stage, name)
  await runThatIsRecorded(stage, streams, options)
  const { leaks } = stage.evidence
  if (leaks.length > 0) broken(leaks.join('\n'))
  return 'found in no log, console output, error, report, database or recording'
}

/** Services repeat in their errors what they were sent. */
async function runThatIsRepeated(stage: Stage, name: string): Promise<void> {
  const mirror = await stage.mirror({ onDisk: true })
  stage.proxy.plan = ({ headers, url, method }) => {
    const sent = Object.entries(headers).map(([header, value]) => `${header}: ${value}`)
    const message = `Bad request: ${method} ${url.href} ${sent.join(' ')}`
    return { kind: 'body', status: 400, body: JSON.stringify({ message, error: { message } }) }
  }
  await mirror.sync(name)
  stage.proxy.plan = undefined
  await mirror.close()
}

async function runThatIsRecorded(
  stage: Stage,
  streams: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<void> {
  let recorder: Recorder | undefined
  const mirror = await stage.mirror({
    onDisk: true,
    wrap: (inner) => {
      recorder = createRecorder(inner, () => Date.now())
      return recorder.transport
    },
  })
  const { service } = mirror.connector
  const secrets = optionFields(service.options).flatMap((field) => (field.secret ? [field.name] : []))
  recorder?.about({ connector: service.name, baseUrl: stage.baseUrl, options, secrets })
  // A run that ends in the middle keeps the token of its next page.
  for (const name of streams) await mirror.sync(name, { maxRequests: REQUESTS_BEFORE_END })
  for (const name of streams) await mirror.sync(name)
  stage.evidence.look('a recording', JSON.stringify(recorder?.finish() ?? null))
  await mirror.close()
}
