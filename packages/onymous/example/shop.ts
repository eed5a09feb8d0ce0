import { Onymous } from "onymous"

/** What the shop tells its pages about a visitor. */
export interface Visitor {
  readonly ids: ReadonlyArray<string>
  readonly plan: string
}

/** A shop whose backend knows its visitors: Onymous runs in the same process, on the shop's database. */
export class Shop {
  readonly #onymous: Onymous

  private constructor(onymous: Onymous) {
    this.#onymous = onymous
  }

  static async open(database: string): Promise<Shop> {
    // Its pages ask at once who somebody is: nothing waits for a log-in that may come.
    const policy = { buffer_enabled: false }
    return new Shop(await Onymous.open({ database, project: "shop", policy }))
  }

  /** A page was seen, by whoever has this cookie. */
  async visit(cookie: string, page: string): Promise<void> {
    await this.#onymous.capture({ distinctId: cookie, event: "visited", properties: { page } })
  }

  /** From now on the cookie's earlier visits are the customer's, too. */
  async logIn(customer: string, cookie: string): Promise<void> {
    await this.#onymous.identify({ distinctId: customer, anonymousId: cookie })
  }

  async buy(customer: string, plan: string): Promise<void> {
    const properties = { plan, $set: { plan } }
    await this.#onymous.capture({ distinctId: customer, event: "bought", properties })
  }

  /** Who has this cookie: also when the customer logged in on another device since. */
  async visitor(cookie: string): Promise<Visitor | undefined> {
    const person = await this.#onymous.person(cookie)
    return person && { ids: person.distinctIds, plan: String(person.properties["plan"] ?? "none") }
  }

  /** Log-ins that could not be told apart: a device that two customers share, say. */
  async suspicious(): Promise<ReadonlyArray<string>> {
    const warnings = await this.#onymous.warnings()
    return warnings.map(({ type, position }) => `${type} at ${position}`)
  }

  close(): Promise<void> {
    return this.#onymous.close()
  }
}
