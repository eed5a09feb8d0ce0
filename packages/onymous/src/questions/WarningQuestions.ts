import { Effect } from "effect"
import type { Json } from "@onymous/identity/encoding/Json"
import { type Position, zero } from "@onymous/identity/event/Position"
import { remedy, type Warning as Raised, type WarningType } from "@onymous/identity/state/Warning"
import { check, type WarningsInput } from "../inputs/QuestionInputs.ts"
import type { Session } from "../session/Session.ts"

/** Why an event was not applied as asked, and what would make it pass. */
export interface Warning {
  readonly type: WarningType
  /** The event's position in the log. */
  readonly position: number
  /** When the event came. */
  readonly timestamp: Date
  readonly eventUuid: string
  readonly details: { readonly [key: string]: Json }
  readonly remedy: string
}

export const toWarning = ({ type, position, at, eventUuid, details }: Raised): Warning => ({
  type,
  position,
  timestamp: new Date(at),
  eventUuid,
  details,
  remedy: remedy(type),
})

/** Warnings read together. */
const pageSize = 1000

/** All warnings that the filters leave, in the order of the log. */
export const warnings = (session: Session, question: WarningsInput) => {
  check.warnings(question)
  const { type, search, distinctId } = question
  const filters = {
    project: session.project,
    limit: pageSize,
    ...(type !== undefined && { type }),
    ...(search !== undefined && { search }),
    ...(distinctId !== undefined && { distinctId }),
  }
  const found = session.askAt(question, (persons, point) =>
    Effect.gen(function* () {
      const all: Array<Raised> = []
      for (let after: Position = zero; ;) {
        const asOf = point === undefined ? {} : { at: point }
        const page = yield* persons.warnings({ ...filters, after, ...asOf })
        for (const warning of page) all.push(warning)
        const last = page.at(-1)
        if (last === undefined || page.length < pageSize) return all
        after = last.raisedAt
      }
    }),
  )
  return Effect.map(found, (all): ReadonlyArray<Warning> => all.map(toWarning))
}
