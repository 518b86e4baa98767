// Owns one order: its state, what follows from a change of status, and its JSON text.
//
// Documented (TikTok Shop Partner Center, Get Order Detail of 202309, its example, and that of orders that are combined):
// every field and its type; one line for each unit, no quantity; amounts as decimal text.

import type { Random } from '../kit/random.ts'
import type { OrderStatus } from './life.ts'
import { money, type Product, type Sku } from './product.ts'

/** How much of an order is shown: every field there is, or about 700 bytes of the important ones for benchmarks. */
export type OrderDetail = 'full' | 'compact'

export interface Line {
  readonly id: string
  readonly product: Product
  readonly sku: Sku
  /** The price when it was ordered, in hundredths. */
  readonly cents: number
}

export interface Order {
  readonly id: string
  readonly buyer: string
  readonly createTime: number
  /** One line per unit: two shirts are two lines. */
  readonly lines: readonly Line[]
  readonly shippingCents: number
  readonly discountCents: number
  readonly isCod: boolean
  readonly wantsInvoice: boolean
  readonly combined: boolean
  updateTime: number
  status: OrderStatus
  /** When it was paid, packed, collected and so on; 0 for not yet. */
  paidTime: number
  rtsTime: number
  collectionTime: number
  deliveryTime: number
  cancelTime: number
  requestCancelTime: number
  refundedCents: number
  note: string
  /** What the search shows of it; see search.ts. */
  entry: Entry | undefined
}

/** A version of an order as the search knows it; may lag behind the order. */
export interface Entry {
  readonly order: Order
  readonly id: string
  readonly createTime: number
  readonly updateTime: number
  readonly status: OrderStatus
  readonly buyer: string
  text: Buffer | undefined
}

export function inventOrder(random: Random, id: string, at: number, products: readonly Product[]): Order {
  const lines: Line[] = []
  const wanted = random.chance(0.7) ? 1 : random.int(2, 4)
  for (let i = 0; i < wanted; i++) {
    const product = random.pick(products)
    const sku = random.pick(product.skus)
    lines.push({ id: `${id.slice(0, 4)}${random.digits(14)}`, product, sku, cents: sku.cents })
  }
  return {
    id,
    buyer: `70214368104682${random.digits(5)}`,
    createTime: at,
    lines,
    shippingCents: random.pick([0, 299, 499]),
    discountCents: random.pick([0, 0, 50, 150]),
    isCod: random.chance(0.1),
    wantsInvoice: random.chance(0.1),
    combined: random.chance(0.15),
    updateTime: at,
    status: 'UNPAID',
    paidTime: 0,
    rtsTime: 0,
    collectionTime: 0,
    deliveryTime: 0,
    cancelTime: 0,
    requestCancelTime: 0,
    refundedCents: 0,
    note: '',
    entry: undefined,
  }
}

/** Brings an order into a status, at a time in seconds; the times that belong to the status follow. */
export function moveOrder(order: Order, status: OrderStatus, at: number): void {
  order.status = status
  order.updateTime = at
  if (status === 'ON_HOLD' || status === 'AWAITING_SHIPMENT') order.paidTime ||= at
  if (status === 'AWAITING_COLLECTION' || status === 'PARTIALLY_SHIPPING') order.rtsTime = at
  // The way back: what was packed is unpacked.
  if (status === 'AWAITING_SHIPMENT') order.rtsTime = 0
  if (status === 'IN_TRANSIT') order.collectionTime = at
  if (status === 'DELIVERED') order.deliveryTime = at
  if (status === 'CANCELLED') {
    order.cancelTime = at
    order.requestCancelTime = Math.max(order.createTime, at - 120)
    order.refundedCents = order.paidTime ? totalCents(order) : 0
  }
}

/** What the buyer paid, less what was given back after completion. */
export function totalCents(order: Order): number {
  const goods = order.lines.reduce((sum, line) => sum + line.cents, 0)
  const due = goods - order.discountCents + order.shippingCents + taxCents(order)
  // A cancelled order keeps the total it had; a refund of a completed one lowers it.
  return order.status === 'CANCELLED' ? due : due - order.refundedCents
}

function taxCents(order: Order): number {
  return Math.round(order.lines.reduce((sum, line) => sum + line.cents, 0) * 0.08)
}

