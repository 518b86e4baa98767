// Owns the readers of the change feed that are remembered by name.

import { z } from 'zod'
import { document } from '../engine/document.ts'
import { type Consumer, Consumers } from '../engine/history/feed.ts'
import { TidemarkError } from '../model/errors.ts'
import { knownNames } from '../model/near-miss.ts'
import { text } from './fields.ts'
import { type Nothing, operation } from './operation.ts'

export const listConsumers = operation<Nothing, Promise<readonly Consumer[]>>({
  name: 'listConsumers',
  does: 'List the remembered readers, and how many changes each has yet to read.',
  scope: 'read',
  input: {},
  list: 'consumers',
  output: document({ name: z.string(), cursor: z.string(), behind: z.number().nullable(), at: z.string() }),
  examples: [{}],
  run: (mirror) => new Consumers(mirror, mirror.project).list(),
})

export const forgetConsumer = operation<{ readonly name: string }, Promise<void>>({
  name: 'forgetConsumer',
  does: 'Forget a remembered reader.',
  scope: 'write',
  input: { name: text('forget this reader', { sign: 'name' }) },
  positional: ['name'],
  output: z.void(),
  examples: [{ name: 'billing' }],
  async run(mirror, { name }) {
    const consumers = new Consumers(mirror, mirror.project)
    if (await consumers.forget(name)) return
    const all = (await consumers.list()).map((consumer) => consumer.name)
    throw new TidemarkError('consumer_unknown', `There is no consumer "${name}".`, {
      hint: all.length > 0 ? knownNames(name, all) : 'There are none.',
    })
  },
})
