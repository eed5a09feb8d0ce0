import { Struct } from "effect"
import type { JsonObject } from "@onymous/identity/encoding/Json"
import * as ChangedPolicy from "@onymous/identity/policy/ChangedPolicy"
import type { PolicyChange } from "@onymous/identity/policy/Policy"
import type { Counts } from "./Activity.ts"
import type { NewRows, Table } from "./RowChanges.ts"

/** The TypeScript type of a column by its SQL type; an `id` is a text that is compared as bytes. */
interface Values {
  readonly id: string
  readonly text: string
  readonly uuid: string
  readonly integer: number
  /** A position. */
  readonly bigint: number
  readonly boolean: boolean
  /** Epoch milliseconds. */
  readonly timestamptz: number
  /** Stored as its text, unchanged. */
  readonly json: JsonObject | PolicyChange
}

/** A column: its SQL type, and its value in a row. */
export type Column<Row> = {
  readonly [Type in keyof Values]:
    | { readonly type: Type; readonly of: (row: Row) => Values[Type] }
    | {
        readonly type: Type
        readonly isNullable: true
        readonly of: (row: Row) => Values[Type] | null
      }
}[keyof Values]

/** A table of one kind of row. It also has the column `edition`, which is part of its key and decides its partition. */
export interface DerivedTable<Row> {
  readonly columns: Readonly<Record<string, Column<Row>>>
  /** The columns of the unique index, those that are looked up first. */
  readonly key: ReadonlyArray<string>
  /** By name: the columns of an index, with its condition where it is partial. */
  readonly indexes?: Readonly<Record<string, string>>
  /**
   * When a load writes the rows. A row of a `decided` table never changes, so the load writes it at once. A row of a
   * `held` table may change while it holds, so the load writes those that hold last.
   */
  readonly written: "decided" | "held"
  /** True where a stored row with the same key gets the new values; `added` where they are added to its own. */
  readonly isUpserted?: boolean | "added"
}

const interval = {
  from_position: { type: "bigint", of: (row: { readonly from: number }) => row.from },
  to_position: {
    type: "bigint",
    isNullable: true,
    of: (row: { readonly to: number | null }) => row.to,
  },
} as const

const counts = {
  born: { type: "integer", of: (row) => row.born },
  attached: { type: "integer", of: (row) => row.attached },
  merged: { type: "integer", of: (row) => row.merged },
  lost: { type: "integer", of: (row) => row.lost },
  refused: { type: "integer", of: (row) => row.refused },
  warned: { type: "integer", of: (row) => row.warned },
  apart: { type: "integer", of: (row) => row.apart },
  held: { type: "integer", of: (row) => row.held },
  released: { type: "integer", of: (row) => row.released },
  versions: { type: "integer", of: (row) => row.versions },
} satisfies Record<keyof Counts, Column<Counts>>

/**
 * The derived tables. The schema, the statement that writes rows, the dump, and the partitions of an edition
 * follow from this list. `held` tables whose indexes take longest come first.
 */
