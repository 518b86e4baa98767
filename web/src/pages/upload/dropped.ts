// Owns a file on its way from the page on which it was dropped to the one that uploads it.

let dropped: File | undefined

export function keepDropped(file: File): void {
  dropped = file
}

/** The file, once. */
export function takeDropped(): File | undefined {
  const file = dropped
  dropped = undefined
  return file
}
