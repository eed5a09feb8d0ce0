import type { Incoming } from "@onymous/identity/event/Event"
import { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Place } from "../EventLog.ts"
import * as EventRow from "./EventRow.ts"

/** A statement for any driver of Postgres: its parameters are numbered, and each is a text. */
export interface Statement {
  readonly text: string
  readonly values: ReadonlyArray<string>
}

/**
 * How events of somebody's transaction get their places: at once, so that all other appends of the project wait
 * until the transaction ends, or after it is committed, so that nobody waits.
 */
export type Order = "locked" | "outbox"

/** More events at a time took Postgres longer for each. */
export const eventsMax = 2_000

const functions = { locked: "append", outbox: "enqueue" }

/**
 * The statement that appends events in the transaction in which it is run. It has a row for each event, in their
 * order, and none where there is no such project.
 */
export const statement = (
  schema: string,
  project: ProjectId,
  events: ReadonlyArray<Incoming>,
  order: Order,
): Statement => ({
  text: `select uuid, "position", is_new from "${schema}".${functions[order]}($1::text, $2::text::json)`,
  values: [project, EventRow.toJson(events)],
})

/** The place that a row of `locked` tells, whatever its driver makes of numbers and truths. */
export const placeOf = (row: Readonly<Record<string, unknown>>): Place => ({
  position: Position(Number(row["position"])),
  isNew: row["is_new"] === true || row["is_new"] === "t",
})
