import { Effect } from "effect"
import { Atom } from "effect/reactivity"
import * as Json from "@onymous/identity/encoding/Json"
import type { Merges } from "@onymous/api/page/TimelineForms"
import { ask } from "../asking/Asking.ts"
import { settled } from "./Around.ts"
import { beginning } from "../words/EscapedText.ts"
import type { PersonForm } from "./Forms.ts"

type Merge = (typeof Merges.Type)["results"][number]

/** Merges into one id by the same sort of sender, and what was true of the first of them. */
export interface Look {
  readonly merges: ReadonlyArray<Merge>
  readonly first: Merge
  readonly last: Merge
  readonly targetTitle: string
  readonly sourceTitle: string
  /** The name of its event, or of what an operator did. */
  readonly event: string
  readonly by: string | undefined
  readonly reason: string | undefined
  /** The names of properties of which a value gave way. */
  readonly lost: ReadonlyArray<string>
}

const mergesMax = 60

/** A title that is longer is cut. */
const titleMax = 120
const looksMax = 8

const rank = (key: string): number =>
  key === "name" ? 0 : key === "email" ? 1 : key.startsWith("$") ? 3 : 2

/** The names of properties that two persons have with different values. */
const differing = (a: PersonForm | undefined, b: PersonForm | undefined): ReadonlyArray<string> =>
  Object.keys(b?.properties ?? {})
    .filter((key) => {
      // A property may be called as something that every object has.
      const kept = a && Json.get(a.properties, key)
      return kept !== undefined && JSON.stringify(kept) !== JSON.stringify(b?.properties[key])
    })
    .toSorted((one, other) => rank(one) - rank(other) || (one < other ? -1 : 1))

const titleOf = (person: PersonForm | undefined, id: string): string => {
  const { name, email } = person?.properties ?? {}
  const told = [name, email].find((text) => typeof text === "string" && text !== "")
  return typeof told === "string" ? beginning(told, titleMax) : id
}

/** Merges that hold come first; of these the ones in which most gave way. */
const groupsOf = (merges: ReadonlyArray<Merge>) =>
  [
    ...Map.groupBy(merges, ({ target, by_operator }) =>
      JSON.stringify([target, by_operator]),
    ).values(),
  ]
    .flatMap((all) => {
      const sorted = all.toSorted((a, b) => a.position - b.position)
      const [first, last] = [sorted[0], sorted.at(-1)]
      if (first === undefined || last === undefined) return []
      const most = Math.max(...sorted.map(({ lost }) => lost))
      return [{ merges: sorted, first, last, most, holds: sorted.some(({ holds }) => holds) }]
    })
    .toSorted(
      (a, b) =>
        Number(b.holds) - Number(a.holds) || b.most - a.most || b.merges.length - a.merges.length,
    )
    .slice(0, looksMax)

/** Merges worth a look, as of the playhead. */
export const worthALook = Atom.keepAlive(
  Atom.make((get) => {
    const at = get(settled)
    if (at === undefined) return Effect.never
    const personAt = (id: string, position: number) =>
      Effect.map(
        ask(get, ({ project }, asked) =>
          project.persons({ ...asked, query: { distinct_id: id, at: `${position}` } }),
        ),
        ({ results }) => results[0],
      )
    const told = ({ merges, first, last }: ReturnType<typeof groupsOf>[number]) =>
      Effect.gen(function* () {
        const [target, source, event] = yield* Effect.all(
          [
            personAt(first.target, first.position - 1),
            personAt(first.source, first.position - 1),
            ask(get, ({ log }, asked) =>
              log.page({ ...asked, query: { after: first.event_position - 1, limit: 1 } }),
            ),
          ],
          { concurrency: 3 },
        )
        const [entry] = event.results
        const look: Look = {
          merges,
          first,
          last,
          targetTitle: titleOf(target, first.target),
          sourceTitle: titleOf(source, first.source),
          event: entry?.event ?? entry?.api ?? "",
          by: entry?.by,
          reason: entry?.reason,
          lost: differing(target, source),
        }
        return look
      })
    return ask(get, ({ timeline }, asked) =>
      timeline.merges({ ...asked, query: { worth: "look", limit: mergesMax, at: `${at}` } }),
    ).pipe(
      Effect.flatMap(({ results }) => Effect.forEach(groupsOf(results), told, { concurrency: 4 })),
    )
  }),
)
