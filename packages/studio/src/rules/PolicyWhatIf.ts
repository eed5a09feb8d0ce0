import { Effect } from "effect"
import type { Json } from "@onymous/identity/encoding/Json"
import * as PolicyChange from "@onymous/identity/policy/PolicyChange"
import { Refused } from "../asking/Asking.ts"
import { askWhatIf } from "../whatif/AskedWhatIf.ts"

/** Asks what would be, had some rules been others from the beginning. */
export const otherRules = Effect.fnUntraced(function* (others: Readonly<Record<string, Json>>) {
  const policy = yield* Effect.mapError(
    Effect.fromResult(PolicyChange.decode(others)),
    ({ field, expected }) =>
      new Refused({ code: "invalid_input", message: `${field}: expected ${expected}` }),
  )
  return yield* askWhatIf({ policy })
})
