// Owns the proof that nothing which was recorded lies unused: every file with answers of a provider is replayed or compared by
// a test, or says here why there is nothing to compare.

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PROVIDER_DATA, providerDataMissing } from '../support/provider-data.ts'

const SHAPES = 'test/emulators/recorded-shapes.test.ts'
const SHEETS = 'test/emulators/sheets.test.ts'

/** By which test, and by what in it. */
const COMPARED: Readonly<Record<string, readonly [test: string, named: string]>> = {
  'apify-platform/docs-webhook-payload-example.json': [SHAPES, 'docs-webhook-payload-example'],
  'apify-platform/openapi-list-of-runs-example.json': [SHAPES, 'openapi-list-of-runs-example'],
  'apify-platform/openapi-run-object-aborted-example.json': [SHAPES, 'openapi-run-object-aborted-example'],
  'apify-tiktok/sentinel-apidojo-free-plan-demo.json': [SHAPES, 'sentinel-apidojo-free-plan-demo'],
  'apify-tiktok/sentinel-apidojo-noResults.json': [SHAPES, 'sentinel-apidojo-noResults'],
  'github/github3py-GitHubIterator_catch_etags.json': [SHAPES, 'github3py-GitHubIterator_catch_etags'],
  'github/github3py-GitHub_rate_limit.json': [SHAPES, 'github3py-GitHub_rate_limit'],
  'github/github3py-starred-all7pages-slim.json': [SHAPES, 'github3py-starred-all7pages-slim'],
  'github/octokit-fixtures-errors.json': [SHAPES, 'octokit-fixtures-errors'],
  'github/octokit-fixtures-rename-repository.json': [SHAPES, 'octokit-fixtures-rename-repository'],
  'reddit/praw-exhaust_items.json': [SHAPES, 'praw-exhaust_items'],
  'reddit/praw-info.json': [SHAPES, 'praw-info'],
  'reddit/praw-saved.json': [SHAPES, 'praw-saved'],
  'reddit/praw-upvoted.json': [SHAPES, 'praw-upvoted'],
  'sheets/gspread-access_private_spreadsheet.json': [SHEETS, "'access_private_spreadsheet'"],
  'sheets/gspread-batch_get.json': [SHEETS, "'batch_get'"],
  'sheets/gspread-get_all_records.json': [SHEETS, "'get_all_records'"],
  'sheets/gspread-get_all_records_duplicate_keys.json': [SHEETS, "'get_all_records_duplicate_keys'"],
  'sheets/gspread-get_lastUpdateTime.json': [SHEETS, "'get_lastUpdateTime'"],
  'sheets/gspread-values_get.json': [SHEETS, "'values_get'"],
  'stalker/constructed-ministra-vod-page1.json': [SHAPES, 'constructed-ministra-vod-page1'],
  'stalker/constructed-xc-vod-page1.json': [SHAPES, 'constructed-xc-vod-page1'],
  'stalker/envelopes-errors-and-fragments.json': [
    'test/connectors/stalker-envelopes.test.ts',
    'envelopes-errors-and-fragments',
  ],
  'tiktok-export/variants-and-empties.json': [SHAPES, 'variants-and-empties'],
  'tiktok-shop/golden-signatures.json': [SHAPES, 'golden-signatures'],
  'tiktok-shop/order-202309-doc-example.json': [SHAPES, 'order-202309-doc-example'],
  'tiktok-shop/order-detail-auto-combine-doc-example.json': [SHAPES, 'order-detail-auto-combine-doc-example'],
  'tiktok-shop/webhook-order-status-change-samples.json': [SHAPES, 'webhook-order-status-change-samples'],
  'youtube/python-youtube-channels-info.json': [SHAPES, "'channels-info'"],
  'youtube/python-youtube-error_permission_resp.json': [SHAPES, "'error_permission_resp'"],
  'youtube/python-youtube-error_response.json': [SHAPES, "'error_response'"],
  'youtube/python-youtube-playlist_items-playlist_items_paged_1.json': [SHAPES, 'playlist_items_paged_1'],
  'youtube/python-youtube-playlist_items-playlist_items_paged_2.json': [SHAPES, 'playlist_items_paged_2'],
  'youtube/python-youtube-videos-videos_info_multi.json': [SHAPES, "'videos-videos_info_multi'"],
}

const NOT_COMPARED: Readonly<Record<string, string>> = {
  'x/python-twitter-timeline-timeline_tweets.json': 'X’s own API, which no connector asks',
}

test.skipIf(providerDataMissing)('every recorded file is compared, or says why not', () => {
  const there = globSync('*/*.json', { cwd: PROVIDER_DATA }).toSorted()
  expect(Object.keys({ ...COMPARED, ...NOT_COMPARED }).toSorted()).toEqual(there)
})

test.each(Object.entries(COMPARED))('%s is read by its test', (_file, [path, named]) => {
  expect(readFileSync(join(import.meta.dirname, '../..', path), 'utf8')).toContain(named)
})
