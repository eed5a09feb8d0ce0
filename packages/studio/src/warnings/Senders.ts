import type { WarningGroup } from "../data/Forms.ts"

/** A warning of a type, with the library that sent its event. */
export type Warning = WarningGroup["warnings"][number]

/** The library that sent the event of a warning, with its version; undefined where the event does not say so. */
export const senderOf = ({ lib, lib_version: version }: Warning): string | undefined =>
  version === undefined ? lib : `${lib ?? ""} ${version}`

/** The libraries that sent the events of warnings, by name. */
export const sendersOf = (groups: ReadonlyArray<WarningGroup>): ReadonlyArray<string> =>
  [
    ...new Set(groups.flatMap(({ warnings }) => warnings.flatMap((each) => senderOf(each) ?? []))),
  ].toSorted()

/** Warnings by the library that sent their events, the one of most of them first. */
export const bySender = (warnings: ReadonlyArray<Warning>) =>
  [...Map.groupBy(warnings, senderOf)]
    .map(([sender, sent]) => ({ sender, warnings: sent }))
    .toSorted((left, right) => right.warnings.length - left.warnings.length)
