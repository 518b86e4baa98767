// Owns the kind of pass that reads files. No sync runs it: a file comes with an order of its own, see uploads/upload.ts.

import type { PassOf } from '../../due/plan.ts'
import type { Kind } from './kind.ts'

export const UPLOAD: Kind<PassOf<'upload'>> = {
  standsFor: () => false,
  describe: ({ accepts, order }) =>
    `a file that is uploaded: ${accepts}; ${order ? 'a newer one removes what it lacks' : 'it only adds'}`,
  plan: () => undefined,
  foresee: () => [],
  run: async () => {},
}
