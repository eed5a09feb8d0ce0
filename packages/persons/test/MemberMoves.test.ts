import { expect, it } from "vitest"
import * as PersonId from "@onymous/identity/state/PersonId"
import { Position } from "@onymous/identity/event/Position"
import { MemberMoves } from "../src/rows/MemberMoves.ts"

const a = PersonId.PersonId("a")
const b = PersonId.PersonId("b")
const c = PersonId.PersonId("c")

it("stored ids go where their component goes, also with those that it meets on the way", () => {
  const moves = new MemberMoves((component) => component !== c)
  moves.move(a, b, Position(1))
  moves.move(b, c, Position(2))
  moves.move(c, null, Position(4))
  expect(moves.rows).toEqual([
    { stored: a, component: b, from: 1, to: 2 },
    { stored: b, component: c, from: 2, to: 4 },
    { stored: a, component: c, from: 2, to: 4 },
    { stored: b, component: null, from: 4, to: null },
    { stored: a, component: null, from: 4, to: null },
  ])
})

it("a move that is ended at its own position was never true", () => {
  const moves = new MemberMoves((component) => component === a)
  moves.move(a, b, Position(3))
  moves.move(b, c, Position(3))
  expect(moves.rows).toEqual([{ stored: a, component: c, from: 3, to: null }])
})
