import { Context } from "effect"

/**
 * True for the statements of an effect that others wait for, as derivation is: they also take the connection that
 * is reserved for them, which no question holds.
 */
export const UsesReserved = Context.Reference<boolean>("@onymous/database/UsesReserved", {
  defaultValue: () => false,
})
