// Owns making ZIP files for tests, whole ones and such as no tool would write.

import { crc32, deflateRawSync } from 'node:zlib'

export interface ZipEntry {
  readonly name: string
  readonly data?: Uint8Array | string
  /** As a ZIP on Unix writes it: type and mode. */
  readonly mode?: number
  readonly encrypted?: boolean
  readonly crc?: number
  /** What the directory says it unpacks to. */
  readonly size?: number
}

const FLAG_ENCRYPTED = 1
const FLAG_UTF8 = 1 << 11

/** `told`: how many entries the end of the ZIP says it has. */
export function zipFile(entries: readonly ZipEntry[], told = entries.length): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, data = '', mode = 0o100644, encrypted = false, crc, size } of entries) {
    const bytes = Buffer.from(data)
    const packed = deflateRawSync(bytes)
    const path = Buffer.from(name)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(FLAG_UTF8 | (encrypted ? FLAG_ENCRYPTED : 0), 2)
    common.writeUInt16LE(8, 4)
    common.writeUInt32LE(crc ?? crc32(bytes), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(size ?? bytes.length, 18)
    common.writeUInt16LE(path.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, path, packed])
    const central = Buffer.alloc(14)
    central.writeUInt32LE((mode << 16) >>> 0, 6)
    central.writeUInt32LE(offset, 10)
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, central, path]))
    locals.push(local)
    offset += local.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(told, 4)
  end.writeUInt16LE(told, 6)
  end.writeUInt32LE(central.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...locals, central, Buffer.from('PK\x05\x06'), end])
}
