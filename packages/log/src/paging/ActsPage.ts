import { type Event, isAct, type Recorded } from "@onymous/identity/event/Event"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"
import type { Position } from "@onymous/identity/event/Position"
import * as BoundedPage from "./BoundedPage.ts"

type Acts = ReadonlyArray<Recorded>

const factsOf = (event: Event): object => {
  if (!isAct(event)) return {}
  return event._tag === "PolicyChanged" ? event.change : OperatorCommand.encode(event)
}

/** The bytes of an act, as the log stores it. */
const bytesOf = ({ event }: Recorded): number => Buffer.byteLength(JSON.stringify(factsOf(event)))

/** The first acts, as many as a page has. */
export const cut = (acts: Acts): Acts => BoundedPage.cut(acts, bytesOf)

/**
 * The last position of a page behind which there may be more acts. Half a page is one already, because an earlier
 * version may have stored an act in more bytes.
 */
export const nextOf = (page: Acts, limit: number): Position | undefined => {
  const isFull =
    page.length === limit || BoundedPage.bytesIn(page, bytesOf) >= BoundedPage.bytesMax / 2
  return isFull ? page.at(-1)?.position : undefined
}
