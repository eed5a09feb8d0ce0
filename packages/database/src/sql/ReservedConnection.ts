import { Context } from "effect"

/** True for effects that others wait for, such as derivation: their statements may take the reserved connection. */
export const UsesReserved = Context.Reference<boolean>("@onymous/database/UsesReserved", {
  defaultValue: () => false,
})
