import { Context, Effect } from "effect"
import type { TableDifference } from "@onymous/persons/Editions"
import type { Outcome, Tell } from "./Rebuild.ts"

/** Hears the progress of a verification's derivation; by default nobody does. */
export const VerificationProgress = Context.Reference<Tell>(
  "@onymous/projector/rebuild/RebuildVerification/VerificationProgress",
  { defaultValue: () => () => Effect.void },
)

/** The answer of a verification, out of the outcome of a rebuild with `verifyOnly`. */
export const verificationOf = ({ position, stateHash, comparison }: Outcome) => {
  const { isSame: isOk, persons, tables = [] } = comparison
  const [first] = tables.toSorted((a, b) => a.position - b.position)
  return {
    isOk,
    position: first?.position ?? (isOk ? position : comparison.position),
    stateHash,
    reason: isOk ? undefined : reasonOf(tables),
    persons,
  }
}

const reasonOf = (tables: ReadonlyArray<TableDifference>): string => {
  if (tables.length === 0) return "the persons, or a stored hash, are others"
  const explained = tables.find(({ reason }) => reason !== undefined)
  if (explained !== undefined) return `${explained.table}: ${explained.reason}`
  return `what the log comes to is not in ${tables.map(({ table, position }) => `${table} (at ${position})`).join(", ")}`
}
