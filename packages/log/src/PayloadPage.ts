import type { RecordedPayload } from "./EventLog.ts"

/** A page of events ends with the event whose payload brings it to so many bytes, because a process holds all of it. */
export const bytesMax = 16_000_000

type Events = ReadonlyArray<RecordedPayload>

/** How many of the first events make a page; all of them where they are not so large. */
const lengthOf = (events: Events): number => {
  let bytes = 0
  const last = events.findIndex(({ payload }) => (bytes += Buffer.byteLength(payload)) >= bytesMax)
  return last === -1 ? events.length : last + 1
}

/** The first events, as many as a page has. */
export const cut = (events: Events): Events => events.slice(0, lengthOf(events))

/** True for a page behind which there may be more events. */
export const isFull = (page: Events, limit: number): boolean =>
  page.length === limit ||
  page.reduce((bytes, { payload }) => bytes + Buffer.byteLength(payload), 0) >= bytesMax
