// Owns the planted faults of uploads.

import { edit, type PlantedFault } from './fault.ts'

const JUDGE = 'src/engine/passes/uploads/judge.ts'
const UPLOAD = 'src/engine/passes/uploads/upload.ts'
const UPLOADS = 'test/promises/uploads.test.ts'
const LIVED = 'test/promises/uploads-lived.test.ts'
const DATES = 'test/promises/uploads-dates.test.ts'
const FILES = 'test/uploads/files.test.ts'

export const UPLOADING: readonly PlantedFault[] = [
  {
    id: 'dry-run-forgets-rows',
    mode: 'FM-73',
    what: 'a dry run meets each row of a record as if the rows before had not been there',
    edits: [edit('src/engine/passes/uploads/preview.ts', 'foreseen.foresee(part, upserts, known, askedAt)', '')],
    caughtBy: { tests: [UPLOADS], only: 'several rows' },
  },
  {
    id: 'older-file-is-newer',
    mode: 'FM-73',
    what: 'an older export removes what it lacks and restores what had gone',
    edits: [edit(JUDGE, "if (newest < last.newest) return 'older'", "if (newest < last.newest) return 'newer'")],
    caughtBy: { tests: [UPLOADS], only: 'an older file neither' },
  },
  {
    id: 'older-file-resurrects',
    mode: 'FM-38',
    what: 'a file that is as new as the last one brings back what that had removed',
    edits: [
      edit(JUDGE, "return head === undefined || isLive ? 'store' : 'superseded'", "return head ? 'store' : 'store'"),
    ],
    caughtBy: { tests: [UPLOADS], only: 'later than the last' },
  },
  {
    id: 'undated-file-overwrites',
    mode: 'FM-73',
    what: 'a file that does not tell its age overwrites what an API has told',
    edits: [
      edit(
        JUDGE,
        "return head === undefined ? 'store' : isLive",
        "return head === undefined || isLive ? 'store' : isLive",
      ),
    ],
    caughtBy: { tests: ['test/connectors/reddit-export.test.ts'], only: 'what the API has told stays' },
  },
  {
    id: 'broken-upload-is-done',
    mode: 'I4',
    what: 'a file counts as read once it is begun, so that the rest of it is not restored when it is uploaded again',
    edits: [edit(UPLOAD, 'upload: { newest, since } }', 'upload: { newest, since, done: true } }')],
    caughtBy: { tests: [UPLOADS], only: 'is killed anywhere' },
  },
  {
    id: 'foreign-file-removes',
    mode: 'FM-73',
    what: 'a file of another account removes everything',
    edits: [edit(JUDGE, 'gone > 0 && known === 0', 'gone > 0 && known < 0')],
    caughtBy: { tests: [UPLOADS], only: 'nothing in common' },
  },
  {
    id: 'future-date-counts',
    mode: 'FM-26',
    what: 'one date in the future makes every later file an older one, which changes nothing',
    edits: [edit(JUDGE, '> now + AHEAD_MAX_MS', '> now + 1_000 * 365 * AHEAD_MAX_MS')],
    caughtBy: { tests: [DATES], only: 'makes no later file' },
  },
  {
    id: 'file-removes-what-came-after-it',
    mode: 'FM-73',
    what: 'a file removes what an API has listed after the file was made',
    edits: [edit('src/engine/passes/uploads/rows.ts', 'place <= newest)', 'place !== null)')],
    caughtBy: { tests: [DATES], only: 'listed after it was made' },
  },
  {
    id: 'additions-hide-removals',
    mode: 'FM-35',
    what: 'what a file adds counts as what was there, so that a file of another account with one record in common removes all others',
    edits: [
      edit(
        JUDGE,
        'return guarded(before, sinceThen) ?? guarded(missing, sinceNow)',
        'return guarded(missing, { known: 0, live: 1_000 })',
      ),
    ],
    caughtBy: { tests: [UPLOADS], only: 'what a file adds' },
  },
  {
    id: 'foreign-file-vouches-for-itself',
    mode: 'FM-73',
    what: 'a file of another account that is uploaded again removes everything: its own records are known by then',
    edits: [edit(UPLOAD, 'since: run.kept.upload?.since ?? now', 'since: now')],
    caughtBy: { tests: [UPLOADS], only: 'nothing in common' },
  },
  {
    id: 'unread-row-proves',
    mode: 'FM-73',
    what: 'a row without a key proves that what the file lacks is gone',
    edits: [
      edit(UPLOAD, 'nameless += unread.filter(({ key }) => key === null).length', 'nameless += 0 * unread.length'),
    ],
    caughtBy: { tests: [UPLOADS], only: 'a row without a key' },
  },
  {
    id: 'poorer-overwrites-richer',
    mode: 'FM-73',
    what: 'a row of a file takes fields away that only the stored record has',
    edits: [
      edit(
        'src/engine/passes/uploads/rows.ts',
        'content === undefined ? raw : mergedText',
        'content !== undefined ? raw : mergedText',
      ),
    ],
    caughtBy: { tests: [UPLOADS], only: 'fields that only the stored record has' },
  },
  {
    id: 'same-file-begins-anew',
    mode: 'FM-38',
    what: 'an upload that breaks off makes the next file of the same age a newer one, which restores what had gone',
    edits: [edit(UPLOAD, "newest === undefined || age === 'same' ?", 'newest === undefined ?')],
    caughtBy: { tests: [LIVED], only: '^seed ' },
  },
  {
    id: 'document-001-upload',
    mode: 'FM-73',
    what: 'every file is the whole list, whatever was uploaded before: the algorithm of document 001',
    edits: [edit(JUDGE, "if (newest === undefined) return 'undated'", "if (newest !== undefined) return 'newer'")],
    caughtBy: { tests: [LIVED], only: '^seed ' },
  },
  {
    id: 'zip-bomb',
    mode: 'FM-73',
    what: 'an entry of a ZIP may unpack to anything',
    edits: [edit('src/uploads/zip.ts', 'uncompressedSize > this.#limits.ratioFromBytes', 'uncompressedSize < 0')],
    caughtBy: { tests: [FILES], only: 'how tightly it is packed' },
  },
  {
    id: 'damaged-zip-believed',
    mode: 'FM-73',
    what: 'the checksum of an entry is not looked at',
    edits: [edit('src/uploads/zip.ts', 'if (sum !== entry.crc32)', 'if (sum < 0)')],
    caughtBy: { tests: [FILES], only: 'with another checksum' },
  },
]
