import type * as WarningForms from "@onymous/api/forms/WarningForms"

type Details = (typeof WarningForms.Warnings.Type)["results"][number]["warnings"][number]["details"]

const shown = (value: Details[string] | undefined): string =>
  typeof value === "string" ? value : JSON.stringify(value ?? null)

const arrow = (source: Details[string] | undefined, target: Details[string] | undefined) =>
  source === undefined && target === undefined ? [] : [`${shown(source)} → ${shown(target)}`]

/** The details of a warning without its persons: its ids, the source first, and all others. */
export const detailsOf = (details: Details): string => {
  const {
    sourcePersonDistinctId: source,
    targetPersonDistinctId: target,
    sourcePersonId: _source,
    targetPersonId: _target,
    eventUuid: _uuid,
    distinctId,
    ...rest
  } = details
  const isTold = [undefined, source, target, ...Object.values(rest)].includes(distinctId)
  const others = Object.entries(isTold ? rest : { distinctId, ...rest })
  return [...arrow(source, target), ...others.map(([key, value]) => `${key} ${shown(value)}`)].join(
    ", ",
  )
}

/** The persons that a warning names, as of its event. */
export const personsOf = ({ sourcePersonId, targetPersonId }: Details): string =>
  arrow(sourcePersonId, targetPersonId).join()
