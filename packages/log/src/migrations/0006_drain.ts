import { Effect } from "effect"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"

/**
 * A drain takes the events up to the last one of its page, whatever Postgres believes of the inbox: of one that had
 * been empty for long, it looked for each event of the page among all that waited, and never came to an end.
 */
export default Effect.gen(function* () {
  const sql = yield* SchemaClient
  const [projects, inbox] = [sql.ours("projects"), sql.ours("event_inbox")]
  yield* sql`create or replace function ${sql.ours("drain")} (of_project text, events_max integer) returns integer
    language plpgsql set enable_seqscan = off set enable_bitmapscan = off set lock_timeout = '50ms' as $body$
    declare
      last bigint;
      taken json;
    begin
      if not exists (select from ${inbox} where project_id = of_project) then return 0; end if;
      perform from ${projects} p where p.id = of_project for update;
      select max(id) into last from (
        select id from ${inbox} where project_id = of_project order by id limit events_max) page;
      with gone as (
        delete from ${inbox} i where i.project_id = of_project and i.id <= last
        returning i.id, i.event
      )
      select json_agg(event order by id) into taken from gone;
      if taken is null then return 0; end if;
      perform from ${sql.ours("append")}(of_project, taken);
      return json_array_length(taken);
    end $body$`
})
