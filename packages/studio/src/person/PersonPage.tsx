import { Option } from "effect"
import { AsyncResult } from "effect/reactivity"
import { useDeferredValue, useEffect, useMemo } from "react"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import type { History } from "@onymous/timetravel/history/History"
import { address, go } from "../address/Navigation.ts"
import { registry, useAtom } from "../atoms/Registry.ts"
import { coneOf, TooMuch } from "../data/FoldedCone.ts"
import { isPast, playhead } from "../data/Head.ts"
import { ownChanges } from "../deck/OwnChanges.ts"
import { remember } from "../find/Recent.ts"
import { Answered } from "../look/Answered.tsx"
import { setTitle } from "../look/Title.ts"
import { TabList } from "../look/TabList.tsx"
import { countEvents, nameOf, type PersonThen } from "../past/PersonFacts.ts"
import { storyUntil, wholeStory } from "../past/WholeStory.ts"
import { changesOf } from "../threads/Lanes.ts"
import { ThreadsPanel } from "../threads/ThreadsPanel.tsx"
import { RetractedNote } from "../whatif/RetractedNote.tsx"
import { WhatIf } from "../whatif/WhatIf.tsx"
import { WhyPanel } from "../why/WhyPanel.tsx"
import { IdText } from "../words/IdText.tsx"
import { numberText, positionText } from "../words/Numbers.ts"
import { AskedPerson } from "./AskedPerson.tsx"
import { AsList } from "./AsList.tsx"
import { Changes } from "./Changes.tsx"
import { Events } from "./Events.tsx"
import { Ids } from "./Ids.tsx"
import { Moment } from "./Moment.tsx"
import { PerhapsTwo, PersonHead } from "./PersonHead.tsx"
import { Properties } from "./Properties.tsx"

interface Then {
  readonly history: History
  readonly id: string
  readonly person: PersonThen
  readonly at: number
}

const PersonTabs = (then: Then) => {
  const { history, id, person, at } = then
  const { tab } = useAtom(address)
  const counts = useMemo(
    () => ({
      events: countEvents(history, person.distinctIds, at),
      changes: storyUntil(history, id, at).length,
    }),
    [history, id, person, at],
  )
  return (
    <section className="panel">
      <TabList
        label="What is known"
        shown={tab}
        onShow={(name) => go({ tab: name })}
        tabs={[
          { name: "properties", title: "Properties", show: () => <Properties {...then} /> },
          {
            name: "ids",
            title: "Ids",
            count: numberText(person.distinctIds.length),
            show: () => <Ids {...then} />,
          },
          {
            name: "events",
            title: "Events",
            count: numberText(counts.events),
            show: () => <Events {...then} />,
          },
          {
            name: "changes",
            title: "Changes",
            count: numberText(counts.changes),
            show: () => <Changes {...then} />,
          },
          { name: "list", title: "As a list", show: () => <AsList {...then} /> },
        ]}
      />
    </section>
  )
}

const Nobody = ({
  id,
  at,
  isLive,
}: {
  readonly id: string
  readonly at: number
  readonly isLive: boolean
}) => (
  <section className="panel empty">
    <p className="verdict">
      Nobody {isLive ? "is" : "was"} called <IdText id={id} />
      {isLive ? "." : ` at ${positionText(at)}.`}
    </p>
    {!isLive && (
      <>
        <p>Later somebody may be.</p>
        <button type="button" onClick={() => go({ at: undefined })}>
          Look at the live end
        </button>
      </>
    )}
  </section>
)

/** Where this person changed, which the deck is told. */
const useOwnChanges = (history: History, id: string) => {
  const own = useMemo(
    () =>
      [
        ...new Set([
          ...wholeStory(history, id).map(({ position }) => Number(position)),
          ...changesOf(history, DistinctId(id)),
        ]),
      ].toSorted((a, b) => a - b),
    [history, id],
  )
  useEffect(() => {
    registry.set(ownChanges, own)
    return () => registry.set(ownChanges, undefined)
  }, [own])
  return own
}

const Person = ({ history, id }: { readonly history: History; readonly id: string }) => {
  const [past, playheadAt] = [useAtom(isPast), useAtom(playhead)]
  // The strip goes first; of a fast drag, the person shows the moments that there is time for.
  const at = useDeferredValue(playheadAt ?? history.head)
  const person = useMemo(() => history.personAt(DistinctId(id), at), [history, id, at])
  const title = person === undefined ? id : (nameOf(person.properties) ?? id)
  const own = useOwnChanges(history, id)
  useEffect(() => {
    setTitle(past ? `${title} at ${positionText(at)}` : title)
    if (person !== undefined) remember({ id, title, at: past ? at : undefined })
  }, [title, at, past, person, id])
  return (
    <>
      <Moment />
      <div className="col">
        {person === undefined ? (
          <Nobody id={id} at={at} isLive={!past} />
        ) : (
          <>
            <PersonHead history={history} id={id} person={person} at={at} />
            <RetractedNote />
            <PerhapsTwo history={history} id={id} at={at} />
          </>
        )}
        {(person !== undefined || own.length > 0) && (
          <ThreadsPanel history={history} id={id} at={at} isLive={!past} />
        )}
        {person !== undefined && <PersonTabs history={history} id={id} person={person} at={at} />}
      </div>
      <div className="col why-col">
        <WhyPanel history={history} id={id} at={at} />
      </div>
    </>
  )
}

const tooMuchIn = (result: AsyncResult.AsyncResult<unknown, unknown>): number | undefined => {
  const error = Option.getOrUndefined(AsyncResult.error(result))
  return error instanceof TooMuch ? error.events : undefined
}

/** A person at the playhead, or what it would be without an event. */
export const PersonPage = ({ id }: { readonly id: string }) => {
  const result = useAtom(useMemo(() => coneOf([id]), [id]))
  const { without } = useAtom(address)
  const tooMuch = tooMuchIn(result)
  if (tooMuch !== undefined) return <AskedPerson id={id} events={tooMuch} />
  return (
    <Answered result={result}>
      {(history) =>
        without.length > 0 ? (
          <main className="one" id="main">
            <WhatIf history={history} without={without} />
          </main>
        ) : (
          <main className="three" id="main">
            <Person history={history} id={id} />
          </main>
        )
      }
    </Answered>
  )
}
