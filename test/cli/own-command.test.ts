// Owns the proof of how a person is told to call the program: as it can be called where they are.

import { expect, test } from 'vitest'
import { ownCommand } from '../../src/cli/own-command.ts'

test.each([
  ['/p', '/p', '/p/bin/tidemark.js', {}, 'node bin/tidemark.js'],
  ['/p', '/elsewhere', '/p/bin/tidemark.js', {}, 'node /p/bin/tidemark.js'],
  ['/my p', '/', '/my p/bin/tidemark.js', {}, "node 'my p/bin/tidemark.js'"],
  ['/a/node_modules/tidemark', '/a', '/a/node_modules/.bin/tidemark', {}, 'npx tidemark'],
  ['/c/node_modules/tidemark', '/a', '/usr/bin/tidemark', { npm_command: 'exec' }, 'npx tidemark'],
  ['/usr/lib/node_modules/tidemark', '/a', '/usr/bin/tidemark', {}, 'tidemark'],
])('of a package in %s, from %s, started as %s', (root, folder, started, environment, command) => {
  expect(ownCommand({ root, folder, started, environment })).toBe(command)
})
