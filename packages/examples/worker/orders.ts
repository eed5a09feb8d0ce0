/** The queue of orders. */
export const queue = "orders"

/** What somebody has ordered. */
export interface Order {
  readonly customer: string
  readonly cents: number
}