const WAREHOUSE = '6955005333819000001'
const PROVIDER = { id: '6617675021119000002', name: 'Tern Post' }

const LINE_STATUS: Readonly<Record<OrderStatus, string>> = {
  UNPAID: 'UNPAID',
  ON_HOLD: 'ON_HOLD',
  AWAITING_SHIPMENT: 'TO_SHIP',
  PARTIALLY_SHIPPING: 'TO_SHIP',
  AWAITING_COLLECTION: 'TO_SHIP',
  IN_TRANSIT: 'IN_TRANSIT',
  DELIVERED: 'DELIVERED',
  COMPLETED: 'COMPLETED',
  CANCELLED: 'CANCELLED',
}

/** The order as the API shows it now; fields that do not apply yet are absent, not null. */
export function orderObject(order: Order, currency: string, detail: OrderDetail): Record<string, unknown> {
  return detail === 'compact' ? compactObject(order, currency) : fullObject(order, currency)
}

export function orderText(order: Order, currency: string, detail: OrderDetail): Buffer {
  return Buffer.from(JSON.stringify(orderObject(order, currency, detail)))
}

function compactObject(order: Order, currency: string): Record<string, unknown> {
  const [line] = order.lines as [Line, ...Line[]]
  return {
    create_time: order.createTime,
    fulfillment_type: 'FULFILLMENT_BY_SELLER',
    id: order.id,
    is_cod: order.isCod,
    line_items: [
      {
        currency,
        display_status: LINE_STATUS[order.status],
        id: line.id,
        original_price: money(line.cents),
        product_id: line.product.id,
        product_name: line.product.title,
        sale_price: money(line.cents),
        seller_sku: line.sku.sellerSku,
        sku_id: line.sku.id,
      },
    ],
    payment: payment(order, currency),
    shipping_type: 'SELLER',
    status: order.status,
    update_time: order.updateTime,
    user_id: order.buyer,
    warehouse_id: WAREHOUSE,
  }
}

function payment(order: Order, currency: string): Record<string, string> {
  const goods = order.lines.reduce((sum, line) => sum + line.cents, 0)
  return {
    currency,
    original_total_product_price: money(goods),
    seller_discount: money(order.discountCents),
    shipping_fee: money(order.shippingCents),
    sub_total: money(goods - order.discountCents),
    tax: money(taxCents(order)),
    total_amount: money(totalCents(order)),
  }
}

