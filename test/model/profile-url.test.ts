// Owns the proof that the spellings of one profile are one identity, and those of two are two.

import { expect, test } from 'vitest'
import { canonicalProfile } from '../../src/model/profile-url.ts'

test.each([
  [
    'https://youtube.com/@ada',
    ['http://www.YouTube.com/@Ada/', 'youtube.com/@ADA', 'https://m.youtube.com//@ada/videos?x=1'],
  ],
  [
    'https://youtube.com/channel/UCab-C',
    ['https://www.youtube.com/channel/UCab-C/', 'youtube.com/Channel/UCab-C/about'],
  ],
  ['https://tiktok.com/@ada', ['https://www.tiktok.com/@Ada?lang=en', 'tiktok.com/ada/', 'm.tiktok.com/@ADA#top']],
  ['https://instagram.com/ada.l', ['https://www.instagram.com/Ada.L/', 'http://instagram.com/ada.l/reels/#top']],
  ['https://x.com/ada', ['https://twitter.com/Ada', 'x.com/ada/with_replies']],
  ['https://reddit.com/user/ada', ['https://www.reddit.com/u/Ada/', 'reddit.com/user/ada/saved']],
  ['https://blog.example/People/Ada', ['https://www.blog.example/People/Ada/']],
  ['https://constructor/ada', ['https://m.constructor/ada']],
  ['@ada', [' @Ada ']],
  ['ada@blog.example', ['ada@blog.example']],
  ['', ['', '  ']],
  ['4711', ['4711']],
])('%s', (identity, spellings) => {
  for (const spelling of spellings) expect(canonicalProfile(spelling)).toBe(identity)
  expect(canonicalProfile(identity)).toBe(identity)
})

test('ids that differ in capitals are two channels', () => {
  expect(canonicalProfile('youtube.com/channel/UCa')).not.toBe(canonicalProfile('youtube.com/channel/UCA'))
})

test('what is no profile keeps what tells it apart', () => {
  const all = [
    'https://youtube.com/watch?v=abC',
    'https://youtube.com/watch?v=abc',
    'https://github.com/ada/one',
    'https://github.com/ada/two',
    'https://tiktok.com/@ada/video/7',
    'https://blog.example/?author=1',
    'https://blog.example/?author=2',
    'https://facebook.com/profile.php?id=1',
  ]
  expect(all.map(canonicalProfile)).toEqual([
    ...all.slice(0, 5),
    'https://blog.example?author=1',
    'https://blog.example?author=2',
    'https://facebook.com/profile.php?id=1',
  ])
})
