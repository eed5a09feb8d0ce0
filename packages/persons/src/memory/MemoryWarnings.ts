import type { WarningType } from "@onymous/identity/state/Warning"
import {
  shownMax,
  type RaisedWarning,
  type WarningGroup,
  type WarningsQuestion,
} from "../Persons.ts"
import * as TextSearch from "../reading/TextSearch.ts"

/** The UTC day of a time. */
const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10)

const chosenOf = (
  warnings: ReadonlyArray<RaisedWarning>,
  question: WarningsQuestion,
): ReadonlyArray<RaisedWarning> => {
  const { search = "" } = question
  return warnings.filter(
    (warning) =>
      (question.type === undefined || warning.type === question.type) &&
      (question.since === undefined || warning.at >= question.since) &&
      TextSearch.isIn([warning.type, ...TextSearch.valuesOf(warning.details)], search) &&
      (question.distinctId === undefined ||
        Object.values(warning.details).includes(question.distinctId)),
  )
}

/** Warnings by type, newest first. */
export const group = (
  warnings: ReadonlyArray<RaisedWarning>,
  question: WarningsQuestion,
): ReadonlyArray<WarningGroup> => {
  const types = Map.groupBy(chosenOf(warnings, question), (warning): WarningType => warning.type)
  return [...types]
    .map(([type, all]) => ({
      type,
      count: all.length,
      lastSeen: all.reduce((last, { at }) => Math.max(last, at), 0),
      daily: [...Map.groupBy(all, ({ at }) => dayOf(at))]
        .map(([day, some]) => ({ day, count: some.length }))
        .toSorted((a, b) => (a.day < b.day ? -1 : 1)),
      warnings: all.toReversed().slice(0, shownMax),
    }))
    .toSorted((a, b) => b.lastSeen - a.lastSeen || (a.type < b.type ? -1 : 1))
}

/** Warnings in the order in which they were raised; a page never cuts through those of one position. */
export const after = (
  warnings: ReadonlyArray<RaisedWarning>,
  question: WarningsQuestion & { readonly after: number; readonly limit: number },
): ReadonlyArray<RaisedWarning> => {
  const { after: position, limit } = question
  const rest = chosenOf(warnings, question)
    .filter(({ raisedAt }) => raisedAt > position)
    .toSorted((a, b) => a.raisedAt - b.raisedAt || a.position - b.position)
  const last = rest[limit - 1]?.raisedAt
  return rest.filter(({ raisedAt }, index) => index < limit || raisedAt === last)
}
