// Owns the demo as scripts run it: small, in a process of its own, until they have seen enough.

import { spawn } from 'node:child_process'
import { join } from 'node:path'

const BIN = join(import.meta.dirname, '..', 'bin', 'tidemark.js')

/** Its link comes when its story has been told. */
export function startDemo() {
  const child = spawn(process.execPath, [BIN, 'demo', '--small', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const link = new Promise<string>((resolve, reject) => {
    let text = ''
    child.stderr.on('data', (part: Buffer) => {
      text += part.toString()
      const [, found] = /Dashboard: (\S+)\n/.exec(text) ?? []
      if (found !== undefined) resolve(found)
    })
    child.stdout.resume()
    child.on('exit', (code) => reject(new Error(`The demo ended with ${code}: ${text}`)))
  })
  return { link, stop: () => child.kill('SIGINT') }
}
