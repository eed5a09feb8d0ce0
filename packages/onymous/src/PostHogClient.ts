import { randomUUID } from "node:crypto"
import type { JsonObject } from "@onymous/identity/encoding/Json"
import type { CaptureInput } from "./inputs/CaptureInputs.ts"

/** An event, as posthog-node's `capture` takes it. */
export interface EventMessage {
  /** Without one, the event is nobody's. */
  readonly distinctId?: string
  readonly event: string
  readonly properties?: JsonObject
  readonly groups?: Readonly<Record<string, string | number>>
  readonly timestamp?: Date
  readonly uuid?: string
  readonly disableGeoip?: boolean
  /** Taken and left alone: there are no flags here. */
  readonly sendFeatureFlags?: unknown
}

/** Who somebody is, as posthog-node's `identify` takes it. */
export interface IdentifyMessage {
  readonly distinctId: string
  readonly properties?: JsonObject
  readonly disableGeoip?: boolean
}

/** Another name, as posthog-node's `alias` takes it. */
export interface AliasMessage {
  readonly distinctId: string
  readonly alias: string
  readonly disableGeoip?: boolean
}

/** A group, as posthog-node's `groupIdentify` takes it. */
export interface GroupIdentifyMessage {
  readonly groupType: string
  readonly groupKey: string
  readonly properties?: JsonObject
  readonly distinctId?: string
  readonly disableGeoip?: boolean
}

/** How events get into the log, and who hears of those that do not. */
interface Log {
  readonly capture: (input: CaptureInput) => Promise<unknown>
  readonly report: (error: unknown) => void
}

/**
 * What posthog-node offers a backend that captures, on a project of Onymous: a backend swaps its client for this
 * one, and its calls stay. What is not awaited is told to the logger where it fails.
 */
export class PostHogClient {
  readonly #log: Log
  readonly #pending = new Set<Promise<unknown>>()

  constructor(log: Log) {
    this.#log = log
  }

  capture(message: EventMessage): void {
    this.#send(this.captureImmediate(message))
  }

  async captureImmediate(message: EventMessage): Promise<void> {
    await this.#log.capture(toCapture(message))
  }

  identify(message: IdentifyMessage): void {
    this.#send(this.identifyImmediate(message))
  }

  async identifyImmediate({ distinctId, properties = {}, ...geo }: IdentifyMessage): Promise<void> {
    const { $set, $set_once, $anon_distinct_id, $unset, ...rest } = properties
    const sent = {
      $set: $set ?? rest,
      ...($set_once !== undefined && { $set_once }),
      ...($anon_distinct_id !== undefined && { $anon_distinct_id }),
      ...($unset !== undefined && { $unset }),
    }
    await this.captureImmediate({ distinctId, event: "$identify", properties: sent, ...geo })
  }

  alias(message: AliasMessage): void {
    this.#send(this.aliasImmediate(message))
  }

  async aliasImmediate({ distinctId, alias, ...geo }: AliasMessage): Promise<void> {
    const properties = { distinct_id: distinctId, alias }
    await this.captureImmediate({ distinctId, event: "$create_alias", properties, ...geo })
  }

  groupIdentify(message: GroupIdentifyMessage): void {
    this.#send(this.groupIdentifyImmediate(message))
  }

  async groupIdentifyImmediate(message: GroupIdentifyMessage): Promise<void> {
    const { groupType, groupKey, properties = {}, distinctId, ...geo } = message
    await this.captureImmediate({
      distinctId: distinctId ?? `$${groupType}_${groupKey}`,
      event: "$groupidentify",
      properties: { $group_type: groupType, $group_key: groupKey, $group_set: properties },
      ...geo,
    })
  }

  /** Waits until all that was captured before is in the log, or was reported. */
  async flush(): Promise<void> {
    await Promise.allSettled(this.#pending)
  }

  /** The same: the Onymous under it is closed by whoever opened it. */
  async shutdown(): Promise<void> {
    await this.flush()
  }

  #send(call: Promise<void>): void {
    const sent = call.catch(this.#log.report).finally(() => this.#pending.delete(sent))
    this.#pending.add(sent)
  }
}

/** The event that posthog-node sends for a message. */
const toCapture = (message: EventMessage): CaptureInput => {
  const { distinctId, event, properties, groups, timestamp, uuid, disableGeoip = true } = message
  return {
    distinctId: distinctId ?? randomUUID(),
    event,
    properties: {
      ...properties,
      ...(groups !== undefined && { $groups: groups }),
      ...(disableGeoip && { $geoip_disable: true }),
      ...(distinctId === undefined && { $process_person_profile: false }),
    },
    ...(timestamp !== undefined && { timestamp }),
    ...(uuid !== undefined && { uuid }),
  }
}
