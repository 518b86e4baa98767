// Owns what a connector sees of a file that a person uploads: the file itself, or what a ZIP holds.

/** One file: the one that was uploaded, or an entry of a ZIP. */
export interface UploadedFile {
  /** Its name without folders; of an entry of a ZIP its path in there, with slashes. */
  readonly name: string
  /** How many bytes it has, unpacked. */
  readonly size: number
  /**
   * Its bytes, from the beginning, however often it is called. What is not read costs nothing.
   *
   * @throws TidemarkError upload_unreadable when the ZIP is damaged, or the entry encrypted; upload_too_large
   */
  bytes(): AsyncIterable<Uint8Array>
}

/** What `read` of an upload is given. `O` are the connector's options. */
export interface UploadRequest<O> {
  /** The file that was uploaded; of a ZIP its entries, in its order, without folders and links. */
  readonly files: readonly UploadedFile[]
  /** The connection's options, checked and typed, secrets included. */
  readonly options: O
}

/** Reads the rows of one stream out of a file, in the file's order. */
export type ReadUpload<O> = (request: UploadRequest<O>) => AsyncIterable<unknown>
