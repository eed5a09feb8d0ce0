import { useEffect, useMemo, useState } from "react"
import type { Recorded } from "@onymous/identity/event/Event"
import { Position } from "@onymous/identity/event/Position"
import type { History } from "@onymous/timetravel/history/History"
import { At } from "../address/At.tsx"
import { onlyLook } from "../asking/SignedIn.ts"
import { useAtom } from "../atoms/Registry.ts"
import { go } from "../address/Navigation.ts"
import { setTitle } from "../look/Title.ts"
import { countText, listText, positionText } from "../words/Numbers.ts"
import { type Forked, fork } from "./Forked.ts"
import { RetractDialog } from "./RetractDialog.tsx"
import { SidePanel } from "./SidePanel.tsx"

/** Another event that would join the same persons anyway. */
const joinedAnyway = (history: History, event: Recorded): number | undefined => {
  const links = history.linksAt(Position(history.head))
  const link = links.find((each) => each.event.position === event.position)
  if (link === undefined) return undefined
  return links.find(
    (each) =>
      each.position > link.position &&
      each.outcome === "already_one" &&
      [each.target, each.source].includes(link.source),
  )?.event.position
}

const Nothing = ({
  history,
  events,
}: {
  readonly history: History
  readonly events: ReadonlyArray<Recorded>
}) => {
  const [first] = events
  const again = first && joinedAnyway(history, first)
  return (
    <p className="panel empty verdict">
      Nobody would be another.{" "}
      {again !== undefined && (
        <>
          <At position={again} /> joins them anyway.
        </>
      )}
    </p>
  )
}

const Fork = ({ forked, name }: { readonly forked: Forked; readonly name: string }) => {
  const all = [...forked.asItIs, ...forked.without]
  const ids = [...new Set(all.map(({ person }) => person.id))]
  const letterOf = ({ person }: { readonly person: { readonly id: string } }) =>
    ids.findIndex((id) => id === person.id)
  return (
    <div className="fork">
      <SidePanel title="As it is" name="with" sides={forked.asItIs} letterOf={letterOf} />
      <SidePanel
        title={`Without ${name}`}
        name="without"
        sides={forked.without}
        letterOf={letterOf}
      />
    </div>
  )
}

/** What would be, had some events not come: before and after beside each other. Nothing is written. */
export const WhatIf = ({
  history,
  without,
}: {
  readonly history: History
  readonly without: ReadonlyArray<string>
}) => {
  const looks = useAtom(onlyLook)
  const [isRetracting, setRetracting] = useState(false)
  const events = useMemo(
    () => without.flatMap((uuid) => history.eventOf(uuid) ?? []),
    [history, without],
  )
  const forked = useMemo(() => fork(history, without), [history, without])
  const name = listText(events.map(({ position }) => positionText(position)))
  useEffect(() => setTitle(`Without ${name}`), [name])
  const [only] = events
  const isNothing = forked.asItIs.length + forked.without.length === 0
  return (
    <>
      <h1 className="sr">What if {name} had not come?</h1>
      <div className="note info what-if" data-arrival>
        <p>
          <b>
            What if{" "}
            {events.map(({ position }, index) => (
              <span key={position}>
                {index > 0 && " and "}
                <At position={position} />
              </span>
            ))}{" "}
            had not come?
          </b>{" "}
          Nothing is written. It could reach {countText(forked.reach, "id")} at most;{" "}
          {countText(forked.persons, "person")} and {countText(forked.events, "event")} would be
          others.
        </p>
        <button type="button" onClick={() => go({ without: [] })}>
          Done <kbd>Esc</kbd>
        </button>
        {events.length === 1 && !looks && (
          <button type="button" className="danger" onClick={() => setRetracting(true)}>
            Retract it…
          </button>
        )}
      </div>
      {isNothing ? (
        <Nothing history={history} events={events} />
      ) : (
        <Fork forked={forked} name={name} />
      )}
      {isRetracting && only !== undefined && (
        <RetractDialog event={only} forked={forked} onClose={() => setRetracting(false)} />
      )}
    </>
  )
}
