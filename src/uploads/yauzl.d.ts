// Owns what is used of yauzl, which comes without types of its own.

declare module 'yauzl' {
  import type { Readable } from 'node:stream'

  export interface Entry {
    readonly fileName: string
    readonly fileNameLength: number
    readonly extraFieldLength: number
    readonly fileCommentLength: number
    readonly compressedSize: number
    readonly uncompressedSize: number
    readonly crc32: number
    readonly externalFileAttributes: number
    isEncrypted(): boolean
    canDecodeFileData(): boolean
  }

  export interface ZipFile {
    readonly entryCount: number
    /** Where the list of entries has been read to: behind its last entry, once all were given. */
    readonly readEntryCursor: number
    eachEntry(): AsyncIterable<Entry>
    openReadStreamPromise(entry: Entry): Promise<Readable>
    close(): void
  }

  interface Options {
    readonly lazyEntries?: boolean
    readonly autoClose?: boolean
    readonly strictFileNames?: boolean
  }

  const yauzl: {
    fromFdPromise(fd: number, options?: Options): Promise<ZipFile>
    fromBufferPromise(buffer: Buffer, options?: Options): Promise<ZipFile>
  }
  export default yauzl
}
