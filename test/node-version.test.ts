// Owns the proof of which versions of Node are new enough, the same for the library and for the start of the command.

import { expect, test } from 'vitest'
import { isNewEnough } from '../src/node-version.ts'

test.each([
  ['20.20.2', false],
  ['22.17.1', false],
  ['22.18.0', true],
  ['23.5.0', false],
  ['23.6.0', true],
  ['24.0.0-nightly', true],
  ['26.1.0', true],
])('Node %s: %s', (version, expected) => expect(isNewEnough(version)).toBe(expected))
