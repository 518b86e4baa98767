// Owns the chance of property tests: the same in every run, so that a change fails for what it changed. Other chances
// are looked for on purpose, with another PROPERTY_SEED.

import fc from 'fast-check'

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env['PROPERTY_SEED'] ?? 1) })
