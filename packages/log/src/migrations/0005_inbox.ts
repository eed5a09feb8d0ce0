import { Effect } from "effect"
import { SchemaClient, type Sql } from "@onymous/database/sql/SchemaClient"
import * as Seal from "../Seal.ts"

/** The columns of an event in a JSON parameter, which all drivers pass in the same way; JSON columns are texts in it. */
const columns = `uuid uuid, kind text, name text, distinct_id text, source_id text,
  client_timestamp text, sent_at text, client_offset float8, facts text, payload text, checksum bigint`

const names = "uuid, kind, name, distinct_id, source_id, client_timestamp, sent_at, client_offset"

/** The first part of a seal, out of the project's row that the function has locked. */
const before = Seal.beforeOf("head", { seal: "head.seal", position: "head.position" })

/** The position and time that are mixed into an event's checksum. */
const place = Seal.placeOf("fresh.position", Seal.microsecondsOf("next.recorded_at"))

/**
 * Makes the function that appends events under the lock of their log's head, each uuid once, and answers their
 * places.
 */
const makeAppend = (sql: Sql) => {
  const [projects, events] = [sql.ours("projects"), sql.ours("events")]
  return sql`create function ${sql.ours("append")} (of_project text, given_events json)
    returns table (uuid text, "position" text, added boolean, "transaction" text)
    language plpgsql set enable_seqscan = off as $body$
    #variable_conflict use_column
    declare
      head ${projects};
    begin
      select * into head from ${projects} p where p.id = of_project for update;
      if not found then return; end if;
      return query with given as materialized (
        select g.* from rows from (json_to_recordset(given_events) as (${sql.literal(columns)}))
          with ordinality as g (${sql.literal(names)}, facts, payload, checksum, number)
      ), known as materialized (
        select wanted.uuid, found.position from (select distinct given.uuid from given) wanted
        cross join lateral (select e.position from ${events} e
          where e.uuid = wanted.uuid and e.project_id = of_project offset 0) found
      ), first as materialized (
        select distinct on (given.uuid) given.* from given
        where not exists (select from known where known.uuid = given.uuid)
        order by given.uuid, given.number
      ), fresh as materialized (
        select first.*, head.position + row_number() over (order by first.number) as position from first
      ), next as materialized (
        select greatest(date_trunc('milliseconds', clock_timestamp()), head.recorded_at) as recorded_at,
          head.position + count(*) as position,
          sha256(${sql.literal(before)} || array_send(array_agg(checksum order by number))) as seal
        from fresh having count(*) > 0
      ), inserted as (
        insert into ${events} (project_id, position, recorded_at, ${sql.literal(names)}, facts, payload, checksum, seal)
        select of_project, fresh.position, next.recorded_at, ${sql.literal(names)}, facts::json,
          payload::json, checksum # ${sql.literal(place)},
          case when fresh.position = next.position then next.seal end
        from fresh, next
      ), moved as (
        update ${projects} p
        set position = next.position, recorded_at = next.recorded_at, seal = next.seal
        from next where p.id = of_project
      )
      select given.uuid::text, coalesce(known.position, fresh.position)::text,
        coalesce(fresh.number = given.number, false), txid_current()::text
      from given left join known on known.uuid = given.uuid left join fresh on fresh.uuid = given.uuid
      order by given.number;
      perform pg_notify(${sql.literal(`'${sql.schema}'`)}, of_project);
    end $body$`
}

/** Makes the function that puts events into the inbox, and fails for those that the log cannot store. */
const makeEnqueue = (sql: Sql) => {
  const [projects, inbox] = [sql.ours("projects"), sql.ours("event_inbox")]
  return sql`create function ${sql.ours("enqueue")} (of_project text, given_events json)
    returns table (uuid text, "position" text, added boolean, "transaction" text)
    language plpgsql as $body$
    #variable_conflict use_column
    begin
      return query with given as materialized (
        select each.value, each.ordinality as number
        from json_array_elements(given_events) with ordinality as each
      ), put as (
        insert into ${inbox} (project_id, event)
        select p.id, value from ${projects} p, given where p.id = of_project order by number
      )
      select value ->> 'uuid', null::text, null::boolean, txid_current()::text
      from ${projects} p, given where p.id = of_project
        and ((value ->> 'uuid')::uuid, (value ->> 'facts')::json is null, (value ->> 'payload')::json is null) is not null
      order by number;
      perform pg_notify(${sql.literal(`'${sql.schema}'`)}, '');
    end $body$`
}

/**
 * Makes the function that appends the events of an inbox, in the order in which they came, and answers how many they
 * were. Concurrent calls wait for each other, so an answer of 0 means that all committed events are in the log.
 */
const makeDrain = (sql: Sql) => {
  const [projects, inbox] = [sql.ours("projects"), sql.ours("event_inbox")]
  return sql`create function ${sql.ours("drain")} (of_project text, events_max integer) returns integer
    language plpgsql set enable_seqscan = off set lock_timeout = '50ms' as $body$
    declare
      taken json;
    begin
      if not exists (select from ${inbox} where project_id = of_project) then return 0; end if;
      perform from ${projects} p where p.id = of_project for update;
      with gone as (
        delete from ${inbox} i where i.project_id = of_project and i.id in (
          select id from ${inbox} where project_id = of_project order by id limit events_max)
        returning i.id, i.event
      )
      select json_agg(event order by id) into taken from gone;
      if taken is null then return 0; end if;
      perform from ${sql.ours("append")}(of_project, taken);
      return json_array_length(taken);
    end $body$`
}

/**
 * The inbox, and the functions by which a host's transaction appends. A function reads the log after it got the lock,
 * so that it sees the events of the lock's earlier holders; a single statement would not. It looks up by keys,
 * whatever the settings of its session.
 */
export default Effect.gen(function* () {
  const sql = yield* SchemaClient
  yield* sql`create table ${sql.ours("event_inbox")} (
    id bigint generated always as identity,
    project_id text collate "C" not null,
    event json not null,
    primary key (project_id, id)
  )`
  yield* makeAppend(sql)
  yield* makeEnqueue(sql)
  yield* makeDrain(sql)
})
