import type { Link } from "@onymous/timetravel/history/History"
import { senderOf } from "../past/EventWords.ts"
import { IdText } from "../words/IdText.tsx"
import { Counted, countText, listText } from "../words/Numbers.ts"
import { visible } from "../words/EscapedText.ts"
import type { ToldStep } from "./Answers.ts"

/** An id in a sentence, named as it is: nobody guesses he or she from data. */
const Named = ({ id }: { readonly id: string }) => (
  <b>
    <IdText id={id} />
  </b>
)

const quoted = (reason: string | undefined): string =>
  reason === undefined ? "" : ` “${visible(reason)}”`

/** Who said so, with an article. */
const speaker = (link: Link): string => {
  const sender = senderOf(link.event.event)
  return /^[aeiou]/.test(sender) ? `An ${sender}` : `A ${sender}`
}

const Merged = ({ link }: { readonly link: Link }) => {
  const { event } = link.event
  const [target, source] = [<Named id={link.target} />, <Named id={link.source} />]
  if (event._tag === "PersonsMerged") {
    return (
      <>
        {event.by ?? "An operator"} merged {source} into {target} by hand, whoever had been
        identified:{quoted(event.reason)}
      </>
    )
  }
  if (event._tag === "Captured" && event.name === "$identify") {
    return (
      <>
        {target} logged in where {source} had been. Nobody had identified {source}, so it became{" "}
        {target}’s.
      </>
    )
  }
  return (
    <>
      {speaker(link)} said that {target} is {source}. {source} had never been identified, so nothing
      refused it, and all that was {source}’s became {target}’s.
    </>
  )
}

const First = ({ step: { link }, newcomer }: ToldStep) => {
  const [target, source] = [<Named id={link.target} />, <Named id={link.source} />]
  switch (link.outcome) {
    case "merged":
      return <Merged link={link} />
    case "created":
      return (
        <>
          {target} and {source} were both new, and began as one person.
        </>
      )
    case "attached":
      return newcomer === "target" ? (
        <>
          {target} was new, and became {source}’s.
        </>
      ) : (
        <>
          {source} was new, and became {target}’s.
        </>
      )
    default:
      return (
        <>
          {speaker(link)} said that {target} is {source}: they were one person already.
        </>
      )
  }
}

const valuesMax = 6

const Lost = ({ merged }: ToldStep) => {
  if (merged === undefined || merged.lost.length === 0) return null
  const shown = merged.lost.slice(0, valuesMax).map(visible)
  const rest = merged.lost.length - shown.length
  return (
    <p>
      {Counted(merged.lost.length, "value")} of {visible(merged.source)}’s gave way:{" "}
      <span className="lost">{listText(rest > 0 ? [...shown, `${rest} more`] : shown)}</span>.
    </p>
  )
}

const Weak = ({ weak }: ToldStep) => {
  if (weak === undefined) return null
  const [a, b] = weak
  return (
    <p>
      <b>The weak link.</b> Without it they fall apart: {countText(a.ids, "id")} with{" "}
      {countText(a.events, "event")}, and {countText(b.ids, "id")} with {b.events}.
    </p>
  )
}

/** What a link of the chain did, in sentences. */
export const StepSentences = (told: ToldStep) => (
  <>
    <p>
      <First {...told} />
    </p>
    <Lost {...told} />
    <Weak {...told} />
  </>
)
