import { expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import type { Event } from "@onymous/identity/event/Event"
import * as IsoTime from "@onymous/identity/encoding/IsoTime"
import { EventLog } from "@onymous/log/EventLog"
import * as SdkRequests from "./SdkRequests.ts"
import { ask, memory, project, token } from "./serverSupport.ts"

/** The event in the words of the table; its time only where the table names one. */
const meaning = (event: Event, isTimed: boolean): SdkRequests.Meant | undefined => {
  if (event._tag !== "Captured") return undefined
  const { name, distinctId, source, timestamp, facts } = event
  const at = isTimed ? IsoTime.parse(timestamp) : undefined
  return {
    event: name,
    id: distinctId,
    ...(source !== undefined && { source }),
    ...(facts.set !== undefined && { set: facts.set }),
    ...(facts.setOnce !== undefined && { setOnce: facts.setOnce }),
    ...(at !== undefined && { at: new Date(at).toISOString() }),
  }
}

layer(memory, { excludeTestServices: true })("other SDKs", (it) => {
  it.effect.each(SdkRequests.requests(token))("$sdk", (request) =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const { position } = yield* log.head(project)
      const { status, text } = yield* ask(request.path, {
        method: "POST",
        headers: request.headers,
        body: SdkRequests.bytesOf(request),
      })
      expect({ status, text }).toEqual({ status: 200, text: '{"status":1}' })
      const recorded = yield* log.read({ project, after: position, limit: 100 })
      const events = recorded.map(({ event }, index) =>
        meaning(event, request.meant[index]?.at !== undefined),
      )
      expect(events).toEqual(request.meant)
    }),
  )
})
