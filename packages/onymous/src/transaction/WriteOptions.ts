import { Schema } from "effect"
import { told } from "@onymous/identity/encoding/JsonField"
import type { Order } from "@onymous/log/sql/HostAppend"
import { InvalidInput } from "../errors/InvalidInput.ts"
import { call, type CallOptions } from "../inputs/CallOptions.ts"
import * as Shape from "../inputs/InputShape.ts"
import type { Executor } from "./Executor.ts"

/** Where an event that was captured lies; where it is not new, the earlier event with its uuid. */
export interface Captured {
  readonly position: number
  readonly uuid: string
  readonly isNew: boolean
}

/** An event that waits for its place in the log, which it gets after the commit of its transaction. */
export interface Promised {
  readonly position: undefined
  readonly uuid: string
  readonly isNew: undefined
}

/** How events are appended. */
export interface WriteOptions extends CallOptions {
  /** Appends in this transaction of the host: the events are there with all else that it writes, or not at all. */
  readonly in?: Executor | undefined
  /**
   * `locked`: the events get their places at once, and other appends of the project wait until the transaction
   * ends. `outbox`: they get their places after the commit, and nobody waits. Default `locked`.
   */
  readonly order?: Order | undefined
}

/** The same, for events that get their places at once. */
export interface LockedOptions extends WriteOptions {
  readonly order?: "locked" | undefined
}

/** The same, for events that get their places after the commit. */
export interface OutboxOptions extends WriteOptions {
  readonly in: Executor
  readonly order: "outbox"
}

const isExecutor = (value: unknown): value is Executor =>
  typeof value === "object" &&
  value !== null &&
  "executeSql" in value &&
  typeof value.executeSql === "function"

const optional = Schema.optional

const check = Shape.checkOf({
  in: optional(
    told(Schema.Unknown, "what onymous/adapters makes of a driver's transaction", isExecutor),
  ),
  order: optional(told(Schema.Literals(["locked", "outbox"]), "locked or outbox")),
  ...call,
})

/** The transaction in which events are appended, and how. */
export interface Transaction {
  readonly in: Executor
  readonly order: Order
}

/** The transaction in which events are appended; undefined where they are in none. */
export const read = (options: WriteOptions): Transaction | undefined => {
  check(options)
  const { in: executor, order } = options
  if (executor !== undefined) return { in: executor, order: order ?? "locked" }
  if (order === undefined) return undefined
  throw new InvalidInput({ field: "order", expected: "none without in" })
}