function fullObject(order: Order, currency: string): Record<string, unknown> {
  const { createTime: created, paidTime: paid, status } = order
  const shipped = order.rtsTime > 0
  const cancelled = status === 'CANCELLED'
  const tracking = shipped ? `TP${order.id.slice(-9)}` : undefined
  const packageId = `1152${order.id.slice(-15)}`
  return defined({
    auto_combine_group_id: order.combined ? order.id.slice(-8) : 'N/A',
    buyer_email: `${order.id.slice(-8)}@chat.example.com`,
    buyer_message: order.note,
    cancel_order_sla_time: paid ? paid + 7 * 86_400 : undefined,
    cancel_reason: cancelled ? (paid ? 'Changed my mind' : 'Payment overdue') : undefined,
    cancel_time: order.cancelTime || undefined,
    cancellation_initiator: cancelled ? (paid ? 'BUYER' : 'SYSTEM') : undefined,
    collection_due_time: shipped ? order.rtsTime + 2 * 86_400 : undefined,
    collection_time: order.collectionTime || undefined,
    cpf: `${order.buyer.slice(-4)}-${order.buyer.slice(0, 8)}`,
    create_time: created,
    delivery_due_time: shipped ? order.rtsTime + 9 * 86_400 : undefined,
    delivery_option_id: '7091146663229000003',
    delivery_option_name: 'Standard shipping',
    delivery_option_required_delivery_time: paid ? paid + 12 * 86_400 : undefined,
    delivery_sla_time: paid ? paid + 12 * 86_400 : undefined,
    delivery_time: order.deliveryTime || undefined,
    fulfillment_type: 'FULFILLMENT_BY_SELLER',
    has_updated_recipient_address: false,
    id: order.id,
    is_buyer_request_cancel: cancelled && paid > 0,
    is_cod: order.isCod,
    is_on_hold_order: status === 'ON_HOLD',
    is_sample_order: false,
    line_items: order.lines.map((line) => lineObject(order, line, currency, shipped ? packageId : undefined, tracking)),
    need_upload_invoice: order.wantsInvoice ? 'NEED_INVOICE' : 'NO_NEED',
    packages: shipped ? [{ id: packageId }] : [],
    paid_time: paid || undefined,
    payment: {
      ...payment(order, currency),
      original_shipping_fee: money(order.shippingCents),
      platform_discount: '0',
      product_tax: money(taxCents(order)),
      retail_delivery_fee: '0',
      shipping_fee_platform_discount: '0',
      shipping_fee_seller_discount: '0',
      shipping_fee_tax: '0',
      small_order_fee: '0',
    },
    payment_method_name: order.isCod ? 'COD' : 'CCDC',
    // Masked as for shipping by TikTok, and not there at all while the order is on hold.
    recipient_address: status === 'ON_HOLD' ? undefined : address(order),
    request_cancel_time: order.requestCancelTime || undefined,
    rts_sla_time: paid ? paid + 2 * 86_400 : undefined,
    rts_time: order.rtsTime || undefined,
    seller_note: order.note,
    shipping_due_time: paid ? paid + 3 * 86_400 : undefined,
    shipping_provider: shipped ? PROVIDER.name : undefined,
    shipping_provider_id: shipped ? PROVIDER.id : undefined,
    shipping_type: 'TIKTOK',
    split_or_combine_tag: order.combined ? 'COMBINED' : undefined,
    status,
    tracking_number: tracking,
    tts_sla_time: paid ? paid + 3 * 86_400 : undefined,
    update_time: order.updateTime,
    user_id: order.buyer,
    warehouse_id: WAREHOUSE,
  })
}

function lineObject(order: Order, line: Line, currency: string, packageId?: string, tracking?: string): unknown {
  const cancelled = order.status === 'CANCELLED'
  const price = money(line.cents)
  return defined({
    cancel_reason: cancelled ? 'Changed my mind' : undefined,
    cancel_user: cancelled ? (order.paidTime ? 'BUYER' : 'SYSTEM') : undefined,
    currency,
    display_status: LINE_STATUS[order.status],
    id: line.id,
    is_gift: false,
    item_tax: [{ tax_amount: money(Math.round(line.cents * 0.08)), tax_rate: '0.08', tax_type: 'SALES_TAX' }],
    original_price: price,
    package_id: packageId,
    package_status: packageId ? 'TO_FULFILL' : undefined,
    platform_discount: '0',
    product_id: line.product.id,
    product_name: line.product.title,
    retail_delivery_fee: '0',
    rts_time: order.rtsTime || undefined,
    sale_price: price,
    seller_discount: '0',
    seller_sku: line.sku.sellerSku,
    shipping_provider_id: packageId ? PROVIDER.id : undefined,
    shipping_provider_name: packageId ? PROVIDER.name : undefined,
    sku_id: line.sku.id,
    sku_image: `https://images.example.com/${line.sku.id}.jpg`,
    sku_name: line.sku.name,
    sku_type: 'NORMAL',
    small_order_fee: '0',
    sub_item_info: order.combined
      ? [{ display_status: LINE_STATUS[order.status], id: line.id, sku_name: line.sku.name }]
      : undefined,
    tracking_number: tracking,
  })
}

function address(order: Order): Record<string, unknown> {
  const house = Number(order.id.slice(-3)) + 1
  return {
    address_detail: `Unit ${house}`,
    address_line1: `${house} Plover Lane`,
    address_line2: '',
    address_line3: '',
    address_line4: '',
    delivery_preferences: { drop_off_location: 'Front Door' },
    district_info: [{ address_level_name: 'Country', address_name: 'United States' }],
    full_address: `${house} P***** L***, Saltmarsh`,
    name: 'W*** T***',
    phone_number: '(+1)555-***-0100',
    postal_code: '00000',
    region_code: 'US',
  }
}

function defined(object: Record<string, unknown>): Record<string, unknown> {
  for (const name of Object.keys(object)) if (object[name] === undefined) delete object[name]
  return object
}
