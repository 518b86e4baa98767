// Owns what the templates of new connectors share: their files, the names in them, and how an emulator of a service and the
// test against it begin and end.

export interface Template {
  /** Ends in the name of the file. */
  readonly file: string
  readonly text: string
}

export interface Names {
  /** Lower-case words joined by dashes. */
  readonly name: string
  /** The same for people. */
  readonly title: string
  /** What is made of it in names of functions. */
  readonly variable: string
}

export function capital(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`
}

/** The text of an emulator: what it imports and declares, what its start makes, and what it gives beside its address. */
export function emulatorText(
  { title, name }: Names,
  { declares, starts, gives }: { readonly declares: string; readonly starts: string; readonly gives: string },
): string {
  return `// Owns a small server that answers as ${title} does, for the test of the connector. Where it differs from the real one, the
// test proves nothing: write it from what the real one answered.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
${declares}
  const token = 'token-of-${name}'
${starts}
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: \`http://127.0.0.1:\${(server.address() as AddressInfo).port}\`,
    token,
${gives}
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
`
}

/** The text of a test against an emulator of so many records. `proves` goes on from the first line, and `knows` is what the test tells. */
export function testText(
  { name, title, variable }: Names,
  { proves, count, knows }: { readonly proves: string; readonly count: number; readonly knows: string },
): string {
  return `// Owns the proof that the ${name} connector keeps what it declares: ${proves} Run it with: node --test ${name}.test.ts

import { test } from 'node:test'
import { testConnector } from 'tidemark/testing'
import { ${variable}Emulator } from './${name}.emulator.ts'
import connector from './${name}.ts'

test('${title}: the connector keeps its promises', async () => {
  const emulator = await ${variable}Emulator(${count})
  try {
    await testConnector(connector, emulator, {
${knows}
    })
  } finally {
    await emulator.close()
  }
})
`
}
