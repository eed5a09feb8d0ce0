import { Effect } from "effect"
import type { Move } from "../address/Navigation.ts"
import { askOnce } from "../asking/Asking.ts"
import { countText, positionText } from "../words/Numbers.ts"
import { recent } from "./Recent.ts"

/** Something that was found, and where it leads. */
export interface Found {
  readonly key: string
  readonly label: string
  readonly hint: string
  readonly to: Move
}

/** Everything about persons is left behind, so that what was found is shown by itself. */
const bare: Move = {
  view: "persons",
  with: undefined,
  without: [],
  vs: undefined,
  q: undefined,
  type: undefined,
  lib: undefined,
}

const personFound = (
  person: {
    readonly distinct_ids: ReadonlyArray<string>
    readonly properties: Readonly<Record<string, unknown>>
  },
  id: string,
  hint: string,
): Found => {
  const { name, email } = person.properties
  const told = typeof name === "string" ? name : typeof email === "string" ? email : undefined
  return {
    key: `person ${id}`,
    label: id,
    hint: [told, countText(person.distinct_ids.length, "id"), hint]
      .filter((text) => text !== undefined && text !== "")
      .join(" · "),
    to: { ...bare, id },
  }
}

/** The last moments that were looked at. */
export const lately = (): ReadonlyArray<Found> =>
  recent().map(({ id, title, at }) => ({
    key: `recent ${id}`,
    label: title,
    hint: at === undefined ? "live" : positionText(at),
    to: { ...bare, id, at },
  }))

const positionFound = (text: string): ReadonlyArray<Found> => {
  const digits = /^#?([\d,]+)$/.exec(text)?.[1]?.replaceAll(",", "")
  const at = Number(digits)
  return digits === undefined || !Number.isSafeInteger(at) || at < 1
    ? []
    : [{ key: "position", label: positionText(at), hint: "a position of the log", to: { at } }]
}

const isUuid = (text: string): boolean => /^[0-9a-f-]{36}$/i.test(text)

const eventFound = (text: string) =>
  isUuid(text)
    ? askOnce(({ project }, asked) =>
        project.events({ ...asked, query: { limit: 1, at: text } }),
      ).pipe(
        Effect.map(({ position, results: [event] }): ReadonlyArray<Found> => [
          {
            key: "event",
            label: `${event?.event ?? "event"} at ${positionText(position)}`,
            hint: "this event",
            to: { ...bare, at: position, id: event?.distinct_id },
          },
        ]),
        Effect.orElseSucceed((): ReadonlyArray<Found> => []),
      )
    : Effect.succeed<ReadonlyArray<Found>>([])

const exactFound = (text: string) =>
  askOnce(({ project }, asked) => project.persons({ ...asked, query: { distinct_id: text } })).pipe(
    Effect.map(({ results }) => results.map((person) => personFound(person, text, ""))),
    Effect.orElseSucceed((): ReadonlyArray<Found> => []),
  )

/** How many ids are shown that begin with a text. */
const prefixMax = 6

/** Ids that begin with a text. */
const beginning = (text: string) =>
  askOnce(({ timeline }, asked) =>
    timeline.ids({ ...asked, query: { prefix: text, limit: prefixMax } }),
  ).pipe(
    Effect.map(({ results }) =>
      results.flatMap(({ distinct_id: id }): ReadonlyArray<Found> =>
        id === text
          ? []
          : [{ key: `person ${id}`, label: id, hint: "begins so", to: { ...bare, id } }],
      ),
    ),
    Effect.orElseSucceed((): ReadonlyArray<Found> => []),
  )

/** A person by its own id. */
const personOf = (text: string) =>
  isUuid(text)
    ? askOnce(({ project }, asked) =>
        project.persons({ ...asked, query: { person_id: text } }),
      ).pipe(
        Effect.map(({ results }) =>
          results.flatMap((person) => {
            const [id] = person.distinct_ids
            return id === undefined ? [] : [personFound(person, id, "this person")]
          }),
        ),
        Effect.orElseSucceed((): ReadonlyArray<Found> => []),
      )
    : Effect.succeed<ReadonlyArray<Found>>([])

/** How many persons a search finds at most. */
const searchMax = 12

/** Looks for a text everywhere, in ids and in values. */
export const everywhere = (text: string) =>
  askOnce(({ project }, asked) =>
    project.persons({ ...asked, query: { search: text, limit: searchMax } }),
  ).pipe(
    Effect.map(({ results }) =>
      results.flatMap((person) => {
        const wanted = text.toLowerCase()
        const id =
          person.distinct_ids.find((each) => each.toLowerCase().includes(wanted)) ??
          person.distinct_ids[0]
        return id === undefined ? [] : [personFound(person, id, "everywhere")]
      }),
    ),
    Effect.orElseSucceed((): ReadonlyArray<Found> => []),
  )

/** Persons of which a value held a text before: to when that was so last. */
export const formerly = (text: string) =>
  askOnce(({ timeline }, asked) =>
    timeline.formerValues({ ...asked, query: { search: text, limit: searchMax } }),
  ).pipe(
    Effect.map(({ results }) =>
      results.map(({ distinct_id: id, property, from, until }): Found => ({
        key: `former ${id}`,
        label: id,
        hint: `${property} until ${positionText(until)}`,
        to: { ...bare, id, at: from },
      })),
    ),
    Effect.orElseSucceed((): ReadonlyArray<Found> => []),
  )

/** What a text leads to at once: an exact id, a person, an event, a position, and ids that begin so. */
export const atOnce = (text: string) =>
  Effect.map(
    Effect.all([exactFound(text), personOf(text), eventFound(text), beginning(text)], {
      concurrency: 4,
    }),
    ([exact, person, event, others]) => [
      ...exact,
      ...person,
      ...event,
      ...positionFound(text),
      ...others,
    ],
  )