export const tables: { readonly [Name in Table]: DerivedTable<NewRows[Name][number]> } = {
  memberships: {
    columns: {
      distinct_id: { type: "id", of: (row) => row.distinctId },
      component: { type: "uuid", of: (row) => row.component },
      ...interval,
    },
    key: ["distinct_id", "edition", "from_position"],
    indexes: { component: "(component)" },
    written: "held",
  },
  persons: {
    columns: {
      person_id: { type: "uuid", of: ({ person }) => person.id },
      version: { type: "integer", of: ({ person }) => person.version },
      properties: { type: "json", of: ({ person }) => person.properties },
      is_identified: { type: "boolean", of: ({ person }) => person.isIdentified },
      created_at: { type: "timestamptz", of: ({ person }) => person.createdAt },
      ...interval,
    },
    key: ["person_id", "edition", "from_position"],
    indexes: {
      newest: "(edition, created_at desc) where to_position is null",
      begun: "(edition, from_position)",
      born: "(edition, from_position) where version = 0",
    },
    written: "held",
  },
  components: {
    columns: {
      component: { type: "uuid", of: (row) => row.component },
      person_id: { type: "uuid", of: (row) => row.personId },
      size: { type: "integer", isNullable: true, of: (row) => row.size },
      ids: { type: "text", isNullable: true, of: (row) => row.ids },
      first_id: { type: "text", isNullable: true, of: (row) => row.first },
      first_seen: { type: "bigint", isNullable: true, of: (row) => row.firstSeen },
      joined_since: { type: "timestamptz", isNullable: true, of: (row) => row.joinedSince },
      joined_count: { type: "integer", isNullable: true, of: (row) => row.joinedCount },
      ...interval,
    },
    key: ["component", "edition", "from_position"],
    indexes: { person: "(person_id)" },
    written: "held",
    isUpserted: true,
  },
  cone_links: {
    columns: {
      low_id: { type: "id", of: (row) => row.low },
      high_id: { type: "id", of: (row) => row.high },
    },
    key: ["low_id", "high_id", "edition"],
    indexes: { high: "(high_id)" },
    written: "held",
    isUpserted: true,
  },
  waiting_events: {
    columns: {
      position: { type: "bigint", of: (row) => row.position },
      distinct_id: { type: "id", of: (row) => row.distinctId },
      due_at: { type: "timestamptz", of: (row) => row.dueAt },
      released_position: {
        type: "bigint",
        isNullable: true,
        of: ({ released }) => released?.at ?? null,
      },
      released_by: { type: "text", isNullable: true, of: ({ released }) => released?.by ?? null },
      person_id: {
        type: "uuid",
        isNullable: true,
        of: ({ released }) => released?.personId ?? null,
      },
    },
    key: ["edition", "position"],
    indexes: {
      due: "(due_at, edition) where released_position is null",
      released: "(edition, released_position) where released_position is not null",
    },
    written: "held",
    isUpserted: true,
  },
  refusals: {
    columns: {
      distinct_id: { type: "id", of: (row) => row.distinctId },
      count: { type: "integer", of: (row) => row.count },
    },
    key: ["distinct_id", "edition"],
    written: "held",
    isUpserted: true,
  },
  activity: {
    columns: { position: { type: "bigint", of: (row) => row.position }, ...counts },
    key: ["edition", "position"],
    written: "held",
    isUpserted: "added",
  },
  links: {
    columns: {
      event_position: { type: "bigint", of: (row) => row.event },
      position: { type: "bigint", of: (row) => row.position },
      target_id: { type: "id", of: (row) => row.target },
      source_id: { type: "id", of: (row) => row.source },
      outcome: { type: "text", of: (row) => row.outcome },
      loser: { type: "uuid", isNullable: true, of: (row) => row.loser },
      winner: { type: "uuid", isNullable: true, of: (row) => row.winner },
      lost: { type: "integer", of: (row) => row.lost },
      both_identified: { type: "boolean", of: (row) => row.areIdentified },
      by_operator: { type: "boolean", of: (row) => row.isOperators },
    },
    key: ["edition", "event_position"],
    indexes: {
      // Merges worth a look, the most overwritten values first.
      look: "(edition, lost, event_position) where lost > 0 or both_identified or by_operator",
      // Links of events that had waited, because they were made later than their event.
      late: "(edition, position) where position <> event_position",
    },
    written: "decided",
  },
  warnings: {
    columns: {
      ...interval,
      position: { type: "bigint", of: ({ warning }) => warning.position },
      ordinal: { type: "integer", of: (row) => row.ordinal },
      type: { type: "text", of: ({ warning }) => warning.type },
      at: { type: "timestamptz", of: ({ warning }) => warning.at },
      event_uuid: { type: "uuid", of: ({ warning }) => warning.eventUuid },
      details: { type: "json", of: ({ warning }) => warning.details },
    },
    key: ["edition", "position", "ordinal", "from_position"],
    indexes: {
      type: "(edition, type, position)",
      // Warnings that were raised later than their event, because it had waited or was retracted.
      late: "(edition, from_position) where from_position <> position",
    },
    written: "decided",
  },
  dropped_events: {
    columns: {
      position: { type: "bigint", of: (row) => row.event },
      from_position: { type: "bigint", of: (row) => row.from },
    },
    key: ["edition", "position"],
    written: "decided",
  },
  state_hashes: {
    columns: {
      position: { type: "bigint", of: (row) => row.position },
      state_hash: { type: "text", of: (row) => row.stateHash },
    },
    key: ["edition", "position"],
    written: "decided",
  },
  personless_ids: {
    columns: { distinct_id: { type: "id", of: (row) => row.distinctId }, ...interval },
    key: ["distinct_id", "edition", "from_position"],
    written: "decided",
  },
  generations: {
    columns: {
      distinct_id: { type: "id", of: (row) => row.distinctId },
      generation: { type: "integer", of: (row) => row.generation },
      from_position: { type: "bigint", of: (row) => row.from },
      gone_at: { type: "bigint", isNullable: true, of: (row) => row.goneAt },
    },
    key: ["distinct_id", "edition", "from_position"],
    written: "decided",
  },
  policies: {
    columns: {
      from_position: { type: "bigint", of: (row) => row.from },
      policy: { type: "json", of: (row) => ChangedPolicy.leastChange(row.policy) },
    },
    key: ["edition", "from_position"],
    written: "decided",
  },
}

/** The column with the position of a row's event; undefined where rows only count or link ids. */
export const positionOf = (table: Table): string | undefined =>
  ["event_position", "position", "from_position"].find((name) => name in tables[table].columns)

/** The names of the derived tables. */
export const names: ReadonlyArray<Table> = Struct.keys(tables)

/** The value of a column in a row; JSON as its text. */
export const valueOf = <Row>(column: Column<Row>, row: Row): string | number | boolean | null =>
  column.type === "json" ? JSON.stringify(column.of(row)) : column.of(row)
