import { Effect } from "effect"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import * as ExactJson from "@onymous/identity/encoding/ExactJson"
import { Position } from "@onymous/identity/event/Position"
import { PersonId } from "@onymous/identity/state/PersonId"
import * as TextSearch from "../../reading/TextSearch.ts"
import type { FormerQuestion, FormerView } from "../../Timeline.ts"
import { liveOf } from "../editions/SqlEditions.ts"
import * as SearchPattern from "./SearchPattern.ts"

interface FormerRow {
  readonly person_id: string
  readonly from_position: number
  readonly to_position: number
  readonly properties: string
}

/**
 * The last ended version of each person of which a value contains a text. The pattern meets a few others, too: a person
 * whose last version that meets it is one of these is left out.
 */
export const formerlyHeld = Effect.fnUntraced(function* ({
  project,
  search,
  limit,
}: FormerQuestion) {
  const sql = yield* SchemaClient
  const rows = yield* sql<FormerRow>`
    select * from (
      select distinct on (person_id) person_id, from_position, to_position, properties::text as properties
      from ${sql.ours("persons")}
      where edition = ${liveOf(sql, project)} and to_position is not null
        and properties::text collate "C" ~ ${SearchPattern.inJson(search)}::text
      order by person_id, to_position desc
    ) found
    order by to_position desc, person_id desc limit ${limit}`
  return rows
    .filter(({ properties }) =>
      TextSearch.isIn(TextSearch.valuesOf(ExactJson.parseObject(properties)), search),
    )
    .map((row): FormerView => ({
      personId: PersonId(row.person_id),
      from: Position(row.from_position),
      to: Position(row.to_position),
    }))
})
