import type { Operation, PolicyChanged } from "@onymous/identity/event/Event"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"

/** An operator's act in words. */
export const of = (act: Operation | PolicyChanged): string => {
  if (act._tag !== "PolicyChanged") return OperatorCommand.actOf(act).text
  const fields = Object.entries(act.change).map(
    ([field, value]) => `${field} = ${JSON.stringify(value)}`,
  )
  return `change the policy: ${fields.join(", ")}`
}
