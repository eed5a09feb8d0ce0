import * as BoundedPage from "./BoundedPage.ts"
import type { RecordedPayload } from "../EventLog.ts"

type Events = ReadonlyArray<RecordedPayload>

const bytesOf = ({ payload }: RecordedPayload): number => Buffer.byteLength(payload)

/** The first events, as many as a page has. */
export const cut = (events: Events): Events => BoundedPage.cut(events, bytesOf)

/** True for a page behind which there may be more events. */
export const isFull = (page: Events, limit: number): boolean =>
  page.length === limit || BoundedPage.bytesIn(page, bytesOf) >= BoundedPage.bytesMax
