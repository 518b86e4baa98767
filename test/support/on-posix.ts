// Owns how tests say that they need what Windows lacks: there they are skipped, under a name that says why.

export const NO_POSIX = process.platform === 'win32'

/** For the end of a test's name: `lacks('signals')`. Empty where there is nothing to say. */
export function lacks(what: string): string {
  return NO_POSIX ? ` (Windows lacks ${what})` : ''
}
