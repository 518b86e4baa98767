// Owns the products of a shop: their invention, and their JSON text as a product search shows it.
//
// Documented (TikTok Shop Partner Center, Search Products): the members and the statuses. What is sold is invented.

import type { Random } from '../kit/random.ts'

export interface Sku {
  readonly id: string
  readonly sellerSku: string
  readonly name: string
  /** In hundredths of the currency. */
  cents: number
  stock: number
}

export interface Product {
  readonly id: string
  title: string
  status: ProductStatus
  readonly createTime: number
  updateTime: number
  readonly skus: readonly Sku[]
  text: Buffer | undefined
}

export const PRODUCT_STATUSES = ['ACTIVATE', 'DRAFT', 'PENDING', 'SELLER_DEACTIVATED', 'DELETED'] as const
export type ProductStatus = (typeof PRODUCT_STATUSES)[number]

const KINDS = 'Mug Scarf Lamp Basket Kettle Blanket Notebook Lantern Apron Bowl Candle Cushion'.split(' ')
const STYLES = ['Woven', 'Ribbed', 'Glazed', 'Folding', "Children's", 'Café', 'Größe-L', '手作り', '"Classic"']
const COLOURS = 'amber slate moss clay ivory indigo'.split(' ')

export function inventProduct(random: Random, serial: number, at: number): Product {
  const kind = random.pick(KINDS)
  const skus = random
    .shuffle(COLOURS)
    .slice(0, random.int(1, 3))
    .map((name) => ({
      id: `2729${random.digits(15)}`,
      sellerSku: `${kind.toLowerCase()}-${name}-${serial}`,
      name,
      cents: random.int(199, 9999),
      stock: random.int(0, 500),
    }))
  const title = `${random.pick(STYLES)} ${kind}`
  const id = `1729${random.digits(15)}`
  return { id, title, status: 'ACTIVATE', createTime: at, updateTime: at, skus, text: undefined }
}

/** A decimal as the provider writes money: text, never a number. */
export function money(cents: number): string {
  if (cents === 0) return '0'
  const rest = cents % 100
  return `${Math.floor(cents / 100)}.${rest < 10 ? '0' : ''}${rest}`
}

export function productObject(product: Product, currency: string, region: string): Record<string, unknown> {
  return {
    create_time: product.createTime,
    id: product.id,
    sales_regions: [region],
    skus: product.skus.map((sku) => ({
      id: sku.id,
      inventory: [{ quantity: sku.stock, warehouse_id: '6955005333819000001' }],
      price: { currency, sale_price: money(sku.cents), tax_exclusive_price: money(sku.cents) },
      seller_sku: sku.sellerSku,
    })),
    status: product.status,
    title: product.title,
    update_time: product.updateTime,
  }
}
