import { AsyncResult } from "effect/reactivity"
import { useEffect, useMemo } from "react"
import { At } from "../address/At.tsx"
import { address, go } from "../address/Navigation.ts"
import { useAtom } from "../atoms/Registry.ts"
import { type AskedThen, askedThen } from "../data/AskedThen.ts"
import type { PersonForm } from "../data/Forms.ts"
import { isPast, playhead } from "../data/Head.ts"
import { Answered } from "../look/Answered.tsx"
import { LongTable } from "../look/LongTable.tsx"
import { setTitle } from "../look/Title.ts"
import { Value } from "../look/Value.tsx"
import { nameOf } from "../past/PersonFacts.ts"
import { AskedFork } from "../whatif/AskedFork.tsx"
import { AskedWhy } from "../why/AskedWhy.tsx"
import { IdText } from "../words/IdText.tsx"
import { countText, numberText, positionText } from "../words/Numbers.ts"
import { shortText } from "../words/Times.ts"
import { visible } from "../words/EscapedText.ts"
import { Moment } from "./Moment.tsx"
import { RetractedNote } from "../whatif/RetractedNote.tsx"

/** Says why a step takes longer here. */
const Slower = ({ events }: { readonly events: number }) => (
  <div className="note slower">
    <p>
      <b>{numberText(events)} events name these ids, or more.</b> That is too much to fold in the
      page: the server is asked at each moment, which is slower.
    </p>
  </div>
)

const Known = ({ person }: { readonly person: PersonForm }) => (
  <section className="panel" aria-labelledby="h-known">
    <header>
      <h2 id="h-known">Properties</h2>
    </header>
    <table className="told">
      <tbody>
        {Object.entries(person.properties).map(([key, value]) => (
          <tr key={key}>
            <th scope="row">{visible(key)}</th>
            <td>
              <Value value={value} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
)

const Lists = ({ person, events }: AskedThen & { readonly person: PersonForm }) => (
  <>
    <section className="panel" aria-labelledby="h-ids">
      <header>
        <h2 id="h-ids">Ids</h2>
        <small>{numberText(person.distinct_ids.length)}</small>
      </header>
      <LongTable
        label="Ids"
        heads={<th scope="col">Id</th>}
        rows={person.distinct_ids}
        keyOf={(each) => each}
        cells={(each) => (
          <td>
            <button type="button" className="lane-name" onClick={() => go({ with: each })}>
              <IdText id={each} />
            </button>
          </td>
        )}
      />
    </section>
    <section className="panel" aria-labelledby="h-events">
      <header>
        <h2 id="h-events">Last events</h2>
      </header>
      <ol className="rows">
        {events.map(({ position, event, distinct_id: sent, received_at: time }) => (
          <li key={position}>
            <At position={position} /> <b>{visible(event)}</b> <IdText id={sent} />{" "}
            <small>{shortText(Date.parse(time))}</small>
          </li>
        ))}
      </ol>
    </section>
  </>
)

const Differs = ({ difference, vs, at }: AskedThen & { readonly vs: number }) => (
  <div className="note when-past compared">
    <p>
      <b>
        From <At position={vs} /> to {positionText(at)}
      </b>
      {difference === undefined || difference.length === 0
        ? ": nothing differs."
        : `: ${countText(difference.length, "person")} changed.`}
    </p>
    <button type="button" onClick={() => go({ vs: undefined })}>
      Done
    </button>
  </div>
)

const Then = ({ then, id }: { readonly then: AskedThen; readonly id: string }) => {
  const { person, at } = then
  const { vs } = useAtom(address)
  const [here, past] = [useAtom(playhead), useAtom(isPast)]
  const name = person && nameOf(person.properties)
  useEffect(
    () => setTitle(past ? `${name ?? id} at ${positionText(at)}` : (name ?? id)),
    [name, id, at, past],
  )
  return (
    <div className={here === at ? "col" : "col stale"} aria-busy={here !== at}>
      {person === undefined ? (
        <section className="panel empty">
          <p className="verdict">
            Nobody was called <IdText id={id} /> at {positionText(at)}.
          </p>
        </section>
      ) : (
        <>
          <div className="person">
            <h1>{name === undefined ? <IdText id={id} /> : visible(name)}</h1>
            <p>
              {countText(person.distinct_ids.length, "id")},{" "}
              {person.is_identified ? "identified" : "not identified"}, version{" "}
              {numberText(person.version)} · <code>{person.person_id}</code>
            </p>
          </div>
          {vs !== undefined && <Differs {...then} vs={vs} />}
          <Known person={person} />
          <Lists {...then} person={person} />
        </>
      )}
    </div>
  )
}

/** A person of more events than the page folds: what the server says of it at the playhead. */
export const AskedPerson = ({ id, events }: { readonly id: string; readonly events: number }) => {
  const result = useAtom(useMemo(() => askedThen(id), [id]))
  const { without } = useAtom(address)
  const found = AsyncResult.value(result)
  if (without.length > 0) {
    return (
      <main className="one" id="main">
        <Slower events={events} />
        <AskedFork without={without} />
      </main>
    )
  }
  return (
    <main className="three" id="main">
      <Moment />
      <div className="col">
        <Slower events={events} />
        <RetractedNote />
        <Answered result={result}>{(then) => <Then then={then} id={id} />}</Answered>
      </div>
      <div className="col why-col">
        <AskedWhy id={id} why={found._tag === "Some" ? found.value.why : undefined} />
      </div>
    </main>
  )
}
