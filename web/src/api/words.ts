// Owns words that all faces share, made from src/model/run.ts: `npm run web:types` writes them anew.

/** How a pass ended. */
export const ENDED_WORDS = {
  'exhausted': 'read to the end',
  'met-anchored': 'reached what is known',
  'limit': 'stopped at a limit',
  'budget': 'stopped: what was allowed is spent',
  'cancelled': 'was stopped',
  'failed': 'failed',
} as const
