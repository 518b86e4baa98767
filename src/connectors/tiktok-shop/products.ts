// Owns the products of a TikTok Shop, by the time of their last change.
//
// Facts (partner.tiktokshop.com, Product API 202309, "Search Products", and clients of it): a POST with the filter in the
// body, `update_time_ge` and `update_time_le` in unix seconds, both inclusive; `status` is ALL or one of them; 100 a page at
// most, `page_token` in the query. Other than for orders, nothing is said of how the rows are sorted, and nothing sorts them.

import { stream } from '../../connector/connector.ts'
import { flag, id, integer, text } from '../../connector/fields.ts'
import { z } from '../../connector/options.ts'
import type { Page, WindowRequest } from '../../connector/page.ts'
import { byCursor } from '../../connector/passes.ts'
import { cipherOf, flagOf, listed, type Options, PAGE_SIZE, withScope } from './shop.ts'

const SCOPE = 'seller.product.basic'

/**
 * Without an upper bound: a product that changes while pages are turned would leave the window, and what stands behind it
 * would move up to a page that was read.
 */
async function searchProducts({ http, options, page, since }: WindowRequest<Options>): Promise<Page> {
  const query = {
    shop_cipher: await cipherOf(http, options),
    page_size: PAGE_SIZE,
    page_token: typeof page === 'string' ? page : undefined,
  }
  const json = { status: 'ALL', update_time_ge: since }
  const { body } = await withScope(SCOPE, http.post('/product/202309/products/search', { query, json }))
  return listed(body, 'products')
}

const product = z.object({
  id: id(),
  title: text(),
  /** ACTIVATE, DRAFT, PENDING, FAILED, SELLER_DEACTIVATED, PLATFORM_DEACTIVATED, FREEZE or DELETED. */
  status: z.string(),
  create_time: integer(),
  update_time: z.int(),
  sales_regions: z.array(z.string()).nullish(),
  /** Each with its seller_sku, price and inventory. */
  skus: z.array(z.looseObject({ id: id() })).nullish(),
  has_draft: flag(),
  is_not_for_sale: flag(),
})

export const products = stream({
  title: 'Products with their prices and stock, by the time of their last change',
  schema: product,
  record: (row: Readonly<Record<string, unknown>>) => ({
    ...row,
    has_draft: flagOf(row['has_draft']),
    is_not_for_sale: flagOf(row['is_not_for_sale']),
  }),
  key: (row) => row.id,
  version: (row) => row.update_time,
  text: { title: 'title' },
  passes: [
    byCursor<Options, z.output<typeof product>>({
      read: searchProducts,
      pageSize: PAGE_SIZE,
      sorted: false,
      order: (row) => row.update_time,
      unitMs: 1_000,
      overlap: '5m',
    }),
  ],
})
