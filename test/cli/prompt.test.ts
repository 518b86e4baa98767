// Owns the proof of what is asked of a person and what is read from a pipe: a secret is never shown while it is typed.

import { PassThrough, Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { hiddenAnswer, wholeInput } from '../../src/cli/terminal/prompt.ts'

describe('a hidden answer', () => {
  async function typed(keys: string): Promise<{ answer: string; shown: string }> {
    const input = new PassThrough()
    const shown: string[] = []
    const asking = hiddenAnswer(input, { write: (text) => shown.push(text) }, 'token: ')
    for (const key of keys) input.write(key)
    return { answer: await asking, shown: shown.join('') }
  }

  test('is what was typed, up to Enter, corrections made', async () => {
    expect((await typed('s3cret\r')).answer).toBe('s3cret')
    expect((await typed('s3x\u007fcret\n')).answer).toBe('s3cret')
  })

  test('shows the question and nothing else', async () => {
    expect((await typed('s3cret\r')).shown).toBe('token: \n')
  })

  test('is empty when the input ends', async () => {
    const input = new PassThrough()
    const asking = hiddenAnswer(input, { write: () => true }, 'token: ')
    input.end()
    expect(await asking).toBe('')
  })
})

describe('the whole input', () => {
  test('is taken without its last line break', async () => {
    expect(await wholeInput(Readable.from([Buffer.from('a\nb'), Buffer.from('é\r\n')]))).toBe('a\nbé')
    expect(await wholeInput(Readable.from([]))).toBe('')
  })

  test('is refused when it is too long to be a secret', async () => {
    const much = Readable.from(new Array(20).fill(Buffer.alloc(100_000)))
    await expect(wholeInput(much)).rejects.toMatchObject({ code: 'secret_invalid' })
  })
})
