import { expect, it } from "vitest"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import * as WorkInTurns from "@onymous/persons/rows/WorkInTurns"
import * as RandomEvents from "@onymous/simulator/chance/RandomEvents"
import * as Seeds from "@onymous/simulator/random/Seeds"
import type { History, Link } from "../src/history/History.ts"
import * as Culprits from "../src/questions/Culprits.ts"
import * as Why from "../src/questions/Why.ts"
import { historyOf, identify } from "./historySupport.ts"

const id = DistinctId("ann")

const randomHistory = (seed: number): History => {
  const next = RandomEvents.random(seed)
  const name = () => `device-${RandomEvents.below(next, 8)}`
  return historyOf(
    Array.from({ length: 12 }, (_, index) =>
      identify(index + 1, next() < 0.4 ? id : name(), name()),
    ),
  )
}

/** All ids to which links lead from one id. */
const reached = (links: ReadonlyArray<Link>, start: DistinctId): ReadonlySet<DistinctId> => {
  const found = new Set([start])
  for (const each of found) {
    for (const { source, target } of links) {
      if (source === each) found.add(target)
      if (target === each) found.add(source)
    }
  }
  return found
}

it("a link is told, with both parts, where without it there is no other way between its ids", () => {
  for (const seed of Seeds.seeds(200)) {
    const history = randomHistory(seed)
    const ids = history.personAt(id)?.distinctIds ?? []
    const links = Why.linksBetween(history, history.head).filter(
      ({ target, source }) => ids.includes(target) && ids.includes(source) && target !== source,
    )
    const expected = links.flatMap((link) => {
      const part = reached(
        links.filter((other) => other !== link),
        link.target,
      )
      const rest = ids.filter((each) => !part.has(each))
      return part.has(link.source) ? [] : [{ link, parts: [[...part].toSorted(), rest.toSorted()] }]
    })
    const smaller = ({ parts }: (typeof expected)[number]) =>
      Math.min(...parts.map(({ length }) => length))
    const sorted = expected.toSorted(
      (a, b) => smaller(b) - smaller(a) || a.link.event.position - b.link.event.position,
    )
    expect(WorkInTurns.atOnce(Culprits.culprits(history, id)), `seed ${seed}`).toEqual(sorted)
  }
})

it("of very many links the hundred that leave the largest parts are told", () => {
  const history = historyOf(
    Array.from({ length: 3000 }, (_, index) => identify(index + 1, id, `device-${index}`)),
  )
  expect(WorkInTurns.atOnce(Culprits.culprits(history, id))).toHaveLength(100)
})
